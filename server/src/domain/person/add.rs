//! Gives somebody an account: the first owner by the link of a first start, others by an invitation, or by an owner.

use super::login::{Entrance, enter};
use super::password;
use crate::clock;
use crate::domain::Caller;
use crate::domain::mutation::{Once, Request, Small};
use crate::domain::secret::{self, Secret};
use crate::error::Error;
use crate::store::{Store, WriteTx, invitations, people};
use app::protocol::people::{NewPerson, Person, Role};
use app::protocol::{Code, Event, Problem, UserId};

impl Small for Person {}

/// Adds a person. Without a password, only programs can speak for them.
pub async fn add(store: &Store, request: &Request, user: &str, password: Option<String>, role: Role) -> Result<Person, Error> {
    request.caller.must_own()?;
    let user = super::name(user)?;
    // Without the password: a digest that is fast to make is fast to guess.
    let once = Once::new(request, "person.add", &(&user, role, password.is_some()))?;
    if let Some(person) = once.before(store).await? {
        if let Some(password) = password {
            let mut tx = store.read().await?;
            let stored = people::find(tx.connection(), &user).await?.and_then(|person| person.password);
            drop(tx);
            if !password::is_right(password, stored).await? {
                return Err(Error::IdempotencyKeyReused);
            }
        }
        return Ok(person);
    }
    let digest = match password {
        Some(password) => {
            password::check(&password, &user)?;
            Some(password::hash(password).await?)
        }
        None => None,
    };
    let of = request.clone();
    once.run(store, move |tx| {
        Box::pin(async move {
            add_in(tx, &of, &user, role, digest.as_deref()).await?;
            people::get(tx.connection(), &user).await
        })
    })
    .await
}

/// Adds a person as part of a larger change.
pub(super) async fn add_in(tx: &mut WriteTx, request: &Request, user: &UserId, role: Role, password: Option<&str>) -> Result<(), Error> {
    if people::find(tx.connection(), user).await?.is_some_and(|person| !person.removed) {
        return Err(taken(user));
    }
    if user.as_str() == Caller::OWNER {
        people::adopt(tx, user, role, password).await?;
    } else {
        people::insert(tx, user, role, password).await?;
    }
    let user_id = user.clone();
    tx.emit(request.to_all(), Event::PersonJoined { user_id, role })?;
    Ok(())
}

fn taken(user: &UserId) -> Error {
    Problem::new(Code::PersonExists, format!("The name {user} is taken. Choose another one."))
        .with("field", "user_id")
        .into()
}

/// Makes the link by which the first owner gets their account, where there is none yet. One from before is no longer good.
pub async fn claim_link(store: &Store) -> Result<Option<Secret>, Error> {
    let mut tx = store.read().await?;
    if people::owners(tx.connection()).await? > 0 {
        return Ok(None);
    }
    drop(tx);
    let secret = Secret::generate("")?;
    let digest = secret.digest();
    store
        .write(move |tx| Box::pin(async move { invitations::insert_claim(tx, &digest).await }))
        .await?;
    Ok(Some(secret))
}

fn gone() -> Error {
    Problem::new(
        Code::LinkGone,
        "This link was used before, or has expired. Ask an owner of this server for a new one.",
    )
    .into()
}

/// What the link with this secret makes of who comes by it; `link_gone` where it is not good. `claim` says which kind.
pub async fn link(store: &Store, secret: &str, claim: bool) -> Result<Role, Error> {
    let mut tx = store.read().await?;
    let found = invitations::find(tx.connection(), &secret::digest(secret), clock::now()).await?;
    let still = !claim || people::owners(tx.connection()).await? == 0;
    match found {
        Some(found) if found.claim == claim && still => Ok(found.role),
        _ => Err(gone()),
    }
}

/// Makes the first owner, and logs them in.
pub async fn claim(store: &Store, secret: &str, new: NewPerson, device: String) -> Result<Entrance, Error> {
    by_link(store, secret, true, new, device).await
}

/// Makes an account for who was invited, and logs them in.
pub async fn join(store: &Store, secret: &str, new: NewPerson, device: String) -> Result<Entrance, Error> {
    by_link(store, secret, false, new, device).await
}

async fn by_link(store: &Store, secret: &str, claim: bool, new: NewPerson, device: String) -> Result<Entrance, Error> {
    // Before the password: who has no link learns nothing of what is taken, and costs no digest.
    link(store, secret, claim).await?;
    // The owner of a server that was used without accounts may keep their name.
    let user = match new.user_id.trim() {
        Caller::OWNER if claim => UserId::parse(Caller::OWNER)?,
        name => super::name(name)?,
    };
    password::check(&new.password, &user)?;
    let password = password::hash(new.password).await?;
    let digest = secret::digest(secret);
    store
        .write(move |tx| {
            Box::pin(async move {
                let now = tx.now();
                let found = invitations::find(tx.connection(), &digest, now).await?;
                let found = found.filter(|found| found.claim == claim).ok_or_else(gone)?;
                if claim && people::owners(tx.connection()).await? > 0 {
                    return Err(gone());
                }
                // They are who does it, though nobody until now.
                let request = Request::by(Caller::by_reach(user.clone(), app::protocol::Actor::User));
                // Whoever was called so before is somebody else, whose name stands on what they wrote.
                if people::find(tx.connection(), &user).await?.is_some() {
                    return Err(taken(&user));
                }
                add_in(tx, &request, &user, found.role, Some(&password)).await?;
                invitations::delete(tx, found.id).await?;
                enter(tx, &request, &user, device, None).await
            })
        })
        .await
}
