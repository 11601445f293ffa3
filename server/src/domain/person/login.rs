//! Logs somebody in and out, and changes their password.

use super::attempts::{Attempts, Source};
use super::{days_after, password};
use crate::domain::Caller;
use crate::domain::caller::Credential;
use crate::domain::mutation::{Once, Request};
use crate::domain::secret::{Secret, digest, is_form};
use crate::error::Error;
use crate::store::{Store, WriteTx, devices, known_browsers, people};
use app::protocol::{Actor, Code, Event, Problem, Timestamp, UserId};
use std::net::IpAddr;

/// For how many days a browser that is not used stays logged in.
pub(super) const DAYS: u32 = 30;
/// Browsers in which one person is logged in. Those beyond it that were used least recently are logged out.
const DEVICES: i64 = 50;

/// What a browser that was let in needs to know.
pub struct Entrance {
    /// What it shall send.
    pub secret: Secret,
    /// What it shall keep for its next login.
    pub known: Secret,
    /// Until when it is good, unless it is used before.
    pub expires_at: Timestamp,
    /// Who it is.
    pub user: UserId,
}

/// Lets a browser in, under a secret that nobody knew before (so a session cannot be fixed).
/// `known` is what the browser kept of an earlier login of theirs.
pub(super) async fn enter(
    tx: &mut WriteTx,
    request: &Request,
    user: &UserId,
    device: String,
    known: Option<Secret>,
) -> Result<Entrance, Error> {
    let secret = Secret::generate("")?;
    let expires_at = days_after(tx.now(), DAYS);
    let device_id = devices::insert(tx, user, &secret.digest(), &device, expires_at).await?;
    tx.emit(request.to(user), Event::DeviceAdded { device_id })?;
    for device_id in devices::beyond(tx, user, DEVICES).await? {
        devices::delete(tx, user, device_id).await?;
        tx.emit(request.to(user), Event::DeviceEnded { device_id })?;
    }
    let known = match known {
        Some(known) => known,
        None => Secret::generate("")?,
    };
    known_browsers::put(tx, user, &known.digest()).await?;
    Ok(Entrance {
        secret,
        known,
        expires_at,
        user: user.clone(),
    })
}

/// What a browser sends to log in.
pub struct Login<'a> {
    /// The name, as it was typed.
    pub user: &'a str,
    /// The password.
    pub password: String,
    /// What the browser is, for the list of devices.
    pub device: String,
    /// From where.
    pub address: IpAddr,
    /// What the browser kept of an earlier login.
    pub known: Option<&'a str>,
}

/// Logs somebody in. A wrong password and an unknown name answer alike, in the same time.
pub async fn login(store: &Store, attempts: &Attempts, login: Login<'_>) -> Result<Entrance, Error> {
    let account: String = login.user.trim().to_lowercase().chars().take(200).collect();
    let user = UserId::parse(&account).ok();
    let known = login.known.filter(|known| is_form(known, "")).map(digest);
    let (mut stored, mut is_known) = (None, false);
    if let Some(user) = &user {
        let mut tx = store.read().await?;
        stored = people::find(tx.connection(), user).await?.filter(|person| !person.removed);
        if let Some(digest) = &known {
            is_known = known_browsers::is_known(tx.connection(), user, digest).await?;
        }
    }
    let source = match known.as_deref().filter(|_| is_known) {
        Some(digest) => Source::Browser(digest),
        None => Source::Address(login.address),
    };
    let attempt = attempts.begin(&account, source).await?;
    let too_long = login.password.len() > app::protocol::limits::PASSWORD_BYTES;
    let digest = stored.and_then(|person| person.password).filter(|_| !too_long);
    let given = if too_long { String::new() } else { login.password };
    let right = password::is_right(given, digest.clone()).await?;
    let Some(user) = user.filter(|_| right) else {
        attempt.failed();
        return Err(wrong_password());
    };
    attempt.succeeded();
    let (device, known) = (login.device, known.filter(|_| is_known));
    let known = login.known.filter(|_| known.is_some()).map(Secret::known);
    store
        .write(move |tx| {
            Box::pin(async move {
                // What was right a moment ago may have been changed, or the person removed.
                let stored = people::find(tx.connection(), &user).await?;
                if stored.is_none_or(|person| person.removed || person.password != digest) {
                    return Err(wrong_password());
                }
                let request = Request::by(Caller::by_reach(user.clone(), Actor::User));
                enter(tx, &request, &user, device, known).await
            })
        })
        .await
}

fn wrong_password() -> Error {
    Problem::new(Code::WrongPassword, "Wrong name or password.").into()
}

/// Logs the browser out that asks; does nothing for who is known otherwise.
pub async fn log_out(store: &Store, caller: &Caller) -> Result<(), Error> {
    match caller.credential() {
        Credential::Device(id) => super::end_device(store, &Request::by(caller.clone()), id).await,
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
    known_browsers::forget(tx, user).await?;
    for device_id in devices::others(tx, user, keep).await? {
        devices::delete(tx, user, device_id).await?;
        tx.emit(request.to(user), Event::DeviceEnded { device_id })?;
    }
    Ok(())
}

/// Changes the caller's password, and logs all their other browsers out.
pub async fn change_password(store: &Store, attempts: &Attempts, request: &Request, old: String, new: String) -> Result<(), Error> {
    request.caller.must_administer_self()?;
    let user = request.caller.user().clone();
    // Whoever found an open browser must not be able to guess on.
    let attempt = attempts.begin(user.as_str(), Source::Inside).await?;
    let mut tx = store.read().await?;
    let digest = people::find(tx.connection(), &user).await?.and_then(|person| person.password);
    drop(tx);
    // Without the passwords: a digest that is fast to make is fast to guess.
    let once = Once::new(request, "person.change_password", &())?;
    if once.before::<()>(store).await?.is_some() {
        if password::is_right(new, digest).await? {
            attempt.succeeded();
            return Ok(());
        }
        attempt.failed();
        return Err(Error::IdempotencyKeyReused);
    }
    if !password::is_right(old, digest.clone()).await? {
        attempt.failed();
        return Err(Problem::new(Code::WrongPassword, "That is not your current password.").into());
    }
    attempt.succeeded();
    password::check(&new, &user)?;
    let new = password::hash(new).await?;
    let keep = match request.caller.credential() {
        Credential::Device(id) => Some(id),
        _ => None,
    };
    let of = request.clone();
    once.run(store, move |tx| {
        Box::pin(async move {
            if people::find(tx.connection(), &user).await?.and_then(|person| person.password) != digest {
                return Err(Problem::new(Code::WrongPassword, "That is not your current password.").into());
            }
            put_password(tx, &of, &user, &new, keep).await
        })
    })
    .await
}
