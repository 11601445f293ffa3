//! Keeps the value of one read equal to the server: by events, and by reading again in the background.

use super::Answer;
use crate::protocol::{Code, Envelope, Event, Problem};
use crate::sync::Sync as Tab;
use crate::sync::cache::{Applied, Live, apply};
use crate::sync::client::{CaughtUp, Notice};
use crate::sync::clock;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

/// Events that follow each other faster cost one read.
const DEBOUNCE_MS: f64 = 150.0;
/// While a knowledge base is written to without a pause, it is read so often.
const BUSY_MS: f64 = 1_000.0;
/// The longest wait for a write of this tab.
const PATIENCE_MS: f64 = 2_000.0;
/// After a read that failed for a while, without a change of the connection that would say when to try again.
const RETRY_MS: f64 = 5_000.0;
/// An answer that is older than what the session remembers is asked for again so often, so long after.
const TRIES: u32 = 5;
const TRY_MS: f64 = 200.0;

/// A fetch on its way.
pub(super) type Reading<T> = Pin<Box<dyn Future<Output = Answer<T>> + Send>>;

/// Whether the resource is loading by itself, because it is new or its source changed. A write to it in that time would
/// cancel the load (`reactive_graph` takes the write for the newer value), so none is made.
#[derive(Default)]
pub(super) struct Flight {
    departures: AtomicU64,
    is_loading: AtomicBool,
    /// Has it read again soon.
    ask_again: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

/// Says that the load is over, also where it was dropped on its way.
pub(super) struct Flying(Arc<Flight>, u64);

impl Flight {
    pub(super) fn depart(self: &Arc<Self>) -> Flying {
        self.is_loading.store(true, Relaxed);
        Flying(self.clone(), self.departures.fetch_add(1, Relaxed) + 1)
    }
}

impl Drop for Flying {
    fn drop(&mut self) {
        if self.0.departures.load(Relaxed) == self.1 {
            self.0.is_loading.store(false, Relaxed);
        }
    }
}

/// Reads until the answer is not older than what the session remembers. One that some events have left behind is
/// shown, and read again later.
pub(super) async fn read<T: Live, Fut: Future<Output = Answer<T>>>(tab: Tab, flight: &Flight, fetch: impl Fn() -> Fut) -> Answer<T> {
    let mut tries = 0;
    loop {
        let resyncs = tab.resyncs();
        let mut snapshot = fetch().await?;
        tries += 1;
        let caught_up = match tab.resyncs() == resyncs {
            true => tab.catch_up(&mut snapshot),
            false => CaughtUp::TooOld,
        };
        if caught_up == CaughtUp::TooOld && tries < TRIES {
            tab.pause(TRY_MS).await;
            continue;
        }
        if caught_up != CaughtUp::Whole
            && let Some(ask_again) = flight.ask_again.get()
        {
            ask_again();
        }
        return Ok(snapshot);
    }
}

/// Keeps what was read; where the server cannot be reached, what was read last stands in for it.
pub(super) fn or_kept<T: Live>(tab: Tab, flight: &Flight, source: &str, answer: Answer<T>) -> Answer<T> {
    match answer {
        Ok(snapshot) => {
            tab.keep(source, &snapshot);
            Ok(snapshot)
        }
        Err(problem) if problem.code == Code::Unreachable => {
            let (snapshot, caught_up) = tab.kept(source).ok_or(problem)?;
            if caught_up != CaughtUp::Whole
                && let Some(ask_again) = flight.ask_again.get()
            {
                ask_again();
            }
            Ok(snapshot)
        }
        Err(problem) => Err(problem),
    }
}

/// What keeps one read.
pub(super) struct Reader<T: Live> {
    tab: Tab,
    resource: Resource<Answer<T>>,
    flight: Arc<Flight>,
    fetch: Box<dyn Fn(usize) -> Reading<T> + Send + Sync>,
    is_alive: AtomicBool,
    /// A timer will read again.
    is_due: AtomicBool,
    is_reading: AtomicBool,
    /// Something came while it was being read.
    is_outrun: AtomicBool,
    /// When the last background read ended, in milliseconds.
    read_at: AtomicU64,
}

impl<T: Live> Reader<T> {
    pub(super) fn new(
        tab: Tab,
        resource: Resource<Answer<T>>,
        flight: Arc<Flight>,
        fetch: impl Fn(usize) -> Reading<T> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            tab,
            resource,
            flight,
            fetch: Box::new(fetch),
            is_alive: AtomicBool::new(true),
            is_due: AtomicBool::new(false),
            is_reading: AtomicBool::new(false),
            is_outrun: AtomicBool::new(false),
            read_at: AtomicU64::new(0),
        })
    }

    pub(super) fn tab(&self) -> Tab {
        self.tab
    }

    /// Listens until the owner is disposed. Does nothing on the server.
    pub(super) fn follow(self: &Arc<Self>) {
        let listener = Arc::downgrade(self);
        let Some(remove) = self.tab.listen(move |notice| {
            if let Some(reader) = listener.upgrade() {
                reader.hear(notice);
            }
        }) else {
            return;
        };
        let reader = self.clone();
        on_cleanup(move || {
            reader.is_alive.store(false, Relaxed);
            remove();
        });
        let reader = Arc::downgrade(self);
        let ask_again = move || {
            if let Some(reader) = reader.upgrade() {
                reader.plan_soon();
            }
        };
        // It is set once: a reader follows once.
        let _ = self.flight.ask_again.set(Box::new(ask_again));
        if self.flight.departures.load(Relaxed) == 0 {
            self.take_over();
        }
    }

    /// The page came with the data: the session begins where it was read, or else has begun without it.
    fn take_over(self: &Arc<Self>) {
        let tab = self.tab;
        let is_early = self.write(|value| match value {
            Some(Ok(snapshot)) => (false, tab.shows(&snapshot.cursor)),
            _ => (false, true),
        });
        if is_early == Some(false) {
            // Not here and now: the page must find in the document what it draws.
            self.plan(0.0);
        }
    }

    /// Writes the value; the closure says whether that is to be noticed. None, and no write, while the resource loads by
    /// itself, and when it is gone.
    pub(super) fn write<U>(&self, change: impl FnOnce(&mut Option<Answer<T>>) -> (bool, U)) -> Option<U> {
        if self.flight.is_loading.load(Relaxed) || !self.is_alive.load(Relaxed) {
            return None;
        }
        self.resource.try_maybe_update(change)
    }

    fn hear(self: &Arc<Self>, notice: &Notice<'_>) {
        let result = match notice {
            Notice::Events(events) => self.write(|value| patched(take_events(value, events))),
            Notice::Anticipated(write) => self.write(|value| patched(on_data(value, |data| data.anticipate(write)))),
            Notice::Failed(mutation) => {
                let result = self.write(|value| patched(on_data(value, |data| data.settle(mutation))));
                // What was shown was not true: make sure of what is.
                result.map(|result| if result == Applied::Ignored { result } else { Applied::Stale })
            }
            Notice::Unconfirmed | Notice::Resync => Some(Applied::Stale),
            Notice::Job(job) => self.write(|value| patched(on_data(value, |data| data.progress(job)))),
            Notice::Typing(..) | Notice::Log(_) | Notice::LogsCleared => None,
            Notice::Live => self.write(|value| {
                (
                    false,
                    if failed_for_a_while(value) {
                        Applied::Stale
                    } else {
                        Applied::Ignored
                    },
                )
            }),
        };
        if result == Some(Applied::Stale) {
            self.plan_soon();
        }
    }

    fn plan_soon(self: &Arc<Self>) {
        let quiet = clock::now_ms() - self.read_at.load(Relaxed) as f64;
        self.plan(if quiet < 2.0 * BUSY_MS { BUSY_MS } else { DEBOUNCE_MS });
    }

    /// Reads again after a while, together with all that asks for it until then.
    fn plan(self: &Arc<Self>, millis: f64) {
        if !self.is_due.swap(true, Relaxed) {
            self.refresh_after(millis, clock::now_ms() + PATIENCE_MS);
        }
    }

    /// A write of this tab that is under way is waited for until a time: its answer may lead to another page, and what is shown here
    /// may have another address by then, or be gone.
    fn refresh_after(self: &Arc<Self>, millis: f64, until: f64) {
        let reader = Arc::downgrade(self);
        clock::after(millis, move || {
            let Some(reader) = reader.upgrade() else { return };
            if reader.tab.is_writing() && clock::now_ms() < until {
                return reader.refresh_after(DEBOUNCE_MS, until);
            }
            reader.is_due.store(false, Relaxed);
            reader.refresh();
        });
    }

    /// Reads again in the background, and shows what is there until then.
    pub(super) fn refresh(self: &Arc<Self>) {
        if !self.is_alive.load(Relaxed) {
            return;
        }
        if self.is_reading.swap(true, Relaxed) {
            return self.is_outrun.store(true, Relaxed);
        }
        let reader = self.clone();
        spawn_local(async move {
            let departures = reader.flight.departures.load(Relaxed);
            let extent = reader.write(|value| {
                (
                    false,
                    value
                        .as_ref()
                        .and_then(|answer| answer.as_ref().ok())
                        .map_or(0, |snapshot| snapshot.data.extent()),
                )
            });
            let answer = read(reader.tab, &reader.flight, || reader.fetch(extent.unwrap_or(0))).await;
            reader.is_reading.store(false, Relaxed);
            if !reader.is_alive.load(Relaxed) {
                return;
            }
            reader.read_at.store(clock::now_ms() as u64, Relaxed);
            // A load of the resource's own began in the meantime: it is newer, and perhaps of another source.
            if reader.flight.departures.load(Relaxed) == departures {
                reader.land(answer);
            }
            if reader.is_outrun.swap(false, Relaxed) {
                reader.plan_soon();
            }
        });
    }

    /// Once the owner is gone there is no source to ask, and nobody to answer to.
    fn fetch(&self, extent: usize) -> Reading<T> {
        if self.is_alive.load(Relaxed) {
            (self.fetch)(extent)
        } else {
            Box::pin(async { Err(Problem::new(Code::Unreachable, "The page is gone.")) })
        }
    }

    fn land(self: &Arc<Self>, answer: Answer<T>) {
        let comes_back = answer.as_ref().is_err_and(Problem::is_transient);
        self.write(|value| match value {
            // What is there is better than nothing, and the connection shows that it may be old.
            Some(Ok(_)) if comes_back => (false, ()),
            before => (replace(before, answer), ()),
        });
        if comes_back {
            self.plan(RETRY_MS);
        }
    }
}

/// Puts an answer in the place of the one before; tells whether they differ in what a page shows.
fn replace<T: Live>(value: &mut Option<Answer<T>>, answer: Answer<T>) -> bool {
    match (&mut *value, answer) {
        (Some(Ok(before)), Ok(now)) if before.data == now.data => {
            before.cursor = now.cursor;
            false
        }
        (Some(Err(before)), Err(now)) if *before == now => false,
        (_, answer) => {
            *value = Some(answer);
            true
        }
    }
}

fn patched(result: Applied) -> (bool, Applied) {
    (result != Applied::Ignored, result)
}

fn on_data<T: Live>(value: &mut Option<Answer<T>>, change: impl FnOnce(&mut T) -> Applied) -> Applied {
    match value {
        Some(Ok(snapshot)) => change(&mut snapshot.data),
        _ => Applied::Ignored,
    }
}

fn take_events<T: Live>(value: &mut Option<Answer<T>>, events: &[Arc<Envelope>]) -> Applied {
    match value {
        Some(Ok(snapshot)) => events
            .iter()
            .fold(Applied::Ignored, |so_far, event| so_far.max(apply(snapshot, event))),
        // What was not there may be there now.
        Some(Err(problem)) if is_missing(problem) && events.iter().any(|event| makes_something(event)) => Applied::Stale,
        _ => Applied::Ignored,
    }
}

fn is_missing(problem: &Problem) -> bool {
    matches!(problem.code, Code::KbNotFound | Code::EntryNotFound | Code::Forbidden)
}

fn makes_something(event: &Envelope) -> bool {
    match &event.event {
        Event::KbCreated(_) | Event::EntryCreated(_) => true,
        Event::EntryUpdated(change) => change.previous_id.is_some(),
        // What was not there for this person may be there now.
        event => event.is_of_rights(),
    }
}

fn failed_for_a_while<T: Live>(value: &Option<Answer<T>>) -> bool {
    matches!(value, Some(Err(problem)) if problem.is_transient())
}
