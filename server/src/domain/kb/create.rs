//! Makes a knowledge base.

use crate::domain::mutation::{self, Request};
use crate::domain::title;
use crate::error::Error;
use crate::store::{Store, WriteTx, kbs};
use app::protocol::entry::{KbSummary, NewKb};
use app::protocol::event::KbChange;
use app::protocol::{Event, KbName, limits};

/// Makes a knowledge base. `KbExists` where the name is taken.
pub async fn create(store: &Store, request: &Request, new: NewKb) -> Result<KbSummary, Error> {
    let command = new.clone();
    mutation::once(store, request, &new, {
        let request = request.clone();
        move |tx| Box::pin(async move { create_in(tx, &request, command).await })
    })
    .await
}

/// Makes a knowledge base as part of a larger change.
pub async fn create_in(tx: &mut WriteTx, request: &Request, new: NewKb) -> Result<KbSummary, Error> {
    request.caller.must_own()?;
    let name = KbName::parse(&new.name)?;
    let title = title(&name, new.title.as_deref().unwrap_or_default())?;
    let description = description(new.description.as_deref().unwrap_or_default())?;
    if kbs::exists(tx.connection(), &name).await? {
        return Err(Error::KbExists(name));
    }
    kbs::insert(tx, &name, &title, &description).await?;
    tx.emit(request.subject(&name, None), Event::KbCreated(KbChange { title, description }))?;
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
