//! Footnotes: numbered in the order in which the text refers to them, and shown at the end of the page.

use std::collections::HashMap;
use std::fmt::Write;

/// Most links from a footnote back to the text.
const WAYS_BACK: usize = 20;

/// Collects the footnotes of a page.
#[derive(Default)]
pub(super) struct Footnotes {
    numbers: HashMap<String, usize>,
    notes: Vec<Note>,
}

#[derive(Default)]
struct Note {
    references: usize,
    html: String,
}

impl Footnotes {
    /// The number of a footnote, from 1.
    pub(super) fn number(&mut self, name: &str) -> usize {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        self.notes.push(Note::default());
        self.numbers.insert(name.to_owned(), self.notes.len());
        self.notes.len()
    }

    /// Appends a reference to a footnote.
    pub(super) fn push_reference(&mut self, out: &mut String, name: &str) {
        let number = self.number(name);
        let note = &mut self.notes[number - 1];
        note.references += 1;
        let id = reference_id(number, note.references);
        push(
            out,
            format_args!("<sup class=\"footnote-reference\"><a href=\"#fn-{number}\" id=\"{id}\">{number}</a></sup>"),
        );
    }

    /// Keeps the text of a footnote until the end of the page.
    pub(super) fn define(&mut self, name: &str, html: &str) {
        let number = self.number(name);
        self.notes[number - 1].html.push_str(html);
    }

    /// Appends all footnotes, each with ways back to where the text refers to it.
    pub(super) fn push_section(&self, out: &mut String) {
        if self.notes.is_empty() {
            return;
        }
        out.push_str("<section class=\"footnotes\" aria-label=\"Footnotes\"><ol>\n");
        for (index, note) in self.notes.iter().enumerate() {
            let number = index + 1;
            push(out, format_args!("<li id=\"fn-{number}\">"));
            let html = note.html.trim_end();
            // The way back stands at the end of the last paragraph, not on a line of its own.
            let (text, end) = html.strip_suffix("</p>").map_or((html, ""), |text| (text, "</p>"));
            out.push_str(text);
            for reference in 1..=note.references.min(WAYS_BACK) {
                let id = reference_id(number, reference);
                push(
                    out,
                    format_args!(" <a href=\"#{id}\" class=\"footnote-back\" aria-label=\"Back to the text\">↩</a>"),
                );
            }
            out.push_str(end);
            out.push_str("</li>\n");
        }
        out.push_str("</ol></section>\n");
    }
}

fn reference_id(number: usize, reference: usize) -> String {
    match reference {
        1 => format!("fnref-{number}"),
        _ => format!("fnref-{number}-{reference}"),
    }
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("writing to a string cannot fail");
}
