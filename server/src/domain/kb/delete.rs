//! Deletes a knowledge base with all that is in it.

use crate::domain::mutation::{self, Request};
use crate::error::Error;
use crate::store::{Store, kbs};
use app::protocol::{Event, KbName};

/// Deletes a knowledge base, its entries, their history and its trash, for good.
pub async fn delete(store: &Store, request: &Request, name: KbName) -> Result<(), Error> {
    request.caller.must_own()?;
    let subject = request.subject(&name, None);
    let command = name.clone();
    mutation::once(store, request, &command, move |tx| {
        Box::pin(async move {
            kbs::expect(tx.connection(), &name).await?;
            kbs::delete(tx, &name).await?;
            tx.emit(subject, Event::KbDeleted {})?;
            Ok(())
        })
    })
    .await
}
