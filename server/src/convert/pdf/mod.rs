//! PDF: where signs stand on the pages, put together again to text. [`content`] follows what paints a page with the
//! fonts of [`font`], [`lines`] makes lines of the signs, [`furniture`] takes headers and footers away, and
//! [`paragraphs`] joins the lines. Reading the file itself is left to `lopdf`.

mod cmap;
mod content;
mod encoding;
mod font;
mod furniture;
mod lines;
mod matrix;
mod measure;
mod paragraphs;
mod words;

use super::{Converted, Kind, Unfit};
use content::{Fonts, Painter};
use lines::Line;
use lopdf::{Dictionary, Document, Error, LoadOptions, Object, ObjectId};
use std::time::{Duration, Instant};

/// Most bytes that one stream may unpack to.
const STREAM_BYTES: usize = 32 * 1024 * 1024;
/// Most pages that are read.
const PAGES: usize = 5_000;
/// How long reading may take, from when the file is parsed.
const TIME: Duration = Duration::from_secs(60);
/// Most instructions and signs of a file.
const STEPS: usize = 50_000_000;
/// The stack of the thread that reads, in bytes.
const STACK_BYTES: usize = 16 * 1024 * 1024;

/// How much work may still be done.
struct Budget {
    steps: usize,
    until: Instant,
}

impl Budget {
    fn new() -> Self {
        Self {
            steps: STEPS,
            until: Instant::now() + TIME,
        }
    }

    fn spend(&mut self, steps: usize) -> Result<(), Unfit> {
        let before = self.steps;
        self.steps = self.steps.checked_sub(steps).ok_or(Unfit::TooSlow)?;
        // The clock is not asked each time.
        if before >> 10 != self.steps >> 10 && Instant::now() > self.until {
            return Err(Unfit::TooSlow);
        }
        Ok(())
    }
}

/// Reads the text of a PDF.
pub(super) fn read(bytes: &[u8]) -> Result<Converted, Unfit> {
    // The parser goes deep into itself, deeper than the stacks of other threads allow for.
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().name("pdf".to_owned()).stack_size(STACK_BYTES);
        let reader = builder
            .spawn_scoped(scope, || read_here(bytes))
            .map_err(|why| Unfit::Io(why.to_string()))?;
        reader.join().unwrap_or(Err(Unfit::Panicked(Kind::Pdf)))
    })
}

fn read_here(bytes: &[u8]) -> Result<Converted, Unfit> {
    let doc = load(bytes)?;
    let mut budget = Budget::new();
    let mut fonts = Fonts::new();
    let mut pages = Vec::new();
    let mut unread = 0;
    for (index, page) in doc.page_iter().enumerate() {
        if index == PAGES {
            return Err(Unfit::TooMany {
                most: PAGES,
                what: "pages",
            });
        }
        match read_page(&doc, page, index, &mut fonts, &mut budget)? {
            Some(lines) => pages.push(lines),
            None => unread += 1,
        }
    }
    check(&pages, unread)?;
    let warnings = warnings(&pages, unread);
    furniture::remove(&mut pages);
    let text = paragraphs::markdown(&pages.concat());
    Ok(Converted {
        title: title(&doc).or(text.title),
        markdown: text.markdown,
        warnings,
    })
}

fn load(bytes: &[u8]) -> Result<Document, Unfit> {
    let options = LoadOptions::with_max_decompressed_size(STREAM_BYTES);
    let doc = Document::load_mem_with_options(bytes, options).map_err(|why| match why {
        Error::InvalidPassword | Error::Decryption(_) | Error::UnsupportedSecurityHandler(_) => Unfit::Encrypted,
        why => broken(why),
    })?;
    // One that anybody may open is decrypted by now.
    if doc.is_encrypted() {
        return Err(Unfit::Encrypted);
    }
    if doc.page_iter().next().is_none() {
        return Err(broken("it has no pages"));
    }
    Ok(doc)
}

fn broken(why: impl ToString) -> Unfit {
    Unfit::Broken {
        what: "a PDF",
        why: why.to_string(),
    }
}

/// The lines of a page; none where its content cannot be unpacked.
fn read_page(doc: &Document, page: ObjectId, index: usize, fonts: &mut Fonts, budget: &mut Budget) -> Result<Option<Vec<Line>>, Unfit> {
    let Ok(content) = doc.get_page_content_with_limit(page, STREAM_BYTES) else {
        return Ok(None);
    };
    budget.spend(1 + content.len() / 64)?;
    let signs = Painter::new(doc, fonts, budget).paint(&content, resources(doc, page))?;
    Ok(Some(lines::lines(&signs, index)))
}

/// The resources of a page, or of what it is a part of.
fn resources(doc: &Document, page: ObjectId) -> Option<&Dictionary> {
    let mut node = doc.get_dictionary(page).ok()?;
    for _ in 0..64 {
        if let Ok(resources) = node.get_deref(b"Resources", doc).and_then(Object::as_dict) {
            return Some(resources);
        }
        node = node.get_deref(b"Parent", doc).and_then(Object::as_dict).ok()?;
    }
    None
}

/// Whether there is text that can be read.
fn check(pages: &[Vec<Line>], unread: usize) -> Result<(), Unfit> {
    let (mut signs, mut unknown) = (0, 0);
    for c in pages
        .iter()
        .flatten()
        .flat_map(|line| line.text.chars())
        .filter(|c| !c.is_whitespace())
    {
        signs += 1;
        unknown += usize::from(c == char::REPLACEMENT_CHARACTER || matches!(c, '\u{E000}'..='\u{F8FF}'));
    }
    match () {
        () if signs == 0 && unread > 0 => Err(broken("no page can be unpacked")),
        () if signs == 0 => Err(Unfit::Scanned),
        () if unknown * 3 > signs => Err(Unfit::Undecodable),
        () => Ok(()),
    }
}

fn warnings(pages: &[Vec<Line>], unread: usize) -> Vec<String> {
    let mut warnings = Vec::new();
    let empty = pages.iter().filter(|page| page.is_empty()).count();
    if empty > 0 {
        warnings.push(format!(
            "{empty} of {} pages have no text; they may be pictures.",
            pages.len() + unread
        ));
    }
    if unread > 0 {
        warnings.push(format!("{unread} pages are broken, and were left out."));
    }
    if pages.iter().flatten().any(|line| line.text.contains(char::REPLACEMENT_CHARACTER)) {
        warnings.push("Some signs could not be read, and are replaced by \u{FFFD}.".to_owned());
    }
    warnings
}

/// The title that the file names, unless it is what a program made up.
fn title(doc: &Document) -> Option<String> {
    let info = doc.trailer.get_deref(b"Info", doc).and_then(Object::as_dict).ok()?;
    let title = lopdf::decode_text_string(info.get_deref(b"Title", doc).ok()?).ok()?;
    let title = title
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty());
    let title = title.collect::<Vec<_>>().join(" ");
    let lower = title.to_lowercase();
    let is_file = [
        ".doc", ".docx", ".dvi", ".tex", ".indd", ".qxd", ".pdf", ".ps", ".rtf", ".odt", ".md", ".html",
    ];
    let is_made_up =
        lower.contains("untitled") || lower.starts_with("microsoft word") || is_file.iter().any(|ending| lower.ends_with(ending));
    (!is_made_up && title.chars().any(char::is_alphanumeric)).then_some(title)
}

/// A number, written as whole or not.
fn number(object: &Object) -> Option<f32> {
    object.as_float().ok().filter(|number| number.is_finite())
}

#[cfg(test)]
pub(super) mod tests;
