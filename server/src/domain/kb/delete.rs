//! Deletes a knowledge base with all that is in it.

use crate::domain::mutation::{self, Request};
use crate::domain::notification::kb_changed_in;
use crate::error::Error;
use crate::store::{Store, kbs};
use app::protocol::{Event, KbName};

/// Deletes a knowledge base, its entries, their history and its trash, for good. Nobody sees them from then on; their rows go in
/// pieces, meanwhile.
pub async fn delete(store: &Store, request: &Request, name: KbName) -> Result<(), Error> {
    request.caller.must_delete(&name)?;
    let subject = request.subject(&name, None);
    let of = request.clone();
    mutation::once(store, request, "kb.delete", &name.clone(), move |tx| {
        Box::pin(async move {
            let title = kbs::get(tx.connection(), &name).await?.title;
            kb_changed_in(tx, &of, &name, &format!("deleted the knowledge base “{title}”"), false).await?;
            kbs::delete(tx, &name).await?;
            tx.emit(subject, Event::KbDeleted {})?;
            Ok(())
        })
    })
    .await?;
    store.sweep_aside();
    Ok(())
}
