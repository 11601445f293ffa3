//! The list of jobs: the part of it that was loaded, kept live.

use super::{Applied, Live, Pieces};
use crate::protocol::job::{Job, JobPage};
use crate::protocol::{Envelope, Event, JobId, KbName, Snapshot};
use serde::{Deserialize, Serialize};

/// Jobs, last asked for first, as far as they were loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobList {
    /// Whether those are left out that neither wait nor work.
    pub active_only: bool,
    /// What was loaded.
    pub items: Vec<Job>,
    /// Where the part that is not loaded begins: give it as `before`. None when all is loaded.
    pub next: Option<String>,
}

impl JobList {
    /// The list that begins with this page.
    pub fn begin(active_only: bool, page: Snapshot<JobPage>) -> Snapshot<Self> {
        let Snapshot { cursor, data } = page;
        let data = Self {
            active_only,
            items: data.items,
            next: data.next,
        };
        Snapshot { cursor, data }
    }

    /// The job with this id.
    pub fn find(&self, id: &JobId) -> Option<&Job> {
        self.items.iter().find(|job| job.job_id == *id)
    }

    /// Takes in a state of a job, where it is newer than the one that is there.
    fn take(&mut self, job: &Job, is_new: bool) -> Applied {
        let wanted = !self.active_only || job.status.is_active();
        let at = self.items.iter().position(|known| known.job_id == job.job_id);
        match at {
            Some(at) if self.items[at].revision > job.revision => return Applied::Ignored,
            Some(at) if wanted => self.items[at] = job.clone(),
            Some(at) => drop(self.items.remove(at)),
            // One that is not loaded is older than those that are; but in the list of those at work nothing is left out.
            None if wanted && (is_new || self.active_only || self.next.is_none()) => {
                let place = self.items.partition_point(|known| known.created_at > job.created_at);
                self.items.insert(place, job.clone());
            }
            None => return Applied::Ignored,
        }
        Applied::Patched
    }

    fn remove(&mut self, concerns: impl Fn(&Job) -> bool) -> Applied {
        let before = self.items.len();
        self.items.retain(|job| !concerns(job));
        if self.items.len() == before {
            Applied::Ignored
        } else {
            Applied::Patched
        }
    }

    fn remove_of(&mut self, kb: Option<&KbName>) -> Applied {
        self.remove(|job| Some(&job.kb_name) == kb)
    }
}

impl Pieces for JobList {
    type Page = JobPage;
    type Place = String;

    fn next(&self) -> Option<&String> {
        self.next.as_ref()
    }

    fn put(&mut self, page: JobPage) {
        self.items.extend(page.items);
        self.next = page.next;
    }
}

impl Live for JobList {
    fn apply(&mut self, event: &Envelope) -> Applied {
        match &event.event {
            Event::JobCreated(job) => self.take(job, true),
            Event::JobUpdated(job) => self.take(job, false),
            Event::JobRemoved { job_id } => self.remove(|job| job.job_id == *job_id),
            Event::KbDeleted {} => self.remove_of(event.kb_name.as_ref()),
            _ => Applied::Ignored,
        }
    }

    fn progress(&mut self, job: &Job) -> Applied {
        // What is not there yet comes by an event; a late message about what is gone must not bring it back.
        if self.find(&job.job_id).is_none() {
            return Applied::Ignored;
        }
        self.take(job, false)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::protocol::job::{JobCounts, JobKind, JobPhase, JobResult, JobStatus};
    use crate::protocol::{Actor, Seq, Timestamp, Topic};

    pub(crate) fn job(id: &str, revision: u64, status: JobStatus, done: u64) -> Job {
        let job_id = JobId::parse(id).unwrap();
        Job {
            kb_name: job_id.kb(),
            job_id,
            kind: JobKind::Crawl,
            title: "https://e.org/".into(),
            status,
            phase: JobPhase::Fetching,
            counts: JobCounts {
                done,
                total: 10,
                ..JobCounts::default()
            },
            percent: 0,
            current: None,
            result: JobResult::default(),
            error: None,
            log: vec![],
            attempt: 1,
            ahead: None,
            revision,
            created_at: Timestamp::from_millis(i64::from(id.as_bytes()[id.len() - 1])),
            created_by: Actor::System,
            started_at: None,
            updated_at: Timestamp::from_millis(0),
            ended_at: None,
        }
    }

    fn event(event: Event) -> Envelope {
        Envelope {
            event,
            seq: Seq::new(1),
            timestamp: Timestamp::from_millis(0),
            topic: Topic::from(&JobId::parse("notes.1").unwrap()),
            kb_name: Some(KbName::parse("notes").unwrap()),
            entry_id: None,
            actor: Actor::System,
            mutation_id: None,
        }
    }

    fn list(active_only: bool, items: Vec<Job>) -> JobList {
        JobList {
            active_only,
            items,
            next: None,
        }
    }

    fn shown(list: &JobList) -> Vec<(&str, u64)> {
        list.items.iter().map(|job| (job.job_id.as_str(), job.counts.done)).collect()
    }

    #[test]
    fn an_older_state_never_takes_the_place_of_a_newer_one() {
        let mut all = list(false, vec![job("notes.1", 5, JobStatus::Running, 5)]);
        assert_eq!(all.progress(&job("notes.1", 4, JobStatus::Running, 4)), Applied::Ignored);
        assert_eq!(all.progress(&job("notes.1", 6, JobStatus::Running, 6)), Applied::Patched);
        all.apply(&event(Event::JobUpdated(Box::new(job("notes.1", 7, JobStatus::Completed, 10)))));
        assert_eq!(all.progress(&job("notes.1", 6, JobStatus::Running, 6)), Applied::Ignored);
        assert_eq!(shown(&all), [("notes.1", 10)]);
    }

    #[test]
    fn the_list_of_those_at_work_has_no_others() {
        let mut active = list(true, vec![job("notes.1", 1, JobStatus::Running, 0)]);
        active.apply(&event(Event::JobCreated(Box::new(job("notes.2", 1, JobStatus::Queued, 0)))));
        assert_eq!(shown(&active), [("notes.2", 0), ("notes.1", 0)]);
        active.apply(&event(Event::JobUpdated(Box::new(job("notes.1", 2, JobStatus::Failed, 0)))));
        assert_eq!(shown(&active), [("notes.2", 0)]);
        active.apply(&event(Event::JobUpdated(Box::new(job("notes.1", 3, JobStatus::Queued, 0)))));
        assert_eq!(active.items.len(), 2, "one that is tried again is back");
    }

    #[test]
    fn what_is_gone_does_not_come_back_by_a_late_message() {
        let mut all = list(
            false,
            vec![job("notes.1", 1, JobStatus::Running, 0), job("other.2", 1, JobStatus::Running, 0)],
        );
        all.apply(&event(Event::KbDeleted {}));
        assert_eq!(all.progress(&job("notes.1", 9, JobStatus::Running, 9)), Applied::Ignored);
        assert_eq!(shown(&all), [("other.2", 0)]);
    }
}
