//! Jobs: what was asked for, and how far it is.

use super::{ReadTx, WriteTx};
use crate::domain::caller::Readable;
use crate::error::Error;
use app::protocol::job::{Job, JobCounts, JobKind, JobPhase, JobStatus};
use app::protocol::{Actor, JobId, KbName, Timestamp, UserId};
use serde_json::Value;
use sqlx::SqliteConnection;

/// A job as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// Its number: a later one has a higher number.
    pub number: i64,
    /// What others are told of it.
    pub job: Job,
    /// Whose rights it has.
    pub user: UserId,
    /// Whether these are an owner's because the server asks nobody who they are.
    pub by_reach: bool,
    /// What it was asked for.
    pub params: Value,
}

#[derive(sqlx::FromRow)]
struct Row {
    job_no: i64,
    job_id: String,
    kb_name: String,
    kind: String,
    title: String,
    status: String,
    phase: String,
    done: i64,
    failed: i64,
    skipped: i64,
    total: i64,
    percent: i64,
    attempt: i64,
    revision: i64,
    created_at: i64,
    started_at: Option<i64>,
    updated_at: i64,
    ended_at: Option<i64>,
    actor: String,
    user_id: String,
    reach: bool,
    error: Option<String>,
    result: String,
    log: String,
    params: String,
    ahead: i64,
}

fn damaged(what: &str, text: &str) -> Error {
    Error::Damaged(format!("the {what} {text:?} of a job"))
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl TryFrom<Row> for Stored {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        let params: Value = serde_json::from_str(&row.params)?;
        let status = JobStatus::parse(&row.status).ok_or_else(|| damaged("status", &row.status))?;
        let job = Job {
            job_id: JobId::parse(&row.job_id)?,
            kb_name: KbName::parse(&row.kb_name)?,
            kind: JobKind::parse(&row.kind).ok_or_else(|| damaged("kind", &row.kind))?,
            title: row.title,
            status,
            phase: JobPhase::parse(&row.phase).ok_or_else(|| damaged("phase", &row.phase))?,
            counts: JobCounts {
                done: count(row.done),
                failed: count(row.failed),
                skipped: count(row.skipped),
                total: count(row.total),
                // What a crawl keeps to: it finds its items on the way.
                most: params["max_pages"].as_u64().unwrap_or(0),
            },
            percent: u8::try_from(row.percent).unwrap_or(100),
            current: None,
            result: serde_json::from_str(&row.result).unwrap_or_default(),
            error: row.error,
            log: serde_json::from_str(&row.log)?,
            attempt: u32::try_from(row.attempt).unwrap_or(u32::MAX),
            ahead: (status == JobStatus::Queued).then(|| count(row.ahead)),
            revision: count(row.revision),
            created_at: Timestamp::from_millis(row.created_at),
            created_by: row.actor.parse::<Actor>()?,
            started_at: row.started_at.map(Timestamp::from_millis),
            updated_at: Timestamp::from_millis(row.updated_at),
            ended_at: row.ended_at.map(Timestamp::from_millis),
        };
        Ok(Self {
            number: row.job_no,
            job,
            user: UserId::parse(&row.user_id)?,
            by_reach: row.reach,
            params,
        })
    }
}

/// What jobs wait for. Each has workers of its own: a crawl that waits for its site keeps nobody's files waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Others: crawls.
    Sites,
    /// This machine alone: files that were sent, and folders.
    Files,
}

impl Lane {
    /// Where jobs of this kind wait.
    pub fn of(kind: JobKind) -> Self {
        match kind {
            JobKind::Crawl => Self::Sites,
            JobKind::Upload | JobKind::Sync => Self::Files,
        }
    }
}

/// All columns, and how many wait before it in its lane.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT job_no, job_id, kb_name, kind, title, status, phase, done, failed, skipped, total, percent, attempt, revision,
                 created_at, started_at, updated_at, ended_at, actor, user_id, reach, error, result, log, params,
                 CASE WHEN j.status = 'queued' THEN (SELECT count(*) FROM jobs o WHERE o.status = 'queued'
                         AND (o.kind = 'crawl') = (j.kind = 'crawl') AND (o.queued_at, o.job_no) < (j.queued_at, j.job_no))
                     ELSE 0 END AS ahead
             FROM jobs j ",
            $rest
        )
    };
}

/// Adds a job that waits for a worker. Its number is given to it.
pub async fn insert(tx: &mut WriteTx, new: &Stored) -> Result<i64, Error> {
    let job = &new.job;
    let id = sqlx::query_scalar(
        "INSERT INTO job_rows (job_id, kb_name, kind, title, status, phase, total, revision, created_at, queued_at, updated_at, actor, user_id, reach, params, result)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING job_no",
    )
    .bind(job.job_id.as_str())
    .bind(job.kb_name.as_str())
    .bind(job.kind.as_str())
    .bind(&job.title)
    .bind(job.status.as_str())
    .bind(job.phase.as_str())
    .bind(number(job.counts.total))
    .bind(number(job.revision))
    .bind(job.created_at.millis())
    .bind(job.created_at.millis())
    .bind(job.updated_at.millis())
    .bind(job.created_by.to_string())
    .bind(new.user.as_str())
    .bind(new.by_reach)
    .bind(new.params.to_string())
    .bind(serde_json::to_string(&job.result)?)
    .fetch_one(tx.connection())
    .await?;
    Ok(id)
}

/// Writes what has become of a job. Queued again, it goes to the end of those that wait.
pub async fn update(tx: &mut WriteTx, job: &Job) -> Result<(), Error> {
    sqlx::query(
        "UPDATE job_rows SET status = ?, phase = ?, done = ?, failed = ?, skipped = ?, total = ?, percent = ?, attempt = ?, revision = ?,
             told_ahead = ?, queued_at = CASE WHEN ? = 'queued' AND status <> 'queued' THEN ? ELSE queued_at END,
             started_at = ?, updated_at = ?, ended_at = ?, error = ?, result = ?, log = ? WHERE job_id = ?",
    )
    .bind(job.status.as_str())
    .bind(job.phase.as_str())
    .bind(number(job.counts.done))
    .bind(number(job.counts.failed))
    .bind(number(job.counts.skipped))
    .bind(number(job.counts.total))
    .bind(i64::from(job.percent))
    .bind(i64::from(job.attempt))
    .bind(number(job.revision))
    .bind(job.ahead.map(number))
    .bind(job.status.as_str())
    .bind(job.updated_at.millis())
    .bind(job.started_at.map(Timestamp::millis))
    .bind(job.updated_at.millis())
    .bind(job.ended_at.map(Timestamp::millis))
    .bind(job.error.as_deref())
    .bind(serde_json::to_string(&job.result)?)
    .bind(serde_json::to_string(&job.log)?)
    .bind(job.job_id.as_str())
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Changes what a job is about.
pub async fn put_params(tx: &mut WriteTx, job_no: i64, params: &Value) -> Result<(), Error> {
    sqlx::query("UPDATE job_rows SET params = ? WHERE job_no = ?")
        .bind(params.to_string())
        .bind(job_no)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// The job with this id.
pub async fn find(connection: &mut SqliteConnection, id: &JobId) -> Result<Option<Stored>, Error> {
    let row: Option<Row> = sqlx::query_as(select!("WHERE job_id = ?"))
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?;
    row.map(Stored::try_from).transpose()
}

/// The job of a lane that waits longest.
pub async fn next_queued(connection: &mut SqliteConnection, lane: Lane) -> Result<Option<Stored>, Error> {
    let row: Option<Row> = sqlx::query_as(select!(
        "WHERE status = 'queued' AND (kind = 'crawl') = ? ORDER BY queued_at, job_no LIMIT 1"
    ))
    .bind(lane == Lane::Sites)
    .fetch_optional(connection)
    .await?;
    row.map(Stored::try_from).transpose()
}

/// How many jobs wait in a lane.
pub async fn waiting(connection: &mut SqliteConnection, lane: Lane) -> Result<u64, Error> {
    let waiting: i64 = sqlx::query_scalar("SELECT count(*) FROM jobs WHERE status = 'queued' AND (kind = 'crawl') = ?")
        .bind(lane == Lane::Sites)
        .fetch_one(connection)
        .await?;
    Ok(count(waiting))
}

/// How many jobs of this person wait, and how many of all.
pub async fn waiting_for(connection: &mut SqliteConnection, user: &UserId) -> Result<(u64, u64), Error> {
    let (of_person, of_all): (i64, i64) =
        sqlx::query_as("SELECT coalesce(sum(user_id = ?), 0), count(*) FROM jobs WHERE status = 'queued'")
            .bind(user.as_str())
            .fetch_one(connection)
            .await?;
    Ok((count(of_person), count(of_all)))
}

/// Of the first that wait in each lane, those of which another number was told last that go before them. Those behind them are
/// told when they come near.
pub async fn moved_up(connection: &mut SqliteConnection, first: u64) -> Result<Vec<Stored>, Error> {
    let rows: Vec<Row> = sqlx::query_as(select!(
        "WHERE job_no IN (
             SELECT job_no FROM (SELECT job_no, told_ahead, row_number() OVER (PARTITION BY kind = 'crawl' ORDER BY queued_at, job_no) - 1 AS place
                                 FROM jobs WHERE status = 'queued')
             WHERE place < ? AND told_ahead IS NOT place)
         ORDER BY queued_at, job_no"
    ))
    .bind(number(first))
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Stored::try_from).collect()
}

/// The jobs that are at work, or were when the server stopped.
pub async fn at_work(connection: &mut SqliteConnection) -> Result<Vec<Stored>, Error> {
    let rows: Vec<Row> = sqlx::query_as(select!("WHERE status IN ('running', 'cancelling') ORDER BY job_no"))
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(Stored::try_from).collect()
}

/// A job of this kind that waits or works for a knowledge base.
pub async fn active_of(connection: &mut SqliteConnection, kb: &KbName, kind: JobKind) -> Result<Option<Stored>, Error> {
    let row: Option<Row> = sqlx::query_as(select!(
        "WHERE kb_name = ? AND kind = ? AND status IN ('queued', 'running', 'cancelling') ORDER BY job_no LIMIT 1"
    ))
    .bind(kb.as_str())
    .bind(kind.as_str())
    .fetch_optional(connection)
    .await?;
    row.map(Stored::try_from).transpose()
}

/// All jobs of this kind.
pub async fn of_kind(connection: &mut SqliteConnection, kind: JobKind) -> Result<Vec<Stored>, Error> {
    let rows: Vec<Row> = sqlx::query_as(select!("WHERE kind = ? ORDER BY job_no"))
        .bind(kind.as_str())
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(Stored::try_from).collect()
}

/// Which jobs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Those of one knowledge base.
    pub kb: Option<KbName>,
    /// Those that wait or work.
    pub active: bool,
    /// Those asked for before the one of this number.
    pub before: Option<i64>,
}

/// The jobs of these knowledge bases, last asked for first, at most `limit`.
pub async fn page(tx: &mut ReadTx, readable: &Readable, wanted: &Wanted, limit: usize) -> Result<Vec<Stored>, Error> {
    let these = match readable {
        Readable::All => None,
        Readable::These(names) => Some(serde_json::to_string(names)?),
    };
    let rows: Vec<Row> = sqlx::query_as(select!(
        "WHERE job_no < ? AND (? IS NULL OR kb_name = ?) AND (? IS NULL OR kb_name IN (SELECT value FROM json_each(?)))
             AND (NOT ? OR status IN ('queued', 'running', 'cancelling')) ORDER BY job_no DESC LIMIT ?"
    ))
    .bind(wanted.before.unwrap_or(i64::MAX))
    .bind(wanted.kb.as_ref().map(KbName::as_str))
    .bind(wanted.kb.as_ref().map(KbName::as_str))
    .bind(these.as_deref())
    .bind(these.as_deref().unwrap_or("[]"))
    .bind(wanted.active)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(Stored::try_from).collect()
}

/// Items that are deleted in one piece.
const PIECE: i64 = 5_000;

/// Deletes some of a job's items. Whether more may be left.
pub async fn delete_items(tx: &mut WriteTx, id: &JobId) -> Result<bool, Error> {
    let deleted = sqlx::query(
        "DELETE FROM job_items WHERE rowid IN
             (SELECT i.rowid FROM job_items i JOIN job_rows j ON j.job_no = i.job_no WHERE j.job_id = ? LIMIT ?)",
    )
    .bind(id.as_str())
    .bind(PIECE)
    .execute(tx.connection())
    .await?;
    Ok(deleted.rows_affected() >= PIECE as u64)
}

/// Takes a job off the list, with what items it has left.
pub async fn delete(tx: &mut WriteTx, id: &JobId) -> Result<(), Error> {
    sqlx::query("DELETE FROM job_rows WHERE job_id = ?")
        .bind(id.as_str())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Some of the jobs that ended before this time.
pub async fn ended(tx: &mut ReadTx, before: Timestamp) -> Result<Vec<JobId>, Error> {
    let ids: Vec<String> = sqlx::query_scalar(
        "SELECT job_id FROM jobs WHERE status NOT IN ('queued', 'running', 'cancelling') AND coalesce(ended_at, updated_at) < ? LIMIT 50",
    )
    .bind(before.millis())
    .fetch_all(tx.connection())
    .await?;
    ids.iter().map(|id| Ok(JobId::parse(id)?)).collect()
}
