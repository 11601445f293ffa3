//! What people call a job, and how far it is.

use super::grouped;
use crate::protocol::job::{Job, JobKind, JobPhase, JobStatus};
use crate::ui::Glyph;

/// "Crawl of docs.rs/serde"
pub fn named(job: &Job) -> String {
    let kind = match job.kind {
        JobKind::Crawl => "Crawl of",
        JobKind::Upload => "Upload of",
        JobKind::Sync => "Sync of",
    };
    let title = &job.title;
    let short = title.strip_prefix("https://").or_else(|| title.strip_prefix("http://"));
    format!("{kind} {}", short.unwrap_or(title))
}

/// Its sign.
pub const fn glyph(kind: JobKind) -> Glyph {
    match kind {
        JobKind::Crawl => Glyph::Globe,
        JobKind::Upload => Glyph::Upload,
        JobKind::Sync => Glyph::Refresh,
    }
}

/// What its items are.
pub const fn items(kind: JobKind) -> &'static str {
    match kind {
        JobKind::Crawl => "pages",
        JobKind::Upload | JobKind::Sync => "files",
    }
}

/// "3 pages", "1 page": a number of things that are called so in the plural.
pub fn several(number: u64, things: &str) -> String {
    let things = if number == 1 { things.trim_end_matches('s') } else { things };
    format!("{} {things}", grouped(number))
}

/// How far it is in its life, and what it does now: what changes seldom.
pub fn state(job: &Job) -> String {
    let nothing_stored = job.counts.done == 0;
    match job.status {
        JobStatus::Queued => "Queued",
        JobStatus::Running => phase(job),
        JobStatus::Cancelling => "Cancelling",
        JobStatus::Completed if job.counts.failed > 0 => return format!("Completed, {} failed", job.counts.failed),
        JobStatus::Completed if nothing_stored && job.kind != JobKind::Sync => "Completed, nothing stored",
        JobStatus::Completed => "Completed",
        JobStatus::Failed => "Failed",
        JobStatus::Cancelled => "Cancelled",
        JobStatus::Interrupted => "Interrupted",
    }
    .to_owned()
}

/// The same, with its place where it waits.
pub fn state_and_place(job: &Job) -> String {
    match job.ahead {
        Some(ahead) if job.status == JobStatus::Queued => place(ahead),
        _ => state(job),
    }
}

/// "Queued, 2 ahead"
fn place(ahead: u64) -> String {
    match ahead {
        0 => "Queued, next".to_owned(),
        n => format!("Queued, {n} ahead"),
    }
}

fn phase(job: &Job) -> &'static str {
    match (job.phase, job.kind) {
        (JobPhase::Waiting, _) => "Starting",
        (JobPhase::Discovering, JobKind::Crawl) => "Finding pages",
        (JobPhase::Discovering, _) => "Finding files",
        (JobPhase::Fetching, _) => "Fetching pages",
        (JobPhase::Converting, _) => "Reading files",
        (JobPhase::Writing, _) => "Writing entries",
        (JobPhase::Linking, _) => "Making links",
        (JobPhase::Ended, _) => "Ending",
    }
}

/// The tone of the badge that says it.
pub fn tone(job: &Job) -> &'static str {
    match job.status {
        JobStatus::Queued => "neutral",
        JobStatus::Running => "accent",
        JobStatus::Completed if job.counts.failed > 0 || (job.counts.done == 0 && job.kind != JobKind::Sync) => "warn",
        JobStatus::Completed => "good",
        JobStatus::Cancelling | JobStatus::Cancelled | JobStatus::Interrupted => "warn",
        JobStatus::Failed => "bad",
    }
}

/// How much of it is done, where it is known how much there is to do.
pub fn percent(job: &Job) -> Option<u8> {
    let is_known = job.counts.total > 0 || job.status != JobStatus::Running;
    is_known.then_some(job.percent)
}

/// The same in few letters: "42 %", or why there is no number.
pub fn short(job: &Job) -> String {
    match (job.status, percent(job)) {
        (JobStatus::Running, Some(percent)) => format!("{percent} %"),
        (JobStatus::Queued, _) => state_and_place(job).to_lowercase(),
        _ => state(job).to_lowercase(),
    }
}

/// What a screen reader says of the bar.
pub fn spoken(job: &Job) -> String {
    match percent(job) {
        Some(percent) if job.status != JobStatus::Queued => format!("{}, {percent} %", state(job)),
        _ => state_and_place(job),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::cache::a_job as job;

    #[test]
    fn a_job_that_stored_nothing_does_not_look_like_success() {
        let mut ended = job("notes.1", 1, JobStatus::Completed, 0);
        assert_eq!((state(&ended).as_str(), tone(&ended)), ("Completed, nothing stored", "warn"));
        ended.counts.done = 3;
        assert_eq!((state(&ended).as_str(), tone(&ended)), ("Completed", "good"));
        ended.counts.failed = 2;
        assert_eq!((state(&ended).as_str(), tone(&ended)), ("Completed, 2 failed", "warn"));
    }

    #[test]
    fn one_that_waits_says_its_place_and_one_at_work_what_it_does() {
        let mut job = job("notes.1", 1, JobStatus::Queued, 0);
        job.ahead = Some(2);
        assert_eq!(short(&job), "queued, 2 ahead");
        job.ahead = Some(0);
        assert_eq!(spoken(&job), "Queued, next");
        job.status = JobStatus::Running;
        job.percent = 42;
        assert_eq!((short(&job).as_str(), spoken(&job).as_str()), ("42 %", "Fetching pages, 42 %"));
        job.counts.total = 0;
        assert_eq!(short(&job), "fetching pages", "nobody knows how much there is to do");
        assert_eq!(named(&job), "Crawl of e.org/");
    }
}
