//! Politeness towards one site: few requests at once, none too soon after another, and none at all for a while when the
//! site says that it has too much to do.

use super::failure::FetchError;
use super::fetch::{Ask, Fetched, Fetcher};
use reqwest::StatusCode;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex as Turn, Semaphore};
use tokio::time::{Instant, sleep_until};
use url::Url;

/// How fast a site is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaceSettings {
    /// Most requests at once.
    pub at_once: usize,
    /// Between the beginnings of two requests.
    pub delay: Duration,
    /// Longest delay that a `robots.txt` can ask for.
    pub longest_delay: Duration,
    /// How often a page is asked for again after 429 or 503.
    pub retries: u32,
    /// After the first 429 or 503 that says nothing else; doubled each time.
    pub first_wait: Duration,
    /// Longest wait, whatever the site asks for.
    pub longest_wait: Duration,
}

impl Default for PaceSettings {
    fn default() -> Self {
        Self {
            at_once: 4,
            delay: Duration::from_millis(100),
            longest_delay: Duration::from_secs(10),
            retries: 3,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(60),
        }
    }
}

/// Asks one site, no faster than is polite. Dropping a request that waits takes it out of the queue.
#[derive(Debug)]
pub struct Pace {
    settings: PaceSettings,
    slots: Semaphore,
    /// When the next request may begin. Held while waiting for that, so that they begin in order.
    next: Turn<Instant>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    delay: Duration,
    /// The site is left alone until then.
    quiet_until: Instant,
}

impl Pace {
    /// A pace for one site.
    pub fn new(settings: PaceSettings) -> Self {
        Self {
            settings,
            slots: Semaphore::new(settings.at_once.max(1)),
            next: Turn::new(Instant::now()),
            state: Mutex::new(State {
                delay: settings.delay,
                quiet_until: Instant::now(),
            }),
        }
    }

    /// Slows down to what the site's `robots.txt` asks for. Never makes it faster.
    pub fn heed(&self, crawl_delay: Option<Duration>) {
        let asked = crawl_delay.unwrap_or_default().min(self.settings.longest_delay);
        self.with_state(|state| state.delay = state.delay.max(asked));
    }

    /// Asks for a URL when its turn has come, as [`Fetcher::get`] does. After 429 and 503 the whole site is left alone for a
    /// while, and the URL is asked for again; the error is the last one. Redirects wait for no turn of their own.
    pub async fn get(&self, fetcher: &Fetcher, url: &Url, ask: &Ask, may_follow: impl Fn(&Url) -> bool) -> Result<Fetched, FetchError> {
        let mut tried = 0;
        loop {
            let result = {
                // Never closed.
                let _slot = self.slots.acquire().await.ok();
                self.turn().await;
                fetcher.get(url, ask, &may_follow).await
            };
            match result {
                Err(error) if tried < self.settings.retries && is_overload(&error) => self.back_off(&error, tried),
                result => return result,
            }
            tried += 1;
        }
    }

    fn with_state<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        // Nothing panics while it is held.
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn turn(&self) {
        let mut next = self.next.lock().await;
        loop {
            let from = self.with_state(|state| state.quiet_until).max(*next);
            if from <= Instant::now() {
                break;
            }
            sleep_until(from).await;
        }
        *next = Instant::now() + self.with_state(|state| state.delay);
    }

    fn back_off(&self, error: &FetchError, tried: u32) {
        let wait = error
            .retry_after()
            .unwrap_or_else(|| self.settings.first_wait.saturating_mul(1 << tried.min(16)));
        let until = Instant::now() + wait.min(self.settings.longest_wait);
        self.with_state(|state| state.quiet_until = state.quiet_until.max(until));
    }
}

fn is_overload(error: &FetchError) -> bool {
    matches!(
        error.status(),
        Some(StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
    )
}
