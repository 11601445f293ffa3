//! Jobs: work that takes a while, and that one can watch.

use super::Timestamp;
use super::ids::{Actor, EntryId, JobId, KbName};
use serde::{Deserialize, Serialize};

/// Declares a set of words, each with the text that stands for it.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$of])* $variant,)* }

        impl $name {
            /// All of them.
            pub const ALL: &[$name] = &[$($name::$variant),*];

            /// As it is stored and sent.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }

            /// From a text.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text)
            }
        }
    };
}

words! {
    /// What a job does.
    JobKind {
        /// Brings the pages of a site in.
        Crawl = "crawl",
        /// Brings files in that were sent.
        Upload = "upload",
        /// Brings a folder in.
        Sync = "sync",
    }
}

words! {
    /// How far a job is in its life.
    JobStatus {
        /// It waits for a worker.
        Queued = "queued",
        /// It is at work.
        Running = "running",
        /// It was told to end, and ends.
        Cancelling = "cancelling",
        /// It did all that it had to do; some of it may have failed.
        Completed = "completed",
        /// It could do nothing, or not go on.
        Failed = "failed",
        /// It was told to end, and has ended. What it had done stays.
        Cancelled = "cancelled",
        /// The server stopped while it was at work. It can go on.
        Interrupted = "interrupted",
    }
}

impl JobStatus {
    /// Whether it waits or works: whether something will still come of it by itself.
    pub const fn is_active(self) -> bool {
        matches!(self, JobStatus::Queued | JobStatus::Running | JobStatus::Cancelling)
    }
}

words! {
    /// What a job that is at work does now.
    JobPhase {
        /// Nothing yet.
        Waiting = "waiting",
        /// It finds out what there is to do.
        Discovering = "discovering",
        /// It fetches pages.
        Fetching = "fetching",
        /// It makes documents of files.
        Converting = "converting",
        /// It writes entries.
        Writing = "writing",
        /// It makes links between what it has brought.
        Linking = "linking",
        /// It is over.
        Ended = "ended",
    }
}

/// How much of a job is done, in items: pages, or files. `done + failed + skipped` is never more than `total`, and none of
/// them ever falls, but that what failed is tried again by a further attempt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct JobCounts {
    /// That are stored, also those whose content was stored before.
    pub done: u64,
    /// That could not be had, or not be read.
    pub failed: u64,
    /// That were left out, for a reason that each of them tells.
    pub skipped: u64,
    /// That are known of.
    pub total: u64,
    /// Most that are taken up, where they are found on the way; 0 where all are known from the beginning.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub most: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl JobCounts {
    /// How many of them there is nothing left to do for.
    pub const fn settled(self) -> u64 {
        self.done + self.failed + self.skipped
    }
}

/// What a job has brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct JobResult {
    /// Entries that are new.
    pub added: u64,
    /// Entries that were written again.
    pub updated: u64,
    /// Items whose content was stored already.
    pub unchanged: u64,
    /// Entries that went, since what they came of is gone.
    #[serde(default)]
    pub removed: u64,
    /// Passages by which search finds what was added or updated.
    pub passages: u64,
    /// Words of what was added or updated.
    pub words: u64,
}

/// A job, as it is at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Job {
    /// Names it.
    pub job_id: JobId,
    /// The knowledge base that it is for: who may read that may see it, who may write there may end it.
    pub kb_name: KbName,
    /// What it does.
    pub kind: JobKind,
    /// What it is about, in a line: an address, the name of a file, a folder.
    pub title: String,
    /// How far it is in its life.
    pub status: JobStatus,
    /// What it does now.
    pub phase: JobPhase,
    /// How much of it is done.
    pub counts: JobCounts,
    /// The same in percent. Never falls within an attempt, though more to do may be found; 100 only where all is done.
    pub percent: u8,
    /// What it works at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    /// What it has brought.
    pub result: JobResult,
    /// Why it failed, and how to mend it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What it told last, oldest first.
    #[serde(default)]
    pub log: Vec<String>,
    /// How often it was begun: 1, and one more with each retry.
    pub attempt: u32,
    /// How many go before it, while it is queued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ahead: Option<u64>,
    /// Grows with each change: of two states of a job the one with the higher revision is the newer.
    pub revision: u64,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// Who asked for it.
    pub created_by: Actor,
    /// When a worker took it, last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

impl Job {
    /// Lines of its log that a job carries with it.
    pub const LOG: usize = 20;

    /// Whether a further attempt could do something: go on, or try again what failed.
    pub fn can_retry(&self) -> bool {
        match self.status {
            JobStatus::Interrupted | JobStatus::Failed => true,
            JobStatus::Cancelled => self.counts.settled() < self.counts.total || self.counts.failed > 0 || self.counts.total == 0,
            JobStatus::Completed => self.counts.failed > 0,
            JobStatus::Queued | JobStatus::Running | JobStatus::Cancelling => false,
        }
    }

    /// How many items there will be at most, where more of them may still be found.
    pub fn may_become(&self) -> Option<u64> {
        let JobCounts { total, most, .. } = self.counts;
        let is_open = matches!(self.phase, JobPhase::Waiting | JobPhase::Discovering | JobPhase::Fetching);
        (is_open && most > total).then_some(most)
    }

    /// Brings the percentage up to the counts.
    pub fn count_percent(&mut self) {
        // Of what there may be, while more is found: of what is known so far it would be too much.
        let total = self.may_become().unwrap_or(self.counts.total);
        let most = if self.status == JobStatus::Completed { 100 } else { 99 };
        let now = (self.counts.settled() * 100).checked_div(total).unwrap_or(0);
        let now = u8::try_from(now).unwrap_or(100).min(most);
        self.percent = if most == 100 { 100 } else { self.percent.max(now) };
    }
}

words! {
    /// What became of an item of a job.
    ItemOutcome {
        /// Nothing yet.
        Waiting = "waiting",
        /// It is a new entry.
        Added = "added",
        /// Its entry was written again.
        Updated = "updated",
        /// Its content was stored already.
        Unchanged = "unchanged",
        /// It was left out.
        Skipped = "skipped",
        /// It could not be had, or not be read.
        Failed = "failed",
    }
}

/// An item of a job: a page, or a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct JobItem {
    /// Its address, or its name.
    pub name: String,
    /// What became of it.
    pub outcome: ItemOutcome,
    /// Why it failed or was left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Its entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_id: Option<EntryId>,
}

/// A piece of the list of jobs, last asked for first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct JobPage {
    /// The jobs.
    pub items: Vec<Job>,
    /// Pass it as `before` for the next piece; none at the end.
    pub next: Option<String>,
}

/// A piece of the items of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct JobItemPage {
    /// The items, in the order in which they became known.
    pub items: Vec<JobItem>,
    /// Pass it as `after` for the next piece; none at the end.
    pub next: Option<i64>,
}

/// What to crawl.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCrawl {
    /// Where to begin: a page, a `sitemap.xml` or an `llms.txt`.
    pub url: String,
    /// The knowledge base that gets the pages.
    pub kb: String,
    /// Most pages that are fetched; 200 where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_pages: Option<u64>,
    /// How many links a page may be away from the first; 3 where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_depth: Option<u32>,
    /// Only pages whose path matches one of these, such as `/docs/**`; all where empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// No pages whose path matches one of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
}

/// Which knowledge base to sync again with its folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSync {
    /// Its name.
    pub kb: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_survives_its_text() {
        for status in JobStatus::ALL {
            assert_eq!(JobStatus::parse(status.as_str()), Some(*status));
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
        assert_eq!(ItemOutcome::parse("lost"), None);
    }
}
