//! Syncs a folder again whenever something in it changes.

use super::bring::sync_again;
use super::{Announce, Report, SyncError, sync};
use crate::domain::mutation::Request;
use crate::error::Error;
use crate::store::{Store, kbs};
use app::protocol::{KbName, Timestamp};
use notify_debouncer_full::notify::{EventKind, RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, Debouncer, RecommendedCache, new_debouncer};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Changes that come closer together than this are taken together.
const TOGETHER: Duration = Duration::from_millis(200);
/// How often it is looked whether the folder and the knowledge base are still the same ones. A watch stays with a folder
/// that is moved away.
const LOOK: Duration = Duration::from_millis(500);
/// How long to wait where the database could not be written.
const RETRY: Duration = Duration::from_secs(1);

/// Syncs the folder, and again after each change, until `stop`. `report` is told of the first sync and of each later one
/// that did something. While the folder is missing (somebody replaces it) nothing is removed. `KbDeleted` when somebody
/// deletes the knowledge base: to make it again would undo that.
pub async fn watch(
    store: &Store,
    request: &Request,
    kb: &KbName,
    folder: &Path,
    stop: &CancellationToken,
    mut report: impl FnMut(&Report),
) -> Result<(), SyncError> {
    let changed = Arc::new(Notify::new());
    let mut watched = Watched::new(folder, &changed)?;
    report(&sync(store, request, kb, folder, Announce::Always).await?);
    let made = made(store, kb).await?;
    let mut timer = tokio::time::interval(LOOK);
    timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = changed.notified() => {}
            _ = timer.tick() => {
                must_be_same(store, kb, made).await?;
                if !watched.is_replaced(folder) {
                    continue;
                }
                match Watched::new(folder, &changed) {
                    Ok(anew) => watched = anew,
                    // It is gone again already: the next look tells.
                    Err(_) => continue,
                }
            }
        }
        must_be_same(store, kb, made).await?;
        match sync_again(store, request, kb, folder).await {
            Ok(done) if did_something(&done) => report(&done),
            Ok(_) => {}
            // It comes back, or the next look finds it replaced.
            Err(SyncError::Folder { .. }) => {}
            Err(SyncError::Store(Error::StoreUnavailable(why))) => {
                tracing::warn!(%why, "the change waits");
                tokio::time::sleep(RETRY).await;
                changed.notify_one();
            }
            Err(SyncError::Store(Error::KbNotFound(kb))) => return Err(SyncError::KbDeleted(kb)),
            Err(error) => return Err(error),
        }
    }
}

/// When the knowledge base was made, which tells it from a later one of the same name.
async fn made(store: &Store, kb: &KbName) -> Result<Timestamp, SyncError> {
    let made = kbs::made(store.read().await?.connection(), kb).await?;
    made.ok_or_else(|| SyncError::KbDeleted(kb.clone()))
}

/// `KbDeleted` where the knowledge base is gone, or another one has its name.
async fn must_be_same(store: &Store, kb: &KbName, made_then: Timestamp) -> Result<(), SyncError> {
    if made(store, kb).await? == made_then {
        Ok(())
    } else {
        Err(SyncError::KbDeleted(kb.clone()))
    }
}

fn did_something(report: &Report) -> bool {
    let counts = report.counts;
    counts.added + counts.updated + counts.removed + counts.failed > 0
}

/// A folder that is watched.
struct Watched {
    /// Which folder it is, whatever its name: device and number.
    identity: (u64, u64),
    /// Watches until it is dropped.
    _debouncer: Debouncer<RecommendedWatcher, RecommendedCache>,
}

impl Watched {
    fn new(folder: &Path, changed: &Arc<Notify>) -> Result<Self, SyncError> {
        let failed = |why: notify_debouncer_full::notify::Error| SyncError::Watch {
            folder: folder.into(),
            why: why.to_string(),
        };
        let identity = identity(folder).map_err(SyncError::folder(folder))?;
        let changed = changed.clone();
        let mut debouncer = new_debouncer(TOGETHER, None, move |result: DebounceEventResult| {
            // Reading is an event too, and a sync reads: taken for a change it would never end.
            let of_interest = match result {
                Ok(events) => events
                    .iter()
                    .any(|event| event.need_rescan() || !matches!(event.kind, EventKind::Access(_))),
                Err(_) => true,
            };
            if of_interest {
                changed.notify_one();
            }
        })
        .map_err(failed)?;
        debouncer.watch(folder, RecursiveMode::Recursive).map_err(failed)?;
        Ok(Self {
            identity,
            _debouncer: debouncer,
        })
    }

    /// Whether another folder has its name now.
    fn is_replaced(&self, folder: &Path) -> bool {
        identity(folder).is_ok_and(|now| now != self.identity)
    }
}

fn identity(folder: &Path) -> std::io::Result<(u64, u64)> {
    let metadata = std::fs::metadata(folder)?;
    Ok((metadata.dev(), metadata.ino()))
}
