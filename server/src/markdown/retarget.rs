//! Links that follow: rewrites the links to an entry when it gets another id.

use super::source::{Token, Wikilink, tokens};
use super::wikilink::within_margins;
use app::protocol::entry::LinkTarget;
use app::protocol::{EntryId, KbName};

/// Points every link to `old` at `new`, an id in the same knowledge base; label, heading and knowledge base stay as they
/// are written. Where a title was the visible text, it stays visible as a label. All other bytes stay the same.
/// `None` when no link pointed to `old`. `kb` is the knowledge base that the body is in.
pub fn retarget(body: &str, kb: &KbName, old: &LinkTarget, new: &EntryId) -> Option<String> {
    let sought = old.entry_id.as_str().to_lowercase();
    if sought == new.as_str() {
        return None;
    }
    let mut out = String::new();
    let mut copied = 0;
    let mut tables = Tables::default();
    for token in tokens(body, kb) {
        let Token::LinkStart(link) = token else { continue };
        let target = &link.written.target;
        if target.kb_name != old.kb_name || target.entry_id.as_str() != sought {
            continue;
        }
        out.push_str(&body[copied..link.name.start]);
        out.push_str(new.as_str());
        copied = link.name.end;
        if !link.labelled && !link.written.is_id {
            let end = end_of_text(body, &link);
            out.push_str(&body[copied..end]);
            let escaped = link.in_table || tables.begin(body, end);
            out.push_str(if escaped { "\\|" } else { "|" });
            push_literal(&mut out, &link.written.visible);
            copied = end;
        }
    }
    if copied == 0 {
        return None;
    }
    out.push_str(&body[copied..]);
    Some(out)
}

/// Where the text of a link without a label ends: before its brackets, and before a line that holds nothing else.
fn end_of_text(body: &str, link: &Wikilink) -> usize {
    let text = &body[link.name.end..link.range.end - "]]".len()];
    link.name.end + within_margins(text).end
}

/// Whether a `|` in a line would make a table of it. Remembered for the line, which may have many links.
#[derive(Default)]
struct Tables {
    line_end: usize,
    begins: bool,
}

impl Tables {
    /// Whether one would begin with the line of this place, because the next line looks like the one under a table's head.
    fn begin(&mut self, body: &str, at: usize) -> bool {
        if at >= self.line_end {
            let mut lines = body[at..].lines();
            self.line_end = at + lines.next().map_or(0, str::len) + 1;
            self.begins = lines
                .next()
                .is_some_and(|line| line.contains('-') && line.chars().all(|c| matches!(c, '-' | '|' | ':' | '>' | ' ' | '\t')));
        }
        self.begins
    }
}

/// Appends text in which markdown means nothing.
fn push_literal(out: &mut String, text: &str) {
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '~' | '|' | '!') {
            out.push('\\');
        }
        out.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::super::links;
    use super::*;
    use proptest::prelude::*;

    fn kb() -> KbName {
        KbName::parse("notes").unwrap()
    }

    fn target(kb: &str, id: &str) -> LinkTarget {
        LinkTarget {
            kb_name: KbName::parse(kb).unwrap(),
            entry_id: EntryId::parse(id).unwrap(),
        }
    }

    fn renamed(body: &str) -> Option<String> {
        retarget(body, &kb(), &target("notes", "old-one"), &EntryId::parse("new.1").unwrap())
    }

    #[test]
    fn each_form_of_link_keeps_what_is_not_the_id() {
        for (before, after) in [
            ("a [[old-one]] b", "a [[new.1]] b"),
            ("[[old-one|x *y*]]", "[[new.1|x *y*]]"),
            ("[[ old-one #h|x]]", "[[ new.1 #h|x]]"),
            ("[[notes:old-one]]", "[[notes:new.1]]"),
            ("[[Old One]]", "[[new.1|Old One]]"),
            ("[[Old *One*]]", "[[new.1|Old \\*One\\*]]"),
            ("[[Old One#part]]", "[[new.1#part|Old One › part]]"),
            ("> [[Old\n> One]]", "> [[new.1|Old One]]"),
            ("![[old-one]]", "![[new.1]]"),
            ("[[Old One]]\n-|-", "[[new.1\\|Old One]]\n-|-"),
            ("> [[Old One\n> ]]|", "> [[new.1|Old One\n> ]]|"),
            (
                "| a |\n|---|\n| [[Old One]] [[old-one\\|x]] |",
                "| a |\n|---|\n| [[new.1\\|Old One]] [[new.1\\|x]] |",
            ),
        ] {
            assert_eq!(renamed(before).as_deref(), Some(after), "{before:?}");
        }
    }

    #[test]
    fn other_links_and_code_stay() {
        for body in [
            "[[other]]",
            "[[deming:old-one]]",
            "`[[old-one]]`",
            "old-one",
            "<b title='[[old-one]]'>",
            "\\[[old-one]]",
        ] {
            assert_eq!(renamed(body), None, "{body:?}");
        }
    }

    #[test]
    fn a_link_from_another_knowledge_base_follows_too() {
        let after = retarget(
            "[[deming:pdca]] [[pdca]]",
            &kb(),
            &target("deming", "pdca"),
            &EntryId::parse("pdsa").unwrap(),
        );
        assert_eq!(after.as_deref(), Some("[[deming:pdsa]] [[pdca]]"));
    }

    proptest! {
        #[test]
        fn only_the_links_change_and_all_of_them(
            body in r"(\[\[old-one|\[\[Old One|\[\[notes:old-one|\[\[x|\[\[|\]\]|\|\n|---|[\[\]|#:!\\>`*_&;<a-c \n-]|\PC){0,80}",
        ) {
            let old = target("notes", "old-one");
            let before = links(&body, &kb());
            let changed: Vec<_> = before.iter().filter(|link| link.target == old).collect();
            let Some(after) = renamed(&body) else {
                prop_assert!(changed.is_empty());
                return Ok(());
            };
            let now = links(&after, &kb());
            prop_assert_eq!(now.len(), before.len(), "{:?}", after);
            let (mut from, mut at) = (0, 0);
            for (was, is) in before.iter().zip(&now) {
                prop_assert_eq!(&body[from..was.range.start], &after[at..is.range.start]);
                (from, at) = (was.range.end, is.range.end);
                prop_assert_eq!(&is.anchor, &was.anchor);
                if was.target == old {
                    prop_assert_eq!(is.target.entry_id.as_str(), "new.1");
                } else {
                    prop_assert_eq!(&body[was.range.clone()], &after[is.range.clone()]);
                }
            }
            prop_assert_eq!(&body[from..], &after[at..]);
        }
    }
}
