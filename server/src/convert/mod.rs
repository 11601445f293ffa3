//! Turns uploaded files into markdown documents.
//!
//! [`Kind::of`] says what a file is, by its name and its content; [`convert`] makes documents of it, and
//! [`convert_apart`] does so in a process of its own, as befits files of strangers. A ZIP is opened with [`Archive`],
//! which yields its files one by one. All of it blocks, so it belongs on a blocking thread. Nothing here trusts the
//! bytes: sizes, depths and counts are bounded, and a parser that panics makes a file unfit.

mod archive;
mod child;
mod docx;
mod escape;
mod kind;
mod name;
mod pdf;
mod split;
mod text;
mod unfit;

pub use archive::{Archive, ArchiveFile, Skipped};
pub use child::{convert_apart, serve_child};
pub use kind::{Kind, SNIFF_BYTES};
pub use name::safe_name;
pub use unfit::Unfit;

use serde::{Deserialize, Serialize};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The one argument with which the program is a child that converts.
pub const CHILD: &str = "convert-for-parent";

/// Largest file that is converted, in bytes.
pub const FILE_BYTES: usize = 50 * 1024 * 1024;

/// Longest markdown of a document, in bytes: as long as the body of an entry may be. What is longer comes in parts.
pub const PART_BYTES: usize = 1024 * 1024;

/// Turns HTML into a title and markdown, or says why it cannot.
pub type Html<'h> = &'h dyn Fn(&[u8]) -> Result<(Option<String>, String), String>;

/// What a file, or a part of it, says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// The title that the file itself has, the same for all parts.
    pub title: Option<String>,
    /// The text, at most [`PART_BYTES`] long.
    pub markdown: String,
    /// What was lost on the way, fit to be shown. Only the first part has warnings.
    pub warnings: Vec<String>,
    /// Which part it is of a file that is too long for one document.
    pub part: Option<Part>,
}

/// The place of a document among those of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// From 1.
    pub number: usize,
    /// How many parts there are.
    pub of: usize,
}

impl Document {
    /// The title with the number of the part, as in `Title (2 of 5)`. A file without a title has the one that is given.
    pub fn full_title(&self, otherwise: &str) -> String {
        let title = self.title.as_deref().unwrap_or(otherwise);
        match self.part {
            Some(Part { number, of }) => format!("{title} ({number} of {of})"),
            None => title.to_owned(),
        }
    }
}

/// What a converter makes of a file, before it is split.
#[derive(Debug, Default)]
struct Converted {
    title: Option<String>,
    markdown: String,
    warnings: Vec<String>,
}

/// Makes documents of the bytes of a file: at least one, and several where the text is longer than [`PART_BYTES`].
/// The front matter of markdown stays where it is, at the start of the first document, and does not count.
pub fn convert(kind: Kind, bytes: &[u8], html: Html<'_>) -> Result<Vec<Document>, Unfit> {
    if bytes.len() > FILE_BYTES {
        return Err(Unfit::TooLarge { bytes: bytes.len() });
    }
    if bytes.is_empty() {
        return Err(Unfit::Empty);
    }
    // No parser is known to panic, but none is known not to either.
    let converted = catch_unwind(AssertUnwindSafe(|| read(kind, bytes, html))).unwrap_or(Err(Unfit::Panicked(kind)))?;
    if converted.markdown.trim().is_empty() {
        return Err(Unfit::Empty);
    }
    Ok(documents(kind, converted))
}

fn read(kind: Kind, bytes: &[u8], html: Html<'_>) -> Result<Converted, Unfit> {
    match kind {
        Kind::Markdown => text::markdown(bytes),
        Kind::Text => text::prose(bytes),
        Kind::Lines => text::lines(bytes),
        Kind::Html => {
            let (title, markdown) = html(bytes).map_err(Unfit::Html)?;
            Ok(Converted {
                title,
                markdown,
                warnings: Vec::new(),
            })
        }
        Kind::Pdf => pdf::read(bytes),
        Kind::Docx => docx::read(bytes),
        Kind::Zip => Err(Unfit::NotADocument),
    }
}

fn documents(kind: Kind, converted: Converted) -> Vec<Document> {
    let Converted { title, markdown, warnings } = converted;
    let parts = match kind {
        Kind::Markdown => split::markdown(&markdown, text::front_matter_bytes(&markdown), PART_BYTES),
        Kind::Lines => split::fenced(&markdown, PART_BYTES),
        _ => split::markdown(&markdown, 0, PART_BYTES),
    };
    let of = parts.len();
    let mut warnings = Some(warnings);
    parts
        .into_iter()
        .enumerate()
        .map(|(index, markdown)| Document {
            title: title.clone(),
            markdown,
            warnings: warnings.take().unwrap_or_default(),
            part: (of > 1).then_some(Part { number: index + 1, of }),
        })
        .collect()
}

#[cfg(test)]
mod tests;
