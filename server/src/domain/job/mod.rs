//! Jobs: asking for them, watching them, ending them, and what a worker says of them. A file for each verb.

mod cancel;
mod crawl;
mod dismiss;
mod read;
mod retry;
mod start;
mod sync;
mod upload;
mod work;

pub use cancel::cancel;
pub use crawl::{Plan, crawl};
pub use dismiss::{dismiss, forget};
pub use read::{get, items, list, uploads};
pub use retry::retry;
pub use start::{New, start_in};
pub use sync::sync;
pub use upload::{INSIDE, Received, file_name, upload};
pub use work::{Ending, begin_next, deputy_in, end, enter, interrupt_all, tell_places, write};

use crate::domain::Caller;
use crate::domain::mutation::{Answer, Request};
use crate::error::Error;
use crate::store::{WriteTx, jobs};
use app::protocol::job::Job;
use app::protocol::{Code, Event, JobId, Problem, Seq, Timestamp};
use sqlx::SqliteConnection;

/// The job with this id, whoever asks.
async fn find(connection: &mut SqliteConnection, id: &JobId) -> Result<jobs::Stored, Error> {
    jobs::find(connection, id).await?.ok_or_else(|| not_found(id))
}

/// Refuses who may not change this job; for whom it is as if it did not exist, it is not found.
fn must_change(caller: &Caller, id: &JobId) -> Result<(), Error> {
    let kb = id.kb();
    caller.must_read(&kb).map_err(|_| not_found(id))?;
    caller.must_write(&kb)
}

/// A job is answered as it is by then.
impl Answer for Job {
    type Kept = JobId;

    async fn keep(&self, _: &mut WriteTx) -> Result<JobId, Error> {
        Ok(self.job_id.clone())
    }

    async fn again(id: JobId, tx: &mut WriteTx) -> Result<Self, Error> {
        Ok(find(tx.connection(), &id).await?.job)
    }
}

fn not_found(id: &JobId) -> Error {
    Problem::new(
        Code::JobNotFound,
        format!("There is no job {id}; it may have been taken off the list."),
    )
    .into()
}

/// Says that a job has changed just now.
pub fn touch(job: &mut Job, now: Timestamp) {
    job.updated_at = now.max(job.updated_at);
    // By the clock, so that it goes on growing over a restart, with which what was not stored is lost.
    job.revision = (job.revision + 1).max(u64::try_from(now.millis()).unwrap_or(0));
    job.count_percent();
}

/// Stores a job as it is now, and tells of it.
async fn store_in(tx: &mut WriteTx, request: &Request, job: &mut Job) -> Result<Seq, Error> {
    touch(job, tx.now());
    jobs::update(tx, job).await?;
    tx.emit(request.on_job(&job.job_id), Event::JobUpdated(Box::new(job.clone())))
}
