//! Seed 004: `/api/knowledge-items/stream` sends the entries that one may read, newest first: a page of them at once, and
//! again whenever something changes. Whoever may read the same and asks for the same page gets the same frame, read and encoded
//! once for all of them.

use super::socket::{FAILED, Heard, Over, Socket, is_ping, pong};
use crate::domain::caller::Readable;
use crate::domain::{Caller, entry};
use crate::error::Error;
use crate::live::hub::Hub;
use crate::live::subscriber::Interest;
use crate::store::Store;
use app::protocol::{Event, KbName, Seq, Topic};
use axum::extract::ws::{Utf8Bytes, WebSocket};
use serde_json::json;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// A page is read no more often than this; changes that come closer together are shown together.
const APART: Duration = Duration::from_millis(250);

/// Which page is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Wanted {
    /// From 1.
    pub page: u64,
    /// How many items it has.
    pub per_page: u64,
}

/// A page as those see it who may read these knowledge bases; all, where none are named.
type Key = (Option<Vec<KbName>>, Wanted);

/// What was read of a page last.
#[derive(Debug, Default)]
struct Page {
    latest: tokio::sync::Mutex<Option<Latest>>,
}

#[derive(Debug, Clone)]
struct Latest {
    /// All up to here is in it.
    seq: Seq,
    at: Instant,
    frame: Utf8Bytes,
}

/// The pages that sockets show, each kept as long as one does.
#[derive(Debug, Clone)]
pub struct Pages {
    store: Store,
    shown: Arc<Mutex<HashMap<Key, Weak<Page>>>>,
}

impl Pages {
    /// Pages of this database.
    pub fn new(store: Store) -> Self {
        Self {
            store,
            shown: Arc::default(),
        }
    }

    /// The page that this caller sees.
    fn of(&self, caller: &Caller, wanted: Wanted) -> Arc<Page> {
        let readable = match caller.readable() {
            Readable::All => None,
            Readable::These(mut names) => {
                names.sort_unstable();
                Some(names)
            }
        };
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (readable, wanted);
        if let Some(page) = shown.get(&key).and_then(Weak::upgrade) {
            return page;
        }
        shown.retain(|_, page| page.strong_count() > 0);
        let page = Arc::new(Page::default());
        shown.insert(key, Arc::downgrade(&page));
        page
    }

    /// The frame of a page that has all up to `seq`; a later one where one was read since.
    async fn frame(&self, page: &Page, caller: &Caller, wanted: Wanted, seq: Seq) -> Result<Latest, Error> {
        let mut latest = page.latest.lock().await;
        if let Some(known) = latest.as_ref() {
            if known.seq >= seq {
                return Ok(known.clone());
            }
            sleep_until(known.at + APART).await;
        }
        let Wanted { page, per_page } = wanted;
        let (items, total, seq) = entry::newest(&self.store, caller, per_page, (page - 1) * per_page).await?;
        let data = json!({"items": items, "total": total, "page": page, "per_page": per_page});
        let frame = json!({"type": "knowledge_items_update", "data": data}).to_string();
        let read = Latest {
            seq,
            at: Instant::now(),
            frame: frame.into(),
        };
        Ok(latest.insert(read).clone())
    }
}

/// Serves a socket until it ends.
pub async fn run(socket: WebSocket, hub: Hub, pages: Pages, caller: Caller, wanted: Wanted) {
    let Some(socket) = Socket::new(socket, hub, &caller, &Interest::Everything).await else {
        return;
    };
    let mut socket = socket.sending_states();
    let Err(over) = serve(&mut socket, &pages, wanted).await;
    socket.end(over).await;
}

async fn serve(socket: &mut Socket, pages: &Pages, wanted: Wanted) -> Result<Infallible, Over> {
    let failed = |error: Error| {
        tracing::error!(%error, "cannot read the entries");
        FAILED
    };
    let mut page = pages.of(&socket.caller(), wanted);
    let mut sent = None;
    // What the page must have; none where it has all.
    let mut due = Some(Seq::ZERO);
    loop {
        let caller = socket.caller();
        let reading = async {
            match due {
                Some(seq) => pages.frame(&page, &caller, wanted, seq).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            read = reading => {
                let read = read.map_err(failed)?;
                due = None;
                if sent.as_ref() != Some(&read.frame) {
                    socket.send_frame(read.frame.clone()).await?;
                    sent = Some(read.frame);
                }
            }
            heard = socket.next(|topic| matches!(topic, Topic::Kb(_) | Topic::User(_))) => match heard? {
                Heard::Text(text) if is_ping(&text) => socket.send(&pong()).await?,
                Heard::Text(_) => {}
                Heard::News(events, rare) => {
                    if rare.is_some_and(|rare| !rare.resync.is_empty()) {
                        // What they may read, or how much of it they were told, has changed.
                        page = pages.of(&socket.caller(), wanted);
                        due = Some(socket.position());
                    }
                    if let Some(last) = events.iter().filter(|event| changes_items(&event.event)).map(|event| event.seq).max() {
                        due = due.max(Some(last));
                    }
                }
            },
        }
    }
}

fn changes_items(event: &Event) -> bool {
    matches!(
        event,
        Event::EntryCreated(_) | Event::EntryUpdated(_) | Event::EntryDeleted(_) | Event::KbDeleted {} | Event::AccessChanged { .. }
    )
}
