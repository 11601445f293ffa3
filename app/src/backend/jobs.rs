//! What pages ask about jobs, and about the log.

use crate::protocol::job::{ItemOutcome, Job, JobItemPage, JobPage, NewCrawl, NewSync};
use crate::protocol::log::{LogFilter, LogPage};
use crate::protocol::{JobId, MutationId, Problem, Snapshot};
use async_trait::async_trait;

/// The part of the server that does what takes a while, as one caller may use it.
#[async_trait]
pub trait JobsBackend: Send + Sync {
    /// A piece of the list of jobs, last asked for first.
    async fn jobs(&self, limit: usize, before: Option<String>) -> Result<Snapshot<JobPage>, Problem>;
    /// The jobs that wait or work.
    async fn active_jobs(&self) -> Result<Snapshot<JobPage>, Problem>;
    /// A piece of the items of a job, those of one outcome where it is given.
    async fn job_items(&self, id: JobId, outcome: Option<ItemOutcome>, limit: usize, after: i64) -> Result<JobItemPage, Problem>;
    /// Has a site crawled.
    async fn crawl(&self, new: NewCrawl, mutation: MutationId) -> Result<Job, Problem>;
    /// Has a folder synced again.
    async fn sync(&self, new: NewSync, mutation: MutationId) -> Result<Job, Problem>;
    /// Ends a job before it is done.
    async fn cancel_job(&self, id: JobId) -> Result<Job, Problem>;
    /// Goes on with a job, or tries again what failed in it.
    async fn retry_job(&self, id: JobId) -> Result<Job, Problem>;
    /// Takes a job off the list.
    async fn dismiss_job(&self, id: JobId) -> Result<(), Problem>;
    /// The last records of the server's log that a filter takes, or those after one.
    async fn logs(&self, filter: LogFilter, limit: usize, after: Option<u64>) -> Result<LogPage, Problem>;
    /// Empties the server's log.
    async fn clear_logs(&self) -> Result<(), Problem>;
}
