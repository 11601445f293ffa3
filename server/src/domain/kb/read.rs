//! Reads knowledge bases.

use crate::domain::{Caller, feed};
use crate::error::Error;
use crate::store::{Store, kbs, watches};
use app::protocol::entry::{Facet, Home, KbSummary, KbView};
use app::protocol::{KbName, Snapshot};

/// Most tags that a page offers as filters.
const TAGS: usize = 200;
/// Changes that the home page shows.
const RECENT: usize = 30;

/// All knowledge bases that the caller may read, by title.
pub async fn all(store: &Store, caller: &Caller) -> Result<Snapshot<Vec<KbSummary>>, Error> {
    let mut tx = store.read().await?;
    let mut all = kbs::all(&mut tx).await?;
    all.retain(|kb| caller.may_read(&kb.name));
    see(&mut all, caller);
    Ok(Snapshot {
        cursor: tx.cursor(),
        data: all,
    })
}

/// Says what the caller may do in each.
pub(super) fn see(kbs: &mut [KbSummary], caller: &Caller) {
    for kb in kbs {
        kb.level = caller.level(&kb.name);
    }
}

/// What the home page shows.
pub async fn home(store: &Store, caller: &Caller) -> Result<Snapshot<Home>, Error> {
    let mut tx = store.read().await?;
    let mut all = kbs::all(&mut tx).await?;
    all.retain(|kb| caller.may_read(&kb.name));
    see(&mut all, caller);
    let recent = feed::recent(&mut tx, caller, RECENT).await?;
    Ok(Snapshot {
        cursor: tx.cursor(),
        data: Home { kbs: all, recent },
    })
}

/// A knowledge base with its facets.
pub async fn view(store: &Store, caller: &Caller, name: &KbName) -> Result<Snapshot<KbView>, Error> {
    let mut tx = store.read().await?;
    caller.must_read(name)?;
    let mut kb = kbs::get(tx.connection(), name).await?;
    see(std::slice::from_mut(&mut kb), caller);
    let watching = watches::is_watched(tx.connection(), name, watches::WHOLE_KB, caller.user()).await?;
    let view = KbView {
        kb,
        types: kbs::types(&mut tx, name).await?,
        tags: kbs::tags(&mut tx, name, "", TAGS).await?,
        trashed: kbs::trashed(&mut tx, name).await?,
        watching,
    };
    Ok(Snapshot {
        cursor: tx.cursor(),
        data: view,
    })
}

/// Tags that begin with `text`, most frequent first; at most 10.
pub async fn suggest_tags(store: &Store, caller: &Caller, name: &KbName, text: &str) -> Result<Vec<Facet>, Error> {
    let mut tx = store.read().await?;
    caller.must_read(name)?;
    kbs::expect(tx.connection(), name).await?;
    kbs::tags(&mut tx, name, &text.trim().trim_start_matches('#').to_lowercase(), 10).await
}
