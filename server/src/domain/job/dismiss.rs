//! Takes jobs off the list.

use crate::domain::Caller;
use crate::domain::mutation::{self, Request};
use crate::error::Error;
use crate::store::{Store, WriteTx, jobs};
use app::protocol::{Code, Event, JobId, Problem, Timestamp};

/// Takes a job off the list that is over. What it has brought stays.
pub async fn dismiss(store: &Store, request: &Request, id: JobId) -> Result<(), Error> {
    super::must_change(&request.caller, &id)?;
    shrink(store, &id).await?;
    let of = request.clone();
    mutation::once(store, request, "job.dismiss", &id.clone(), move |tx| {
        Box::pin(async move {
            let job = super::find(tx.connection(), &id).await?.job;
            if job.status.is_active() {
                let detail = format!("The job is {}. Cancel it first.", job.status.as_str());
                return Err(Problem::new(Code::JobActive, detail).into());
            }
            remove_in(tx, &of, &id).await
        })
    })
    .await
}

/// Deletes the items of a job that is over, some at a time, until few are left.
async fn shrink(store: &Store, id: &JobId) -> Result<(), Error> {
    loop {
        let id = id.clone();
        let more = store.write(move |tx| {
            Box::pin(async move {
                match jobs::find(tx.connection(), &id).await? {
                    Some(stored) if !stored.job.status.is_active() => jobs::delete_items(tx, &id).await,
                    _ => Ok(false),
                }
            })
        });
        if !more.await? {
            return Ok(());
        }
    }
}

async fn remove_in(tx: &mut WriteTx, request: &Request, id: &JobId) -> Result<(), Error> {
    jobs::delete(tx, id).await?;
    tx.emit(request.on_job(id), Event::JobRemoved { job_id: id.clone() })?;
    Ok(())
}

/// Forgets jobs that ended before this time.
pub async fn forget(store: &Store, before: Timestamp) -> Result<(), Error> {
    loop {
        let ids = jobs::ended(&mut store.read().await?, before).await?;
        if ids.is_empty() {
            return Ok(());
        }
        for id in ids {
            shrink(store, &id).await?;
            store
                .write(move |tx| Box::pin(async move { remove_in(tx, &Request::by(Caller::system()), &id).await }))
                .await?;
        }
    }
}
