//! Passages: a long text in pieces that are about one thing, so that what is found can be shown in its place.

use super::headings::Outline;
use super::source::events;
use pulldown_cmark::{Event, Tag, TagEnd};
use std::ops::Range;

/// About how long a passage is at the most, in bytes. One line may be longer.
pub const PASSAGE_BYTES: usize = 1_500;

/// A piece of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// Where it stands, in bytes. Passages follow each other, and together are the whole body.
    pub range: Range<usize>,
    /// The anchor of the heading below which it stands; none before the first.
    pub anchor: Option<String>,
}

/// Takes a body apart, at its headings, and between blocks where that is not enough. An empty one has no passage.
pub fn passages(body: &str) -> Vec<Passage> {
    let mut out: Vec<Passage> = Vec::new();
    for (start, anchor) in blocks(body) {
        match (out.last_mut(), anchor) {
            // Goes on, as long as there is room; where it ends is where the next one begins.
            (Some(last), None) if start - last.range.start < PASSAGE_BYTES => {}
            (last, anchor) => {
                let inherited = last.and_then(|last| {
                    last.range.end = start;
                    last.anchor.clone()
                });
                out.push(Passage {
                    range: start..body.len(),
                    anchor: anchor.or(inherited),
                });
            }
        }
    }
    match out.first_mut() {
        Some(first) => first.range.start = 0,
        None if body.trim().is_empty() => {}
        None => out.push(Passage {
            range: 0..body.len(),
            anchor: None,
        }),
    }
    out.into_iter().flat_map(|passage| divide(body, passage)).collect()
}

/// Where each block of the body begins, with its anchor where it is a heading.
fn blocks(body: &str) -> Vec<(usize, Option<String>)> {
    let mut blocks: Vec<(usize, Option<String>)> = Vec::new();
    let mut outline = Outline::default();
    let mut heading: Option<String> = None;
    let mut depth = 0_usize;
    for (event, range) in events(body) {
        match event {
            Event::Start(tag) => {
                if depth == 0 {
                    blocks.push((range.start, None));
                }
                if matches!(tag, Tag::Heading { .. }) {
                    heading = Some(String::new());
                }
                depth += 1;
            }
            Event::End(end) => {
                depth -= 1;
                if matches!(end, TagEnd::Heading(_)) {
                    let anchor = outline.add(1, &heading.take().unwrap_or_default());
                    // One within a list or a quotation is a heading of the page too, but no place to divide.
                    if depth == 0
                        && let Some(last) = blocks.last_mut()
                    {
                        last.1 = Some(anchor);
                    }
                }
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::SoftBreak | Event::HardBreak => {
                if let Some(heading) = &mut heading {
                    heading.push(' ');
                }
            }
            _ if depth == 0 => blocks.push((range.start, None)),
            _ => {}
        }
    }
    blocks
}

/// Divides a passage whose one block is too long, between its lines.
fn divide(body: &str, passage: Passage) -> Vec<Passage> {
    if passage.range.len() <= PASSAGE_BYTES * 2 {
        return vec![passage];
    }
    let mut out = Vec::new();
    let mut start = passage.range.start;
    let mut at = start;
    for line in body[passage.range.clone()].split_inclusive('\n') {
        if at - start >= PASSAGE_BYTES {
            out.push(start..at);
            start = at;
        }
        at += line.len();
    }
    out.push(start..passage.range.end);
    let anchor = passage.anchor;
    out.into_iter()
        .map(|range| Passage {
            range,
            anchor: anchor.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(body: &str) -> Vec<(&str, Option<String>)> {
        passages(body)
            .into_iter()
            .map(|passage| (&body[passage.range], passage.anchor))
            .collect()
    }

    #[test]
    fn a_text_is_divided_at_its_headings() {
        let body = "Before.\n\n# A `b`\n\nOne.\n\nTwo.\n\n## A\n\n```\n# no heading\n```\n";
        assert_eq!(
            shown(body),
            [
                ("Before.\n\n", None),
                ("# A `b`\n\nOne.\n\nTwo.\n\n", Some("h-a-b".into())),
                ("## A\n\n```\n# no heading\n```\n", Some("h-a".into())),
            ]
        );
        assert!(shown(" \n").is_empty());
        assert_eq!(shown("[x]: y"), [("[x]: y", None)]);
    }

    #[test]
    fn a_long_section_is_divided_between_blocks_and_a_long_block_between_lines() {
        let paragraph = "word ".repeat(100);
        let body = format!("# A\n\n{}", format!("{paragraph}\n\n").repeat(10));
        let found = passages(&body);
        assert!(
            found.len() >= 3 && found.iter().all(|passage| passage.range.len() < PASSAGE_BYTES * 2),
            "{found:?}"
        );
        assert!(found.iter().all(|passage| passage.anchor.as_deref() == Some("h-a")));
        let code = format!("```\n{}```\n", "let x = 1;\n".repeat(1_000));
        assert!(passages(&code).len() > 5);
    }

    proptest! {
        #[test]
        fn together_they_are_the_whole(body in r"([#>*`|a-c \n-]|\n\n|\PC){0,300}", times in 1_usize..30) {
            let body = body.repeat(times);
            let found = passages(&body);
            let mut at = 0;
            for passage in &found {
                prop_assert_eq!(passage.range.start, at);
                prop_assert!(body.is_char_boundary(passage.range.end));
                at = passage.range.end;
            }
            prop_assert!(at == body.len() || (found.is_empty() && body.trim().is_empty()));
        }
    }
}
