//! Points the links of a page's markdown elsewhere, such as at what became of the other pages.

use super::page::escape;
use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// Where a destination is written, and what it says.
struct Destination {
    range: Range<usize>,
    target: String,
    /// It is the link itself: `<https://…>`.
    is_whole: bool,
}

impl Destination {
    fn new(range: Range<usize>, target: String) -> Self {
        Self {
            range,
            target,
            is_whole: false,
        }
    }
}

/// The destinations of all links in markdown, each once, in order. Not those of images, and nothing within code.
pub fn link_targets(markdown: &str) -> Vec<String> {
    let mut seen = HashSet::new();
    let found = destinations(markdown).into_iter().map(|found| found.target);
    found.filter(|target| seen.insert(target.clone())).collect()
}

/// Replaces the destination of each link for which `point` names another. All other bytes stay the same; images and code
/// are no links.
pub fn relink(markdown: &str, mut point: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut copied = 0;
    for Destination { range, target, is_whole } in destinations(markdown) {
        let Some(new) = point(&target) else { continue };
        out.push_str(&markdown[copied..range.start]);
        if is_whole {
            let mut shown = String::new();
            escape::push(&mut shown, &target, true);
            out.push_str(&format!("[{shown}]({})", written(&new)));
        } else {
            out.push_str(&written(&new));
        }
        copied = range.end;
    }
    out.push_str(&markdown[copied..]);
    out
}

/// A destination as it can stand in markdown.
fn written(target: &str) -> String {
    let is_plain = !target.is_empty()
        && !target.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '(' | ')' | '\\' | '`' | '|'));
    if is_plain {
        return target.to_owned();
    }
    let mut out = "<".to_owned();
    for c in target.chars() {
        match c {
            '<' | '>' | '\\' => out.extend(['\\', c]),
            // A line must not end in it, nor a cell of a table.
            '\n' | '\r' => out.push(' '),
            '|' => out.push_str("%7C"),
            '`' => out.push_str("%60"),
            c => out.push(c),
        }
    }
    out.push('>');
    out
}

fn destinations(markdown: &str) -> Vec<Destination> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let parser = Parser::new_ext(markdown, options);
    let mut definitions: HashMap<usize, Destination> = HashMap::new();
    for (_, definition) in parser.reference_definitions().iter() {
        let text = &markdown[definition.span.clone()];
        if let Some(range) = text.find("]:").and_then(|at| after_opening(text, at + 2)) {
            let range = definition.span.start + range.start..definition.span.start + range.end;
            let target = definition.dest.to_string();
            if says(&markdown[range.clone()], &target) {
                definitions.insert(range.start, Destination::new(range, target));
            }
        }
    }
    let mut found: Vec<Destination> = definitions.into_values().collect();
    // Where the text of the open links ends so far, as what is in it was passed.
    let mut open: Vec<Option<(usize, String)>> = Vec::new();
    for (event, range) in parser.into_offset_iter() {
        match event {
            Event::Start(Tag::Link {
                link_type: LinkType::Autolink,
                dest_url,
                ..
            }) => {
                open.push(None);
                found.push(Destination {
                    is_whole: true,
                    ..Destination::new(range, dest_url.to_string())
                });
            }
            Event::Start(Tag::Link { link_type, dest_url, .. }) => {
                open.push((link_type == LinkType::Inline).then(|| (range.start + 1, dest_url.to_string())));
            }
            Event::Start(Tag::Image { .. }) => open.push(None),
            Event::End(TagEnd::Link | TagEnd::Image) => {
                if let Some(Some((text_end, target))) = open.pop()
                    && let Some(range) = inline_destination(markdown, text_end, range.end)
                    && says(&markdown[range.clone()], &target)
                {
                    found.push(Destination::new(range, target));
                }
                if let Some(Some((text_end, _))) = open.last_mut() {
                    *text_end = range.end;
                }
            }
            _ => {
                if let Some(Some((text_end, _))) = open.last_mut() {
                    *text_end = (*text_end).max(range.end);
                }
            }
        }
    }
    found.sort_unstable_by_key(|found| found.range.start);
    found
}

/// Whether a destination is written so. It is not where something came between, such as the mark of a quote.
fn says(written: &str, target: &str) -> bool {
    let bare = written.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(written);
    bare == target || bare.contains(['\\', '&'])
}

/// The destination in `](destination "title")`, between the end of the link's text and its own end.
fn inline_destination(markdown: &str, text_end: usize, end: usize) -> Option<Range<usize>> {
    let rest = &markdown[..end];
    let opening = text_end + rest[text_end..].find("](")? + 2;
    after_opening(rest, opening)
}

/// A destination that stands, after space, from `start` on: in angle brackets, or up to space or an unmatched parenthesis.
fn after_opening(text: &str, start: usize) -> Option<Range<usize>> {
    let start = start + text[start..].find(|c: char| !c.is_ascii_whitespace())?;
    let mut is_escaped = false;
    if text[start..].starts_with('<') {
        for (at, c) in text[start..].char_indices().skip(1) {
            if c == '>' && !is_escaped {
                return Some(start..start + at + 1);
            }
            is_escaped = c == '\\' && !is_escaped;
        }
        return None;
    }
    let mut depth = 0_usize;
    for (at, c) in text[start..].char_indices() {
        match c {
            _ if is_escaped => {}
            c if c.is_ascii_whitespace() => return Some(start..start + at),
            '(' => depth += 1,
            ')' if depth == 0 => return Some(start..start + at),
            ')' => depth -= 1,
            _ => {}
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    Some(start..text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn moved(markdown: &str) -> String {
        relink(markdown, |target| {
            target.strip_prefix("https://e.org/").map(|rest| format!("/kb/{rest}"))
        })
    }

    #[test]
    fn links_are_pointed_elsewhere_in_every_form() {
        for (before, after) in [
            ("a [b](https://e.org/c) d", "a [b](/kb/c) d"),
            ("[*b* `c](` ![i](j)](https://e.org/c \"t\")", "[*b* `c](` ![i](j)](/kb/c \"t\")"),
            ("[b](<https://e.org/c d>)", "[b](</kb/c d>)"),
            ("[b](https://e.org/c_(d))", "[b](</kb/c_(d)>)"),
            ("[![i](https://e.org/i.png)](https://e.org/c)", "[![i](https://e.org/i.png)](/kb/c)"),
            (
                "| [b](https://e.org/c) |\n|---|\n| [b](https://e.org/d) |",
                "| [b](/kb/c) |\n|---|\n| [b](/kb/d) |",
            ),
            ("> - [b\n>   c](https://e.org/d)", "> - [b\n>   c](/kb/d)"),
            (
                "[b][1] [c]\n\n[1]: https://e.org/c \"t\"\n[c]: <https://e.org/d>",
                "[b][1] [c]\n\n[1]: /kb/c \"t\"\n[c]: /kb/d",
            ),
            ("a <https://e.org/c> b", "a [https://e.org/c](/kb/c) b"),
            ("\\[[b](https://e.org/c)\\]", "\\[[b](/kb/c)\\]"),
        ] {
            assert_eq!(moved(before), after, "{before:?}");
        }
    }

    #[test]
    fn images_code_and_other_links_stay() {
        for text in [
            "![b](https://e.org/c)",
            "`[b](https://e.org/c)`",
            "```\n[b](https://e.org/c)\n```",
            "[b](https://f.org/c)",
            "<https://f.org/>",
        ] {
            assert_eq!(moved(text), text);
        }
    }

    #[test]
    fn targets_are_listed_once_each() {
        assert_eq!(link_targets("[a](b) ![c](d) [e](b) [f](g) `[h](i)`"), ["b", "g"]);
    }

    proptest! {
        #[test]
        fn what_is_pointed_nowhere_else_stays(markdown in r"(\[|\]|\(|\)|\]\(|<|>|!|`|\\|https://e.org/|\[a\](: |\()|\n|> |- |\||a| |é){0,40}") {
            prop_assert_eq!(relink(&markdown, |_| None), markdown.as_str());
            let moved = relink(&markdown, |_| Some("https://f.org/new page".to_owned()));
            let targets = link_targets(&markdown);
            if !targets.is_empty() {
                prop_assert!(moved.contains("https://f.org/new page"), "{:?}", moved);
            }
        }
    }
}
