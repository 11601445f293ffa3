//! Words at the ends of lines.

use super::lines::Line;
use std::collections::HashSet;

/// The words of a text, which tell how a word that is parted at the end of a line is written.
pub(super) struct Words(HashSet<String>);

impl Words {
    pub(super) fn of(lines: &[Line]) -> Self {
        let words = lines.iter().flat_map(|line| {
            // The last word may be a part of one only.
            let whole = line
                .text
                .trim_end()
                .strip_suffix('-')
                .map_or(line.text.as_str(), |text| text.rsplit_once(' ').map_or("", |(rest, _)| rest));
            whole.split_whitespace().map(bare)
        });
        Self(words.filter(|word| !word.is_empty()).collect())
    }

    /// Lines as one.
    pub(super) fn join(&self, lines: &[&Line]) -> String {
        let mut text = String::new();
        for line in lines {
            let next = line.text.trim();
            if let Some(parted) = text.strip_suffix('\u{AD}') {
                text.truncate(parted.len());
            } else if is_parted(&text, next) {
                if self.is_hyphenation(&text, next) {
                    text.pop();
                }
            } else if !text.is_empty() && !is_scriptio_continua(&text, next) {
                text.push(' ');
            }
            text.push_str(next);
        }
        text.replace('\u{AD}', "").replace('\t', " ")
    }

    /// Whether the hyphen at the end of a text is there only because the line ended.
    fn is_hyphenation(&self, text: &str, next: &str) -> bool {
        let before = text.split_whitespace().next_back().unwrap_or_default();
        let after = next.split_whitespace().next().unwrap_or_default();
        let stem = before.trim_end_matches('-');
        if self.0.contains(&bare(&format!("{stem}{after}"))) {
            return true;
        }
        // `state-of-the-art` and `well-known` keep theirs, and so do names and numbers.
        stem.ends_with(char::is_lowercase)
            && begins_low(after)
            && !stem.contains('-')
            && !self.0.contains(&bare(&format!("{before}{after}")))
    }
}

/// Whether a word goes on in the next line, with or without its hyphen. `Vor- und Nachteile` does not.
pub(super) fn is_parted(text: &str, next: &str) -> bool {
    let first = next.split_whitespace().next().unwrap_or_default();
    let stem = text.strip_suffix('-').unwrap_or_default();
    stem.ends_with(char::is_alphanumeric)
        && next.starts_with(char::is_alphanumeric)
        && !matches!(first, "und" | "oder" | "bzw." | "and" | "or" | "et" | "ou")
}

/// A word without the signs around it.
fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

/// Chinese and Japanese have no spaces.
fn is_scriptio_continua(text: &str, next: &str) -> bool {
    let is_such = |c: char| matches!(c, '\u{3000}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FFEF}');
    text.ends_with(is_such) && next.starts_with(is_such)
}

/// Whether text ends where a sentence may.
pub(super) fn ends_sentence(text: &str) -> bool {
    let text = text.trim_end_matches(|c: char| matches!(c, '"' | '\'' | '”' | '’' | '»' | ')' | ']') || c.is_whitespace());
    text.ends_with(['.', '!', '?', ':', '。', '！', '？', '…'])
}

pub(super) fn begins_low(text: &str) -> bool {
    text.starts_with(char::is_lowercase)
}

/// Whether text begins like an item of a numbered list: `1. `, `12) `.
pub(super) fn begins_number(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    (1..=3).contains(&digits) && text[digits..].starts_with(['.', ')']) && text[digits + 1..].starts_with(' ')
}

/// Whether dots lead from one end of a line to the other, as in a table of contents.
pub(super) fn has_leaders(text: &str) -> bool {
    let dots = |text: &str| text.bytes().filter(|&byte| byte != b' ').take_while(|&byte| byte == b'.').count();
    let at = text.find("....").or_else(|| text.find(". . . ."));
    at.is_some_and(|at| dots(&text[at..]) >= 4)
}

/// A row of a table, or of a table of contents, as text.
pub(super) fn row(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("....").or_else(|| rest.find(". . . .")) {
        out.push_str(rest[..at].trim_end());
        out.push_str(" … ");
        rest = rest[at..].trim_start_matches(['.', ' ', '\t']);
    }
    out.push_str(rest);
    out.trim().replace('\t', "  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        Line {
            text: text.to_owned(),
            left: 0.0,
            right: 100.0,
            y: 0.0,
            size: 10.0,
            is_mono: false,
            page: 0,
        }
    }

    fn joined(texts: &[&str]) -> String {
        let lines: Vec<Line> = texts.iter().map(|text| line(text)).collect();
        Words::of(&lines).join(&lines.iter().collect::<Vec<_>>())
    }

    #[test]
    fn hyphens_at_line_ends_go_only_when_they_are_of_the_line() {
        assert_eq!(joined(&["a hyphen-", "ated word"]), "a hyphenated word");
        assert_eq!(joined(&["well-known is a well-", "known word"]), "well-known is a well-known word");
        assert_eq!(joined(&["the state-of-the-", "art"]), "the state-of-the-art");
        assert_eq!(joined(&["UTF-", "encoded 1990-", "two"]), "UTF-encoded 1990-two");
        assert_eq!(joined(&["Baden-", "Baden"]), "Baden-Baden");
        assert_eq!(joined(&["OPTIONAL is OP-", "TIONAL"]), "OPTIONAL is OPTIONAL");
        assert_eq!(joined(&["Vor-", "und Nachteile"]), "Vor- und Nachteile");
        assert_eq!(joined(&["a dash -", "or so"]), "a dash - or so");
        assert_eq!(joined(&["soft\u{AD}", "ly"]), "softly");
        assert_eq!(joined(&["日本", "語"]), "日本語");
    }

    #[test]
    fn leaders_are_cut_short() {
        assert_eq!(row("1 Intro . . . . . . . 5"), "1 Intro … 5");
        assert_eq!(row("a\tb"), "a  b");
        assert!(has_leaders("Intro........5") && !has_leaders("And so on... 5"));
    }

    #[test]
    fn sentences_and_numbers_are_known() {
        assert!(ends_sentence("He said so.”") && !ends_sentence("and so"));
        assert!(begins_number("12. Twelve") && !begins_number("1990. A year") && !begins_number("1.5 m"));
    }
}
