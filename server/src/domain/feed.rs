//! Reads the log as a caller may see it.

use super::Caller;
use super::caller::Readable;
use crate::error::Error;
use crate::store::log::{self, LogRecord};
use crate::store::{ReadTx, Store, people};
use app::protocol::{Cursor, Envelope, JobId, KbName, Seq, Topic};
use std::collections::HashMap;

/// A piece of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// The events, oldest first.
    pub records: Vec<LogRecord>,
    /// Where to go on from: all up to here was looked at.
    pub cursor: Cursor,
    /// Where the log ends.
    pub head: Seq,
}

/// Records that are looked at, at the most, for one answer.
const SCAN: usize = 10_000;

/// Events after `since`, of these topics, or of all where none are named, at most `limit`. `CursorGone` where the log does not reach so far.
pub async fn since(store: &Store, caller: &Caller, since: Since, topics: Option<&[Topic]>, limit: usize) -> Result<Feed, Error> {
    let mut tx = store.read().await?;
    let Cursor { epoch, seq: head } = tx.cursor();
    let floor = log::floor(&mut tx).await?;
    let may_see = Sight::of(&mut tx, caller).await?;
    let from = match since {
        Since::Beginning => floor,
        Since::Seq(seq) => seq,
        Since::Cursor(cursor) if cursor.epoch == epoch => cursor.seq,
        Since::Cursor(_) => {
            return Err(Error::CursorGone(
                "The log was replaced by a backup. Read everything anew, and go on from that cursor.".into(),
            ));
        }
    };
    if from < floor {
        return Err(Error::CursorGone(format!(
            "The log is kept from event {} on. Read everything anew, and go on from that cursor.",
            floor.next()
        )));
    }
    if from > head {
        return Err(Error::CursorGone(format!(
            "The log ends at event {head}; a cursor cannot be ahead of it."
        )));
    }
    let mut records = Vec::new();
    let mut at = from;
    let mut scanned = 0;
    'read: while scanned < SCAN && at < head {
        let batch = log::after(&mut tx, at, head, 500).await?;
        if batch.is_empty() {
            break;
        }
        scanned += batch.len();
        for record in batch {
            if records.len() == limit {
                break 'read;
            }
            at = record.seq;
            if may_see.allows(&record) && topics.is_none_or(|topics| topics.contains(&record.topic)) {
                records.push(record);
            }
        }
    }
    Ok(Feed {
        records,
        cursor: Cursor { epoch, seq: at },
        head,
    })
}

/// What of the log somebody may see. A knowledge base that was deleted and made anew under its name is another, and so is
/// a person who was removed and came back: what was before is nobody's but the owners'.
struct Sight<'c> {
    caller: &'c Caller,
    since: Option<(HashMap<KbName, Seq>, Seq)>,
}

impl<'c> Sight<'c> {
    async fn of(tx: &mut ReadTx, caller: &'c Caller) -> Result<Self, Error> {
        let since = match caller.readable() {
            Readable::All => None,
            Readable::These(_) => Some(people::since(tx, caller.user()).await?),
        };
        Ok(Self { caller, since })
    }

    fn allows(&self, record: &LogRecord) -> bool {
        let of_kb = |kbs: &HashMap<KbName, Seq>, kb: &KbName| kbs.get(kb).copied().unwrap_or(Seq::ZERO);
        let since = match (&record.topic, &self.since) {
            (Topic::Kb(kb), Some((kbs, _))) => of_kb(kbs, kb),
            (Topic::Job(id), Some((kbs, _))) => JobId::parse(id).map_or(Seq::ZERO, |job| of_kb(kbs, &job.kb())),
            (Topic::User(_), Some((_, own))) => *own,
            _ => Seq::ZERO,
        };
        record.seq >= since && self.caller.may_hear(&record.topic)
    }
}

/// From where on to read: a number where the caller trusts that the log is the same, or a cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Since {
    /// From the first event that is kept.
    Beginning,
    /// After this place.
    Seq(Seq),
    /// After this place of this log.
    Cursor(Cursor),
}

/// Records that are looked at, at the most, for what happened last.
const SCAN_RECENT: usize = 2_000;

/// The last events that the caller may see, newest first.
pub async fn recent(tx: &mut ReadTx, caller: &Caller, limit: usize) -> Result<Vec<Envelope>, Error> {
    let may_see = Sight::of(tx, caller).await?;
    let (mut recent, mut at, mut scanned) = (vec![], tx.cursor().seq, 0);
    while recent.len() < limit && scanned < SCAN_RECENT {
        let records = log::before(tx, at, limit.saturating_mul(4)).await?;
        let Some(oldest) = records.last() else { break };
        scanned += records.len();
        at = oldest.seq.before();
        // An event of a newer version, from before a downgrade, is not understood and not shown.
        let seen = records
            .into_iter()
            .filter(|record| matches!(record.topic, Topic::Kb(_)) && may_see.allows(record))
            .filter_map(|record| serde_json::from_str(&record.frame).ok())
            .filter(|envelope: &Envelope| envelope.event.is_content());
        recent.extend(seen);
    }
    recent.truncate(limit);
    Ok(recent)
}
