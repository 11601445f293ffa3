//! What the server says of itself: the last records of its log, for its owners.
//!
//! `layer` takes what is traced into the ring that [`Logs`] is; `publish` carries it to who listens to the topic `logs`.

mod layer;
mod publish;

pub use layer::LogLayer;
pub use publish::publish;

use app::protocol::limits;
use app::protocol::log::{LogFilter, LogLevel, LogPage, LogRecord};
use serde_json::{Map, Value};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// The last records of the log. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Logs {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    ring: Mutex<Ring>,
    /// What changed last.
    news: watch::Sender<News>,
}

/// The records that are kept, oldest first. Their numbers follow each other.
#[derive(Debug, Default)]
struct Ring {
    records: VecDeque<Arc<LogRecord>>,
    last: u64,
}

/// What changed in the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct News {
    /// The number of the last record.
    pub last: u64,
    /// How often it was emptied.
    pub cleared: u64,
}

impl Default for Logs {
    fn default() -> Self {
        Self {
            shared: Arc::new(Shared {
                ring: Mutex::default(),
                news: watch::Sender::default(),
            }),
        }
    }
}

impl Logs {
    fn ring(&self) -> MutexGuard<'_, Ring> {
        // Nothing panics while it is held.
        self.shared.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a record; the oldest one goes where there are too many.
    pub fn add(&self, level: LogLevel, target: &str, message: String, fields: Map<String, Value>) {
        let mut ring = self.ring();
        ring.last += 1;
        let record = Arc::new(LogRecord {
            id: ring.last,
            timestamp: crate::clock::now(),
            level,
            target: target.to_owned(),
            message,
            fields,
        });
        if ring.records.len() == limits::LOG_RECORDS {
            ring.records.pop_front();
        }
        ring.records.push_back(record);
        let last = ring.last;
        // Under the lock, so that numbers are told in their order.
        self.shared.news.send_modify(|news| news.last = last);
    }

    /// Forgets all records. The numbers go on.
    pub fn clear(&self) {
        let mut ring = self.ring();
        ring.records.clear();
        self.shared.news.send_modify(|news| news.cleared += 1);
    }

    /// The last records that a filter takes, at most `limit`; with `after`, the first ones behind that number.
    pub fn page(&self, filter: &LogFilter, limit: usize, after: Option<u64>) -> LogPage {
        // Who writes to the log does not wait until all of it has been looked through.
        let (records, last): (Vec<_>, u64) = {
            let ring = self.ring();
            (ring.after(after.unwrap_or(0)).cloned().collect(), ring.last)
        };
        let taken = |record: &&Arc<LogRecord>| filter.takes(record);
        let copy = |record: &Arc<LogRecord>| LogRecord::clone(record);
        let items = match after {
            Some(_) => records.iter().filter(taken).take(limit).map(copy).collect(),
            None => {
                let mut items: Vec<LogRecord> = records.iter().rev().filter(taken).take(limit).map(copy).collect();
                items.reverse();
                items
            }
        };
        LogPage { items, last }
    }

    /// All records behind this number that are kept, at most `limit`.
    pub fn after(&self, after: u64, limit: usize) -> Vec<LogRecord> {
        self.ring()
            .after(after)
            .take(limit)
            .map(|record| LogRecord::clone(record))
            .collect()
    }

    /// The number of the last record.
    pub fn last(&self) -> u64 {
        self.ring().last
    }

    /// Tells when something changes.
    pub fn news(&self) -> watch::Receiver<News> {
        self.shared.news.subscribe()
    }
}

impl Ring {
    fn after(&self, after: u64) -> impl Iterator<Item = &Arc<LogRecord>> {
        let first = self.records.front().map_or(0, |record| record.id);
        let skipped = (after + 1).saturating_sub(first);
        self.records.iter().skip(usize::try_from(skipped).unwrap_or(usize::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(logs: &Logs, message: &str) {
        logs.add(LogLevel::Info, "test", message.to_owned(), Map::new());
    }

    fn numbers(records: &[LogRecord]) -> Vec<u64> {
        records.iter().map(|record| record.id).collect()
    }

    #[test]
    fn the_last_records_are_kept_and_their_numbers_go_on() {
        let logs = Logs::default();
        for n in 0..limits::LOG_RECORDS + 3 {
            says(&logs, &format!("number {n}"));
        }
        let page = logs.page(&LogFilter::default(), 2, None);
        assert_eq!(numbers(&page.items), [page.last - 1, page.last]);
        assert_eq!(numbers(&logs.after(0, 2)), [4, 5], "what is no longer kept is passed over");
        assert_eq!(numbers(&logs.after(page.last - 1, 9)), [page.last]);
        assert!(logs.after(page.last, 9).is_empty());
        logs.clear();
        says(&logs, "again");
        assert_eq!(numbers(&logs.after(0, 9)), [page.last + 1]);
        assert_eq!(logs.news().borrow().cleared, 1);
    }

    #[test]
    fn a_filter_is_for_all_that_is_kept() {
        let logs = Logs::default();
        ["one", "two", "three", "two again"].iter().for_each(|text| says(&logs, text));
        let filter = LogFilter {
            level: None,
            text: Some("TWO".into()),
        };
        assert_eq!(numbers(&logs.page(&filter, 1, None).items), [4]);
        assert_eq!(numbers(&logs.page(&filter, 9, Some(1)).items), [2, 4]);
    }
}
