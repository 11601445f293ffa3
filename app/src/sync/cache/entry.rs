//! An open entry, kept live. Its text is not in events, so a change of what the page shows is always read again; a change
//! of what it does not show, never.

use super::{Applied, Live};
use crate::protocol::entry::{Entry, EntryView, History};
use crate::protocol::{EntryChange, EntryId, Envelope, Event, KbName, slug};

/// Whether the event is about this entry, or about its whole knowledge base.
fn concerns(event: &Envelope, kb: &KbName, id: &EntryId) -> bool {
    event.kb_name.as_ref() == Some(kb)
        && match &event.event {
            Event::KbCreated(_) | Event::KbDeleted {} => true,
            Event::EntryUpdated(change) if change.previous_id.as_ref() == Some(id) => true,
            Event::EntryCreated(_) | Event::EntryUpdated(_) | Event::EntryDeleted(_) => event.entry_id.as_ref() == Some(id),
            _ => false,
        }
}

/// The editor listens to events itself: what somebody writes must not be replaced under his hands.
impl Live for Entry {
    fn apply(&mut self, _: &Envelope) -> Applied {
        Applied::Ignored
    }
}

impl Live for EntryView {
    fn apply(&mut self, event: &Envelope) -> Applied {
        if event.event.is_of_rights() {
            return Applied::Stale;
        }
        let Some(kb) = &event.kb_name else { return Applied::Ignored };
        if let Event::WatchChanged { watching } = event.event
            && self.entry.kb_name == *kb
            && event.entry_id.as_ref() == Some(&self.entry.entry_id)
        {
            self.watching = watching;
            return Applied::Patched;
        }
        let touches = match &event.event {
            Event::KbCreated(_) | Event::KbDeleted {} => reaches(self, kb),
            Event::EntryCreated(change) | Event::EntryUpdated(change) => {
                // The ids that it had before it was deleted are its names again, and no event says them.
                let comes_back = change.trash_id.is_some() && links_into(self, kb);
                comes_back || is_about(self, kb, event) || is_linked_by(self, kb, change)
            }
            Event::EntryDeleted(_) => is_about(self, kb, event),
            _ => false,
        };
        if touches { Applied::Stale } else { Applied::Ignored }
    }
}

/// Whether the page shows anything of this knowledge base.
fn reaches(view: &EntryView, kb: &KbName) -> bool {
    view.entry.kb_name == *kb || links_into(view, kb) || view.backlinks.iter().any(|from| from.kb_name == *kb)
}

fn links_into(view: &EntryView, kb: &KbName) -> bool {
    view.links.iter().any(|link| link.kb_name == *kb)
}

/// Whether links that say this lead to the entry, or would if no other had this id.
fn is_called(view: &EntryView, kb: &KbName, id: &EntryId) -> bool {
    view.entry.kb_name == *kb && (view.entry.entry_id == *id || view.names.contains(id))
}

/// Whether the event is about an entry that the page shows, that it has a link for, or that goes by one of its names.
fn is_about(view: &EntryView, kb: &KbName, event: &Envelope) -> bool {
    let previous = match &event.event {
        Event::EntryUpdated(change) => change.previous_id.as_ref(),
        _ => None,
    };
    event.entry_id.as_ref().into_iter().chain(previous).any(|id| {
        let is_target = view.links.iter().any(|link| link.kb_name == *kb && link.entry_id == *id);
        let is_source = view.backlinks.iter().any(|from| from.kb_name == *kb && from.entry_id == *id);
        is_target || is_source || is_called(view, kb, id)
    })
}

/// Whether what was written links to the entry, or takes a name that a link of the entry uses.
fn is_linked_by(view: &EntryView, kb: &KbName, change: &EntryChange) -> bool {
    let links_here = match &change.links {
        Some(links) => links.iter().any(|link| is_called(view, &link.kb_name, &link.entry_id)),
        None => true, // It may.
    };
    let names_wanted = || {
        let names = change.aliases.iter().map(|alias| slug::slug(alias));
        names
            .into_iter()
            .any(|name| view.links.iter().any(|link| link.kb_name == *kb && link.entry_id.as_str() == name))
    };
    links_here || names_wanted()
}

impl Live for History {
    fn apply(&mut self, event: &Envelope) -> Applied {
        if concerns(event, &self.entry.kb_name, &self.entry.entry_id) {
            Applied::Stale
        } else {
            Applied::Ignored
        }
    }

    /// All that there are, where all are loaded: what was loaded stays, and what is new comes on top.
    fn extent(&self) -> usize {
        self.next.map_or(usize::MAX, |_| self.versions.len())
    }
}
