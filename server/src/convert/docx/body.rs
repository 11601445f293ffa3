//! Collects the paragraphs and tables of a body. What was deleted while changes were tracked is left out, what was
//! inserted is in.

use super::Context;
use super::blocks::Block;
use super::inline::Span;
use super::numbering::Counters;
use super::paragraph::Paragraph;
use super::styles::{Look, is_code_font};
use super::table::Table;
use super::xml::{Tag, Visitor};
use std::collections::HashMap;

/// How deep tables are read in each other. Deeper ones are text.
const TABLES: usize = 4;

pub(super) struct Body<'c> {
    context: &'c Context,
    links: HashMap<String, String>,
    text: Text,
    counters: Counters,
    /// Paragraphs in text boxes stand in other paragraphs.
    paragraphs: Vec<Paragraph>,
    tables: Vec<Table>,
    /// Tables that are too deep.
    deeper: usize,
    /// How deep in something that is left out.
    skipped: usize,
    is_in_properties: bool,
    look: Look,
    is_hidden: bool,
    takes_text: bool,
    takes_instruction: bool,
    link: Vec<Option<String>>,
    fields: Vec<Field>,
    note: Option<String>,
}

/// What a body holds.
#[derive(Debug, Default)]
pub(super) struct Text {
    pub(super) blocks: Vec<Block>,
    /// The notes of a part of notes, by their ids.
    pub(super) notes: HashMap<String, Vec<Block>>,
    /// The notes that are referred to; end notes begin with an `e`.
    pub(super) note_references: Vec<String>,
    /// What is marked as the title.
    pub(super) title: Option<String>,
    pub(super) pictures: usize,
}

/// A field: an instruction, and what it came to when it was last computed.
#[derive(Debug, Default)]
struct Field {
    instruction: String,
    is_result: bool,
}

impl<'c> Body<'c> {
    pub(super) fn new(context: &'c Context, links: HashMap<String, String>) -> Self {
        Self {
            context,
            links,
            text: Text::default(),
            counters: Counters::default(),
            paragraphs: Vec::new(),
            tables: Vec::new(),
            deeper: 0,
            skipped: 0,
            is_in_properties: false,
            look: Look::default(),
            is_hidden: false,
            takes_text: false,
            takes_instruction: false,
            link: Vec::new(),
            fields: Vec::new(),
            note: None,
        }
    }

    /// What was read; a document that ends too early has all that came before.
    pub(super) fn finish(mut self) -> Text {
        while !self.paragraphs.is_empty() {
            self.close_paragraph();
        }
        while !self.tables.is_empty() {
            self.close_table();
        }
        self.text
    }

    fn push(&mut self, blocks: impl IntoIterator<Item = Block>) {
        if let Some(table) = self.tables.last_mut() {
            table.cell.extend(blocks);
        } else if let Some(note) = &self.note {
            self.text.notes.entry(note.clone()).or_default().extend(blocks);
        } else {
            self.text.blocks.extend(blocks);
        }
    }

    fn push_text(&mut self, text: &str) {
        if self.is_hidden {
            return;
        }
        let link = self.current_link();
        let look = self.look;
        if let Some(paragraph) = self.paragraphs.last_mut() {
            paragraph.spans.push(Span {
                text: text.to_owned(),
                look,
                link,
                is_ready: false,
            });
        }
    }

    fn push_note_reference(&mut self, prefix: &str, tag: &Tag<'_>) {
        let Some(id) = tag.get("id").filter(|id| id.bytes().all(|b| b.is_ascii_digit())) else {
            return;
        };
        let reference = format!("{prefix}{id}");
        if let Some(paragraph) = self.paragraphs.last_mut() {
            paragraph.spans.push(Span {
                text: format!("[^{reference}]"),
                is_ready: true,
                ..Span::default()
            });
        }
        if !self.text.note_references.contains(&reference) {
            self.text.note_references.push(reference);
        }
    }

    fn current_link(&self) -> Option<String> {
        let by_field = self
            .fields
            .iter()
            .rev()
            .filter(|field| field.is_result)
            .find_map(|field| address(&field.instruction));
        by_field.or_else(|| self.link.last().cloned().flatten())
    }

    fn close_paragraph(&mut self) {
        let Some(paragraph) = self.paragraphs.pop() else { return };
        if let Some((block, is_title)) = paragraph.finish(self.context, &mut self.counters) {
            if is_title && self.text.title.is_none() {
                self.text.title = Some(block.text.replace('\n', " "));
            }
            self.push([block]);
        }
    }

    fn close_table(&mut self) {
        if let Some(table) = self.tables.pop() {
            let blocks = table.finish(!self.tables.is_empty());
            self.push(blocks);
        }
    }

    fn open_paragraph_property(&mut self, tag: &Tag<'_>) {
        let Some(paragraph) = self.paragraphs.last_mut() else { return };
        let number = || tag.val().and_then(|level| level.parse().ok());
        match tag.name {
            "pStyle" => paragraph.style = tag.val().unwrap_or_default(),
            "numId" => paragraph.list = tag.val(),
            "ilvl" => paragraph.level = number(),
            "outlineLvl" => paragraph.outline = number(),
            _ => {}
        }
    }

    fn open_look(&mut self, tag: &Tag<'_>) {
        match tag.name {
            "b" => self.look.bold = tag.is_on(),
            "i" => self.look.italic = tag.is_on(),
            "strike" | "dstrike" => self.look.strike = tag.is_on(),
            "vanish" => self.is_hidden = tag.is_on(),
            "rFonts" => self.look.code |= tag.get("ascii").is_some_and(|font| is_code_font(&font)),
            "rStyle" => self.look = self.context.styles.look(&tag.val().unwrap_or_default()),
            _ => {}
        }
    }

    fn open_in_run(&mut self, tag: &Tag<'_>) {
        match tag.name {
            "t" | "m:t" => self.takes_text = true,
            "instrText" => self.takes_instruction = true,
            "tab" | "ptab" => self.push_text(" "),
            // A new page or column is no new line.
            "br" if !matches!(tag.get("type").as_deref(), Some("page" | "column")) => self.push_text("\n"),
            "cr" => self.push_text("\n"),
            "noBreakHyphen" => self.push_text("-"),
            "footnoteReference" => self.push_note_reference("", tag),
            "endnoteReference" => self.push_note_reference("e", tag),
            "x:blip" | "x:imagedata" => self.text.pictures += 1,
            "fldChar" => match tag.get("fldCharType").as_deref() {
                Some("begin") => self.fields.push(Field::default()),
                Some("separate") => {
                    if let Some(field) = self.fields.last_mut() {
                        field.is_result = true;
                    }
                }
                _ => {
                    self.fields.pop();
                }
            },
            _ => self.open_look(tag),
        }
    }
}

impl Visitor for Body<'_> {
    fn open(&mut self, tag: &Tag<'_>) {
        if self.skipped > 0 || is_left_out(tag.name) {
            self.skipped += 1;
            return;
        }
        match tag.name {
            "p" => self.paragraphs.push(Paragraph::default()),
            "pPr" => self.is_in_properties = true,
            _ if self.is_in_properties => self.open_paragraph_property(tag),
            "r" => {
                self.look = Look::default();
                self.is_hidden = false;
            }
            "hyperlink" => {
                let link = tag.get("id").and_then(|id| self.links.get(&id).cloned());
                self.link.push(link);
            }
            "fldSimple" => self.link.push(tag.get("instr").as_deref().and_then(address)),
            "tbl" if self.tables.len() >= TABLES => self.deeper += 1,
            "tbl" => self.tables.push(Table::default()),
            "tc" if self.deeper == 0 => self.tables.last_mut().into_iter().for_each(Table::open_cell),
            "gridSpan" if self.deeper == 0 => {
                if let Some(table) = self.tables.last_mut() {
                    table.span = tag.val().and_then(|span| span.parse().ok()).unwrap_or(1);
                }
            }
            "footnote" | "endnote" => self.note = tag.get("id"),
            _ => self.open_in_run(tag),
        }
    }

    fn close(&mut self, name: &str) {
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        match name {
            "p" => self.close_paragraph(),
            "pPr" => self.is_in_properties = false,
            "t" | "m:t" => self.takes_text = false,
            "instrText" => self.takes_instruction = false,
            "hyperlink" | "fldSimple" => {
                self.link.pop();
            }
            "tbl" if self.deeper > 0 => self.deeper -= 1,
            "tbl" => self.close_table(),
            "tr" if self.deeper == 0 => self.tables.last_mut().into_iter().for_each(Table::close_row),
            "tc" if self.deeper == 0 => self.tables.last_mut().into_iter().for_each(Table::close_cell),
            "footnote" | "endnote" => self.note = None,
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.skipped > 0 {
            return;
        }
        if self.takes_text {
            // In XML a line end within a text is but a space.
            self.push_text(&text.replace(['\n', '\r'], " "));
        } else if self.takes_instruction
            && let Some(field) = self.fields.last_mut()
        {
            field.instruction.push_str(text);
        }
    }
}

/// Deletions, earlier states of properties, the second form of what old programs do not know, and readings above signs.
fn is_left_out(name: &str) -> bool {
    matches!(
        name,
        "del" | "moveFrom" | "mc:Fallback" | "sectPr" | "pPrChange" | "rPrChange" | "tblPrChange" | "tcPrChange" | "trPrChange" | "rt"
    )
}

/// The address in an instruction `HYPERLINK "https://…"`.
fn address(instruction: &str) -> Option<String> {
    let rest = instruction.trim().strip_prefix("HYPERLINK")?.trim_start();
    // With a switch first it leads to a place in the document.
    let quoted = rest.strip_prefix('"')?;
    quoted
        .split('"')
        .next()
        .filter(|address| !address.is_empty())
        .map(ToOwned::to_owned)
}
