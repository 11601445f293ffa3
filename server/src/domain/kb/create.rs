//! Makes a knowledge base.

use super::access::{check_members, give_in};
use crate::domain::mutation::{self, Request};
use crate::domain::title;
use crate::error::Error;
use crate::store::{Store, WriteTx, kbs};
use app::protocol::entry::{KbSummary, NewKb};
use app::protocol::event::KbChange;
use app::protocol::people::{Level, Role};
use app::protocol::{Code, Event, KbName, Problem, limits};

/// Knowledge bases of a server. Each list of them is whole.
const KBS: i64 = 1_000;

/// Makes a knowledge base. `KbExists` where the name is taken.
pub async fn create(store: &Store, request: &Request, new: NewKb) -> Result<KbSummary, Error> {
    request.caller.must_make()?;
    let command = new.clone();
    if let Ok(name) = KbName::parse(&new.name)
        && kbs::is_going(store.read().await?.connection(), &name).await?
    {
        // One of the same name was deleted a moment ago.
        store.sweep().await?;
    }
    let made = mutation::once(store, request, "kb.create", &new, {
        let request = request.clone();
        move |tx| Box::pin(async move { create_in(tx, &request, command).await })
    });
    let made = made.await?;
    let level = Level::Admin;
    Ok(KbSummary { level, ..made })
}

/// Makes a knowledge base as part of a larger change.
pub async fn create_in(tx: &mut WriteTx, request: &Request, new: NewKb) -> Result<KbSummary, Error> {
    request.caller.must_make()?;
    let name = KbName::parse(&new.name)?;
    let title = title(&name, new.title.as_deref().unwrap_or_default())?;
    let description = description(new.description.as_deref().unwrap_or_default())?;
    if kbs::exists(tx.connection(), &name).await? && request.caller.must_read(&name).is_ok() {
        return Err(Error::KbExists(name));
    }
    if kbs::exists(tx.connection(), &name).await? || kbs::is_going(tx.connection(), &name).await? {
        // Whether somebody has a private one of this name, and how it is written, is not said.
        let detail = format!("The name {:?} is not available. Choose another one.", new.name.trim());
        return Err(Problem::new(Code::NameUnavailable, detail).with("field", "name").into());
    }
    if kbs::how_many(tx.connection()).await? >= KBS {
        let detail = format!("This server has {KBS} knowledge bases. Delete those that nobody needs.");
        return Err(Problem::new(Code::LimitReached, detail).into());
    }
    let members = check_members(new.members.unwrap_or(Level::Read))?;
    kbs::insert(tx, &name, &title, &description, members).await?;
    // Before all else that is heard of it: who made it rules it.
    if request.caller.role() == Role::Member {
        give_in(tx, request, &name, request.caller.user(), Some(Level::Admin)).await?;
    }
    let change = KbChange {
        title,
        description,
        members: Some(members),
    };
    tx.emit(request.subject(&name, None), Event::KbCreated(change))?;
    kbs::get(tx.connection(), &name).await
}

/// A title for this knowledge base: its name, where nothing can be seen of the one that is given.
pub(super) fn title(name: &KbName, given: &str) -> Result<String, Error> {
    Ok(title::clean(given)?.unwrap_or_else(|| name.to_string()))
}

/// A description as it is stored.
pub(super) fn description(given: &str) -> Result<String, Error> {
    let description = given.trim();
    if description.chars().count() > limits::DESCRIPTION_CHARS {
        return Err(Error::InvalidValue {
            field: "description",
            why: format!("it may have {} characters", limits::DESCRIPTION_CHARS),
        });
    }
    Ok(description.to_owned())
}
