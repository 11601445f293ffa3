//! The log: durable events in commit order, encoded once, as they are sent.

use super::ReadTx;
use super::writer::Emitted;
use crate::error::Error;
use app::protocol::{Envelope, Epoch, Event, Seq, Timestamp, Topic};
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
    /// Whether it changes who may hear what, or ends connections.
    pub is_of_access: bool,
}

pub(super) fn seq_from(number: i64) -> Result<Seq, Error> {
    u64::try_from(number)
        .map(Seq::new)
        .map_err(|_| Error::Damaged(format!("sequence number {number}")))
}

pub(super) fn seq_into(seq: Seq) -> i64 {
    i64::try_from(seq.get()).unwrap_or(i64::MAX)
}

macro_rules! last_at {
    () => {
        "coalesce((SELECT at FROM log WHERE seq = head), 0) FROM log_state WHERE id = 1"
    };
}

/// The epoch, the last event, and the last event that is no longer kept.
pub(super) async fn state(connection: &mut SqliteConnection) -> Result<(Epoch, Seq, Seq), Error> {
    let (epoch, head, floor): (String, i64, i64) = sqlx::query_as("SELECT epoch, head, floor FROM log_state WHERE id = 1")
        .fetch_one(connection)
        .await?;
    Ok((Epoch::parse(&epoch)?, seq_from(head)?, seq_from(floor)?))
}

/// Begins a transaction that writes. Returns the epoch, the last event and its time.
pub(super) async fn begin(connection: &mut SqliteConnection) -> Result<(Epoch, Seq, Timestamp), Error> {
    // Statements that go together are handed to SQLite's thread together: the way there and back costs more than they do.
    let (epoch, head, at): (String, i64, i64) = sqlx::query_as(concat!("BEGIN IMMEDIATE; SELECT epoch, head, ", last_at!()))
        .fetch_one(connection)
        .await?;
    Ok((Epoch::parse(&epoch)?, seq_from(head)?, Timestamp::from_millis(at)))
}

/// The time of the last event; 0 where there is none.
pub async fn last_at(tx: &mut ReadTx) -> Result<Timestamp, Error> {
    let at: i64 = sqlx::query_scalar(concat!("SELECT ", last_at!()))
        .fetch_one(tx.connection())
        .await?;
    Ok(Timestamp::from_millis(at))
}

/// Adds events at the end of the log, and commits.
pub(super) async fn commit(connection: &mut SqliteConnection, emitted: &[Emitted], at: Timestamp) -> Result<(), Error> {
    let Some(last) = emitted.last() else {
        sqlx::query("COMMIT").execute(connection).await?;
        return Ok(());
    };
    let rows: Vec<(u64, String, &str, &str)> = emitted
        .iter()
        .map(|Emitted { record, kind }| (record.seq.get(), record.topic.to_string(), *kind, record.frame.as_str()))
        .collect();
    sqlx::query(
        "INSERT INTO log (seq, at, topic, kind, frame)
         SELECT value ->> 0, ?, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?);
         UPDATE log_state SET head = ? WHERE id = 1;
         COMMIT",
    )
    .bind(at.millis())
    .bind(serde_json::to_string(&rows)?)
    .bind(seq_into(last.record.seq))
    .execute(connection)
    .await?;
    Ok(())
}

/// The last event that is no longer kept: a reader that has seen it, or a later one, misses nothing.
pub async fn floor(tx: &mut ReadTx) -> Result<Seq, Error> {
    Ok(state(tx.connection()).await?.2)
}

type Row = (i64, String, String, String);

fn record((seq, topic, kind, frame): Row) -> Result<LogRecord, Error> {
    let topic: Topic = topic
        .parse()
        .map_err(|e: app::protocol::InvalidTopic| Error::Damaged(e.to_string()))?;
    Ok(LogRecord {
        seq: seq_from(seq)?,
        topic,
        frame,
        is_of_access: Event::OF_ACCESS.contains(&kind.as_str()),
    })
}

/// Events after `after` up to and with `upto`, oldest first, at most `limit`.
pub async fn after(tx: &mut ReadTx, after: Seq, upto: Seq, limit: usize) -> Result<Vec<LogRecord>, Error> {
    let rows: Vec<Row> = sqlx::query_as("SELECT seq, topic, kind, frame FROM log WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?")
        .bind(seq_into(after))
        .bind(seq_into(upto))
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(tx.connection())
        .await?;
    rows.into_iter().map(record).collect()
}

/// Events up to and with `upto`, newest first, at most `limit`.
pub async fn before(tx: &mut ReadTx, upto: Seq, limit: usize) -> Result<Vec<LogRecord>, Error> {
    let rows: Vec<Row> = sqlx::query_as("SELECT seq, topic, kind, frame FROM log WHERE seq <= ? ORDER BY seq DESC LIMIT ?")
        .bind(seq_into(upto))
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(tx.connection())
        .await?;
    rows.into_iter().map(record).collect()
}

/// The events after `after` up to and with `upto` that change who may hear what, oldest first. Those of a newer version,
/// from before a downgrade, are not understood and left out.
pub async fn of_access(tx: &mut ReadTx, after: Seq, upto: Seq) -> Result<Vec<Envelope>, Error> {
    // The kinds stand here as they do in the index (migration 0003), so that SQLite takes it.
    let frames: Vec<String> = sqlx::query_scalar(
        "SELECT frame FROM log WHERE seq > ? AND seq <= ? AND kind IN
             ('kb_created', 'kb_deleted', 'kb_access_changed', 'access_changed', 'person_joined', 'person_removed', 'role_changed', 'device_ended', 'token_revoked')
         ORDER BY seq",
    )
    .bind(seq_into(after))
    .bind(seq_into(upto))
    .fetch_all(tx.connection())
    .await?;
    Ok(frames.iter().filter_map(|frame| serde_json::from_str(frame).ok()).collect())
}
