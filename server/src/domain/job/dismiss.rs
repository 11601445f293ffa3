//! Takes jobs off the list.

use crate::domain::Caller;
use crate::domain::mutation::Request;
use crate::error::Error;
use crate::store::{Store, WriteTx, jobs};
use app::protocol::{Code, Event, JobId, Problem, Timestamp};
use std::sync::Arc;

/// Takes a job off the list that is over. What it has brought stays.
pub async fn dismiss(store: &Store, request: &Request, id: JobId) -> Result<(), Error> {
    let request = Arc::new(request.clone());
    loop {
        let (request, id) = (Arc::clone(&request), id.clone());
        let work = store.write(move |tx| {
            Box::pin(async move {
                request.caller.must_read(&id.kb()).map_err(|_| super::not_found(&id))?;
                let job = super::find(tx.connection(), &id).await?.job;
                request.caller.must_write(&job.kb_name)?;
                if job.status.is_active() {
                    let detail = format!("The job is {}. Cancel it first.", job.status.as_str());
                    return Err(Problem::new(Code::JobActive, detail).into());
                }
                remove_piece(tx, &request, &id).await
            })
        });
        if work.await? {
            return Ok(());
        }
    }
}

/// Takes a job off the list, or some of its items where it has many. Whether it is off the list.
async fn remove_piece(tx: &mut WriteTx, request: &Request, id: &JobId) -> Result<bool, Error> {
    let is_gone = jobs::delete_piece(tx, id).await?;
    if is_gone {
        tx.emit(request.on_job(id), Event::JobRemoved { job_id: id.clone() })?;
    }
    Ok(is_gone)
}

/// Forgets jobs that ended before this time.
pub async fn forget(store: &Store, before: Timestamp) -> Result<(), Error> {
    loop {
        let ids = jobs::ended(&mut store.read().await?, before).await?;
        if ids.is_empty() {
            return Ok(());
        }
        for id in ids {
            loop {
                let id = id.clone();
                let work = store.write(move |tx| Box::pin(async move { remove_piece(tx, &Request::by(Caller::system()), &id).await }));
                if work.await? {
                    break;
                }
            }
        }
    }
}
