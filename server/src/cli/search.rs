//! `tidings search`: finds entries by their words.

use super::{Global, print, with_store};
use crate::domain::{Caller, entry};
use app::protocol::{KbName, limits};
use clap::Args;

/// What to look for.
#[derive(Debug, Args)]
pub(super) struct Search {
    /// Words that must all occur; "quoted words" occur side by side
    query: String,
    /// Only in this knowledge base
    #[arg(long, env = "TIDINGS_KB")]
    kb: Option<KbName>,
    /// Most entries to show
    #[arg(long, env = "TIDINGS_LIMIT", default_value_t = limits::PAGE_ITEMS_DEFAULT, value_name = "COUNT")]
    limit: usize,
}

pub(super) async fn run(global: &Global, command: Search) -> anyhow::Result<()> {
    with_store(global, async |store| {
        let hits = entry::search(store, &Caller::owner(), &command.query, command.kb.as_ref(), command.limit)
            .await?
            .data;
        if global.json {
            return print::json(&hits);
        }
        if hits.is_empty() {
            // Not among what was found, which a program may read.
            eprintln!("Nothing found.");
        }
        for hit in hits {
            let snippet: String = hit.row.snippet.iter().flatten().map(|fragment| fragment.text.as_str()).collect();
            print::line(format_args!(
                "{}:{}\t{}\t{}",
                hit.row.kb_name, hit.row.entry_id, hit.row.title, snippet
            ))?;
        }
        Ok(())
    })
    .await
}
