//! Mentions: `@ada` in a text. Not in code, and not within a word, as in an e-mail address.

use app::protocol::{UserId, limits};
use pulldown_cmark::{Event, Tag, TagEnd};
use std::collections::{HashMap, HashSet};

/// Most people whom one text mentions; more is a list, and calls nobody.
const MOST: usize = 50;

/// Whom a text mentions, each once, in order; at most 50.
pub fn mentions(body: &str) -> Vec<UserId> {
    let mut found = Found::default();
    if !body.contains('@') {
        return found.names;
    }
    let mut in_code = false;
    // What went before within the same paragraph: markup may stand between the '@' and a word.
    let mut last = ' ';
    for (event, _) in super::source::events(body) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Text(text) if !in_code => {
                found.scan(&text, last);
                last = text.chars().next_back().unwrap_or(' ');
            }
            Event::Code(_) => last = '`',
            Event::SoftBreak | Event::HardBreak | Event::Start(_) | Event::End(_) => last = ' ',
            _ => {}
        }
        if found.is_full() {
            break;
        }
    }
    found.names
}

/// Who was found so far.
#[derive(Default)]
struct Found {
    names: Vec<UserId>,
    known: HashSet<UserId>,
}

impl Found {
    fn is_full(&self) -> bool {
        self.names.len() >= MOST
    }

    fn scan(&mut self, text: &str, before: char) {
        let mut last = before;
        let mut rest = text;
        while let Some(at) = rest.find('@').filter(|_| !self.is_full()) {
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
                && name.len() <= limits::USER_ID_BYTES
                && let Ok(user) = UserId::parse(&name.to_lowercase())
                && self.known.insert(user.clone())
            {
                self.names.push(user);
            }
            last = behind[..end].chars().next_back().unwrap_or('@');
            rest = &behind[end..];
        }
    }
}

/// Longest line that is quoted, in characters.
const LINE_CHARS: usize = 200;

/// Of each of these people, the line of a text that mentions them first, as it is written; cut where it is long.
pub fn lines_with<'u>(body: &str, people: &'u [UserId]) -> HashMap<&'u UserId, String> {
    let mut sought: Vec<(&UserId, String)> = people.iter().map(|user| (user, format!("@{user}"))).collect();
    let mut found = HashMap::new();
    for line in body.lines().filter(|line| line.contains('@')) {
        if sought.is_empty() {
            break;
        }
        let lower = line.to_lowercase();
        sought.retain(|(user, mention)| {
            let is_here = lower.contains(mention.as_str());
            if is_here {
                found.insert(*user, shortened(line.trim()));
            }
            !is_here
        });
    }
    found
}

fn shortened(line: &str) -> String {
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
    fn a_text_calls_so_many_and_no_more() {
        let body: String = (0..100_000).map(|n| format!("@u{n} ")).collect();
        assert_eq!(mentions(&body).len(), MOST);
    }

    #[test]
    fn the_line_of_a_mention_is_quoted() {
        let ada = [UserId::parse("ada").unwrap()];
        let line = |body: &str| lines_with(body, &ada).remove(&ada[0]).unwrap_or_default();
        assert_eq!(line("one\n  two @Ada three\nfour @ada"), "two @Ada three");
        assert!(line(&format!("@ada {}", "x".repeat(500))).ends_with('…'));
        assert_eq!(line("nobody"), "");
    }
}
