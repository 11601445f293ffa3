//! Asks for a job.

use super::touch;
use crate::domain::caller::Credential;
use crate::domain::mutation::Request;
use crate::error::Error;
use crate::store::{WriteTx, job_items, jobs, kbs};
use app::protocol::job::{Job, JobCounts, JobKind, JobPhase, JobResult, JobStatus};
use app::protocol::{Code, Event, JobId, KbName, Problem, UserId, limits};
use serde_json::Value;

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct New {
    /// Its id.
    pub id: JobId,
    /// What it does.
    pub kind: JobKind,
    /// What it is about, in a line.
    pub title: String,
    /// What it needs to know.
    pub params: Value,
    /// The items that are known already.
    pub items: Vec<job_items::New>,
}

impl New {
    /// Without any items yet.
    pub fn of(kb: &KbName, kind: JobKind, title: String, params: Value) -> Self {
        Self {
            id: JobId::generate(kb),
            kind,
            title,
            params,
            items: vec![],
        }
    }
}

/// Refuses a job where too many wait already: of this person, or of all.
pub(super) async fn check_queue(tx: &mut WriteTx, user: &UserId) -> Result<(), Error> {
    let (of_person, of_all) = jobs::waiting_for(tx.connection(), user).await?;
    if of_person < limits::JOBS_WAITING_OF_PERSON && of_all < limits::JOBS_WAITING {
        return Ok(());
    }
    let waiting = match of_person < limits::JOBS_WAITING_OF_PERSON {
        true => format!("{of_all} jobs wait already"),
        false => format!("{of_person} of your jobs wait already"),
    };
    let detail = format!("{waiting}. Let some of them end first, or cancel them.");
    Err(Problem::new(Code::TooManyRequests, detail).with("retry_after", 60).into())
}

/// Puts a job at the end of those that wait. Its changes will be made with the rights that the caller has then.
pub async fn start_in(tx: &mut WriteTx, request: &Request, new: New) -> Result<Job, Error> {
    let kb = new.id.kb();
    request.caller.must_write(&kb)?;
    kbs::expect(tx.connection(), &kb).await?;
    check_queue(tx, request.caller.user()).await?;
    let mut job = Job {
        job_id: new.id,
        kb_name: kb,
        kind: new.kind,
        title: new.title.chars().take(limits::JOB_TITLE_CHARS).collect(),
        status: JobStatus::Queued,
        phase: JobPhase::Waiting,
        counts: JobCounts {
            total: new.items.len() as u64,
            ..JobCounts::default()
        },
        percent: 0,
        current: None,
        result: JobResult::default(),
        error: None,
        log: vec![],
        attempt: 1,
        ahead: None,
        revision: 0,
        created_at: tx.now(),
        created_by: request.caller.actor().clone(),
        started_at: None,
        updated_at: tx.now(),
        ended_at: None,
    };
    touch(&mut job, tx.now());
    let stored = jobs::Stored {
        number: 0,
        job,
        user: request.caller.user().clone(),
        by_reach: request.caller.credential() == Credential::Reach,
        params: new.params,
    };
    let number = jobs::insert(tx, &stored).await?;
    job_items::add(tx, number, &new.items).await?;
    // How many wait before it is known only now.
    let job = super::find(tx.connection(), &stored.job.job_id).await?.job;
    jobs::update(tx, &job).await?;
    tx.emit(request.on_job(&job.job_id), Event::JobCreated(Box::new(job.clone())))?;
    Ok(job)
}
