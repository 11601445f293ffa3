//! What a worker says of the job that it works at.

use super::{store_in, touch};
use crate::domain::Caller;
use crate::domain::caller::{Credential, Identity};
use crate::domain::mutation::{Manner, Request};
use crate::domain::notification::{News, kb_changed_in, tell_in};
use crate::error::Error;
use crate::store::{BoxFuture, Store, WriteTx, access, job_items, jobs, people};
use app::protocol::job::{Job, JobKind, JobPhase, JobResult, JobStatus};
use app::protocol::notification::kinds;
use app::protocol::people::Scope;
use app::protocol::{Code, Problem};
use serde_json::json;

/// How work at a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// There is nothing left to do.
    Done,
    /// It was told to end.
    Cancelled,
    /// The server stops, or was stopped.
    Interrupted,
    /// It cannot go on, for this reason.
    Failed(String),
}

/// Takes the job of a lane that waits longest, and says that it is at work.
pub async fn begin_next(store: &Store, lane: jobs::Lane) -> Result<Option<jobs::Stored>, Error> {
    store
        .write(move |tx| {
            Box::pin(async move {
                let Some(mut stored) = jobs::next_queued(tx.connection(), lane).await? else {
                    return Ok(None);
                };
                let job = &mut stored.job;
                job.status = JobStatus::Running;
                job.ahead = None;
                job.started_at = Some(tx.now());
                job.log.clear();
                store_in(tx, &Request::by(Caller::system()), job).await?;
                Ok(Some(stored))
            })
        })
        .await
}

/// Jobs of each lane that are told their place as it changes.
const TOLD: u64 = 20;

/// Tells the first of those that wait how many go before them, where that has changed.
pub async fn tell_places(store: &Store) -> Result<(), Error> {
    store
        .write(|tx| {
            Box::pin(async move {
                let request = Request::by(Caller::system());
                for mut stored in jobs::moved_up(tx.connection(), TOLD).await? {
                    store_in(tx, &request, &mut stored.job).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Says of all jobs that were at work when the server last stopped that they no longer are.
pub async fn interrupt_all(store: &Store) -> Result<(), Error> {
    store
        .write(|tx| {
            Box::pin(async move {
                let request = Request::by(Caller::system());
                for stored in jobs::at_work(tx.connection()).await? {
                    let mut job = stored.job;
                    match job.status {
                        JobStatus::Running => interrupt(&mut job),
                        JobStatus::Cancelling => {
                            job.status = JobStatus::Cancelled;
                            job.phase = JobPhase::Ended;
                            job.ended_at = Some(tx.now());
                        }
                        _ => continue,
                    }
                    store_in(tx, &request, &mut job).await?;
                }
                Ok(())
            })
        })
        .await
}

fn interrupt(job: &mut Job) {
    job.status = JobStatus::Interrupted;
    job.phase = JobPhase::Waiting;
    job.current = None;
}

/// Who a job acts for, with the rights that they have by now.
pub async fn deputy_in(tx: &mut WriteTx, stored: &jobs::Stored) -> Result<Caller, Error> {
    let actor = stored.job.created_by.clone();
    if stored.by_reach {
        return Ok(Caller::by_reach(stored.user.clone(), |_| actor));
    }
    let person = people::find(tx.connection(), &stored.user).await?.filter(|person| !person.removed);
    let Some(person) = person else {
        let detail = format!("{} asked for this job, and is no longer here.", stored.user);
        return Err(Problem::new(Code::Forbidden, detail).into());
    };
    let standing = access::standing_in(tx.connection(), &stored.user, person.role, &stored.job.kb_name).await?;
    let identity = Identity {
        actor,
        user: stored.user.clone(),
        credential: Credential::Job,
        scopes: vec![Scope::Read, Scope::Write],
        only: Some(stored.job.kb_name.clone()),
        expires_at: None,
    };
    Ok(Caller::new(identity, standing))
}

/// Writes as part of a job, in the name of who asked for it, together with how far the job is by that. Returns the job as it
/// is then. Fails where the job is no longer at work, as after its knowledge base was deleted.
pub async fn write<T, F>(store: &Store, stored: &jobs::Stored, job: Job, work: F) -> Result<(T, Job), Error>
where
    T: Send + 'static,
    F: for<'t> FnOnce(&'t mut WriteTx, &'t Request, &'t mut Job) -> BoxFuture<'t, Result<T, Error>> + Send + 'static,
{
    let stored = stored.clone();
    store
        .write(move |tx| {
            Box::pin(async move {
                let mut job = job;
                let now = super::find(tx.connection(), &job.job_id).await?.job;
                job.status = now.status;
                if !matches!(now.status, JobStatus::Running | JobStatus::Cancelling) {
                    return Err(super::not_found(&job.job_id));
                }
                let request = Request {
                    manner: Manner::Import,
                    ..Request::by(deputy_in(tx, &stored).await?)
                };
                request.caller.must_write(&job.kb_name)?;
                let value = work(tx, &request, &mut job).await?;
                touch(&mut job, tx.now());
                jobs::update(tx, &job).await?;
                Ok((value, job))
            })
        })
        .await
}

/// Says that a job begins another phase.
pub async fn enter(store: &Store, mut job: Job, phase: JobPhase) -> Result<Job, Error> {
    store
        .write(move |tx| {
            Box::pin(async move {
                job.status = super::find(tx.connection(), &job.job_id).await?.job.status;
                job.phase = phase;
                store_in(tx, &Request::by(Caller::system()), &mut job).await?;
                Ok(job)
            })
        })
        .await
}

/// Says that work at a job has ended, and tells who asked for it. Nothing where its knowledge base is gone, and it with that.
pub async fn end(store: &Store, stored: &jobs::Stored, mut job: Job, ending: Ending) -> Result<Option<Job>, Error> {
    let stored = stored.clone();
    store
        .write(move |tx| {
            Box::pin(async move {
                if jobs::find(tx.connection(), &job.job_id).await?.is_none() {
                    return Ok(None);
                }
                job.current = None;
                settle(tx, &stored, &mut job, ending).await?;
                // Who may no longer write is told all the same, in the name of the server.
                let caller = deputy_in(tx, &stored).await.unwrap_or_else(|_| Caller::system());
                let request = Request::by(caller);
                store_in(tx, &request, &mut job).await?;
                if job.status != JobStatus::Interrupted {
                    tell(tx, &stored, &request, &job).await?;
                }
                Ok(Some(job))
            })
        })
        .await
}

/// The state in which a job is by how it ended. `completed` only with everything accounted for, and something stored.
async fn settle(tx: &mut WriteTx, stored: &jobs::Stored, job: &mut Job, ending: Ending) -> Result<(), Error> {
    if ending == Ending::Interrupted {
        interrupt(job);
        return Ok(());
    }
    job.phase = JobPhase::Ended;
    job.ended_at = Some(tx.now());
    (job.status, job.error) = match ending {
        Ending::Cancelled | Ending::Interrupted => (JobStatus::Cancelled, None),
        Ending::Failed(why) => (JobStatus::Failed, Some(why)),
        Ending::Done if job.counts.done == 0 => {
            let why = job_items::first_failure(tx, stored.number).await?;
            let why = why.unwrap_or_else(|| nothing_there(job.kind).to_owned());
            (JobStatus::Failed, Some(format!("Nothing was stored. {why}")))
        }
        Ending::Done if job.counts.settled() < job.counts.total => {
            let left = job.counts.total - job.counts.settled();
            (JobStatus::Failed, Some(format!("It ended with {left} items left. Try them again.")))
        }
        Ending::Done => (JobStatus::Completed, None),
    };
    Ok(())
}

fn nothing_there(kind: JobKind) -> &'static str {
    match kind {
        JobKind::Crawl => "There was no page at this address.",
        JobKind::Upload => "There was no file.",
        JobKind::Sync => "There is no markdown file in the folder.",
    }
}

/// Tells who asked for a job that it is over, and who watches the knowledge base what it brought.
async fn tell(tx: &mut WriteTx, stored: &jobs::Stored, request: &Request, job: &Job) -> Result<(), Error> {
    let what = match job.kind {
        JobKind::Crawl => "Crawl",
        JobKind::Upload => "Upload",
        JobKind::Sync => "Sync",
    };
    let news = News {
        kind: kinds::JOB.into(),
        title: match job.status {
            JobStatus::Completed if job.counts.failed > 0 => format!("{what} completed, {} failed", job.counts.failed),
            status => format!("{what} {}", status.as_str()),
        },
        message: match &job.error {
            Some(why) => format!("{}: {why}", job.title),
            None => format!("{}: {}", job.title, brought(&job.result)),
        },
        link: Some(format!("/jobs#{}", job.job_id)),
        data: [
            ("job_id".to_owned(), json!(job.job_id)),
            ("kb_name".to_owned(), json!(job.kb_name)),
            ("status".to_owned(), json!(job.status)),
        ]
        .into_iter()
        .collect(),
        about: String::new(),
        kb: Some(job.kb_name.clone()),
        uid: None,
    };
    // Whoever may no longer read the knowledge base is told nothing of it.
    if stored.by_reach
        || !people::readers_among(tx.connection(), &job.kb_name, std::slice::from_ref(&stored.user))
            .await?
            .is_empty()
    {
        tell_in(tx, request, &stored.user, news).await?;
    }
    let changes = job.result.added + job.result.updated + job.result.removed;
    // A sync has told so itself.
    if changes > 0 && job.kind != JobKind::Sync {
        let deed = format!("imported {changes} changes into {}", job.kb_name);
        kb_changed_in(tx, request, &job.kb_name, &deed, true).await?;
    }
    Ok(())
}

/// What a job has brought, in words.
fn brought(result: &JobResult) -> String {
    let parts = [
        (result.added, "new"),
        (result.updated, "updated"),
        (result.unchanged, "unchanged"),
        (result.removed, "removed"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if parts.is_empty() {
        "nothing new".to_owned()
    } else {
        parts.join(", ")
    }
}
