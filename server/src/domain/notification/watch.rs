//! Watches an entry, or a whole knowledge base.

use crate::domain::mutation::{self, Request};
use crate::error::Error;
use crate::store::{Store, entries, kbs, watches};
use app::protocol::{EntryId, Event, KbName};

/// Begins or stops to watch. Who watches is told when somebody else changes it.
pub async fn watch(store: &Store, request: &Request, kb: KbName, entry: Option<EntryId>, watching: bool) -> Result<(), Error> {
    request.caller.must_write_self()?;
    request.caller.must_read(&kb)?;
    let of = request.clone();
    mutation::once(store, request, "watch.set", &(kb.clone(), entry.clone(), watching), move |tx| {
        Box::pin(async move {
            let user = of.caller.user().clone();
            kbs::expect(tx.connection(), &kb).await?;
            let uid = match &entry {
                Some(id) => entries::get(tx.connection(), &kb, id).await?.uid,
                None => watches::WHOLE_KB,
            };
            if watches::set(tx, &kb, uid, &user, watching).await? {
                let mut subject = of.to(&user);
                subject.kb_name = Some(kb);
                subject.entry_id = entry;
                tx.emit(subject, Event::WatchChanged { watching })?;
            }
            Ok(())
        })
    })
    .await
}
