//! Keeps a tail equal to the server's log.

use super::tail::Tail;
use crate::api::jobs::load_logs;
use crate::protocol::limits::{LOG_RECORDS, PAGE_ITEMS};
use crate::protocol::log::{LogFilter, LogRecord};
use crate::sync::{Link, LogNews, Sync};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// By then the server has begun to tell what happens: what came before is asked for.
const SETTLED: Duration = Duration::from_millis(300);

/// A tail that follows the log.
#[derive(Clone, Copy)]
pub struct Following {
    /// The rows.
    pub tail: RwSignal<Tail>,
    /// Why what is missing could not be read.
    pub failed: RwSignal<Option<String>>,
    /// What came since the page was drawn last.
    heard: StoredValue<Vec<LogRecord>>,
    is_due: StoredValue<bool>,
    /// Which filter was asked for last.
    turn: StoredValue<u32>,
}

/// Follows the log from what was read, until the current owner is disposed.
pub fn follow(tail: Tail, filter: Memo<LogFilter>) -> Following {
    let following = Following {
        tail: RwSignal::new(tail),
        failed: RwSignal::new(None),
        heard: StoredValue::new(Vec::new()),
        is_due: StoredValue::new(false),
        turn: StoredValue::new(0),
    };
    let sync = Sync::expect();
    sync.on_log(move |news| match news {
        LogNews::Records(records) => following.hear(records),
        LogNews::Cleared => following.clear(),
    });
    Effect::new(move || {
        if sync.link().get() == Link::Live {
            set_timeout(move || following.catch_up(), SETTLED);
        }
    });
    Effect::new(move |before: Option<LogFilter>| {
        let now = filter.get();
        if before.is_some_and(|before| before != now) {
            following.refilter(now.clone());
        }
        now
    });
    following
}

impl Following {
    /// Draws at most once a frame, however much comes.
    fn hear(self, records: &[LogRecord]) {
        self.heard.try_update_value(|heard| {
            heard.extend_from_slice(records);
            // Where nobody looks nothing is drawn, and what is left out here is asked for then.
            let surplus = heard.len().saturating_sub(LOG_RECORDS);
            heard.drain(..surplus);
        });
        if self.is_due.try_get_value() == Some(false) {
            self.is_due.set_value(true);
            request_animation_frame(move || {
                if self.is_due.try_get_value().is_some() {
                    self.is_due.set_value(false);
                    self.draw();
                }
            });
        }
    }

    fn draw(self) {
        let heard = self.heard.try_update_value(std::mem::take).unwrap_or_default();
        if heard.is_empty() {
            return;
        }
        let missing = self.tail.try_update(|tail| tail.hear(heard)).flatten();
        if let Some(after) = missing {
            self.fill(after);
        }
    }

    fn clear(self) {
        self.heard.try_update_value(Vec::clear);
        self.tail.try_update(Tail::clear);
    }

    /// Asks for what came while there was no connection.
    fn catch_up(self) {
        if let Some(after) = self.tail.try_update(Tail::doubt).flatten() {
            self.fill(after);
        }
    }

    fn fill(self, after: u64) {
        spawn_local(async move {
            let mut after = Some(after);
            while let Some(from) = after {
                let Some(filter) = self.tail.try_with_untracked(|tail| tail.filtered_by().clone()) else {
                    return;
                };
                match load_logs(filter, PAGE_ITEMS, Some(from)).await {
                    Ok(page) => {
                        self.failed.try_set(None);
                        after = self.tail.try_update(|tail| tail.fill(page, PAGE_ITEMS)).flatten();
                    }
                    Err(problem) => {
                        self.failed.try_set(Some(format!("Some lines may be missing: {}", problem.detail)));
                        self.tail.try_update(Tail::give_up);
                        return;
                    }
                }
            }
        });
    }

    /// Shows what a filter takes of what is here, and asks for what it takes of the rest.
    pub fn refilter(self, filter: LogFilter) {
        let turn = self.turn.get_value() + 1;
        self.turn.set_value(turn);
        self.tail.update(|tail| tail.filter(filter.clone()));
        spawn_local(async move {
            let answer = load_logs(filter, PAGE_ITEMS, None).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            match answer {
                Ok(page) => drop(self.tail.try_update(|tail| tail.reread(page))),
                Err(problem) => drop(self.failed.try_set(Some(format!("Not all was searched: {}", problem.detail)))),
            }
        });
    }
}
