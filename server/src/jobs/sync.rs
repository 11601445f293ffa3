//! Syncs a folder as a job.

use super::task::Task;
use crate::error::Error;
use crate::store::job_items;
use crate::sync::{self, Moment, SyncError};
use app::protocol::job::{Job, JobPhase};
use app::protocol::{Code, Problem};
use std::ops::ControlFlow;
use std::path::Path;

/// Failures that are stored in one transaction.
const FAILURES: usize = 1_000;

/// Brings the folder in again that the job names.
pub async fn run(task: &Task) -> Result<(), Error> {
    let folder = task.stored.params["folder"].as_str().unwrap_or_default().to_owned();
    let kb = task.stored.job.kb_name.clone();
    task.enter(JobPhase::Writing).await?;
    task.say(format!("Bringing {folder} in"));
    let request = task.write(|_, request, _| Box::pin(async move { Ok(request.clone()) })).await?;
    let look = |moment: Moment| {
        task.count(|job| count(job, &moment));
        match task.is_halted() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    };
    let report = sync::sync_unseen(&task.store, &request, &kb, Path::new(&folder), &look)
        .await
        .map_err(unfit)?;
    let number = task.stored.number;
    for failures in report.failures.chunks(FAILURES) {
        let failures: Vec<(String, String)> = failures.iter().map(|failure| (failure.path.clone(), failure.why.clone())).collect();
        task.write(move |tx, _, _| Box::pin(async move { job_items::add_failed(tx, number, &failures).await }))
            .await?;
    }
    Ok(())
}

fn count(job: &mut Job, moment: &Moment) {
    let counts = moment.report.counts;
    job.counts.total = moment.total;
    job.counts.done = counts.added + counts.updated + counts.unchanged + counts.removed;
    job.counts.failed = counts.failed;
    job.result.added = counts.added;
    job.result.updated = counts.updated;
    job.result.unchanged = counts.unchanged;
    job.result.removed = counts.removed;
}

fn unfit(error: SyncError) -> Error {
    match error {
        SyncError::Store(error) => error,
        other => Problem::new(Code::InvalidValue, other.to_string()).into(),
    }
}
