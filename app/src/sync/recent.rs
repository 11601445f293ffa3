//! Step 7, memory: the last events of this session, for reads whose answer was on its way while they arrived. Pure.

use crate::protocol::{Cursor, Envelope};
use std::collections::VecDeque;
use std::sync::Arc;

/// How many events are kept.
const EVENTS: usize = 1_000;

/// The events since some place in the log, without a gap.
#[derive(Debug, Default)]
pub struct Recent {
    /// All events behind this place that concern this tab are here. None before the session knows where it is.
    floor: Option<Cursor>,
    events: VecDeque<Arc<Envelope>>,
}

impl Recent {
    /// Forgets all, and begins anew at this place.
    pub fn begin(&mut self, floor: Option<Cursor>) {
        self.floor = floor;
        self.events.clear();
    }

    /// Adds events that follow those that are here.
    pub fn push(&mut self, events: &[Arc<Envelope>]) {
        self.events.extend(events.iter().cloned());
        while self.events.len() > EVENTS {
            if let (Some(event), Some(floor)) = (self.events.pop_front(), &mut self.floor) {
                floor.seq = event.seq;
            }
        }
    }

    /// The events behind a place. None where they are not known: it is of another log, or too long ago.
    pub fn since(&self, cursor: &Cursor) -> Option<impl Iterator<Item = &Arc<Envelope>>> {
        let known = self
            .floor
            .as_ref()
            .is_none_or(|floor| floor.epoch == cursor.epoch && floor.seq <= cursor.seq);
        let from = self.events.partition_point(|event| event.seq <= cursor.seq);
        known.then(|| self.events.range(from..))
    }

    /// Whether a place is of the log that this session follows, as far as it knows.
    pub fn is_of_this_log(&self, cursor: &Cursor) -> bool {
        self.floor.as_ref().is_none_or(|floor| floor.epoch == cursor.epoch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Actor, Epoch, Event, Seq, Timestamp, Topic};

    fn cursor(epoch: &str, seq: u64) -> Cursor {
        Cursor {
            epoch: Epoch::parse(epoch).unwrap(),
            seq: Seq::new(seq),
        }
    }

    fn event(seq: u64) -> Arc<Envelope> {
        Arc::new(Envelope {
            event: Event::KbDeleted {},
            seq: Seq::new(seq),
            timestamp: Timestamp::from_millis(0),
            topic: Topic::System,
            kb_name: None,
            entry_id: None,
            actor: Actor::System,
            mutation_id: None,
        })
    }

    fn seqs(recent: &Recent, from: &Cursor) -> Option<Vec<u64>> {
        recent.since(from).map(|events| events.map(|event| event.seq.get()).collect())
    }

    #[test]
    fn events_are_told_from_every_place_that_is_remembered() {
        let mut recent = Recent::default();
        assert_eq!(
            seqs(&recent, &cursor("k", 1)),
            Some(vec![]),
            "before the session began, nothing can be missing"
        );
        recent.begin(Some(cursor("k", 5)));
        recent.push(&[event(7), event(8), event(11)]);
        assert_eq!(seqs(&recent, &cursor("k", 5)), Some(vec![7, 8, 11]));
        assert_eq!(seqs(&recent, &cursor("k", 9)), Some(vec![11]));
        assert_eq!(seqs(&recent, &cursor("k", 20)), Some(vec![]));
        assert_eq!(seqs(&recent, &cursor("k", 4)), None);
        assert_eq!(seqs(&recent, &cursor("other", 9)), None);
    }

    #[test]
    fn what_is_forgotten_is_not_told_as_if_it_were_all() {
        let mut recent = Recent::default();
        recent.begin(Some(cursor("k", 0)));
        (1..=EVENTS as u64 + 10).for_each(|seq| recent.push(&[event(seq)]));
        assert_eq!(seqs(&recent, &cursor("k", 9)), None);
        assert_eq!(seqs(&recent, &cursor("k", 10)).map(|seqs| seqs.len()), Some(EVENTS));
        recent.begin(Some(cursor("k", 2_000)));
        assert_eq!(seqs(&recent, &cursor("k", 1_500)), None);
    }
}
