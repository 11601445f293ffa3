//! Knowledge bases with their counts, kept live.

use super::{Applied, Live};
use crate::protocol::entry::{Facet, Home, KbSummary, KbView};
use crate::protocol::{Envelope, Event, KbName};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Changes that the home page shows, as many as the server sends.
const RECENT: usize = 30;
/// Types and tags that the server counts for a page; of more it sends the most frequent.
const TYPES: usize = 100;
const TAGS: usize = 200;

impl Live for Home {
    fn apply(&mut self, event: &Envelope) -> Applied {
        if event.event.is_of_rights() {
            return Applied::Stale;
        }
        if !event.event.is_content() {
            return Applied::Ignored;
        }
        self.recent.insert(0, event.clone());
        self.recent.truncate(RECENT);
        // What the caller may do in one that is new is not said.
        if matches!(event.event, Event::KbCreated(_)) {
            return Applied::Stale;
        }
        if let Some(name) = &event.kb_name {
            change_kb(&mut self.kbs, name, event);
        }
        Applied::Patched
    }
}

fn change_kb(kbs: &mut Vec<KbSummary>, name: &KbName, event: &Envelope) {
    let known = kbs.iter().position(|kb| kb.name == *name);
    match (&event.event, known) {
        (Event::KbDeleted {}, Some(at)) => {
            kbs.remove(at);
        }
        (Event::KbUpdated(_), Some(at)) => {
            let mut kb = kbs.remove(at);
            count(&mut kb, event);
            add_kb(kbs, kb);
        }
        (_, Some(at)) => count(&mut kbs[at], event),
        (_, None) => {}
    }
}

/// In the server's order: by title without regard to the case of ASCII letters, then by name.
fn add_kb(kbs: &mut Vec<KbSummary>, kb: KbSummary) {
    let key = |kb: &KbSummary| (kb.title.to_ascii_lowercase(), kb.name.clone());
    let at = kbs.partition_point(|other| key(other) < key(&kb));
    kbs.insert(at, kb);
}

/// Takes an event of this knowledge base into its summary.
fn count(kb: &mut KbSummary, event: &Envelope) {
    match &event.event {
        Event::KbCreated(change) | Event::KbUpdated(change) => {
            kb.title.clone_from(&change.title);
            kb.description.clone_from(&change.description);
        }
        Event::EntryCreated(_) => kb.entries += 1,
        Event::EntryDeleted(_) => kb.entries = kb.entries.saturating_sub(1),
        Event::EntryUpdated(_) => {}
        _ => return,
    }
    kb.updated_at = kb.updated_at.max(event.timestamp);
}

impl Live for KbView {
    fn apply(&mut self, event: &Envelope) -> Applied {
        if event.event.is_of_rights() {
            return Applied::Stale;
        }
        if event.kb_name.as_ref() != Some(&self.kb.name) {
            return Applied::Ignored;
        }
        count(&mut self.kb, event);
        match &event.event {
            Event::KbCreated(_) | Event::KbDeleted {} => Applied::Stale,
            Event::KbUpdated(_) => Applied::Patched,
            Event::KbSynced(_) => Applied::Ignored,
            Event::EntryCreated(change) => {
                let tags: BTreeSet<&String> = change.tags.iter().collect();
                self.trashed = self.trashed.saturating_sub(u64::from(change.trash_id.is_some()));
                let types = one_more(&mut self.types, &change.entry_type, TYPES);
                tags.into_iter()
                    .map(|tag| one_more(&mut self.tags, tag, TAGS))
                    .fold(types, Applied::max)
            }
            // What it was before is not said.
            Event::EntryUpdated(_) => Applied::Stale,
            Event::EntryDeleted(removal) => {
                self.trashed += 1;
                let types = one_less(&mut self.types, &removal.entry_type, TYPES);
                if self.tags.is_empty() { types } else { Applied::Stale }
            }
            Event::EntryPurged { .. } => {
                self.trashed = self.trashed.saturating_sub(1);
                Applied::Patched
            }
            Event::WatchChanged { watching } if event.entry_id.is_none() => {
                self.watching = *watching;
                Applied::Patched
            }
            _ => Applied::Ignored,
        }
    }
}

fn sort(facets: &mut [Facet]) {
    facets.sort_by(|a, b| (Reverse(a.count), &a.value).cmp(&(Reverse(b.count), &b.value)));
}

fn one_more(facets: &mut Vec<Facet>, value: &str, most: usize) -> Applied {
    let has_room = facets.len() < most;
    match facets.iter_mut().find(|facet| facet.value == value) {
        Some(facet) => facet.count += 1,
        None if has_room => {
            let value = value.to_owned();
            facets.push(Facet { value, count: 1 });
        }
        None => return Applied::Stale,
    }
    sort(facets);
    Applied::Patched
}

fn one_less(facets: &mut Vec<Facet>, value: &str, most: usize) -> Applied {
    let was_full = facets.len() >= most;
    let Some(facet) = facets.iter_mut().find(|facet| facet.value == value) else {
        return if was_full { Applied::Ignored } else { Applied::Stale };
    };
    facet.count = facet.count.saturating_sub(1);
    facets.retain(|facet| facet.count > 0);
    sort(facets);
    // Something that was not among the most frequent may be now.
    if was_full { Applied::Stale } else { Applied::Patched }
}
