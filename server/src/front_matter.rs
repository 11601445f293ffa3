//! Markdown files with YAML front matter: reads one into the fields of an entry, and writes one for an export.
//!
//! The front matter stands between a first line `---` and the next line `---` or `...`. Its `id`, `title`, `type`, `tags`
//! and `aliases` become fields, everything else metadata. The body is what follows, without one empty line before it and
//! without the line end that closes the file; nothing else is trimmed, so that a body survives a way through a file.

mod reader;
mod writer;

use crate::markdown::first_heading;
use app::protocol::entry::{Entry, Metadata};
use app::protocol::limits;

/// The longest front matter in bytes: room for an entry's largest metadata, indented.
const LONGEST: usize = 1024 * 1024;

/// The largest file in bytes: the longest front matter, and the largest body. The rest of its bytes are marks and line
/// ends around them.
pub const LARGEST_FILE: usize = LONGEST + limits::BODY_BYTES + 64;

/// How deep lists and objects may stand in each other in a member of the metadata. Each level takes stack to read.
pub const METADATA_DEPTH: usize = 60;

/// What a file says. Nothing is checked yet: an id may be no slug, a tag too long.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parsed {
    /// The id.
    pub id: Option<String>,
    /// The title; the first heading of level 1 where the front matter has none.
    pub title: Option<String>,
    /// The type.
    pub entry_type: Option<String>,
    /// The tags, in the order of the file.
    pub tags: Vec<String>,
    /// The aliases, in the order of the file.
    pub aliases: Vec<String>,
    /// Everything else. A `_id` is an `id` of the metadata, and so with the other four names of fields.
    pub metadata: Metadata,
    /// The text.
    pub body: String,
}

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrontMatterError {
    /// There is a first line `---`, and no other.
    #[error("the front matter has no end: close it with a line `---`, or begin the file with an empty line if it has none")]
    Unclosed,
    /// Nobody writes so much by hand.
    #[error("the front matter is longer than {LONGEST} bytes")]
    TooLong,
    /// It is no YAML, no mapping, or a field is of the wrong kind.
    #[error("the front matter cannot be read (line {line}): {message}")]
    Yaml {
        /// The line of the file, from 1.
        line: u64,
        /// What is wrong there.
        message: String,
    },
}

/// Reads a file. One without front matter is all body.
pub fn parse(file_text: &str) -> Result<Parsed, FrontMatterError> {
    let text = file_text.strip_prefix('\u{feff}').unwrap_or(file_text);
    let first = text.split_inclusive('\n').next().unwrap_or_default();
    // In a file of the other kind a carriage return belongs to the text.
    let unix;
    let (text, first) = if first.ends_with("\r\n") {
        unix = text.replace("\r\n", "\n");
        (unix.as_str(), first.trim_end())
    } else {
        (text, first.trim_end())
    };
    let mut parsed = if first == "---" {
        let (yaml, body) = split(text)?;
        let mut parsed = reader::read(yaml)?;
        parsed.body = without_last_line_end(body.strip_prefix('\n').unwrap_or(body)).to_owned();
        parsed
    } else {
        Parsed {
            body: without_last_line_end(text).to_owned(),
            ..Parsed::default()
        }
    };
    if parsed.title.is_none() {
        parsed.title = first_heading(&parsed.body);
    }
    Ok(parsed)
}

/// Writes a file that [`parse`] reads as the same id, title, type, tags, aliases, metadata and body, as long as the
/// metadata is no deeper than [`METADATA_DEPTH`] and no text but the body is empty.
pub fn write(entry: &Entry) -> String {
    let mut out = String::from("---\n");
    writer::push_fields(&mut out, entry);
    out.push_str("---\n");
    if !entry.body.is_empty() {
        out.push('\n');
        out.push_str(&entry.body);
        out.push('\n');
    }
    out
}

/// The names of the front matter that are fields of an entry.
const FIELDS: [&str; 5] = ["id", "title", "type", "tags", "aliases"];

/// Whether a member of the metadata needs one more `_` before its name, so that it is not taken for a field.
fn looks_like_a_field(name: &str) -> bool {
    FIELDS.contains(&name.trim_start_matches('_'))
}

/// Front matter and what follows it.
fn split(text: &str) -> Result<(&str, &str), FrontMatterError> {
    let start = text.find('\n').map_or(text.len(), |at| at + 1);
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        if matches!(line.trim_end(), "---" | "...") {
            return Ok((&text[start..at], &text[at + line.len()..]));
        }
        at += line.len();
        if at - start > LONGEST {
            return Err(FrontMatterError::TooLong);
        }
    }
    Err(FrontMatterError::Unclosed)
}

fn without_last_line_end(text: &str) -> &str {
    text.strip_suffix('\n').unwrap_or(text)
}

#[cfg(test)]
mod tests;
