//! Reads the log as a caller may see it.

use super::Caller;
use crate::error::Error;
use crate::store::log::{self, LogRecord};
use crate::store::{ReadTx, Store};
use app::protocol::{Cursor, Envelope, Seq, Topic};

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
            if caller.may_hear(&record.topic) && topics.is_none_or(|topics| topics.contains(&record.topic)) {
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

/// The last events that the caller may see, newest first.
pub async fn recent(tx: &mut ReadTx, caller: &Caller, limit: usize) -> Result<Vec<Envelope>, Error> {
    let records = log::latest(tx, limit.saturating_mul(4)).await?;
    // An event of a newer version, from before a downgrade, is not understood and not shown.
    Ok(records
        .into_iter()
        .filter(|record| caller.may_hear(&record.topic))
        .filter_map(|record| serde_json::from_str(&record.frame).ok())
        .take(limit)
        .collect())
}
