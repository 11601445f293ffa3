//! Tells how far a job is: the latest state, at most ten times a second.

use app::protocol::job::Job;
use app::protocol::limits;
use tokio::sync::watch;

/// Hands each state of a job to `tell`, but those that are overtaken within the interval. Over when nobody works at it any
/// longer; the last state is in the log then.
pub async fn sample(mut job: watch::Receiver<Job>, tell: impl Fn(Job)) {
    while job.changed().await.is_ok() {
        let now = job.borrow_and_update().clone();
        tell(now);
        tokio::time::sleep(limits::JOB_PROGRESS).await;
    }
}
