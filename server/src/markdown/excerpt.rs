//! The beginning of a body as plain text, for lists and previews.

use super::source::{Token, tokens};
use app::protocol::KbName;
use pulldown_cmark::{Event, HeadingLevel, Tag, TagEnd};

/// How much of a body is read: an excerpt is short, a body may be a mebibyte.
const READ_BYTES: usize = 16 * 1024;

/// The first paragraph or list item of a body in plain text, at most `max_chars` characters: whole where it fits, else
/// cut behind a sentence, else at a word with `…`. Empty when the body has no text but headings, code and tables.
pub fn plain_excerpt(body: &str, max_chars: usize) -> String {
    shorten(&first_paragraph(beginning(body)), max_chars)
}

/// All of a text without its markup, each block on a line of its own.
pub fn plain(text: &str) -> String {
    let kb = any_kb();
    let mut plain = String::with_capacity(text.len());
    for token in tokens(text, &kb) {
        let Token::Markdown(event) = token else { continue };
        match event {
            Event::Text(piece) | Event::Code(piece) => plain.push_str(&piece),
            Event::SoftBreak | Event::HardBreak => plain.push(' '),
            // On one line with what follows, as in a snippet, it must still be told from it.
            Event::End(TagEnd::Heading(_)) => plain.push_str(if plain.ends_with(char::is_alphanumeric) { ":\n" } else { "\n" }),
            Event::End(TagEnd::TableCell) => plain.push(' '),
            Event::End(
                TagEnd::Paragraph | TagEnd::Item | TagEnd::CodeBlock | TagEnd::TableHead | TagEnd::TableRow | TagEnd::FootnoteDefinition,
            ) => plain.push('\n'),
            _ => {}
        }
    }
    plain.truncate(plain.trim_end().len());
    plain
}

/// The first heading of level 1 near the beginning of a body, in plain text.
pub fn first_heading(body: &str) -> Option<String> {
    let kb = any_kb();
    let mut text: Option<String> = None;
    for token in tokens(beginning(body), &kb) {
        let Token::Markdown(event) = token else { continue };
        match (event, &mut text) {
            (
                Event::Start(Tag::Heading {
                    level: HeadingLevel::H1, ..
                }),
                _,
            ) => text = Some(String::new()),
            (Event::Text(piece) | Event::Code(piece), Some(text)) => text.push_str(&piece),
            (Event::SoftBreak | Event::HardBreak, Some(text)) => text.push(' '),
            (Event::End(TagEnd::Heading(_)), Some(found)) if found.trim().is_empty() => text = None,
            (Event::End(TagEnd::Heading(_)), Some(_)) => break,
            _ => {}
        }
    }
    text.map(|text| one_line(&text))
}

fn beginning(body: &str) -> &str {
    let mut end = body.len().min(READ_BYTES);
    while !body.is_char_boundary(end) {
        end -= 1;
    }
    &body[..end]
}

/// What links point to does not matter here.
fn any_kb() -> KbName {
    KbName::parse("any").expect("a valid name")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn first_paragraph(body: &str) -> String {
    let kb = any_kb();
    let mut text = String::new();
    let mut skipped = 0_usize;
    for token in tokens(body, &kb) {
        let Token::Markdown(event) = token else { continue };
        match event {
            Event::Start(Tag::Heading { .. } | Tag::CodeBlock(_) | Tag::Table(_) | Tag::FootnoteDefinition(_)) => skipped += 1,
            Event::End(TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::Table | TagEnd::FootnoteDefinition) => skipped -= 1,
            _ if skipped > 0 => {}
            Event::Text(piece) | Event::Code(piece) => text.push_str(&piece),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            Event::Start(Tag::List(_)) | Event::End(TagEnd::Paragraph | TagEnd::Item) if !text.trim().is_empty() => break,
            _ => {}
        }
    }
    one_line(&text)
}

fn shorten(text: &str, max_chars: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(max_chars) else {
        return text.to_owned();
    };
    let head = &text[..end];
    let sentence = head
        .char_indices()
        .filter(|&(at, c)| match c {
            '.' | '!' | '?' => text[at + 1..].starts_with(' '),
            '。' | '！' | '？' => true,
            _ => false,
        })
        .map(|(at, c)| at + c.len_utf8())
        .next_back();
    if let Some(sentence) = sentence.filter(|&at| at * 3 > end) {
        return head[..sentence].to_owned();
    }
    // One character less, for the ellipsis.
    let head = head.char_indices().next_back().map_or("", |(at, _)| &head[..at]);
    let ends_a_word = text[head.len()..].starts_with(' ');
    let word = head
        .rfind(' ')
        .filter(|&at| !ends_a_word && at * 2 > head.len())
        .unwrap_or(head.len());
    let head = head[..word].trim_end_matches([' ', ',', ';', ':']);
    if max_chars == 0 { String::new() } else { format!("{head}…") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_first_paragraph_is_shown_without_markup() {
        let body = "# Title\n\n```\ncode\n```\n\nThe *plan* of [[pdca|the\ncycle]] and [[do]] `x`.\n\nMore.";
        assert_eq!(plain_excerpt(body, 100), "The plan of the cycle and do x.");
        assert_eq!(plain_excerpt("- one\n- two", 100), "one");
        assert_eq!(plain_excerpt("- one\n  - two", 100), "one");
        assert_eq!(plain_excerpt("<b>bold</b> text", 100), "bold text");
        assert_eq!(plain_excerpt("# Only\n\n| a |\n|---|\n", 100), "");
    }

    #[test]
    fn all_text_is_shown_without_markup() {
        let body = "## Why\n\nSee [the *docs*](http://a/ \"t\"), [[pdca]] and [[ford|Ford]].\n\n- `a**b`\n- two\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n```rust\nlet x = **y;\n```\n";
        assert_eq!(
            plain(body),
            "Why:\nSee the docs, pdca and Ford.\na**b\ntwo\nx y \n1 2 \nlet x = **y;"
        );
        assert_eq!(plain("## Why?"), "Why?");
    }

    #[test]
    fn the_first_heading_is_found() {
        assert_eq!(first_heading("x\n\n## No\n\n#\n\n# The `a`\n\n# b").as_deref(), Some("The a"));
        assert_eq!(first_heading("Two\nlines\n===").as_deref(), Some("Two lines"));
        assert_eq!(first_heading("```\n# code\n```"), None);
    }

    #[test]
    fn a_long_paragraph_ends_with_a_sentence_or_a_word() {
        assert_eq!(plain_excerpt("One sentence. Another one that is long.", 30), "One sentence.");
        assert_eq!(plain_excerpt("Words without any end in sight", 18), "Words without any…");
        assert_eq!(plain_excerpt("abcdefghij", 5), "abcd…");
        assert_eq!(plain_excerpt("abc", 0), "");
    }

    proptest! {
        #[test]
        fn it_never_is_longer_than_asked(body in r"(\PC|[.!? \n*\[\]|#-]){0,300}", max in 0_usize..120) {
            prop_assert!(plain_excerpt(&body, max).chars().count() <= max);
        }
    }
}
