//! `tidings tail`: prints events as they are committed, by whichever process.

use super::{Global, print, stopped, with_store};
use crate::domain::Caller;
use crate::domain::feed::{self, Since};
use crate::store::Store;
use app::protocol::frame::Control;
use app::protocol::{Cursor, Seq, Topic};
use clap::Args;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Events that are read at once.
const BATCH: usize = 500;

/// Which events to print.
#[derive(Debug, Args)]
pub(super) struct Tail {
    /// Only of this topic, such as kb:notes; repeatable [default: all]
    #[arg(long = "topic", env = "TIDINGS_TOPIC", value_delimiter = ',', value_name = "T")]
    topics: Vec<Topic>,
    /// From behind this place: a cursor EPOCH:SEQ, or the number of an event, 0 for all [default: from now on]
    #[arg(long, env = "TIDINGS_SINCE", value_name = "CURSOR", value_parser = since)]
    since: Option<Since>,
}

fn since(text: &str) -> Result<Since, String> {
    match text.parse::<u64>() {
        Ok(0) => Ok(Since::Beginning),
        Ok(number) => Ok(Since::Seq(Seq::new(number))),
        Err(_) => text
            .parse()
            .map(Since::Cursor)
            .map_err(|error: app::protocol::InvalidCursor| error.to_string()),
    }
}

pub(super) async fn run(global: &Global, command: Tail) -> anyhow::Result<()> {
    with_store(global, async |store| {
        let changed = Notify::new();
        let stop = CancellationToken::new();
        tokio::select! {
            result = follow(store, command, &changed) => result,
            () = store.watch(&changed, &stop) => Ok(()),
            () = stopped() => Ok(()),
        }
    })
    .await
}

/// Prints what the log has, and goes on whenever it may have more.
async fn follow(store: &Store, command: Tail, changed: &Notify) -> anyhow::Result<()> {
    let mut cursor = match command.since {
        None => store.read().await?.cursor(),
        Some(since) => print_all(store, since, &command.topics).await?,
    };
    loop {
        changed.notified().await;
        let now = store.read().await?.cursor();
        if now.epoch != cursor.epoch {
            // A backup was restored: what was printed is no longer what is stored.
            print::json(&Control::Resync {
                topics: command.topics.clone(),
                reason: "epoch_changed".into(),
            })?;
            cursor = now;
            continue;
        }
        cursor = print_all(store, Since::Cursor(cursor), &command.topics).await?;
    }
}

/// Prints all that is there after this place. Returns where the log ended.
async fn print_all(store: &Store, mut since: Since, topics: &[Topic]) -> anyhow::Result<Cursor> {
    let topics = (!topics.is_empty()).then_some(topics);
    loop {
        let piece = feed::since(store, &Caller::owner(), since, topics, BATCH).await?;
        for record in piece.records {
            print::line(record.frame)?;
        }
        if piece.cursor.seq >= piece.head {
            return Ok(piece.cursor);
        }
        since = Since::Cursor(piece.cursor);
    }
}
