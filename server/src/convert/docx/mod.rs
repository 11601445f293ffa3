//! Word documents (.docx): a ZIP of XML parts. [`package`] unpacks them, [`xml`] walks through them, [`styles`] and
//! [`numbering`] say what paragraphs are, [`body`] collects paragraphs and tables, [`inline`] and [`blocks`] write them.

mod blocks;
mod body;
mod inline;
mod numbering;
mod package;
mod paragraph;
mod styles;
mod table;
mod xml;

use super::{Converted, Unfit};
use body::Body;
use numbering::Numbering;
use package::Package;
use std::collections::HashMap;
use styles::Styles;

const WHAT: &str = "a Word document (.docx)";

/// What tells how to read a body.
struct Context {
    styles: Styles,
    numbering: Numbering,
}

/// Reads the text of a document, with its foot and end notes.
pub(super) fn read(bytes: &[u8]) -> Result<Converted, Unfit> {
    let mut package = Package::open(bytes)?;
    let main = package.main_part()?;
    let Some(document) = package.part(&main)? else {
        return Err(broken("it has no text part"));
    };
    let context = Context {
        styles: Styles::read(&package.part(&package.beside(&main, "styles.xml"))?.unwrap_or_default())?,
        numbering: Numbering::read(&package.part(&package.beside(&main, "numbering.xml"))?.unwrap_or_default())?,
    };
    let mut body = Body::new(&context, package.links(&main)?);
    xml::walk(&document, &mut body)?;
    let text = body.finish();
    let mut markdown = blocks::markdown(&text.blocks);
    for (part, prefix) in [("footnotes.xml", ""), ("endnotes.xml", "e")] {
        let part = package.beside(&main, part);
        if let Some(xml) = package.part(&part)? {
            let mut notes = Body::new(&context, package.links(&part)?);
            xml::walk(&xml, &mut notes)?;
            push_notes(&mut markdown, &notes.finish().notes, prefix, &text.note_references);
        }
    }
    let title = core_title(&mut package)?.or(text.title);
    let mut warnings = Vec::new();
    if text.pictures > 0 {
        warnings.push(format!("{} pictures were left out.", text.pictures));
    }
    Ok(Converted { title, markdown, warnings })
}

fn broken(why: impl ToString) -> Unfit {
    Unfit::Broken {
        what: WHAT,
        why: why.to_string(),
    }
}

/// The notes that the text refers to, in its order.
fn push_notes(markdown: &mut String, notes: &HashMap<String, Vec<blocks::Block>>, prefix: &str, references: &[String]) {
    for reference in references {
        let note = reference
            .strip_prefix(prefix)
            .filter(|id| id.starts_with(|c: char| c.is_ascii_digit()));
        if let Some(blocks) = note.and_then(|id| notes.get(id)) {
            let text = blocks::markdown(blocks);
            markdown.push_str(&format!("\n\n[^{reference}]: {}", text.replace('\n', "\n    ")));
        }
    }
}

/// The title among the properties of the document.
fn core_title(package: &mut Package<'_>) -> Result<Option<String>, Unfit> {
    #[derive(Default)]
    struct Title {
        is_here: bool,
        text: String,
    }
    impl xml::Visitor for Title {
        fn open(&mut self, tag: &xml::Tag<'_>) {
            self.is_here = tag.name == "dc:title";
        }
        fn close(&mut self, _: &str) {
            self.is_here = false;
        }
        fn text(&mut self, text: &str) {
            if self.is_here {
                self.text.push_str(text);
            }
        }
    }
    let mut title = Title::default();
    if let Some(core) = package.part("docProps/core.xml")? {
        xml::walk(&core, &mut title)?;
    }
    let words = title.text.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(Some(words).filter(|words| !words.is_empty()))
}

#[cfg(test)]
pub(super) mod tests;
