//! How fast a job is and how long it will take, by what this tab has seen of it. Pure.

use crate::protocol::job::{Job, JobPhase, JobStatus};
use std::collections::VecDeque;

/// What was seen longer ago counts no more.
const WINDOW_MS: i64 = 30_000;
/// Less than this says nothing.
const LEAST_MS: i64 = 4_000;
const LEAST_ITEMS: u64 = 3;
/// Samples that are closer than this are one.
const STEP_MS: i64 = 500;
/// When nothing has moved for so long, one is told.
const QUIET_MS: i64 = 30_000;

/// What was seen of a job at work.
#[derive(Debug, Clone, Default)]
pub struct Pace {
    attempt: u32,
    seen: VecDeque<Sample>,
    /// The last state, and since when.
    last: Option<(u64, i64)>,
}

#[derive(Debug, Clone, Copy)]
struct Sample {
    at: i64,
    settled: u64,
    total: u64,
}

/// What follows of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    /// Items a minute.
    pub rate: Option<u64>,
    /// Seconds that are left. None while it still finds more to do.
    pub left: Option<u64>,
    /// Seconds for which nothing has moved, where they are many.
    pub quiet: Option<u64>,
}

impl Pace {
    /// Takes in a state of the job, and says what follows of all that were seen.
    pub fn see(&mut self, job: &Job, now: i64) -> Told {
        if job.status != JobStatus::Running || job.attempt != self.attempt {
            *self = Self {
                attempt: job.attempt,
                ..Self::default()
            };
        }
        if job.status != JobStatus::Running {
            return Told::default();
        }
        if self.last.is_none_or(|(revision, _)| job.revision > revision) {
            self.last = Some((job.revision, now));
        }
        let quiet = self.last.map_or(0, |(_, since)| now - since);
        // What it does now has other items, or none.
        if !matches!(job.phase, JobPhase::Fetching | JobPhase::Converting | JobPhase::Writing) {
            self.seen.clear();
        } else {
            self.keep(Sample {
                at: now,
                settled: job.counts.settled(),
                total: job.counts.total,
            });
        }
        Told {
            quiet: (quiet >= QUIET_MS).then_some(quiet as u64 / 1_000),
            ..self.told(now)
        }
    }

    fn keep(&mut self, sample: Sample) {
        let is_close = self.seen.back().is_some_and(|last| sample.at - last.at < STEP_MS);
        // The first one of all stays: from there it is counted.
        if is_close && self.seen.len() > 1 {
            self.seen.pop_back();
        }
        self.seen.push_back(sample);
        while self.seen.len() > 2 && self.seen.front().is_some_and(|first| sample.at - first.at > WINDOW_MS) {
            self.seen.pop_front();
        }
    }

    fn told(&self, now: i64) -> Told {
        let (Some(first), Some(last)) = (self.seen.front(), self.seen.back()) else {
            return Told::default();
        };
        let (elapsed, items) = (now - first.at, last.settled.saturating_sub(first.settled));
        if elapsed < LEAST_MS || items < LEAST_ITEMS {
            return Told::default();
        }
        let each = elapsed as f64 / items as f64;
        let is_known = first.total == last.total && elapsed >= 2 * LEAST_MS;
        let left = last.total.saturating_sub(last.settled) as f64 * each / 1_000.0;
        Told {
            rate: Some((60_000.0 / each).round() as u64).filter(|rate| *rate > 0),
            left: is_known.then_some(left.ceil() as u64),
            quiet: None,
        }
    }
}

/// "about 40 s", "about 3 min", "about 2 h": no more exact than it is.
pub fn lasting(seconds: u64) -> String {
    match seconds {
        0..=10 => "a few seconds".to_owned(),
        11..=90 => format!("about {} s", seconds.div_ceil(10) * 10),
        91..=5_400 => format!("about {} min", (seconds + 30) / 60),
        _ => format!("about {} h", (seconds + 1_800) / 3_600),
    }
}

/// "4 s", "3 min 20 s", "2 h 5 min": how long something took.
pub fn took(seconds: u64) -> String {
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0) => "less than a second".to_owned(),
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::cache::a_job;

    fn at_work(done: u64, total: u64) -> Job {
        let mut job = a_job("notes.1", 1 + done, JobStatus::Running, done);
        job.counts.total = total;
        job
    }

    #[test]
    fn the_pace_is_that_of_the_last_half_minute() {
        let mut pace = Pace::default();
        assert_eq!(pace.see(&at_work(0, 100), 0), Told::default());
        assert_eq!(pace.see(&at_work(2, 100), 2_000), Told::default(), "too early to say");
        let mut told = Told::default();
        for second in 3..=60 {
            told = pace.see(&at_work(second, 100), second as i64 * 1_000);
        }
        assert_eq!((told.rate, told.left), (Some(60), Some(40)));
        for second in 61..=100 {
            told = pace.see(&at_work(60, 100), second * 1_000);
        }
        assert_eq!((told.rate, told.quiet), (None, Some(40)), "it stands still, and that is said");
    }

    #[test]
    fn no_end_is_promised_while_more_is_found() {
        let mut pace = Pace::default();
        let mut told = Told::default();
        for second in 0..20 {
            told = pace.see(&at_work(second, 100 + second), second as i64 * 1_000);
        }
        assert_eq!((told.rate, told.left), (Some(60), None));
    }

    #[test]
    fn another_attempt_begins_anew() {
        let mut pace = Pace::default();
        for second in 0..20 {
            pace.see(&at_work(second, 100), second as i64 * 1_000);
        }
        let mut again = at_work(5, 100);
        again.attempt = 2;
        assert_eq!(pace.see(&again, 20_000), Told::default());
    }

    #[test]
    fn lengths_of_time_are_said_as_people_say_them() {
        assert_eq!(
            [5, 34, 200, 7_000].map(lasting),
            ["a few seconds", "about 40 s", "about 3 min", "about 2 h"]
        );
        assert_eq!(
            [0, 4, 200, 7_500].map(took),
            ["less than a second", "4 s", "3 min 20 s", "2 h 5 min"]
        );
    }
}
