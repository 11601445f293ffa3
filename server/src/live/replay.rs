//! Step 6, catching up: what a subscriber missed, from memory or from the log.

use super::hub::Hub;
use super::rights;
use super::subscriber::Published;
use crate::domain::Caller;
use crate::domain::caller::Credential;
use crate::error::Error;
use crate::store::{ReadTx, Store, log};
use app::protocol::frame::Refusal;
use app::protocol::{Cursor, Seq};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Events that are read from the log at a time: bounds the memory of one that catches up.
const BATCH: usize = 256;
/// How many read the log at the same time, so that those who come back from far leave others their turn.
static CATCHING_UP: Semaphore = Semaphore::const_new(4);

/// Whether a client that has seen up to `cursor` can be brought up to date, up to `upto`. Where not, it must read anew.
pub async fn check(store: &Store, cursor: Option<&Cursor>, caller: &Caller, upto: Seq) -> Result<Result<Seq, Refusal>, Error> {
    let Some(cursor) = cursor else { return Ok(Err(Refusal::NoCursor)) };
    let mut tx = store.read().await?;
    let Cursor { epoch, seq: head } = tx.cursor();
    Ok(if epoch != cursor.epoch {
        Err(Refusal::EpochChanged)
    } else if cursor.seq > head {
        Err(Refusal::Ahead)
    } else if cursor.seq < log::floor(&mut tx).await? {
        Err(Refusal::TooOld)
    } else if rights_changed(&mut tx, caller, cursor.seq, upto).await? {
        Err(Refusal::RightsChanged)
    } else {
        Ok(cursor.seq)
    })
}

/// Whether what somebody may hear was not the same all the time between two places of the log.
pub async fn rights_changed(tx: &mut ReadTx, caller: &Caller, after: Seq, upto: Seq) -> Result<bool, Error> {
    if caller.credential() == Credential::Reach || after >= upto {
        return Ok(false);
    }
    let events = log::of_access(tx, after, upto).await?;
    Ok(events.iter().any(|event| rights::concerns(event, caller)))
}

/// The next events after `after`, up to and with `upto`; at most [`BATCH`]. `None` where the log no longer has them.
pub async fn next(hub: &Hub, store: &Store, after: Seq, upto: Seq) -> Result<Option<Vec<Arc<Published>>>, Error> {
    if let Some(events) = hub.recent(after, upto, BATCH) {
        return Ok(Some(events));
    }
    let _turn = CATCHING_UP.acquire().await.map_err(|closed| Error::Damaged(closed.to_string()))?;
    let mut tx = store.read().await?;
    let records = log::after(&mut tx, after, upto, BATCH).await?;
    if records.first().is_none_or(|record| record.seq != after.next()) {
        return Ok(None);
    }
    Ok(Some(records.into_iter().map(|record| Arc::new(Published::from(record))).collect()))
}
