//! What the styles of a document mean. Their ids depend on the language of Word, their names do not.

use super::super::Unfit;
use super::xml::{self, Tag, Visitor};
use std::collections::HashMap;

/// How deep styles may be based on each other. Word allows no circles, but files may have them.
const CHAIN: usize = 16;

/// A list, and the depth in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct ListPlace {
    pub(super) list: String,
    pub(super) level: u8,
}

#[derive(Debug, Default)]
pub(super) struct Style {
    /// In lower case.
    name: String,
    based_on: Option<String>,
    outline: Option<u8>,
    list: Option<String>,
    level: u8,
    bold: Option<bool>,
    italic: Option<bool>,
    strike: Option<bool>,
    is_code: bool,
}

#[derive(Debug, Default)]
pub(super) struct Styles {
    by_id: HashMap<String, Style>,
}

/// What a paragraph is by its style.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Title,
    Heading(u8),
    Quote,
    Code,
    /// A line of the table of contents.
    Contents,
    Plain,
}

/// How characters look by their style.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Look {
    pub(super) bold: bool,
    pub(super) italic: bool,
    pub(super) strike: bool,
    pub(super) code: bool,
}

impl Styles {
    pub(super) fn read(text: &str) -> Result<Self, Unfit> {
        let mut reader = Reader::default();
        xml::walk(text, &mut reader)?;
        Ok(reader.styles)
    }

    pub(super) fn role(&self, id: &str) -> Role {
        for style in self.chain(id) {
            let name = style.name.as_str();
            if let Some(role) = role_of_name(name) {
                return role;
            }
            if style.is_code {
                return Role::Code;
            }
            // The tenth level is that of plain text.
            if let Some(level) = style.outline {
                return if level < 9 {
                    Role::Heading((level + 1).min(6))
                } else {
                    Role::Plain
                };
            }
        }
        Role::Plain
    }

    pub(super) fn list(&self, id: &str) -> Option<ListPlace> {
        self.chain(id)
            .find_map(|style| style.list.clone().map(|list| ListPlace { list, level: style.level }))
    }

    pub(super) fn look(&self, id: &str) -> Look {
        let first = |of: fn(&Style) -> Option<bool>| self.chain(id).find_map(of).unwrap_or(false);
        Look {
            bold: first(|style| style.bold),
            italic: first(|style| style.italic),
            strike: first(|style| style.strike),
            code: self
                .chain(id)
                .any(|style| style.is_code || role_of_name(&style.name) == Some(Role::Code)),
        }
    }

    fn chain(&self, id: &str) -> impl Iterator<Item = &Style> {
        let first = self.by_id.get(id);
        std::iter::successors(first, |style| self.by_id.get(style.based_on.as_deref()?)).take(CHAIN)
    }
}

fn role_of_name(name: &str) -> Option<Role> {
    if let Some(level) = name.strip_prefix("heading ").and_then(|level| level.parse::<u8>().ok()) {
        return Some(Role::Heading(level.clamp(1, 6)));
    }
    match name {
        "title" => Some(Role::Title),
        "quote" | "intense quote" | "block text" => Some(Role::Quote),
        "toc heading" | "table of figures" => Some(Role::Contents),
        "html preformatted" | "html code" | "source code" | "code" | "plain text code" | "macro text" | "preformatted text"
        | "verbatim char" | "source text" => Some(Role::Code),
        _ if name.starts_with("toc ") => Some(Role::Contents),
        _ => None,
    }
}

/// Whether all letters of a font are of the same width, as those of code are.
pub(super) fn is_code_font(font: &str) -> bool {
    let font = font.to_ascii_lowercase();
    [
        "courier",
        "consolas",
        "mono",
        "menlo",
        "monaco",
        "lucida console",
        "fira code",
        "source code",
    ]
    .iter()
    .any(|name| font.contains(name))
        && !font.contains("monotype")
}

#[derive(Default)]
struct Reader {
    styles: Styles,
    open: Option<(String, Style)>,
}

impl Visitor for Reader {
    fn open(&mut self, tag: &Tag<'_>) {
        if tag.name == "style" {
            self.open = tag.get("styleId").map(|id| (id, Style::default()));
            return;
        }
        let Some((_, style)) = &mut self.open else { return };
        match tag.name {
            "name" => style.name = tag.val().unwrap_or_default().to_lowercase(),
            "basedOn" => style.based_on = tag.val(),
            "outlineLvl" => style.outline = tag.val().and_then(|level| level.parse().ok()),
            "numId" => style.list = tag.val(),
            "ilvl" => style.level = tag.val().and_then(|level| level.parse().ok()).unwrap_or(0),
            "b" => style.bold = Some(tag.is_on()),
            "i" => style.italic = Some(tag.is_on()),
            "strike" | "dstrike" => style.strike = Some(tag.is_on()),
            "rFonts" => style.is_code = tag.get("ascii").is_some_and(|font| is_code_font(&font)),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        if name == "style"
            && let Some((id, style)) = self.open.take()
        {
            self.styles.by_id.insert(id, style);
        }
    }
}
