//! Ends a job before it is done.

use super::store_in;
use crate::domain::mutation::{self, Request};
use crate::error::Error;
use crate::store::Store;
use app::protocol::job::{Job, JobPhase, JobStatus};
use app::protocol::{Code, JobId, Problem};

/// Has a job end. One that is at work is `cancelling` until its worker has heard of it; what it has done stays.
pub async fn cancel(store: &Store, request: &Request, id: JobId) -> Result<Job, Error> {
    super::must_change(&request.caller, &id)?;
    let of = request.clone();
    mutation::once(store, request, "job.cancel", &id.clone(), move |tx| {
        Box::pin(async move {
            let mut job = super::find(tx.connection(), &id).await?.job;
            match job.status {
                JobStatus::Running => job.status = JobStatus::Cancelling,
                JobStatus::Queued | JobStatus::Interrupted => {
                    job.status = JobStatus::Cancelled;
                    job.phase = JobPhase::Ended;
                    job.ahead = None;
                    job.ended_at = Some(tx.now());
                }
                JobStatus::Cancelling => {
                    return Err(Problem::new(Code::JobOver, "The job was told to end already, and ends.").into());
                }
                JobStatus::Completed | JobStatus::Failed | JobStatus::Cancelled => {
                    let detail = format!("The job is {} already, so it cannot be cancelled.", job.status.as_str());
                    return Err(Problem::new(Code::JobOver, detail).into());
                }
            }
            store_in(tx, &of, &mut job).await?;
            Ok(job)
        })
    })
    .await
}
