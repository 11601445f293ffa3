//! Says that a folder was synced into a knowledge base.

use crate::domain::mutation::Request;
use crate::error::Error;
use crate::store::WriteTx;
use app::protocol::event::SyncCounts;
use app::protocol::{Event, KbName};

/// Says how a sync ended, after the events of its entries.
pub fn tell_synced_in(tx: &mut WriteTx, request: &Request, kb: &KbName, counts: SyncCounts) -> Result<(), Error> {
    request.caller.must_write(kb)?;
    tx.emit(request.subject(kb, None), Event::KbSynced(counts))?;
    Ok(())
}
