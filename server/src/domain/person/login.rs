//! Logs somebody in and out, and changes their password.

use super::{days_after, password};
use crate::domain::Caller;
use crate::domain::caller::Credential;
use crate::domain::mutation::Request;
use crate::domain::secret::Secret;
use crate::error::Error;
use crate::store::{Store, WriteTx, devices, people};
use app::protocol::{Actor, Code, Event, Problem, Timestamp, UserId};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// For how many days a browser that is not used stays logged in.
pub(super) const DAYS: u32 = 30;

/// What a browser that was let in needs to know.
pub struct Entrance {
    /// What it shall send.
    pub secret: Secret,
    /// Until when it is good, unless it is used before.
    pub expires_at: Timestamp,
    /// Who it is.
    pub user: UserId,
}

/// Lets a browser in, under a secret that nobody knew before (so a session cannot be fixed).
pub(super) async fn enter(tx: &mut WriteTx, request: &Request, user: &UserId, device: String) -> Result<Entrance, Error> {
    let secret = Secret::generate("")?;
    let expires_at = days_after(tx.now(), DAYS);
    let device_id = devices::insert(tx, user, &secret.digest(), &device, expires_at).await?;
    tx.emit(request.to(user), Event::DeviceAdded { device_id })?;
    Ok(Entrance {
        secret,
        expires_at,
        user: user.clone(),
    })
}

/// How often somebody may try to log in.
#[derive(Debug, Clone)]
pub struct Limits {
    /// For one account from one address.
    by_both: Arc<DefaultKeyedRateLimiter<String>>,
    by_account: Arc<DefaultKeyedRateLimiter<String>>,
    by_address: Arc<DefaultKeyedRateLimiter<String>>,
    /// How often each account was tried in vain from each address since it was last entered from there, and until when that
    /// rests. Not for the account alone: whoever guesses elsewhere must not keep its person out.
    failures: Arc<Mutex<HashMap<String, (u32, Instant)>>>,
}

/// Tries a minute, for each account and each address.
const TRIES: NonZeroU32 = NonZeroU32::new(5).expect("five is not zero");
/// Tries a minute for an account, from everywhere: many addresses together shall not guess quickly either.
const TRIES_FROM_EVERYWHERE: NonZeroU32 = NonZeroU32::new(60).expect("not zero");
/// Accounts whose failures are remembered; beyond it, those that rest no longer are forgotten.
const REMEMBERED: usize = 10_000;
/// The longest rest of an account.
const LONGEST: Duration = Duration::from_secs(15 * 60);

impl Default for Limits {
    fn default() -> Self {
        let quota = Quota::per_minute(TRIES);
        Self {
            by_both: Arc::new(RateLimiter::keyed(quota)),
            by_account: Arc::new(RateLimiter::keyed(Quota::per_minute(TRIES_FROM_EVERYWHERE))),
            by_address: Arc::new(RateLimiter::keyed(quota)),
            failures: Arc::default(),
        }
    }
}

/// That a caller asks too often, and when they may ask again.
pub(crate) fn too_many(wait: Duration, what: &str) -> Error {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let seconds = seconds.max(1);
    Problem::new(Code::TooManyRequests, format!("{what} Try again in {seconds} s."))
        .with("retry_after", seconds)
        .into()
}

impl Limits {
    /// Counts a try; refuses it where there were too many.
    fn try_once(&self, account: &str, address: &str) -> Result<(), Error> {
        let now = Instant::now();
        let rest = {
            let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
            failures
                .get(&both(account, address))
                .and_then(|(_, until)| until.checked_duration_since(now))
        };
        if let Some(rest) = rest.filter(|rest| !rest.is_zero()) {
            return Err(too_many(rest, "This account was tried too often with a wrong password."));
        }
        let tries = [
            (&self.by_address, address.to_owned()),
            (&self.by_both, both(account, address)),
            (&self.by_account, account.to_owned()),
        ];
        for (limiter, key) in tries {
            if let Err(not_until) = limiter.check_key(&key) {
                let wait = not_until.wait_time_from(DefaultClock::default().now());
                return Err(too_many(wait, "There were too many tries to log in."));
            }
        }
        Ok(())
    }

    /// Each further failure makes the account rest twice as long.
    fn failed(&self, account: &str, address: &str) {
        let now = Instant::now();
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= REMEMBERED {
            failures.retain(|_, (_, until)| *until > now);
        }
        let (count, until) = failures.entry(both(account, address)).or_insert((0, now));
        *count += 1;
        // The first three cost nothing: people mistype.
        let rest = Duration::from_secs(1) * 2_u32.pow(count.saturating_sub(3).min(10)) * u32::from(*count > 3);
        *until = now + rest.min(LONGEST);
    }

    fn entered(&self, account: &str, address: &str) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.remove(&both(account, address));
    }

    /// Forgets who has not tried for a while.
    pub fn sweep(&self) {
        self.by_both.retain_recent();
        self.by_account.retain_recent();
        self.by_address.retain_recent();
        let now = Instant::now();
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.retain(|_, (_, until)| now.saturating_duration_since(*until) < LONGEST);
    }
}

fn both(account: &str, address: &str) -> String {
    format!("{account} {address}")
}

/// Logs somebody in. A wrong password and an unknown name answer alike, in the same time.
pub async fn login(store: &Store, limits: &Limits, name: &str, given: String, device: String, address: &str) -> Result<Entrance, Error> {
    let account: String = name.trim().to_lowercase().chars().take(200).collect();
    limits.try_once(&account, address)?;
    let user = UserId::parse(&account).ok();
    let stored = match &user {
        Some(user) => {
            let mut tx = store.read().await?;
            people::find(tx.connection(), user).await?.filter(|person| !person.removed)
        }
        None => None,
    };
    let too_long = given.len() > app::protocol::limits::PASSWORD_BYTES;
    let digest = stored.and_then(|person| person.password).filter(|_| !too_long);
    let given = if too_long { String::new() } else { given };
    let right = password::is_right(given, digest.clone()).await?;
    let Some(user) = user.filter(|_| right) else {
        limits.failed(&account, address);
        return Err(Problem::new(Code::WrongPassword, "The name and the password do not belong together.").into());
    };
    limits.entered(&account, address);
    store
        .write(move |tx| {
            Box::pin(async move {
                // What was right a moment ago may have been changed, or the person removed.
                let stored = people::find(tx.connection(), &user).await?;
                if stored.is_none_or(|person| person.removed || person.password != digest) {
                    return Err(Problem::new(Code::WrongPassword, "The name and the password do not belong together.").into());
                }
                let request = Request::by(Caller::by_reach(user.clone(), Actor::User));
                enter(tx, &request, &user, device).await
            })
        })
        .await
}

/// Logs the browser out that asks; does nothing for who is known otherwise.
pub async fn log_out(store: &Store, caller: &Caller) -> Result<(), Error> {
    match caller.credential() {
        Credential::Device(id) => super::end_device(store, caller, id).await,
        _ => Ok(()),
    }
}

/// Gives somebody a new password who has forgotten theirs. All their browsers are logged out.
pub async fn reset_password(store: &Store, request: &Request, user: UserId, new: String) -> Result<(), Error> {
    request.caller.must_own()?;
    password::check(&new, &user)?;
    let new = password::hash(new).await?;
    let request = request.clone();
    store
        .write(move |tx| {
            Box::pin(async move {
                people::role_of(tx.connection(), &user).await?;
                put_password(tx, &request, &user, &new, None).await
            })
        })
        .await
}

/// Writes a password down, and logs all browsers out but one.
async fn put_password(tx: &mut WriteTx, request: &Request, user: &UserId, digest: &str, keep: Option<i64>) -> Result<(), Error> {
    people::set_password(tx, user, digest).await?;
    for device_id in devices::others(tx, user, keep).await? {
        devices::delete(tx, user, device_id).await?;
        tx.emit(request.to(user), Event::DeviceEnded { device_id })?;
    }
    Ok(())
}

/// Changes the caller's password, and logs all their other browsers out.
pub async fn change_password(store: &Store, limits: &Limits, caller: &Caller, old: String, new: String) -> Result<(), Error> {
    caller.must_administer_self()?;
    let user = caller.user().clone();
    // Whoever found an open browser must not be able to guess on.
    let account = format!("password of {user}");
    limits.try_once(&account, &account)?;
    let mut tx = store.read().await?;
    let digest = people::find(tx.connection(), &user).await?.and_then(|person| person.password);
    drop(tx);
    if !password::is_right(old, digest.clone()).await? {
        limits.failed(&account, &account);
        return Err(Problem::new(Code::WrongPassword, "That is not your present password.").into());
    }
    password::check(&new, &user)?;
    let new = password::hash(new).await?;
    limits.entered(&account, &account);
    let keep = match caller.credential() {
        Credential::Device(id) => Some(id),
        _ => None,
    };
    let request = Request::by(caller.clone());
    store
        .write(move |tx| {
            Box::pin(async move {
                if people::find(tx.connection(), &user).await?.and_then(|person| person.password) != digest {
                    return Err(Problem::new(Code::WrongPassword, "That is not your present password.").into());
                }
                put_password(tx, &request, &user, &new, keep).await
            })
        })
        .await
}
