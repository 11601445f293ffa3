//! Jobs and the log: asking for work, watching it, ending it.

use crate::protocol::job::{ItemOutcome, Job, JobItemPage, JobPage, NewCrawl, NewSync};
use crate::protocol::log::{LogFilter, LogPage};
use crate::protocol::{JobId, MutationId, Snapshot};

server_functions! {
    /// A piece of the list of jobs.
    "jobs", jobs: load_jobs(limit: usize, before: Option<String>) -> Snapshot<JobPage>;

    /// The jobs that wait or work.
    "active_jobs", active_jobs: load_active_jobs() -> Snapshot<JobPage>;

    /// A piece of the items of a job.
    "job_items", job_items: load_job_items(id: JobId, outcome: Option<ItemOutcome>, limit: usize, after: i64) -> JobItemPage;

    /// Has a site crawled.
    "crawl", crawl: start_crawl(new: NewCrawl, mutation: MutationId) -> Job;

    /// Has a folder synced again.
    "sync", sync: start_sync(new: NewSync, mutation: MutationId) -> Job;

    /// Ends a job before it is done.
    "cancel_job", cancel_job: cancel_job(id: JobId) -> Job;

    /// Goes on with a job, or tries again what failed in it.
    "retry_job", retry_job: retry_job(id: JobId) -> Job;

    /// Takes a job off the list.
    "dismiss_job", dismiss_job: dismiss_job(id: JobId) -> ();

    /// The last records of the server's log, or those after one.
    "logs", logs: load_logs(filter: LogFilter, limit: usize, after: Option<u64>) -> LogPage;

    /// Empties the server's log.
    "clear_logs", clear_logs: clear_logs() -> ();
}
