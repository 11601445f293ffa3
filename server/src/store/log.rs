//! The log: durable events in commit order, encoded once, as they are sent.

use super::ReadTx;
use crate::error::Error;
use app::protocol::{Epoch, Seq, Timestamp, Topic};
use sqlx::SqliteConnection;

/// An event of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRecord {
    /// Its place.
    pub seq: Seq,
    /// To whom it is sent.
    pub topic: Topic,
    /// The event as JSON, as it is sent.
    pub frame: String,
}

pub(super) fn seq_from(number: i64) -> Result<Seq, Error> {
    u64::try_from(number)
        .map(Seq::new)
        .map_err(|_| Error::Damaged(format!("sequence number {number}")))
}

pub(super) fn seq_into(seq: Seq) -> i64 {
    i64::try_from(seq.get()).unwrap_or(i64::MAX)
}

/// The epoch, the last event, and the last event that is no longer kept.
pub(super) async fn state(connection: &mut SqliteConnection) -> Result<(Epoch, Seq, Seq), Error> {
    let (epoch, head, floor): (String, i64, i64) = sqlx::query_as("SELECT epoch, head, floor FROM log_state WHERE id = 1")
        .fetch_one(connection)
        .await?;
    Ok((Epoch::parse(&epoch)?, seq_from(head)?, seq_from(floor)?))
}

pub(super) async fn set_head(connection: &mut SqliteConnection, head: Seq) -> Result<(), Error> {
    sqlx::query("UPDATE log_state SET head = ? WHERE id = 1")
        .bind(seq_into(head))
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn append(connection: &mut SqliteConnection, record: &LogRecord, at: Timestamp, kind: &'static str) -> Result<(), Error> {
    sqlx::query("INSERT INTO log (seq, at, topic, kind, frame) VALUES (?, ?, ?, ?, ?)")
        .bind(seq_into(record.seq))
        .bind(at.millis())
        .bind(record.topic.to_string())
        .bind(kind)
        .bind(&record.frame)
        .execute(connection)
        .await?;
    Ok(())
}

/// The last event that is no longer kept: a reader that has seen it, or a later one, misses nothing.
pub async fn floor(tx: &mut ReadTx) -> Result<Seq, Error> {
    Ok(state(tx.connection()).await?.2)
}

fn record((seq, topic, frame): (i64, String, String)) -> Result<LogRecord, Error> {
    let topic: Topic = topic
        .parse()
        .map_err(|e: app::protocol::InvalidTopic| Error::Damaged(e.to_string()))?;
    Ok(LogRecord {
        seq: seq_from(seq)?,
        topic,
        frame,
    })
}

/// Events after `after` up to and with `upto`, oldest first, at most `limit`.
pub async fn after(tx: &mut ReadTx, after: Seq, upto: Seq, limit: usize) -> Result<Vec<LogRecord>, Error> {
    let rows: Vec<(i64, String, String)> =
        sqlx::query_as("SELECT seq, topic, frame FROM log WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?")
            .bind(seq_into(after))
            .bind(seq_into(upto))
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(tx.connection())
            .await?;
    rows.into_iter().map(record).collect()
}

/// The last events, newest first, at most `limit`.
pub async fn latest(tx: &mut ReadTx, limit: usize) -> Result<Vec<LogRecord>, Error> {
    let rows: Vec<(i64, String, String)> = sqlx::query_as("SELECT seq, topic, frame FROM log ORDER BY seq DESC LIMIT ?")
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(tx.connection())
        .await?;
    rows.into_iter().map(record).collect()
}
