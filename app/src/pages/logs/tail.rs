//! The end of the server's log as a tab keeps it: what its filter takes, without gaps. Pure.

use crate::protocol::limits::LOG_RECORDS;
use crate::protocol::log::{LogFilter, LogPage, LogRecord};
use std::collections::VecDeque;

/// Rows that are drawn together, and go together.
pub const BLOCK: usize = 100;

/// The end of the log.
#[derive(Debug, Clone, Default)]
pub struct Tail {
    filter: LogFilter,
    /// Oldest first. Their places go on when the first ones go: the first of these has place `first`.
    rows: VecDeque<LogRecord>,
    first: usize,
    /// The number of the last record that was looked at, whether the filter takes it or not.
    last: u64,
    /// What came while something before it was missing. None while nothing is.
    waiting: Option<Vec<LogRecord>>,
    /// Another one when all places are given anew.
    pub edition: u32,
}

impl Tail {
    /// What was read with this filter.
    pub fn begin(filter: LogFilter, page: LogPage) -> Self {
        Self {
            filter,
            rows: page.items.into(),
            last: page.last,
            ..Self::default()
        }
    }

    /// Takes in what the server says. Returns after which number something is missing, where it was not known to be.
    pub fn hear(&mut self, records: Vec<LogRecord>) -> Option<u64> {
        let mut records = records.into_iter();
        if self.waiting.is_none() {
            for record in records.by_ref() {
                if record.id > self.last + 1 {
                    self.waiting = Some(vec![record]);
                    break;
                }
                self.take(record);
            }
        } else {
            self.waiting.as_mut()?.extend(records);
            return None;
        }
        let waiting = self.waiting.as_mut()?;
        waiting.extend(records);
        Some(self.last)
    }

    /// Says that it will be asked for what may be missing, after the number that is returned. None where it is asked already.
    pub fn doubt(&mut self) -> Option<u64> {
        if self.waiting.is_some() {
            return None;
        }
        self.waiting = Some(Vec::new());
        Some(self.last)
    }

    /// Takes in what was missing: `limit` were asked for. Returns after which number there is still more.
    pub fn fill(&mut self, page: LogPage, limit: usize) -> Option<u64> {
        if page.last < self.last {
            // The server was started again, and counts anew.
            self.last = 0;
            if page.items.is_empty() {
                return Some(0);
            }
        }
        let is_full = page.items.len() >= limit;
        let last = if is_full { None } else { Some(page.last) };
        page.items.into_iter().for_each(|record| self.take(record));
        if let Some(last) = last {
            self.last = self.last.max(last);
        }
        if is_full {
            return Some(self.last);
        }
        let waiting = self.waiting.take().unwrap_or_default();
        waiting.into_iter().for_each(|record| self.take(record));
        None
    }

    /// It could not be asked for what is missing: what came since shows all the same.
    pub fn give_up(&mut self) {
        let waiting = self.waiting.take().unwrap_or_default();
        waiting.into_iter().for_each(|record| self.take(record));
    }

    fn take(&mut self, record: LogRecord) {
        if record.id <= self.last {
            return;
        }
        self.last = record.id;
        if self.filter.takes(&record) {
            self.rows.push_back(record);
            // By whole blocks, so that those that stay are left alone.
            if self.rows.len() > LOG_RECORDS {
                self.rows.drain(..BLOCK - self.first % BLOCK);
                self.first = (self.first / BLOCK + 1) * BLOCK;
            }
        }
    }

    /// Shows what another filter takes of what is here; the rest must be read, and given to [`Tail::reread`].
    pub fn filter(&mut self, filter: LogFilter) {
        self.rows.retain(|record| filter.takes(record));
        self.filter = filter;
        self.renumber();
    }

    /// Takes in what was read with the filter, in place of what is here.
    pub fn reread(&mut self, page: LogPage) {
        let read_to = page.last;
        let newer: Vec<_> = self.rows.drain(..).filter(|record| record.id > read_to).collect();
        self.rows = page.items.into();
        self.rows.extend(newer);
        self.last = self.last.max(read_to);
        self.renumber();
    }

    /// All is gone that was said so far.
    pub fn clear(&mut self) {
        self.rows.clear();
        self.renumber();
    }

    fn renumber(&mut self) {
        self.first = 0;
        self.edition += 1;
    }

    /// What is left out.
    pub fn filtered_by(&self) -> &LogFilter {
        &self.filter
    }

    /// The numbers of the blocks that have rows.
    pub fn blocks(&self) -> std::ops::Range<usize> {
        self.first / BLOCK..self.end().div_ceil(BLOCK)
    }

    /// The places of the rows of a block.
    pub fn places(&self, block: usize) -> std::ops::Range<usize> {
        (block * BLOCK).max(self.first)..((block + 1) * BLOCK).min(self.end())
    }

    /// The row at a place.
    pub fn row(&self, place: usize) -> Option<&LogRecord> {
        self.rows.get(place.checked_sub(self.first)?)
    }

    /// All rows, oldest first.
    pub fn rows(&self) -> impl Iterator<Item = &LogRecord> {
        self.rows.iter()
    }

    /// The place behind the last row.
    pub fn end(&self) -> usize {
        self.first + self.rows.len()
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Timestamp;
    use crate::protocol::log::LogLevel;

    fn record(id: u64) -> LogRecord {
        LogRecord {
            id,
            timestamp: Timestamp::from_millis(0),
            level: if id.is_multiple_of(2) { LogLevel::Warn } else { LogLevel::Info },
            target: "test".into(),
            message: format!("number {id}"),
            fields: Default::default(),
        }
    }

    fn page(ids: std::ops::RangeInclusive<u64>, last: u64) -> LogPage {
        LogPage {
            items: ids.map(record).collect(),
            last,
        }
    }

    fn nothing(last: u64) -> LogPage {
        LogPage { items: vec![], last }
    }

    fn ids(tail: &Tail) -> Vec<u64> {
        tail.rows().map(|record| record.id).collect()
    }

    #[test]
    fn what_is_missing_is_asked_for_and_comes_before_what_came_since() {
        let mut tail = Tail::begin(LogFilter::default(), page(1..=2, 2));
        assert_eq!(tail.hear(vec![record(2), record(3)]), None);
        assert_eq!(tail.hear(vec![record(6), record(7)]), Some(3));
        assert_eq!(tail.hear(vec![record(8)]), None, "it is asked for once");
        assert_eq!(ids(&tail), [1, 2, 3]);
        assert_eq!(tail.fill(page(4..=5, 8), 2), Some(5), "there may be more");
        assert_eq!(tail.fill(page(6..=7, 8), 9), None);
        assert_eq!(
            ids(&tail),
            [1, 2, 3, 4, 5, 6, 7],
            "8 is contained in what was read, and the filter of the server left it out"
        );
        assert_eq!(tail.hear(vec![record(9)]), None);
        assert_eq!(ids(&tail).last(), Some(&9));
    }

    #[test]
    fn a_server_that_was_started_again_counts_anew() {
        let mut tail = Tail::begin(LogFilter::default(), page(1..=3, 300));
        assert_eq!(tail.doubt(), Some(300));
        assert_eq!(tail.doubt(), None);
        assert_eq!(tail.fill(nothing(2), 9), Some(0), "asked for again from the beginning");
        assert_eq!(tail.fill(page(1..=2, 2), 9), None);
        assert_eq!(ids(&tail), [1, 2, 3, 1, 2]);
    }

    #[test]
    fn a_filter_takes_what_is_here_at_once_and_what_comes() {
        let mut tail = Tail::begin(LogFilter::default(), page(1..=5, 5));
        let warnings = LogFilter {
            level: Some(LogLevel::Warn),
            text: None,
        };
        tail.filter(warnings);
        assert_eq!(ids(&tail), [2, 4]);
        tail.hear(vec![record(6), record(7), record(8)]);
        tail.reread(LogPage {
            items: [0, 2, 4, 6].map(record).into(),
            last: 7,
        });
        assert_eq!(ids(&tail), [0, 2, 4, 6, 8], "what was read, and what came after that");
    }

    #[test]
    fn the_oldest_go_by_whole_blocks() {
        let mut tail = Tail::begin(LogFilter::default(), nothing(0));
        for id in 1..=LOG_RECORDS as u64 {
            tail.hear(vec![record(id)]);
        }
        assert_eq!((tail.len(), tail.blocks()), (LOG_RECORDS, 0..LOG_RECORDS / BLOCK));
        tail.hear(vec![record(LOG_RECORDS as u64 + 1)]);
        assert_eq!((tail.len(), tail.blocks()), (LOG_RECORDS + 1 - BLOCK, 1..LOG_RECORDS / BLOCK + 1));
        assert_eq!(tail.row(BLOCK).map(|record| record.id), Some(BLOCK as u64 + 1));
        assert_eq!(tail.places(1), BLOCK..2 * BLOCK);
        assert_eq!(tail.places(LOG_RECORDS / BLOCK).len(), 1);
    }
}
