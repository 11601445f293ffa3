//! Step 1 of a change, for jobs: the workers that carry them out.
//!
//! A job is a row that waits (`domain/job`); a worker takes it, and does it by `crawl`, `upload` or `sync`, each of which says
//! by its `task` what has become of an item, in the transaction that stores what came of it. How far it is goes out by
//! `progress`, at most ten times a second, and what is durable by events of the log.

mod crawl;
mod progress;
mod sync;
mod task;
mod upload;
mod uploads;

use crate::domain::job::{self, Ending};
use crate::domain::mutation::Request;
use crate::error::Error;
use crate::live::Hub;
use crate::store::jobs::Lane;
use crate::store::{Store, jobs};
use app::protocol::frame::Control;
use app::protocol::job::{Job, JobKind, JobStatus};
use app::protocol::{JobId, Problem, Topic};
pub use crawl::Crawler;
use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use task::Task;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
pub use uploads::{Incoming, Uploads};

/// Jobs of each lane that are at work at the same time; the others wait.
pub const WORKERS: usize = 2;
/// How long to wait after the database has failed.
const PAUSE: Duration = Duration::from_secs(2);

/// The jobs of a server. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Jobs {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    store: Store,
    hub: Hub,
    uploads: Uploads,
    crawler: Crawler,
    /// Those that are at work.
    running: Mutex<HashMap<JobId, Running>>,
    /// There may be one that waits.
    asked: Notify,
}

#[derive(Debug)]
struct Running {
    cancel: CancellationToken,
    job: watch::Receiver<Job>,
}

impl Jobs {
    /// The jobs of this database. What is uploaded waits in `uploads`; pages are fetched by `crawler`.
    pub fn new(store: Store, hub: Hub, uploads: Uploads, crawler: Crawler) -> Self {
        Self {
            shared: Arc::new(Shared {
                store,
                hub,
                uploads,
                crawler,
                running: Mutex::default(),
                asked: Notify::new(),
            }),
        }
    }

    /// Where uploaded files are kept.
    pub fn uploads(&self) -> &Uploads {
        &self.shared.uploads
    }

    fn running(&self) -> MutexGuard<'_, HashMap<JobId, Running>> {
        self.shared.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries jobs out until `stop`; those that are at work then are interrupted.
    pub async fn run(self, stop: CancellationToken) {
        let workers = TaskTracker::new();
        for lane in [Lane::Sites, Lane::Files] {
            for _ in 0..WORKERS {
                workers.spawn(self.clone().work(lane, stop.clone()));
            }
        }
        workers.close();
        workers.wait().await;
    }

    /// Says what the last stop has interrupted, and clears up what it has left behind: before anybody can ask for more.
    pub async fn begin(&self) -> Result<(), Error> {
        job::interrupt_all(&self.shared.store).await?;
        self.shared.uploads.sweep(&job::uploads(&self.shared.store).await?).await;
        Ok(())
    }

    /// Deletes the files of jobs that are gone, such as those of a knowledge base that was deleted.
    pub async fn sweep(&self) -> Result<(), Error> {
        self.shared.uploads.sweep_settled(&job::uploads(&self.shared.store).await?).await;
        Ok(())
    }

    async fn work(self, lane: Lane, stop: CancellationToken) {
        while !stop.is_cancelled() {
            // From before it looks, so that nothing is asked for unheard.
            let asked = self.shared.asked.notified();
            let mut asked = pin!(asked);
            asked.as_mut().enable();
            let next = tokio::select! {
                () = stop.cancelled() => return,
                next = job::begin_next(&self.shared.store, lane) => next,
            };
            match next {
                Ok(Some(stored)) => {
                    // Another may wait, for the other worker.
                    self.wake().await;
                    self.carry_out(stored, &stop).await;
                }
                Ok(None) => {
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = asked => {}
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "cannot look for the next job");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Says that a job waits, or waits no longer.
    pub async fn wake(&self) {
        self.shared.asked.notify_waiters();
        // What place they have is news for those that still wait.
        if let Err(error) = job::tell_places(&self.shared.store).await {
            tracing::warn!(%error, "those that wait were not told their places");
        }
    }

    fn tell(&self, job: Job) {
        let topic = Topic::from(&job.job_id);
        let control = Control::JobProgress {
            topic: topic.clone(),
            timestamp: job.updated_at,
            data: Box::new(job),
        };
        self.shared.hub.sample(&topic, &control, self.shared.store.committed());
    }

    async fn carry_out(&self, stored: jobs::Stored, stop: &CancellationToken) {
        let (job, watched) = watch::channel(stored.job.clone());
        let (id, kind) = (stored.job.job_id.clone(), stored.job.kind);
        let cancel = stop.child_token();
        let running = Running {
            cancel: cancel.clone(),
            job: watched.clone(),
        };
        self.running().insert(id.clone(), running);
        tracing::info!(job = %id, kind = kind.as_str(), "a job begins");
        let telling = tokio::spawn({
            let jobs = self.clone();
            progress::sample(watched, move |job| jobs.tell(job))
        });
        let task = Task::new(self.shared.store.clone(), stored.clone(), job, cancel.clone());
        let outcome = match kind {
            JobKind::Crawl => crawl::run(&task, &self.shared.crawler).await,
            JobKind::Sync => sync::run(&task).await,
            JobKind::Upload => upload::run(&task, &self.shared.uploads).await,
        };
        let ending = match outcome {
            _ if stop.is_cancelled() => Ending::Interrupted,
            _ if cancel.is_cancelled() => Ending::Cancelled,
            Ok(()) => Ending::Done,
            Err(error) => Ending::Failed(Problem::from(error).detail),
        };
        let job = task.over();
        // No state of before is told after the last one.
        let _ = telling.await;
        self.shared.hub.forget_sample(&Topic::from(&id));
        self.conclude(&stored, job, ending).await;
        self.running().remove(&id);
        self.wake().await;
    }

    async fn conclude(&self, stored: &jobs::Stored, job: Job, ending: Ending) {
        let id = &stored.job.job_id;
        let is_interrupted = ending == Ending::Interrupted;
        match job::end(&self.shared.store, stored, job, ending).await {
            Ok(Some(job)) => {
                match &job.error {
                    Some(why) => tracing::warn!(job = %id, why, "a job failed"),
                    None => {
                        tracing::info!(job = %id, status = job.status.as_str(), done = job.counts.done, failed = job.counts.failed, "a job ended");
                    }
                }
                if !job.can_retry() {
                    self.shared.uploads.remove(id).await;
                }
            }
            Ok(None) => self.shared.uploads.remove(id).await,
            // It is found at work at the next start, and told to be interrupted then.
            Err(error) if is_interrupted => tracing::warn!(job = %id, %error, "a job was interrupted, which could not be stored"),
            Err(error) => tracing::error!(job = %id, %error, "how a job ended could not be stored"),
        }
    }

    /// Ends a job before it is done.
    pub async fn cancel(&self, request: &Request, id: JobId) -> Result<Job, Error> {
        let job = job::cancel(&self.shared.store, request, id).await?;
        if job.status == JobStatus::Cancelling {
            if let Some(running) = self.running().get(&job.job_id) {
                running.cancel.cancel();
            }
        } else {
            self.shared.hub.forget_sample(&Topic::from(&job.job_id));
            self.wake().await;
        }
        Ok(job)
    }

    /// Goes on with a job, or tries again what failed in it.
    pub async fn retry(&self, request: &Request, id: JobId) -> Result<Job, Error> {
        let job = job::retry(&self.shared.store, request, id).await?;
        self.wake().await;
        Ok(job)
    }

    /// Takes a job off the list.
    pub async fn dismiss(&self, request: &Request, id: JobId) -> Result<(), Error> {
        job::dismiss(&self.shared.store, request, id.clone()).await?;
        self.shared.uploads.remove(&id).await;
        Ok(())
    }

    /// Puts what is only known here into what was read: how far those are that are at work.
    pub fn update(&self, job: &mut Job) {
        if let Some(running) = self.running().get(&job.job_id) {
            let now = running.job.borrow();
            if now.revision > job.revision && job.status.is_active() {
                let status = job.status;
                *job = now.clone();
                // It may have been told to end since.
                job.status = status;
            }
        }
    }
}
