//! Where in a text a completion begins, and what choosing puts there. Pure.

use crate::protocol::KbName;
use crate::protocol::entry::EntryRef;

/// What of a link is written already, where the caret stands in one: `[[pd` gives `pd`.
pub fn open_link(before_caret: &str) -> Option<&str> {
    let (_, query) = before_caret.rsplit_once("[[")?;
    let open = query.chars().count() <= 80 && !query.contains(['\n', ']', '[', '|']);
    open.then_some(query)
}

/// What of a tag is written already: the part behind the last comma.
pub fn open_tag(before_caret: &str) -> Option<&str> {
    let last = before_caret.rsplit(',').next()?.trim_start().trim_start_matches('#');
    (!last.is_empty()).then_some(last)
}

/// What of a mention is written already, where the caret stands in one: `ask @ad` gives `ad`. An address of mail is none.
pub fn open_mention(before_caret: &str) -> Option<&str> {
    let (before, name) = before_caret.rsplit_once('@')?;
    let begins = before
        .chars()
        .next_back()
        .is_none_or(|c| !c.is_alphanumeric() && !"._-/".contains(c));
    let is_name = name.chars().count() <= 40 && name.chars().all(|c| c.is_alphanumeric() || "._-".contains(c));
    (begins && is_name).then_some(name)
}

/// The link that points to an entry, to be put behind `[[`.
pub fn link_to(entry: &EntryRef, from: &KbName) -> String {
    if entry.kb_name == *from {
        format!("{}]]", entry.entry_id)
    } else {
        format!("{}:{}|{}]]", entry.kb_name, entry.entry_id, entry.title)
    }
}

/// The tags with the last one completed, ready for the next.
pub fn with_tag(tags: &str, chosen: &str) -> String {
    match tags.rsplit_once(',') {
        Some((before, _)) => format!("{}, {chosen}, ", before.trim_end()),
        None => format!("{chosen}, "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::EntryId;

    #[test]
    fn a_link_is_open_until_it_is_closed_or_left() {
        assert_eq!(open_link("see [[pd"), Some("pd"));
        assert_eq!(open_link("see [["), Some(""));
        assert_eq!(open_link("[[a]] and [[größe z"), Some("größe z"));
        for closed in ["see", "[[a]] b", "[[a|lab", "[[a\nb", "[[["] {
            assert_eq!(open_link(closed).filter(|query| !query.is_empty()), None, "{closed:?}");
        }
    }

    #[test]
    fn a_mention_is_open_until_the_name_ends() {
        assert_eq!(open_mention("ask @ad"), Some("ad"));
        assert_eq!(open_mention("@"), Some(""));
        assert_eq!(open_mention("(@ada.l"), Some("ada.l"));
        for closed in ["ada", "ada@example", "@ada ", "https://x.org/@ada", "@ada,"] {
            assert_eq!(open_mention(closed), None, "{closed:?}");
        }
    }

    #[test]
    fn a_link_to_another_knowledge_base_names_it() {
        let entry = EntryRef {
            kb_name: KbName::parse("agile").unwrap(),
            entry_id: EntryId::parse("pdca").unwrap(),
            title: "PDCA".into(),
        };
        assert_eq!(link_to(&entry, &entry.kb_name), "pdca]]");
        assert_eq!(link_to(&entry, &KbName::parse("notes").unwrap()), "agile:pdca|PDCA]]");
    }

    #[test]
    fn the_last_tag_is_completed() {
        assert_eq!(open_tag("lean, #de"), Some("de"));
        assert_eq!(open_tag("lean, "), None);
        assert_eq!(with_tag("lean, de", "deming"), "lean, deming, ");
        assert_eq!(with_tag("de", "deming"), "deming, ");
    }
}
