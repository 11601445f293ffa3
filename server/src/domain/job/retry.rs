//! Goes on with a job, or tries again what failed in it.

use super::start::check_queue;
use super::store_in;
use crate::domain::mutation::{self, Request};
use crate::error::Error;
use crate::store::{Store, job_items, jobs};
use app::protocol::job::{Job, JobPhase, JobStatus};
use app::protocol::{Code, JobId, Problem};

/// Puts a job that is over, or was interrupted, at the end of those that wait: for what nothing became of yet, and what
/// failed. What it has brought stays, and is not done again.
pub async fn retry(store: &Store, request: &Request, id: JobId) -> Result<Job, Error> {
    super::must_change(&request.caller, &id)?;
    let of = request.clone();
    mutation::once(store, request, "job.retry", &id.clone(), move |tx| {
        Box::pin(async move {
            let stored = super::find(tx.connection(), &id).await?;
            let mut job = stored.job;
            if !job.can_retry() {
                let detail = match job.status.is_active() {
                    true => format!("The job is {} and needs no retry.", job.status.as_str()),
                    false => "Nothing in this job failed, so there is nothing to try again.".to_owned(),
                };
                return Err(Problem::new(Code::NothingToRetry, detail).into());
            }
            check_queue(tx, of.caller.user()).await?;
            job_items::retry_failed(tx, stored.number).await?;
            job.counts.failed = 0;
            job.status = JobStatus::Queued;
            job.phase = JobPhase::Waiting;
            job.attempt += 1;
            job.percent = 0;
            job.error = None;
            job.ended_at = None;
            job.ahead = Some(jobs::waiting(tx.connection(), jobs::Lane::of(job.kind)).await?);
            store_in(tx, &of, &mut job).await?;
            Ok(job)
        })
    })
    .await
}
