//! Joins lines to headings, paragraphs, lists and code.

use super::lines::{Line, is_bullet};
use super::measure::Measure;
use super::words::{self, Words};
use crate::convert::escape;

/// The text of a file.
#[derive(Debug, Default)]
pub(super) struct Text {
    pub(super) markdown: String,
    /// Its first heading of the highest rank, if that is on its first page.
    pub(super) title: Option<String>,
}

/// What lines make together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Heading(usize),
    Plain,
    Item,
    Code,
    /// Lines that are kept apart, like the rows of a table.
    Rows,
}

/// Lines that belong together.
struct Group<'l> {
    kind: Kind,
    lines: Vec<&'l Line>,
}

/// Joins the lines of all pages.
pub(super) fn markdown(lines: &[Line]) -> Text {
    let measure = Measure::of(lines);
    let words = Words::of(lines);
    let mut groups: Vec<Group<'_>> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let kind = kind(line, &measure);
        match groups.last_mut() {
            Some(group) if group.takes(line, kind, index, &measure) => group.lines.push(line),
            _ => groups.push(Group { kind, lines: vec![line] }),
        }
    }
    let mut text = Text::default();
    let mut before = None;
    for group in &groups {
        let block = group.markdown(&words, &measure);
        if block.is_empty() {
            continue;
        }
        if let Some(kind) = before {
            text.markdown.push_str(if kind == Kind::Item && group.kind == Kind::Item {
                "\n"
            } else {
                "\n\n"
            });
        }
        before = Some(group.kind);
        if group.kind == Kind::Heading(1) && text.title.is_none() && group.lines[0].page == 0 {
            text.title = Some(words.join(&group.lines));
        }
        text.markdown.push_str(&block);
    }
    text
}

fn kind(line: &Line, measure: &Measure) -> Kind {
    let mut chars = line.text.chars();
    let begins_item = chars.next().is_some_and(is_bullet) && chars.next() == Some(' ');
    match measure.heading(line) {
        Some(level) => Kind::Heading(level),
        None if line.is_mono => Kind::Code,
        None if begins_item => Kind::Item,
        None if line.text.contains('\t') || words::has_leaders(&line.text) => Kind::Rows,
        None => Kind::Plain,
    }
}

impl Group<'_> {
    fn takes(&self, line: &Line, kind: Kind, index: usize, measure: &Measure) -> bool {
        let Some(last) = self.lines.last() else { return false };
        let is_below = last.page == line.page && line.y < last.y && last.y - line.y < last.size * 8.0;
        let drop = (last.y - line.y) / line.size;
        match (self.kind, kind) {
            (Kind::Heading(a), Kind::Heading(b)) => a == b && is_below && drop < measure.spacing * 1.35 && self.lines.len() < 4,
            (Kind::Code, Kind::Code) => is_below && drop < measure.spacing * 3.5 || last.page != line.page,
            (Kind::Rows, Kind::Rows) => is_below && drop < measure.spacing * 1.8,
            (Kind::Plain | Kind::Item, Kind::Plain) => self.goes_on(last, line, index, is_below.then_some(drop), measure),
            // A line of a paragraph that happens to be all code.
            (Kind::Plain | Kind::Item, Kind::Code) => {
                is_below && !words::ends_sentence(&last.text) && self.goes_on(last, line, index, Some(drop), measure)
            }
            _ => false,
        }
    }

    /// Whether a paragraph goes on with a line. `drop` is how far this is below, if it is.
    fn goes_on(&self, last: &Line, line: &Line, index: usize, drop: Option<f32>, measure: &Measure) -> bool {
        if (last.size - line.size).abs() > line.size * 0.12 || words::begins_number(&line.text) {
            return false;
        }
        let room = measure.right_of(index - 1, last) - last.right;
        let is_full = room < measure.first_word(line) + line.size || words::is_parted(&last.text, &line.text);
        let Some(drop) = drop else {
            // On the next page, or in the next column, only what is not at its end goes on.
            return !words::ends_sentence(&last.text) && (is_full || words::begins_low(&line.text));
        };
        if drop > measure.spacing * 1.3 || !is_full {
            return false;
        }
        let indent = (line.left - last.left) / line.size;
        // The first line may be indented, or the bullet stand out.
        if self.lines.len() == 1 {
            indent < 0.8 || self.kind == Kind::Item
        } else {
            indent.abs() < 0.8
        }
    }

    fn markdown(&self, words: &Words, measure: &Measure) -> String {
        match self.kind {
            Kind::Code => self.code(measure),
            Kind::Rows => {
                let rows = self
                    .lines
                    .iter()
                    .map(|line| escape::block_start(&escape::inline(&words::row(&line.text))));
                rows.collect::<Vec<_>>().join("\\\n")
            }
            Kind::Heading(level) => format!("{} {}", "#".repeat(level), escape::inline(&words.join(&self.lines))),
            Kind::Item => {
                let text = words.join(&self.lines);
                let text = text.trim_start_matches(is_bullet).trim();
                if text.is_empty() {
                    String::new()
                } else {
                    format!("- {}", escape::block_start(&escape::inline(text)))
                }
            }
            Kind::Plain => {
                let text = escape::inline(&words.join(&self.lines));
                // A numbered paragraph may be an item of a list.
                if words::begins_number(&text) {
                    text
                } else {
                    escape::block_start(&text)
                }
            }
        }
    }

    /// Lines of code with their indents.
    fn code(&self, measure: &Measure) -> String {
        let left = self.lines.iter().map(|line| line.left).fold(f32::MAX, f32::min);
        let mut code = String::new();
        let mut last: Option<&Line> = None;
        for line in &self.lines {
            if let Some(last) = last {
                let drop = (last.y - line.y) / line.size;
                code.push_str(if last.page == line.page && drop > measure.spacing * 1.6 {
                    "\n\n"
                } else {
                    "\n"
                });
            }
            let indent = ((line.left - left) / (line.size * 0.6)).round().clamp(0.0, 80.0);
            code.push_str(&" ".repeat(indent as usize));
            code.push_str(&line.text.replace('\t', "    "));
            last = Some(line);
        }
        // A single line is rather a command or an address within the text.
        if self.lines.len() == 1 {
            return escape::code(code.trim());
        }
        let fence = escape::fence(&code);
        format!("{fence}\n{code}\n{fence}")
    }
}
