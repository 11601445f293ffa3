//! Says that a folder was synced into a knowledge base.

use crate::domain::mutation::Request;
use crate::domain::notification::kb_changed_in;
use crate::error::Error;
use crate::store::WriteTx;
use app::protocol::event::SyncCounts;
use app::protocol::{Event, KbName};

/// Says how a sync ended, after the events of its entries.
pub async fn tell_synced_in(tx: &mut WriteTx, request: &Request, kb: &KbName, counts: SyncCounts) -> Result<(), Error> {
    request.caller.must_write(kb)?;
    tx.emit(request.subject(kb, None), Event::KbSynced(counts))?;
    let changes = counts.added + counts.updated + counts.removed;
    if changes > 0 {
        kb_changed_in(tx, request, kb, &format!("synced {kb}: {changes} changes"), true).await?;
    }
    Ok(())
}
