//! Takes jobs off the list.

use crate::domain::Caller;
use crate::domain::mutation::Request;
use crate::error::Error;
use crate::store::{Store, jobs};
use app::protocol::{Code, Event, JobId, Problem, Timestamp};

/// Takes a job off the list that is over. What it has brought stays.
pub async fn dismiss(store: &Store, request: &Request, id: JobId) -> Result<(), Error> {
    let request = request.clone();
    store
        .write(move |tx| {
            Box::pin(async move {
                request.caller.must_read(&id.kb()).map_err(|_| super::not_found(&id))?;
                let job = super::find(tx.connection(), &id).await?.job;
                request.caller.must_write(&job.kb_name)?;
                if job.status.is_active() {
                    let detail = format!("The job is {}. Cancel it first.", job.status.as_str());
                    return Err(Problem::new(Code::JobActive, detail).into());
                }
                jobs::delete(tx, &id).await?;
                tx.emit(request.on_job(&id), Event::JobRemoved { job_id: id.clone() })?;
                Ok(())
            })
        })
        .await
}

/// Forgets jobs that ended before this time.
pub async fn forget(store: &Store, before: Timestamp) -> Result<(), Error> {
    store
        .write(move |tx| {
            Box::pin(async move {
                let request = Request::by(Caller::system());
                for job_id in jobs::delete_ended(tx, before).await? {
                    tx.emit(request.on_job(&job_id), Event::JobRemoved { job_id: job_id.clone() })?;
                }
                Ok(())
            })
        })
        .await
}
