//! The grammar inside `[[ ]]`: `id`, `Some Title`, `kb:id`, each with `#heading` and `|label` behind it.

use super::source::{Token, tokens};
use app::protocol::entry::LinkTarget;
use app::protocol::{EntryId, KbName, slug};
use pulldown_cmark::Event;
use std::ops::Range;

/// The longest text in bytes that is tried as a target: a title of 500 characters of four bytes each.
const TARGET_BYTES: usize = 2_000;

/// A `[[wikilink]]` of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where it points. A text that is an id in lower case is taken as it is, any other text by its slug; so a target
    /// is always in lower case, and whoever looks it up compares without regard to case.
    pub target: LinkTarget,
    /// The text behind `#`.
    pub anchor: Option<String>,
    /// Where the whole `[[…]]` stands in the body, in bytes.
    pub range: Range<usize>,
    /// The text behind `|`, as it is seen.
    pub label: Option<String>,
}

/// What stands before the `|` of a wikilink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) target: LinkTarget,
    pub(super) anchor: Option<String>,
    /// Where the id or title stands in the text: the part that changes when the entry gets another id.
    pub(super) name: Range<usize>,
    /// Whether the name is the id itself; otherwise it is a title.
    pub(super) is_id: bool,
    /// What a reader sees where there is no label.
    pub(super) visible: String,
}

impl Written {
    /// Reads what stands before the `|`. `None` where it can name no entry.
    pub(super) fn parse(text: &str, kb: &KbName) -> Option<Self> {
        if text.len() > TARGET_BYTES || text.contains("://") || text.contains(['[', ']']) || reaches_out(text) {
            return None;
        }
        let (path, anchor) = match text.split_once('#') {
            Some((path, anchor)) => (path, Some(anchor)),
            None => (text, None),
        };
        let (kb_name, from) = match prefix(path) {
            Some((kb_name, length)) => (kb_name, length),
            None => (kb.clone(), 0),
        };
        // In a table the `|` is written `\|`, and the parser leaves the backslash with the target.
        let span = within_margins(path[from..].trim_end_matches('\\'));
        let (name, start) = (&path[from..][span.clone()], from + span.start);
        let (entry_id, is_id) = match EntryId::parse(name) {
            Ok(id) if !name.chars().any(char::is_uppercase) => (id, true),
            _ => (EntryId::parse(&slug::slug(name)).ok()?, false),
        };
        Some(Self {
            target: LinkTarget { kb_name, entry_id },
            anchor: anchor
                .map(|text| one_line(text.trim_end_matches('\\')))
                .filter(|text| !text.is_empty()),
            name: start..start + name.len(),
            is_id,
            visible: visible(text.trim_end_matches('\\')),
        })
    }
}

/// The knowledge base before a colon, and where the rest begins. "Flow: a history" has none: a name is in lower case,
/// and no space follows its colon.
fn prefix(path: &str) -> Option<(KbName, usize)> {
    let (before, after) = path.split_once(':')?;
    if after.trim_end_matches('\\').is_empty() || after.starts_with(char::is_whitespace) {
        return None;
    }
    let kb_name = KbName::parse(before.trim()).ok()?;
    Some((kb_name, before.len() + 1))
}

/// Whether a code span or a tag begins in this text and ends behind it. Such a text cannot be replaced without changing
/// what follows it.
fn reaches_out(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = rest.find(['`', '<']) {
        rest = &rest[at..];
        if let Some(inner) = rest.strip_prefix('<') {
            match inner.find('>') {
                Some(end) => rest = &inner[end + 1..],
                None => return true,
            }
        } else {
            let after = rest.trim_start_matches('`');
            let fence = &rest[..rest.len() - after.len()];
            let closing = after
                .match_indices(fence)
                .map(|(at, _)| at)
                .find(|&at| !after[..at].ends_with('`') && !after[at + fence.len()..].starts_with('`'));
            match closing {
                Some(at) => rest = &after[at + fence.len()..],
                None => return true,
            }
        }
    }
    false
}

/// Where text stands in its margins: spaces, line ends, and the marks of a quotation at the beginning of later lines.
pub(super) fn within_margins(text: &str) -> Range<usize> {
    let mut end = text.trim_end().len();
    while let Some((before, last)) = text[..end].rsplit_once('\n')
        && last.trim_start_matches(['>', ' ', '\t']).is_empty()
    {
        end = before.trim_end().len();
    }
    let mut start = end - text[..end].trim_start().len();
    if text[..start].contains('\n') {
        start = end - text[start..end].trim_start_matches(['>', ' ', '\t', '\n', '\r']).len();
    }
    start..end
}

/// What a reader sees of a target without a label: `Some Title › heading`.
fn visible(text: &str) -> String {
    match text.split_once('#').map(|(path, anchor)| (one_line(path), one_line(anchor))) {
        Some((path, anchor)) if !anchor.is_empty() => format!("{path} › {anchor}"),
        _ => one_line(text),
    }
}

/// The text in one line. A link may span lines of a quotation, whose marks are then within it.
fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (number, line) in text.lines().enumerate() {
        let line = if number == 0 {
            line
        } else {
            line.trim_start_matches(['>', ' ', '\t'])
        };
        for word in line.split_whitespace() {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(word);
        }
    }
    out
}

/// All wikilinks of a body, in order; those in code, in HTML and in the description of an image are none.
/// `kb` is the knowledge base that the body is in.
pub fn links(body: &str, kb: &KbName) -> Vec<Link> {
    let mut found = Vec::new();
    let mut open: Option<(Link, String)> = None;
    for token in tokens(body, kb) {
        match token {
            Token::LinkStart(link) => {
                let label = String::new();
                let link = Link {
                    target: link.written.target,
                    anchor: link.written.anchor,
                    range: link.range,
                    label: link.labelled.then(String::new),
                };
                open = Some((link, label));
            }
            Token::LinkEnd => {
                if let Some((mut link, label)) = open.take() {
                    let label = label.trim();
                    link.label = link.label.and((!label.is_empty()).then(|| label.to_owned()));
                    found.push(link);
                }
            }
            Token::Markdown(Event::Text(text) | Event::Code(text)) => {
                if let Some((_, label)) = &mut open {
                    label.push_str(&text);
                }
            }
            Token::Markdown(Event::SoftBreak | Event::HardBreak) => {
                if let Some((_, label)) = &mut open {
                    label.push(' ');
                }
            }
            Token::Markdown(_) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kb() -> KbName {
        KbName::parse("notes").unwrap()
    }

    fn found(body: &str) -> Vec<String> {
        links(body, &kb())
            .into_iter()
            .map(|link| {
                let anchor = link.anchor.map(|anchor| format!("#{anchor}")).unwrap_or_default();
                let label = link.label.map(|label| format!("|{label}")).unwrap_or_default();
                format!("{}:{}{anchor}{label}", link.target.kb_name, link.target.entry_id)
            })
            .collect()
    }

    #[test]
    fn every_form_of_a_link_is_read() {
        assert_eq!(found("a [[pdca]] b"), ["notes:pdca"]);
        assert_eq!(found("[[pdca|the *cycle*]]"), ["notes:pdca|the cycle"]);
        assert_eq!(found("[[deming:pdca]]"), ["deming:pdca"]);
        assert_eq!(found("[[deming:pdca|it]]"), ["deming:pdca|it"]);
        assert_eq!(found("[[Plan, Do, Check]]"), ["notes:plan-do-check"]);
        assert_eq!(found("[[deming:Plan Do]]"), ["deming:plan-do"]);
        assert_eq!(found("[[pdca#The Cycle]]"), ["notes:pdca#The Cycle"]);
        assert_eq!(found("[[deming:pdca#a b|c]]"), ["deming:pdca#a b|c"]);
        assert_eq!(found("[[ pdca ]]"), ["notes:pdca"]);
        assert_eq!(found("[[v1.2_x]]"), ["notes:v1.2_x"]);
        assert_eq!(found("[[Größe]] [[日本語]]"), ["notes:größe", "notes:日本語"]);
        assert_eq!(found("[[a]][[b]]"), ["notes:a", "notes:b"]);
    }

    #[test]
    fn a_title_of_one_word_is_a_title() {
        assert_eq!(found("[[Scrum]] [[Node.js]] [[C#]]"), ["notes:scrum", "notes:node-js", "notes:c"]);
    }

    #[test]
    fn a_colon_in_a_title_is_no_knowledge_base() {
        assert_eq!(found("[[Flow: a history]]"), ["notes:flow-a-history"]);
        assert_eq!(found("[[agile: a history]]"), ["notes:agile-a-history"]);
        assert_eq!(found("[[Agile:history]]"), ["notes:agile-history"]);
    }

    #[test]
    fn code_html_and_escapes_hold_no_links() {
        for body in [
            "`[[a]]`",
            "``` \n[[a]]\n```",
            "    [[a]]\n",
            "<div>\n[[a]]\n</div>",
            "<b title='[[a]]'>",
            "\\[[a]]",
            "[\\[a]]",
            "[a: b]: /x",
            "<!-- [[a]] -->",
        ] {
            assert_eq!(found(body), [""; 0], "{body:?}");
        }
    }

    #[test]
    fn what_can_name_no_entry_is_no_link() {
        for body in [
            "[[]]",
            "[[ ]]",
            "[[?!]]",
            "[[#heading]]",
            "[[|label]]",
            "[[https://example.org/x]]",
            "[[a\n\nb]]",
            "[[a [b] c]]",
        ] {
            assert_eq!(found(body), [""; 0], "{body:?}");
        }
        assert_eq!(found(&format!("[[{}]]", "x".repeat(3_000))), [""; 0]);
    }

    #[test]
    fn links_are_found_wherever_text_may_stand() {
        let body =
            "# [[a]]\n\n> - [ ] [[b]]\n\n| [[c\\|see c]] | *[[d]]* |\n|---|---|\n| [[e#x\\|y]] | z |\n\n![[f]] [^1]\n\n[^1]: [[g]]\n";
        assert_eq!(
            found(body),
            [
                "notes:a",
                "notes:b",
                "notes:c|see c",
                "notes:d",
                "notes:e#x|y",
                "notes:f",
                "notes:g"
            ]
        );
    }

    #[test]
    fn a_link_may_span_lines() {
        assert_eq!(found("[[Some\nTitle]]"), ["notes:some-title"]);
        assert_eq!(found("> [[Some\n> Title|two\n> words]]"), ["notes:some-title|two words"]);
    }

    #[test]
    fn brackets_around_a_link_do_not_hide_it() {
        assert_eq!(found("[[[a]]]"), ["notes:a"]);
        assert_eq!(found("[see [[a]]](http://x)"), ["notes:a"]);
        assert_eq!(found("[[x [[a]]"), ["notes:a"]);
        assert_eq!(found("[[a|]]"), ["notes:a"]);
    }

    #[test]
    fn the_range_covers_the_brackets_and_no_more() {
        for body in ["x [[a|b]] y", "x ![[a]] y", "> x\n> [[a\n> b]] y", "| x |\n|---|\n| [[a\\|b]] |"] {
            let link = links(body, &kb()).remove(0);
            let text = &body[link.range];
            assert!(text.starts_with("[[") && text.ends_with("]]"), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_the_text_the_links_lie_in_order_within_it(body in r"([\[\]|#:!\\>`*<a-c \n-]|\[\[|\]\]|\PC){0,200}") {
            let mut end = 0;
            for link in links(&body, &kb()) {
                prop_assert!(link.range.start >= end);
                let text = &body[link.range.clone()];
                prop_assert!(text.starts_with("[[") && text.ends_with("]]"));
                end = link.range.end;
            }
        }
    }
}
