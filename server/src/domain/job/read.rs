//! Reads jobs.

use super::upload::file_name;
use crate::domain::Caller;
use crate::error::Error;
use crate::store::jobs::Wanted;
use crate::store::{Store, job_items, jobs};
use app::protocol::job::{ItemOutcome, Job, JobItemPage, JobKind, JobPage};
use app::protocol::{JobId, Snapshot};

/// Jobs of the knowledge bases that the caller may read, last asked for first.
pub async fn list(store: &Store, caller: &Caller, wanted: &Wanted, limit: usize) -> Result<Snapshot<JobPage>, Error> {
    if let Some(kb) = &wanted.kb {
        caller.must_read(kb)?;
    }
    let mut tx = store.read().await?;
    let mut found = jobs::page(&mut tx, &caller.readable(), wanted, limit + 1).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| last.number.to_string());
    Ok(Snapshot {
        cursor: tx.cursor(),
        data: JobPage {
            items: found.into_iter().map(|stored| stored.job).collect(),
            next,
        },
    })
}

/// One job. `job_not_found` where the caller may not see it.
pub async fn get(store: &Store, caller: &Caller, id: &JobId) -> Result<Job, Error> {
    caller.must_read(&id.kb()).map_err(|_| super::not_found(id))?;
    Ok(super::find(store.read().await?.connection(), id).await?.job)
}

/// Items of a job, those of one outcome where it is given, after the one of number `after`.
pub async fn items(
    store: &Store,
    caller: &Caller,
    id: &JobId,
    outcome: Option<ItemOutcome>,
    after: i64,
    limit: usize,
) -> Result<JobItemPage, Error> {
    caller.must_read(&id.kb()).map_err(|_| super::not_found(id))?;
    let mut tx = store.read().await?;
    let stored = super::find(tx.connection(), id).await?;
    let mut found = job_items::page(&mut tx, stored.number, outcome, after, limit + 1).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    if stored.job.kind == JobKind::Upload {
        found.iter_mut().for_each(|(_, item)| item.name = file_name(&item.name));
    }
    Ok(JobItemPage {
        next: found.last().filter(|_| more).map(|(number, _)| *number),
        items: found.into_iter().map(|(_, item)| item).collect(),
    })
}

/// The jobs whose uploaded files may still be needed.
pub async fn uploads(store: &Store) -> Result<Vec<JobId>, Error> {
    let all = jobs::of_kind(store.read().await?.connection(), JobKind::Upload).await?;
    let needed = all
        .into_iter()
        .map(|stored| stored.job)
        .filter(|job| job.status.is_active() || job.can_retry());
    Ok(needed.map(|job| job.job_id).collect())
}
