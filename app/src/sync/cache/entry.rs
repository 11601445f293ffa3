//! An open entry, kept live. Its text is not in events, so a change of it is always read again.

use super::{Applied, Live};
use crate::protocol::entry::{Entry, EntryView, History};
use crate::protocol::{EntryId, Envelope, Event, KbName};

/// Whether the event is about this entry, or about its whole knowledge base.
fn concerns(event: &Envelope, kb: &KbName, id: &EntryId) -> bool {
    event.kb_name.as_ref() == Some(kb)
        && match &event.event {
            Event::KbCreated(_) | Event::KbDeleted {} => true,
            Event::EntryUpdated(change) if change.previous_id.as_ref() == Some(id) => true,
            Event::EntryCreated(_) | Event::EntryUpdated(_) | Event::EntryDeleted(_) => event.entry_id.as_ref() == Some(id),
            Event::KbUpdated(_) | Event::KbSynced(_) | Event::EntryPurged { .. } => false,
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
        let writes_an_entry = matches!(
            event.event,
            Event::EntryCreated(_) | Event::EntryUpdated(_) | Event::EntryDeleted(_)
        );
        // Any text of the same knowledge base may begin or cease to link here, and events do not say.
        let near = writes_an_entry && event.kb_name.as_ref() == Some(&self.entry.kb_name);
        if near || is_linked(self, event) || concerns(event, &self.entry.kb_name, &self.entry.entry_id) {
            Applied::Stale
        } else {
            Applied::Ignored
        }
    }
}

/// Whether the event is about an entry of whatever knowledge base to which this one links, or which links to it.
fn is_linked(view: &EntryView, event: &Envelope) -> bool {
    let targets = view.links.iter().map(|link| (&link.kb_name, &link.entry_id));
    let sources = view.backlinks.iter().map(|entry| (&entry.kb_name, &entry.entry_id));
    targets.chain(sources).any(|(kb, id)| concerns(event, kb, id))
}

impl Live for History {
    fn apply(&mut self, event: &Envelope) -> Applied {
        if concerns(event, &self.entry.kb_name, &self.entry.entry_id) {
            Applied::Stale
        } else {
            Applied::Ignored
        }
    }
}
