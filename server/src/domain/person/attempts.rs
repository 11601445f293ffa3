//! How often somebody may try to log in: whoever guesses is slowed down, and the person whose account it is still gets in.
//!
//! Only failures count, in budgets of their own: of an account from one network, of a network, of an account from everywhere, and
//! of a browser in which its person was logged in before. When a budget is used up, the next attempt has to wait, each time twice
//! as long. What many share is never refused for long, or guessing would keep everybody else out: a network waits for ten seconds
//! at the most, and an attempt on an account that is guessed at from everywhere is only delayed. A browser that was logged in
//! before depends on none of these.
//!
//! Keys are hashes: what strangers type is not kept, and takes no memory.

use crate::error::Error;
use app::protocol::{Code, Problem};
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Failures that cost nothing: people mistype.
const FREE: u32 = 5;
/// The same for an account from everywhere.
const FREE_FROM_EVERYWHERE: u32 = 60;
/// The longest wait of an account from one network, or of a browser.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// The longest wait of a network.
const LONGEST_OF_NETWORK: Duration = Duration::from_secs(10);
/// The longest delay of an attempt on an account that is guessed at from everywhere.
const LONGEST_DELAY: Duration = Duration::from_secs(5);
/// After so long without a failure, all are forgotten.
const FORGOTTEN: Duration = Duration::from_secs(30 * 60);
/// Budgets that are kept. Beyond it, those without a wait are forgotten first.
const KEPT: usize = 50_000;

/// Whose connections count as one: an address, or the network of an IPv6 address, of which one client has many.
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let prefix = u128::from(address) & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from(prefix))
        }
        address => address,
    }
}

/// From where somebody tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source<'a> {
    /// A browser in which this person was logged in before, by the digest of what it kept of that.
    Browser(&'a str),
    /// Anybody at this address.
    Address(IpAddr),
    /// Somebody who is logged in, and is asked for the password again.
    Inside,
}

#[derive(Hash)]
enum Key<'a> {
    Pair(&'a str, IpAddr),
    Network(IpAddr),
    Everywhere(&'a str),
    Browser(&'a str),
    Inside(&'a str),
    /// An account was entered from this network.
    Entered(&'a str, IpAddr),
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: Instant,
}

/// The failures of a while.
#[derive(Debug, Clone, Default)]
pub struct Attempts(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    failures: Mutex<HashMap<u64, Failures>>,
    keys: RandomState,
}

/// One attempt. It counts as a failure from its begin, so that many at the same time are not one; when it is dropped undecided, it
/// has not counted.
#[derive(Debug)]
pub struct Attempt {
    all: Attempts,
    counted: Vec<u64>,
    entered: Option<u64>,
}

/// That a caller asks too often, and when they may ask again.
pub(crate) fn too_many(wait: Duration, what: &str) -> Error {
    let seconds = (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1);
    Problem::new(Code::TooManyRequests, format!("{what} Try again in {seconds} s."))
        .with("retry_after", seconds)
        .into()
}

/// How long to wait after the last of these failures: twice as long for each beyond those that are free.
fn wait_after(count: u32, free: u32, longest: Duration) -> Duration {
    match count.checked_sub(free) {
        None | Some(0) => Duration::ZERO,
        Some(excess) => Duration::from_secs(1 << (excess - 1).min(20)).min(longest),
    }
}

impl Attempts {
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Failures>> {
        self.0.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn key(&self, key: &Key<'_>) -> u64 {
        self.0.keys.hash_one(key)
    }

    /// Begins an attempt on an account; refuses it when its source has to wait.
    pub async fn begin(&self, account: &str, source: Source<'_>) -> Result<Attempt, Error> {
        let (attempt, delay) = self.begin_now(account, source)?;
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        Ok(attempt)
    }

    fn begin_now(&self, account: &str, source: Source<'_>) -> Result<(Attempt, Duration), Error> {
        let now = Instant::now();
        let (mut limits, mut delayed, mut entered) = (vec![], None, None);
        match source {
            Source::Browser(digest) => limits.push((Key::Browser(digest), LONGEST)),
            Source::Inside => limits.push((Key::Inside(account), LONGEST)),
            Source::Address(address) => {
                let network = network_of(address);
                let known = self.key(&Key::Entered(account, network));
                limits.push((Key::Pair(account, network), LONGEST));
                entered = Some(known);
                // Whoever was let in from there before is not kept out by those who guess elsewhere, or at others.
                if !self.lock().contains_key(&known) {
                    limits.push((Key::Network(network), LONGEST_OF_NETWORK));
                    delayed = Some(self.key(&Key::Everywhere(account)));
                }
            }
        }
        let limits: Vec<(u64, Duration)> = limits.into_iter().map(|(key, longest)| (self.key(&key), longest)).collect();
        let mut failures = self.lock();
        let of = |failures: &HashMap<u64, Failures>, key: u64| {
            let found = failures.get(&key).copied();
            found.filter(|found| now.saturating_duration_since(found.last) < FORGOTTEN)
        };
        for (key, longest) in &limits {
            let Some(found) = of(&failures, *key) else { continue };
            let until = found.last + wait_after(found.count, FREE - 1, *longest);
            if let Some(wait) = until.checked_duration_since(now).filter(|wait| !wait.is_zero()) {
                return Err(too_many(wait, "There were too many attempts to log in."));
            }
        }
        let elsewhere = delayed.and_then(|key| of(&failures, key)).map_or(0, |found| found.count);
        let delay = wait_after(elsewhere, FREE_FROM_EVERYWHERE, LONGEST_DELAY);
        make_room(&mut failures, now);
        let counted: Vec<u64> = limits.iter().map(|(key, _)| *key).chain(delayed).collect();
        for key in &counted {
            let count = of(&failures, *key).map_or(0, |found| found.count);
            let count = count.saturating_add(1);
            failures.insert(*key, Failures { count, last: now });
        }
        drop(failures);
        let all = self.clone();
        Ok((Attempt { all, counted, entered }, delay))
    }

    /// Forgets who has not tried for a while.
    pub fn sweep(&self) {
        let now = Instant::now();
        self.lock().retain(|_, found| now.saturating_duration_since(found.last) < FORGOTTEN);
    }
}

/// Makes room for the budgets of one attempt.
fn make_room(failures: &mut HashMap<u64, Failures>, now: Instant) {
    if failures.len() < KEPT {
        return;
    }
    let age = |found: &Failures| now.saturating_duration_since(found.last);
    failures.retain(|_, found| age(found) < FORGOTTEN && (found.count > FREE || age(found) < Duration::from_secs(60)));
    if failures.len() >= KEPT {
        failures.retain(|_, found| found.count > FREE);
    }
    if failures.len() >= KEPT {
        failures.clear();
    }
}

impl Attempt {
    /// The password was wrong.
    pub fn failed(mut self) {
        self.counted.clear();
    }

    /// The password was right: what was mistyped before is forgotten.
    pub fn succeeded(mut self) {
        let now = Instant::now();
        let mut failures = self.all.lock();
        if let Some(own) = self.counted.first() {
            failures.remove(own);
        }
        if let Some(entered) = self.entered {
            failures.insert(entered, Failures { count: 0, last: now });
        }
        drop(failures);
        self.counted = self.counted.split_off(1.min(self.counted.len()));
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let mut failures = self.all.lock();
        for key in &self.counted {
            if let Some(found) = failures.get_mut(key) {
                found.count = found.count.saturating_sub(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(address: &str) -> Source<'static> {
        Source::Address(address.parse().unwrap())
    }

    /// Tries so often in vain, as fast as it is allowed to; how often that was.
    async fn guess(attempts: &Attempts, account: &str, source: Source<'_>, times: u32) -> u32 {
        let mut made = 0;
        for _ in 0..times {
            if let Ok(attempt) = attempts.begin(account, source).await {
                attempt.failed();
                made += 1;
            }
        }
        made
    }

    async fn wait(attempts: &Attempts, account: &str, source: Source<'_>) -> u64 {
        match attempts.begin(account, source).await {
            Ok(_) => 0,
            Err(error) => Problem::from(error).extra["retry_after"].as_u64().unwrap(),
        }
    }

    #[test]
    fn the_addresses_of_one_network_count_as_one() {
        let of = |text: &str| network_of(text.parse().unwrap()).to_string();
        assert_eq!(of("192.0.2.7"), "192.0.2.7");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7");
    }

    #[tokio::test(start_paused = true)]
    async fn each_further_failure_waits_twice_as_long() {
        let attempts = Attempts::default();
        assert_eq!(guess(&attempts, "ada", from("192.0.2.1"), 9).await, 5);
        let mut waits = vec![];
        for _ in 0..12 {
            let seconds = wait(&attempts, "ada", from("192.0.2.1")).await;
            waits.push(seconds);
            tokio::time::advance(Duration::from_secs(seconds)).await;
            attempts.begin("ada", from("192.0.2.1")).await.unwrap().failed();
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        tokio::time::advance(FORGOTTEN).await;
        assert_eq!(
            guess(&attempts, "ada", from("192.0.2.1"), 9).await,
            5,
            "they are forgotten after a while"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn many_at_the_same_time_are_not_one() {
        let attempts = Attempts::default();
        let mut under_way = vec![];
        for _ in 0..20 {
            under_way.extend(attempts.begin("ada", from("192.0.2.1")).await.ok());
        }
        assert_eq!(under_way.len(), 5);
        drop(under_way);
        assert_eq!(
            wait(&attempts, "ada", from("192.0.2.1")).await,
            0,
            "what was not decided has not counted"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_guess_elsewhere_keeps_nobody_out() {
        let attempts = Attempts::default();
        let begin = Instant::now();
        for n in 0..1_000_u32 {
            let address = IpAddr::from(std::net::Ipv4Addr::from(0x0a00_0000 + n));
            guess(&attempts, "ada", Source::Address(address), 1).await;
        }
        assert!(
            begin.elapsed() > Duration::from_secs(900 * 5),
            "guessing is slow: {:?}",
            begin.elapsed()
        );
        let before = Instant::now();
        attempts.begin("ada", from("192.0.2.7")).await.unwrap().succeeded();
        assert_eq!(before.elapsed(), LONGEST_DELAY, "somewhere new she waits a moment");
        attempts.begin("ada", from("192.0.2.7")).await.unwrap().succeeded();
        assert_eq!(before.elapsed(), LONGEST_DELAY, "and where she was before she does not");
    }

    #[tokio::test(start_paused = true)]
    async fn a_guess_at_the_same_address_does_not_keep_out_a_browser_that_was_there_before() {
        let attempts = Attempts::default();
        guess(&attempts, "ada", from("192.0.2.1"), 100).await;
        assert!(wait(&attempts, "ada", from("192.0.2.1")).await > 0);
        assert!(wait(&attempts, "bob", from("192.0.2.1")).await <= 10, "others there wait a little");
        attempts.begin("ada", Source::Browser("digest")).await.unwrap().succeeded();
        assert_eq!(
            guess(&attempts, "ada", Source::Browser("digest"), 9).await,
            5,
            "which has a limit of its own"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn one_client_of_ipv6_has_one_budget() {
        let attempts = Attempts::default();
        let mut made = 0;
        for n in 1..100 {
            made += guess(&attempts, &format!("user{n}"), from(&format!("2001:db8:0:1::{n:x}")), 1).await;
        }
        assert_eq!(made, 5);
        assert_eq!(guess(&attempts, "ada", from("2001:db8:0:2::1"), 1).await, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn names_that_strangers_make_up_take_a_bounded_amount_of_memory() {
        let attempts = Attempts::default();
        for n in 0..200_000_u32 {
            let address = IpAddr::from(std::net::Ipv4Addr::from(n));
            let (attempt, _) = attempts.begin_now(&format!("name{n}"), Source::Address(address)).unwrap();
            attempt.failed();
        }
        assert!(attempts.lock().len() <= KEPT + 3, "{}", attempts.lock().len());
        attempts.sweep();
        tokio::time::advance(FORGOTTEN).await;
        attempts.sweep();
        assert!(attempts.lock().is_empty());
    }
}
