//! Changes what a knowledge base is called, and what it says of itself.

use super::create::{description, title};
use crate::domain::mutation::{self, Request};
use crate::domain::notification::kb_changed_in;
use crate::error::Error;
use crate::store::{Store, kbs};
use app::protocol::entry::{KbPatch, KbSummary};
use app::protocol::event::KbChange;
use app::protocol::{Event, KbName};

/// Changes a knowledge base. A change that changes nothing has no event.
pub async fn update(store: &Store, request: &Request, name: KbName, patch: KbPatch) -> Result<KbSummary, Error> {
    request.caller.must_rule(&name)?;
    let (content, of) = ((name.clone(), patch.clone()), request.clone());
    let subject = request.subject(&name, None);
    let level = request.caller.level(&name);
    let updated = mutation::once(store, request, "kb.update", &content, move |tx| {
        Box::pin(async move {
            let old = kbs::get(tx.connection(), &name).await?;
            let new = KbChange {
                title: patch.title.map_or(Ok(old.title.clone()), |given| title(&name, &given))?,
                description: patch.description.map_or(Ok(old.description.clone()), |given| description(&given))?,
                members: None,
            };
            if new.title == old.title && new.description == old.description {
                return Ok(old);
            }
            kbs::update(tx, &name, &new.title, &new.description).await?;
            tx.emit(subject, Event::KbUpdated(new.clone()))?;
            kb_changed_in(tx, &of, &name, &format!("changed the knowledge base “{}”", new.title), true).await?;
            kbs::get(tx.connection(), &name).await
        })
    });
    Ok(KbSummary { level, ..updated.await? })
}
