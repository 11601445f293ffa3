//! Links that have become wikilinks: of a text that came from elsewhere, those that lead to what are entries here by now.

use super::source::events;
use app::protocol::EntryId;
use pulldown_cmark::{Event, LinkType, Tag, TagEnd};
use std::ops::Range;

/// Where a link is to lead: an entry, and the heading in it.
pub type Place = (EntryId, Option<String>);

/// Makes wikilinks of all links to an address for which `place` names an entry; what they show stays. All other bytes stay the
/// same. `None` where there is no such link. Links whose text cannot be the label of a wikilink stay as they are.
pub fn wikify(body: &str, place: impl Fn(&str) -> Option<Place>) -> Option<String> {
    let mut out = String::new();
    let mut copied = 0;
    for Inline {
        range,
        label,
        target,
        in_table,
    } in inline_links(body)
    {
        let label = &body[label];
        let is_label = !label.contains(['\n', '[', ']', '|']) && !label.trim().is_empty();
        let Some((id, heading)) = place(&target).filter(|_| is_label) else {
            continue;
        };
        out.push_str(&body[copied..range.start]);
        out.push_str("[[");
        out.push_str(id.as_str());
        if let Some(heading) = heading {
            out.extend(["#", &heading]);
        }
        out.push_str(if in_table { "\\|" } else { "|" });
        out.push_str(label);
        out.push_str("]]");
        copied = range.end;
    }
    if copied == 0 {
        return None;
    }
    out.push_str(&body[copied..]);
    Some(out)
}

/// A link as `[label](target)`.
struct Inline {
    range: Range<usize>,
    label: Range<usize>,
    target: String,
    in_table: bool,
}

fn inline_links(body: &str) -> Vec<Inline> {
    let mut found = Vec::new();
    let mut open: Option<Inline> = None;
    let (mut in_table, mut images) = (false, 0);
    for (event, range) in events(body) {
        match event {
            Event::Start(Tag::Table(_)) => in_table = true,
            Event::End(TagEnd::Table) => in_table = false,
            Event::Start(Tag::Image { .. }) => images += 1,
            Event::End(TagEnd::Image) => images -= 1,
            Event::Start(Tag::Link {
                link_type: LinkType::Inline,
                dest_url,
                ..
            }) if images == 0 => {
                open = Some(Inline {
                    label: range.start + 1..range.start + 1,
                    range,
                    target: dest_url.to_string(),
                    in_table,
                });
            }
            Event::End(TagEnd::Link) => found.extend(open.take()),
            _ => {
                if let Some(link) = &mut open {
                    link.label.end = link.label.end.max(range.end);
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::links;
    use super::*;
    use app::protocol::KbName;
    use proptest::prelude::*;

    fn place(target: &str) -> Option<Place> {
        let rest = target.strip_prefix("https://e.org/")?;
        let (id, heading) = match rest.split_once('#') {
            Some((id, heading)) => (id, Some(heading.to_owned())),
            None => (rest, None),
        };
        Some((EntryId::parse(id).ok()?, heading))
    }

    #[test]
    fn links_to_entries_become_wikilinks_and_others_stay() {
        for (before, after) in [
            ("See [the *guide*](https://e.org/guide).", Some("See [[guide|the *guide*]].")),
            (
                "[`x`](https://e.org/a#part) [b](https://f.org/b)",
                Some("[[a#part|`x`]] [b](https://f.org/b)"),
            ),
            ("[a](<https://e.org/a> \"title\")", Some("[[a|a]]")),
            ("| h |\n|---|\n| [a](https://e.org/a) |", Some("| h |\n|---|\n| [[a\\|a]] |")),
            ("`[a](https://e.org/a)` ![a](https://e.org/a)", None),
            ("[a [b]](https://e.org/a) [](https://e.org/a)", None),
            ("[a][1]\n\n[1]: https://e.org/a", None),
        ] {
            assert_eq!(wikify(before, place).as_deref(), after, "{before:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_stands_around_them_they_are_links_of_the_body(before in r"[a-c \n*_`>#-]{0,20}", label in "[a-z*` ]{1,8}") {
            let kb = KbName::parse("notes").unwrap();
            let body = format!("{before}[{label}](https://e.org/a)");
            if let Some(after) = wikify(&body, place) {
                let links = links(&after, &kb);
                prop_assert!(links.iter().any(|link| link.target.entry_id.as_str() == "a"), "{:?}", after);
            }
        }
    }
}
