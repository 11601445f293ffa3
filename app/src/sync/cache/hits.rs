//! What a search over all knowledge bases found, kept live.

use super::{Applied, Live};
use crate::protocol::entry::SearchHit;
use crate::protocol::{Envelope, Event};

impl Live for Vec<SearchHit> {
    fn apply(&mut self, event: &Envelope) -> Applied {
        let (kb, id) = (event.kb_name.as_ref(), event.entry_id.as_ref());
        let before = self.len();
        match &event.event {
            Event::KbDeleted {} => self.retain(|hit| Some(&hit.row.kb_name) != kb),
            Event::EntryDeleted(_) => self.retain(|hit| Some(&hit.row.kb_name) != kb || Some(&hit.row.entry_id) != id),
            // Only the server knows what a search finds.
            Event::KbUpdated(_) | Event::EntryCreated(_) | Event::EntryUpdated(_) => return Applied::Stale,
            event if event.is_of_rights() => return Applied::Stale,
            _ => return Applied::Ignored,
        }
        match before - self.len() {
            0 => Applied::Ignored,
            // One that had no place before may have one now.
            _ => Applied::Stale,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::entry::EntryRow;
    use crate::protocol::event::EntryRemoval;
    use crate::protocol::people::Level;
    use crate::protocol::{Actor, EntryId, KbName, Seq, Timestamp, Version};

    fn hit(kb: &str, id: &str) -> SearchHit {
        SearchHit {
            row: EntryRow {
                kb_name: KbName::parse(kb).unwrap(),
                entry_id: EntryId::parse(id).unwrap(),
                title: id.into(),
                entry_type: "note".into(),
                tags: vec![],
                version: Version::FIRST,
                created_at: Timestamp::from_millis(0),
                updated_at: Timestamp::from_millis(0),
                updated_by: Actor::System,
                snippet: None,
                anchor: None,
            },
            kb_title: kb.into(),
        }
    }

    fn event(kb: &str, id: Option<&str>, event: Event) -> Envelope {
        Envelope {
            seq: Seq::new(1),
            topic: format!("kb:{kb}").parse().unwrap(),
            timestamp: Timestamp::from_millis(1),
            actor: Actor::System,
            mutation_id: None,
            kb_name: Some(KbName::parse(kb).unwrap()),
            entry_id: id.map(|id| EntryId::parse(id).unwrap()),
            event,
        }
    }

    #[test]
    fn what_is_gone_goes_and_what_only_the_server_knows_is_asked_for() {
        let mut hits = vec![hit("notes", "one"), hit("vault", "one"), hit("vault", "two")];
        let removal = EntryRemoval {
            title: "one".into(),
            entry_type: "note".into(),
            version: Version::FIRST,
            trash_id: 1,
        };
        let deleted = event("notes", Some("one"), Event::EntryDeleted(removal));
        assert_eq!(hits.apply(&deleted), Applied::Stale);
        assert_eq!(hits.len(), 2, "the entry of another knowledge base stays");
        assert_eq!(hits.apply(&deleted), Applied::Ignored);
        let closed = event("vault", None, Event::AccessChanged { level: Some(Level::None) });
        assert_eq!(hits.apply(&closed), Applied::Stale);
        assert_eq!(hits.apply(&event("vault", None, Event::KbDeleted {})), Applied::Stale);
        assert!(hits.is_empty());
    }
}
