//! How a wikilink looks on a page: its tag, and its text where the author wrote no label.

use super::escape::{push_segment, push_text};
use super::headings;
use super::source::Wikilink;
use app::protocol::entry::{EntryRef, LinkTarget};

/// A wikilink ready to be written.
pub(super) struct ShownLink {
    /// The opening tag.
    pub(super) tag: String,
    /// What to show where there is no label.
    pub(super) text: String,
    /// Whether the author wrote a label.
    pub(super) labelled: bool,
}

impl ShownLink {
    /// Looks up where a link points; an entry that does not exist is wanted, and its page offers to write it.
    pub(super) fn new(link: &Wikilink, prefix: &str, resolve: &dyn Fn(&LinkTarget) -> Option<EntryRef>) -> Self {
        let written = &link.written;
        let (target, title) = match resolve(&written.target) {
            Some(entry) => (
                LinkTarget {
                    kb_name: entry.kb_name,
                    entry_id: entry.entry_id,
                },
                Some(entry.title),
            ),
            None => (written.target.clone(), None),
        };
        let text = match (&title, &written.anchor) {
            (Some(title), Some(anchor)) if written.is_id => format!("{title} › {anchor}"),
            (Some(title), None) if written.is_id => title.clone(),
            _ => written.visible.clone(),
        };
        Self {
            tag: tag(prefix, &target, written.anchor.as_deref(), title.is_some()),
            text,
            labelled: link.labelled,
        }
    }
}

/// The page of an entry, there or wanted: `/kb/notes/e/pdca`, below the prefix.
fn entry_path(prefix: &str, target: &LinkTarget) -> String {
    let mut out = String::from(prefix);
    out.push_str("/kb/");
    push_segment(&mut out, target.kb_name.as_str());
    out.push_str("/e/");
    push_segment(&mut out, target.entry_id.as_str());
    out
}

fn tag(prefix: &str, target: &LinkTarget, anchor: Option<&str>, is_there: bool) -> String {
    let mut tag = format!("<a href=\"{}", entry_path(prefix, target));
    if let Some(anchor) = anchor {
        tag.push('#');
        push_segment(&mut tag, &headings::anchor(anchor));
    }
    tag.push_str(if is_there {
        "\" class=\"wikilink\""
    } else {
        "\" class=\"wikilink wanted\""
    });
    tag.push_str(" data-kb=\"");
    push_text(&mut tag, target.kb_name.as_str());
    tag.push_str("\" data-entry=\"");
    push_text(&mut tag, target.entry_id.as_str());
    if !is_there {
        tag.push_str("\" title=\"There is no entry ");
        push_text(&mut tag, target.entry_id.as_str());
        tag.push_str(" yet: follow the link to write it");
    }
    tag.push_str("\">");
    tag
}
