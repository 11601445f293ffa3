//! Writes the runs of a paragraph as markdown.

use super::super::escape;
use super::styles::Look;

/// A run of characters that look the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Span {
    /// A line break is `\n`.
    pub(super) text: String,
    pub(super) look: Look,
    pub(super) link: Option<String>,
    /// Whether the text is markdown already, like the mark of a note.
    pub(super) is_ready: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Strike,
    Bold,
    Italic,
}

impl Mark {
    fn text(self) -> &'static str {
        match self {
            Self::Strike => "~~",
            Self::Bold => "**",
            Self::Italic => "*",
        }
    }

    fn is_in(self, look: Look) -> bool {
        match self {
            Self::Strike => look.strike,
            Self::Bold => look.bold,
            Self::Italic => look.italic,
        }
    }
}

/// The text of the spans, on one line but for line breaks.
pub(super) fn markdown(spans: &[Span]) -> String {
    let mut out = String::new();
    for linked in merged(spans).chunk_by(|a, b| a.link == b.link) {
        let text = marked(linked);
        match linked[0].link.as_deref().and_then(address) {
            Some(address) if !text.trim().is_empty() => {
                let inner = text.trim();
                let (before, after) = text.split_once(inner).unwrap_or_default();
                out.push_str(&format!("{before}[{inner}]({address}){after}"));
            }
            _ => out.push_str(&text),
        }
    }
    out
}

/// Where a link goes, if that is a place that a reader may be sent to.
fn address(link: &str) -> Option<String> {
    let scheme = link.split(':').next().unwrap_or_default().to_ascii_lowercase();
    if !matches!(scheme.as_str(), "http" | "https" | "mailto" | "ftp") || !link.contains(':') {
        return None;
    }
    let has_odd = link
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '(' | ')' | '<' | '>' | '\\'));
    if !has_odd {
        return Some(link.to_owned());
    }
    let encoded = |c: char| match c {
        c if c.is_whitespace() || c.is_control() => "%20".to_owned(),
        '(' => "%28".to_owned(),
        ')' => "%29".to_owned(),
        '<' => "%3C".to_owned(),
        '>' => "%3E".to_owned(),
        '\\' => "%5C".to_owned(),
        c => c.to_string(),
    };
    Some(link.chars().map(encoded).collect())
}

/// Word cuts runs where nobody sees it.
fn merged(spans: &[Span]) -> Vec<Span> {
    let mut merged: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans.iter().filter(|span| !span.text.is_empty()) {
        match merged.last_mut() {
            Some(last) if last.look == span.look && last.link == span.link && last.is_ready == span.is_ready => {
                last.text.push_str(&span.text);
            }
            _ => merged.push(span.clone()),
        }
    }
    merged
}

/// Writes spans with marks around them. White space never stands directly within marks, as they would not be read.
fn marked(spans: &[Span]) -> String {
    let mut out = String::new();
    let mut open: Vec<Mark> = Vec::new();
    let mut space = String::new();
    for span in spans {
        let text = span.text.trim_start();
        space.push_str(&span.text[..span.text.len() - text.len()]);
        let (text, trailing) = text.split_at(text.trim_end().len());
        if text.is_empty() {
            space.push_str(trailing);
            continue;
        }
        let look = if span.look.code { Look::default() } else { span.look };
        let keep = open.iter().position(|mark| !mark.is_in(look)).unwrap_or(open.len());
        for mark in open.drain(keep..).rev() {
            out.push_str(mark.text());
        }
        out.push_str(&std::mem::take(&mut space));
        for mark in [Mark::Strike, Mark::Bold, Mark::Italic] {
            if mark.is_in(look) && !open.contains(&mark) {
                out.push_str(mark.text());
                open.push(mark);
            }
        }
        match span {
            _ if span.look.code => out.push_str(&code(text)),
            _ if span.is_ready => out.push_str(text),
            _ => out.push_str(&escape::inline(text)),
        }
        space.push_str(trailing);
    }
    for mark in open.iter().rev() {
        out.push_str(mark.text());
    }
    out + &space
}

/// A line break cannot stand in code.
fn code(text: &str) -> String {
    let lines = text.split('\n').map(str::trim);
    lines
        .map(|line| if line.is_empty() { String::new() } else { escape::code(line) })
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str, marks: &str) -> Span {
        Span {
            text: text.to_owned(),
            look: Look {
                bold: marks.contains('b'),
                italic: marks.contains('i'),
                strike: marks.contains('s'),
                code: marks.contains('c'),
            },
            ..Span::default()
        }
    }

    #[test]
    fn marks_stand_at_words() {
        assert_eq!(markdown(&[span("a ", ""), span(" bold ", "b"), span("c", "")]), "a  **bold** c");
        assert_eq!(markdown(&[span("bo", "b"), span("ld", "b")]), "**bold**");
        assert_eq!(markdown(&[span("a ", "b"), span("b", "bi"), span(" c", "b")]), "**a *b* c**");
        assert_eq!(markdown(&[span("x", "s"), span(" ", "b"), span("f()", "bc")]), "~~x~~ `f()`");
        assert_eq!(markdown(&[span("2*3", "i")]), "*2\\*3*");
    }

    #[test]
    fn links_go_only_where_links_go() {
        let link = |address: &str| {
            let mut span = span("here ", "");
            span.link = Some(address.to_owned());
            markdown(&[span])
        };
        assert_eq!(link("https://a.b/c d_(e)"), "[here](https://a.b/c%20d_%28e%29) ");
        assert_eq!(link("javascript:alert(1)"), "here ");
        assert_eq!(link("file.docx"), "here ");
    }
}
