//! Mentions: `@ada` in a text. Not in code, and not within a word, as in an e-mail address.

use app::protocol::UserId;
use pulldown_cmark::{Event, Tag, TagEnd};

/// Most people whom one text mentions; more is a list, and calls nobody.
const MOST: usize = 50;

/// Whom a text mentions, each once, in order.
pub fn mentions(body: &str) -> Vec<UserId> {
    let mut found = Vec::new();
    if !body.contains('@') {
        return found;
    }
    let mut in_code = false;
    // What went before within the same paragraph: markup may stand between the '@' and a word.
    let mut last = ' ';
    for event in super::source::parser(body) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Text(text) if !in_code => {
                scan(&text, last, &mut found);
                last = text.chars().next_back().unwrap_or(' ');
            }
            Event::Code(_) => last = '`',
            Event::SoftBreak | Event::HardBreak | Event::Start(_) | Event::End(_) => last = ' ',
            _ => {}
        }
        if found.len() >= MOST {
            break;
        }
    }
    found
}

fn scan(text: &str, before: char, found: &mut Vec<UserId>) {
    let mut last = before;
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        let previous = rest[..at].chars().next_back().unwrap_or(last);
        let behind = &rest[at + 1..];
        let end = behind
            .find(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_' | '.'))
            .unwrap_or(behind.len());
        let name = behind[..end].trim_end_matches(['.', '-', '_']);
        let is_address = behind[end..].starts_with('@');
        if !previous.is_alphanumeric()
            && !matches!(previous, '@' | '/' | '.' | '_' | '-')
            && !is_address
            && let Ok(user) = UserId::parse(&name.to_lowercase())
            && !found.contains(&user)
        {
            found.push(user);
        }
        last = behind[..end].chars().next_back().unwrap_or('@');
        rest = &behind[end..];
    }
}

/// Longest line that is quoted, in characters.
const LINE_CHARS: usize = 200;

/// The line of a text in which something stands, as it is written; cut where it is long.
pub fn line_with(body: &str, what: &str) -> String {
    let line = body
        .lines()
        .find(|line| line.to_lowercase().contains(what))
        .unwrap_or_default()
        .trim();
    match line.char_indices().nth(LINE_CHARS) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(body: &str) -> Vec<String> {
        mentions(body).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn who_is_mentioned_is_found_and_who_is_not_is_not() {
        for (body, mentioned) in [
            ("Ask @ada.", vec!["ada"]),
            ("(@Ada, @bob-2 and @ada)", vec!["ada", "bob-2"]),
            ("**@ada**: and _@bob_", vec!["ada", "bob"]),
            ("ada@example.org and a@b", vec![]),
            ("`@ada` and\n\n```\n@bob\n```\n", vec![]),
            ("@", vec![]),
            ("@@ada", vec![]),
            ("mail @ada@example.org", vec![]),
            ("x/@ada", vec![]),
            ("- @ada\n- [ ] @bob\n\n> @cy", vec!["ada", "bob", "cy"]),
        ] {
            assert_eq!(names(body), mentioned, "{body}");
        }
    }

    #[test]
    fn the_line_of_a_mention_is_quoted() {
        assert_eq!(line_with("one\n  two @Ada three\nfour", "@ada"), "two @Ada three");
        assert!(line_with(&format!("@ada {}", "x".repeat(500)), "@ada").ends_with('…'));
    }
}
