//! Lists entries: of a knowledge base, of its trash, by search, and for completing a link.

use crate::domain::Caller;
use crate::error::Error;
use crate::store::{Store, kbs, list, names, search, trash};
use app::protocol::entry::{EntryFilter, EntryPage, EntryRef, EntryRow, SearchHit, TrashPage};
use app::protocol::{KbName, Seq, Snapshot, limits};

pub(super) fn check_limit(limit: usize) -> Result<(), Error> {
    if (1..=limits::PAGE_ITEMS).contains(&limit) {
        Ok(())
    } else {
        Err(Error::InvalidQuery(format!(
            "limit: {limit} is out of range; 1 to {} are allowed",
            limits::PAGE_ITEMS
        )))
    }
}

fn check_query(q: &str) -> Result<(), Error> {
    if q.chars().count() > limits::QUERY_CHARS {
        return Err(Error::InvalidQuery(format!(
            "q: a search may have {} characters",
            limits::QUERY_CHARS
        )));
    }
    Ok(())
}

/// A piece of the list of a knowledge base.
pub async fn list(
    store: &Store,
    caller: &Caller,
    kb: &KbName,
    filter: &EntryFilter,
    limit: usize,
    after: Option<&str>,
) -> Result<Snapshot<EntryPage>, Error> {
    caller.must_read(kb)?;
    check_limit(limit)?;
    check_query(filter.q.as_deref().unwrap_or_default())?;
    let mut tx = match &filter.q {
        Some(_) => store.search().await?,
        None => store.read().await?,
    };
    kbs::expect(tx.connection(), kb).await?;
    let page = list::page(&mut tx, kb, filter, limit, after).await?;
    Ok(Snapshot {
        cursor: tx.cursor(),
        data: page,
    })
}

/// The entries that the caller may read, last changed first, how many there are, and the last event that is in this.
pub async fn newest(store: &Store, caller: &Caller, limit: u64, offset: u64) -> Result<(Vec<EntryRow>, u64, Seq), Error> {
    let mut tx = store.read().await?;
    let (rows, total) = list::newest(&mut tx, &caller.readable(), limit, offset).await?;
    Ok((rows, total, tx.cursor().seq))
}

/// A piece of the deleted entries of a knowledge base, last deleted first.
pub async fn trash(store: &Store, caller: &Caller, kb: &KbName, limit: usize, after: Option<&str>) -> Result<Snapshot<TrashPage>, Error> {
    caller.must_read(kb)?;
    check_limit(limit)?;
    let mut tx = store.read().await?;
    kbs::expect(tx.connection(), kb).await?;
    let page = trash::page(&mut tx, kb, limit, after).await?;
    Ok(Snapshot {
        cursor: tx.cursor(),
        data: page,
    })
}

/// Full-text search in one knowledge base, or in all that the caller may read, best first.
pub async fn search(store: &Store, caller: &Caller, q: &str, kb: Option<&KbName>, limit: usize) -> Result<Snapshot<Vec<SearchHit>>, Error> {
    check_limit(limit)?;
    check_query(q)?;
    let mut tx = store.search().await?;
    if let Some(kb) = kb {
        caller.must_read(kb)?;
        kbs::expect(tx.connection(), kb).await?;
    }
    let found = match search::query(q) {
        Some(query) => search::best(&mut tx, &query, kb, &caller.readable(), limit as i64).await?,
        None => vec![],
    };
    let titles: std::collections::HashMap<KbName, String> = kbs::all(&mut tx).await?.into_iter().map(|kb| (kb.name, kb.title)).collect();
    let hits = list::rows(&mut tx, found)
        .await?
        .into_iter()
        .map(|row| SearchHit {
            kb_title: titles.get(&row.kb_name).cloned().unwrap_or_default(),
            row,
        })
        .collect();
    Ok(Snapshot {
        cursor: tx.cursor(),
        data: hits,
    })
}

/// Entries for completing a link that begins with `text`; at most 10.
pub async fn suggest(store: &Store, caller: &Caller, kb: &KbName, text: &str) -> Result<Vec<EntryRef>, Error> {
    caller.must_read(kb)?;
    check_query(text)?;
    let mut tx = store.read().await?;
    kbs::expect(tx.connection(), kb).await?;
    names::suggest(tx.connection(), kb, text.trim(), 10).await
}
