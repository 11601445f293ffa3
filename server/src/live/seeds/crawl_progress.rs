//! Seed 004: `/api/crawl-progress/{progress_id}` tells how far a job is: its state at once, and then each newer one.
//!
//! For an id that names no job, or none that one may see, it says `waiting`, and after a while that there is none.

use super::socket::{FAILED, FORBIDDEN, Heard, Over, Socket, is_ping, pong};
use crate::domain::{Caller, job};
use crate::error::Error;
use crate::jobs::Jobs;
use crate::live::hub::Hub;
use crate::live::subscriber::Interest;
use crate::store::Store;
use app::protocol::frame::{Control, close};
use app::protocol::job::{Job, JobStatus};
use app::protocol::{Code, Event, JobId, Problem, Topic};
use axum::extract::ws::WebSocket;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::convert::Infallible;
use std::time::Duration;
use tokio::time::{Instant, interval_at, sleep_until};

/// How often it says that it is still there, whatever the client does.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// Where jobs are, and how long one waits for one that is not there.
#[derive(Debug, Clone)]
pub struct Where {
    /// The database.
    pub store: Store,
    /// Those at work.
    pub jobs: Jobs,
    /// How long an id that nobody knows is waited for.
    pub patience: Duration,
}

/// Serves a socket until it ends.
pub async fn run(socket: WebSocket, hub: Hub, place: Where, caller: Caller, progress_id: String) {
    let id = JobId::parse(&progress_id).ok();
    // Before it is read, so that nothing falls between.
    let topics: HashSet<Topic> = id.iter().map(Topic::from).collect();
    let Some(socket) = Socket::new(socket, hub, &caller, &Interest::Topics(topics)).await else {
        return;
    };
    let mut viewer = Viewer {
        socket,
        place,
        id,
        progress_id,
        revision: 0,
        is_known: false,
    };
    let Err(over) = viewer.serve().await;
    viewer.socket.end(over).await;
}

struct Viewer {
    socket: Socket,
    place: Where,
    id: Option<JobId>,
    /// As it stands in the address.
    progress_id: String,
    /// Of the state that was told last.
    revision: u64,
    is_known: bool,
}

impl Viewer {
    async fn serve(&mut self) -> Result<Infallible, Over> {
        match self.read().await? {
            Some(job) => self.tell(&job).await?,
            None => self.say_waiting().await?,
        }
        let mut heartbeat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
        let given_up = sleep_until(Instant::now() + self.place.patience);
        tokio::pin!(given_up);
        loop {
            tokio::select! {
                _ = heartbeat.tick() => self.socket.send(&json!({"type": "heartbeat"})).await?,
                () = &mut given_up, if !self.is_known => return Err(self.give_up().await?),
                heard = self.socket.next(|_| true) => match heard? {
                    Heard::Text(text) if is_ping(&text) => self.socket.send(&pong()).await?,
                    Heard::Text(_) => {}
                    Heard::News(events, rare) => {
                        for event in events {
                            match event.event {
                                Event::JobCreated(job) | Event::JobUpdated(job) => self.tell(&job).await?,
                                Event::JobRemoved { .. } => return Err(Over::Close(close::GOING_AWAY, "the job was taken off the list")),
                                _ => {}
                            }
                        }
                        let Some(rare) = rare else { continue };
                        for (_, frame) in rare.sampled {
                            if let Ok(Control::JobProgress { data, .. }) = serde_json::from_str(&frame) {
                                self.tell(&data).await?;
                            }
                        }
                        if !rare.resync.is_empty() {
                            self.look_again().await?;
                        }
                    }
                },
            }
        }
    }

    /// The job as it is now; none where there is none that one may see.
    async fn read(&mut self) -> Result<Option<Job>, Over> {
        let Some(id) = self.id.clone() else { return Ok(None) };
        let caller = self.socket.caller();
        match job::get(&self.place.store, &caller, &id).await {
            Ok(mut job) => {
                self.place.jobs.update(&mut job);
                Ok(Some(job))
            }
            Err(Error::Problem(problem))
                if matches!(
                    *problem,
                    Problem {
                        code: Code::JobNotFound,
                        ..
                    }
                ) =>
            {
                Ok(None)
            }
            Err(error) => {
                tracing::error!(%error, "cannot read a job");
                Err(FAILED)
            }
        }
    }

    /// What they may hear has changed.
    async fn look_again(&mut self) -> Result<(), Over> {
        match self.read().await? {
            Some(job) => self.tell(&job).await,
            None if self.is_known => Err(FORBIDDEN),
            None => Ok(()),
        }
    }

    async fn tell(&mut self, job: &Job) -> Result<(), Over> {
        // A state may come twice, as it was read and as it was told; and none is to follow a newer one.
        if self.is_known && job.revision <= self.revision {
            return Ok(());
        }
        (self.is_known, self.revision) = (true, job.revision);
        self.socket.send(&frame(job)).await
    }

    async fn say_waiting(&mut self) -> Result<(), Over> {
        let text = "Waiting for the job to start…";
        let data = json!({"progressId": self.progress_id, "status": "waiting", "percentage": 0, "log": text, "logs": [text]});
        self.socket.send(&json!({"type": "crawl_progress", "data": data})).await
    }

    async fn give_up(&mut self) -> Result<Over, Over> {
        let message = format!("There is no job {}; it may have been taken off the list.", self.progress_id);
        let data = json!({"progressId": self.progress_id, "status": "error", "error": message, "log": message, "logs": [message]});
        self.socket
            .send(&json!({"type": "error", "message": message, "data": data}))
            .await?;
        Ok(Over::Close(close::GOING_AWAY, "there is no such job"))
    }
}

fn frame(job: &Job) -> Value {
    let (kind, status) = match job.status {
        JobStatus::Queued | JobStatus::Interrupted => ("crawl_progress", "waiting"),
        JobStatus::Running | JobStatus::Cancelling => ("crawl_progress", "crawling"),
        JobStatus::Completed => ("crawl_completed", "completed"),
        JobStatus::Failed => ("crawl_failed", "error"),
        JobStatus::Cancelled => ("crawl_cancelled", "cancelled"),
    };
    let mut logs = job.log.clone();
    if job.status == JobStatus::Interrupted {
        logs.push("Interrupted by a restart of the server; it can go on by a retry.".to_owned());
    }
    if logs.is_empty() {
        logs.push(match job.ahead {
            Some(ahead) => format!("Queued; {ahead} go before it."),
            None => format!("{}: {} of {}", job.phase.as_str(), job.counts.settled(), job.counts.total),
        });
    }
    let mut data = json!({
        "progressId": job.job_id,
        "status": status,
        "percentage": job.percent,
        "currentUrl": job.current.as_deref().unwrap_or(&job.title),
        "totalPages": job.counts.total,
        "processedPages": job.counts.settled(),
        "failedPages": job.counts.failed,
        "skippedPages": job.counts.skipped,
        "phase": job.phase,
        "log": logs.last(),
        "logs": logs,
        "start_time": job.started_at.unwrap_or(job.created_at),
        "updated_at": job.updated_at,
    });
    if let Some(ended) = job.ended_at {
        data["completed_at"] = json!(ended);
        data["chunksStored"] = job.result.passages.into();
        data["wordCount"] = job.result.words.into();
    }
    if let Some(error) = &job.error {
        data["error"] = error.as_str().into();
    }
    json!({"type": kind, "data": data})
}
