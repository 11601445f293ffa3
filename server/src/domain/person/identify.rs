//! Recognises who asks by what they send.

use super::add::add_in;
use super::days_after;
use super::issuer::Issuer;
use super::login::DAYS;
use crate::clock;
use crate::domain::Caller;
use crate::domain::caller::{Credential, Identity};
use crate::domain::mutation::Request;
use crate::domain::secret::{digest, is_form};
use crate::error::Error;
use crate::store::{Store, WriteTx, access, devices, people, tokens};
use app::protocol::people::{Role, Scope};
use app::protocol::{Actor, Code, Problem, Timestamp, UserId};
use tokio::sync::Semaphore;

/// What somebody sends to be known by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Presented<'r> {
    /// The secret of a browser, in a cookie.
    Cookie(&'r str),
    /// A program's token, or one of another issuer.
    Bearer(&'r str),
}

/// How our tokens begin.
pub(super) const TOKEN_PREFIX: &str = "tdg_";

/// How long a use is not written down again, in milliseconds.
const MINUTE: i64 = 60 * 1_000;

/// Who that is; none where it is nobody, or nobody any longer.
pub async fn identify(store: &Store, presented: Presented<'_>, issuer: Option<&Issuer>) -> Result<Option<Caller>, Error> {
    match presented {
        // What cannot be one of ours costs no look.
        Presented::Cookie(secret) if !is_form(secret, "") => Ok(None),
        Presented::Cookie(secret) => by_device(store, secret).await,
        // Ours have no dots, and those of others (RFC 7519) have two.
        Presented::Bearer(secret) if secret.contains('.') => match issuer {
            Some(issuer) => by_issuer(store, issuer, secret).await,
            None => Ok(None),
        },
        Presented::Bearer(secret) if !is_form(secret, TOKEN_PREFIX) => Ok(None),
        Presented::Bearer(secret) => by_token(store, secret).await,
    }
}

async fn by_device(store: &Store, secret: &str) -> Result<Option<Caller>, Error> {
    let (mut tx, now) = (store.read().await?, clock::now());
    let Some(known) = devices::find(tx.connection(), &digest(secret), now).await? else {
        return Ok(None);
    };
    let standing = access::standing(tx.connection(), &known.user, known.role).await?;
    drop(tx);
    let expires_at = if is_long_ago(known.used_at, now) {
        let until = days_after(now, DAYS);
        let (id, user) = (known.device_id, known.user.clone());
        note(store, move |tx| Box::pin(async move { devices::used(tx, id, &user, until).await }));
        until
    } else {
        known.expires_at
    };
    let identity = Identity {
        actor: Actor::User(known.user.clone()),
        user: known.user,
        credential: Credential::Device(known.device_id),
        scopes: Scope::ALL.to_vec(),
        only: None,
        expires_at: Some(expires_at),
    };
    Ok(Some(Caller::new(identity, standing)))
}

async fn by_token(store: &Store, secret: &str) -> Result<Option<Caller>, Error> {
    let (mut tx, now) = (store.read().await?, clock::now());
    let Some((token, role)) = tokens::find(tx.connection(), &digest(secret), now).await? else {
        return Ok(None);
    };
    let standing = access::standing(tx.connection(), &token.user_id, role).await?;
    drop(tx);
    if token.last_used_at.is_none_or(|used| is_long_ago(used, now)) {
        let token = token.clone();
        note(store, move |tx| Box::pin(async move { tokens::used(tx, &token).await }));
    }
    let actor = if token.name == token.user_id {
        Actor::User(token.user_id.clone())
    } else {
        Actor::Agent(token.name)
    };
    let identity = Identity {
        actor,
        user: token.user_id,
        credential: Credential::Token(token.id),
        scopes: token.scopes,
        only: token.kb_name,
        expires_at: token.expires_at,
    };
    Ok(Some(Caller::new(identity, standing)))
}

async fn by_issuer(store: &Store, issuer: &Issuer, secret: &str) -> Result<Option<Caller>, Error> {
    let Some(claims) = issuer.verify(secret) else { return Ok(None) };
    let Ok(user) = super::exact_name(&claims.sub) else {
        return Ok(None);
    };
    let mut tx = store.read().await?;
    let mut found = people::find(tx.connection(), &user).await?;
    if found.is_none() {
        drop(tx);
        provision(store, &user, issuer).await?;
        tx = store.read().await?;
        found = people::find(tx.connection(), &user).await?;
    }
    // The issuer does not know that we removed them.
    let Some(person) = found.filter(|person| !person.removed) else {
        return Ok(None);
    };
    // An account of the same name that was made here is somebody else's, until its owner says otherwise.
    if !issuer.speaks_for(person.issuer.as_deref()) {
        let detail = format!(
            "There is an account {user} here that is not linked to {}. Its owner can link it with PUT /api/me/issuer.",
            issuer.name()
        );
        return Err(Problem::new(Code::Unauthenticated, detail).into());
    }
    let role = person.role;
    let standing = access::standing(tx.connection(), &user, role).await?;
    let identity = Identity {
        actor: Actor::User(user.clone()),
        user,
        credential: Credential::Issuer,
        scopes: claims.scopes,
        only: None,
        expires_at: Some(claims.expires_at),
    };
    Ok(Some(Caller::new(identity, standing)))
}

/// Makes an account for a user of the issuer: a member without a password.
async fn provision(store: &Store, user: &UserId, issuer: &Issuer) -> Result<(), Error> {
    let (user, issuer) = (user.clone(), issuer.name().to_owned());
    store
        .write(move |tx| {
            Box::pin(async move {
                // Two first requests at the same time.
                if people::find(tx.connection(), &user).await?.is_some() {
                    return Ok(());
                }
                add_in(tx, &Request::by(Caller::system()), &user, Role::Member, None).await?;
                people::set_issuer(tx, &user, Some(&issuer)).await
            })
        })
        .await
}

fn is_long_ago(used: Timestamp, now: Timestamp) -> bool {
    now.millis() - used.millis() > MINUTE
}

/// Uses that are written down at the same time.
static NOTING: Semaphore = Semaphore::const_new(16);

/// Writes down a use while the request goes on. Where it fails, or many are being written, the next use is written down.
fn note<F>(store: &Store, work: F)
where
    F: for<'t> FnOnce(&'t mut WriteTx) -> crate::store::BoxFuture<'t, Result<(), Error>> + Send + 'static,
{
    let Ok(permit) = NOTING.try_acquire() else { return };
    let store = store.clone();
    tokio::spawn(async move {
        let _permit = permit;
        if let Err(error) = store.write(work).await {
            tracing::debug!(%error, "a use was not written down");
        }
    });
}
