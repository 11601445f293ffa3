//! `tidings entry`: reads and writes single entries.

use super::{Global, owner, print, with_store};
use crate::domain::Caller;
use crate::domain::entry::{self, Change};
use crate::front_matter;
use crate::store::Store;
use anyhow::Context;
use app::protocol::entry::{EntryDraft, EntryFilter, EntryPatch, EntryRow, Sort, Written};
use app::protocol::{EntryId, KbName, Version, limits};
use clap::{Args, Subcommand};
use serde_json::json;
use std::io::Read;
use std::path::PathBuf;

/// What to do with entries.
#[derive(Debug, Subcommand)]
pub(super) enum Entry {
    /// Lists the entries of a knowledge base: id, version, type, title
    List(List),
    /// Prints an entry as markdown with front matter
    Show {
        /// Its knowledge base
        kb: KbName,
        /// Its id
        id: EntryId,
    },
    /// Makes an entry; prints its id and version
    Create {
        /// Its knowledge base
        #[arg(long, env = "TIDINGS_KB")]
        kb: KbName,
        #[command(flatten)]
        fields: Fields,
    },
    /// Changes what is given of an entry; prints its id and version
    Edit {
        /// Its knowledge base
        kb: KbName,
        /// Its id
        id: EntryId,
        #[command(flatten)]
        fields: Fields,
        /// Only if it is still at this version
        #[arg(long, env = "TIDINGS_IF_MATCH", value_name = "N")]
        if_match: Option<u64>,
    },
    /// Moves an entry to the trash
    Delete {
        /// Its knowledge base
        kb: KbName,
        /// Its id
        id: EntryId,
        /// Only if it is still at this version
        #[arg(long, env = "TIDINGS_IF_MATCH", value_name = "N")]
        if_match: Option<u64>,
    },
}

/// Which entries to list.
#[derive(Debug, Args)]
pub(super) struct List {
    /// The knowledge base
    #[arg(long, env = "TIDINGS_KB")]
    kb: KbName,
    /// Only of this type
    #[arg(long = "type", env = "TIDINGS_TYPE", value_name = "T")]
    entry_type: Option<String>,
    /// Only with this tag
    #[arg(long, env = "TIDINGS_TAG", value_name = "T")]
    tag: Option<String>,
    /// In which order: updated, created or title
    #[arg(long, env = "TIDINGS_SORT", default_value = "updated", value_parser = order, value_name = "ORDER")]
    sort: Sort,
}

fn order(text: &str) -> Result<Sort, String> {
    Sort::parse(text)
        .filter(|sort| *sort != Sort::Relevance)
        .ok_or_else(|| "orders are updated, created and title".into())
}

/// What may be written of an entry.
#[derive(Debug, Args)]
pub(super) struct Fields {
    /// The title
    #[arg(long, env = "TIDINGS_TITLE", value_name = "T")]
    title: Option<String>,
    /// The text, in markdown
    #[arg(long, env = "TIDINGS_BODY", value_name = "B", conflicts_with_all = ["body_file", "stdin"])]
    body: Option<String>,
    /// The text is in this file
    #[arg(long, env = "TIDINGS_BODY_FILE", value_name = "F", conflicts_with = "stdin")]
    body_file: Option<PathBuf>,
    /// The text comes from standard input
    #[arg(value_name = "-", value_parser = ["-"])]
    stdin: Option<String>,
    /// The type, such as concept
    #[arg(long = "type", env = "TIDINGS_TYPE", value_name = "T")]
    entry_type: Option<String>,
    /// A tag; repeatable. On edit these replace all tags, and one that is empty removes them
    #[arg(long = "tag", env = "TIDINGS_TAG", value_delimiter = ',', value_name = "T")]
    tags: Option<Vec<String>>,
    /// The id; on edit a new one, which links to the entry follow
    #[arg(long = "id", env = "TIDINGS_ID", value_name = "ID")]
    own_id: Option<String>,
}

impl Fields {
    /// The text, from where it is; none where none is given.
    fn body(&mut self) -> anyhow::Result<Option<String>> {
        if self.stdin.is_some() {
            return limited(std::io::stdin().lock())
                .context("cannot read the text from standard input")
                .map(Some);
        }
        let Some(file) = &self.body_file else { return Ok(self.body.take()) };
        let context = || format!("cannot read the text from {}", file.display());
        limited(std::fs::File::open(file).with_context(context)?)
            .with_context(context)
            .map(Some)
    }
}

/// Reads a text; of one that is too long only so much that it is refused for it.
fn limited(input: impl Read) -> std::io::Result<String> {
    let mut text = String::new();
    input.take(limits::BODY_BYTES as u64 + 1).read_to_string(&mut text)?;
    Ok(text)
}

pub(super) async fn run(global: &Global, command: Entry) -> anyhow::Result<()> {
    with_store(global, async |store| match command {
        Entry::List(list) => run_list(global, store, list).await,
        Entry::Show { kb, id } => {
            let entry = entry::source(store, &Caller::owner(), &kb, &id).await?.data;
            if global.json {
                print::json(&entry)
            } else {
                print::text(&front_matter::write(&entry))
            }
        }
        Entry::Create { kb, mut fields } => {
            let draft = EntryDraft {
                body: fields.body()?.unwrap_or_default(),
                title: fields.title.unwrap_or_default(),
                entry_type: fields.entry_type,
                tags: fields.tags.unwrap_or_default(),
                entry_id: fields.own_id,
                ..EntryDraft::default()
            };
            print_written(global, &entry::create(store, &owner(), kb, draft).await?)
        }
        Entry::Edit {
            kb,
            id,
            mut fields,
            if_match,
        } => {
            let patch = EntryPatch {
                body: fields.body()?,
                title: fields.title,
                entry_type: fields.entry_type,
                tags: fields.tags,
                entry_id: fields.own_id,
                ..EntryPatch::default()
            };
            anyhow::ensure!(
                patch != EntryPatch::default(),
                "nothing to change: give --title, --body, --body-file, -, --type, --tag or --id"
            );
            let change = Change::Merge(serde_json::to_value(patch)?);
            print_written(
                global,
                &entry::update(store, &owner(), kb, id, change, if_match.map(Version::new)).await?,
            )
        }
        Entry::Delete { kb, id, if_match } => {
            let item = entry::delete(store, &owner(), kb, id, if_match.map(Version::new)).await?;
            if global.json {
                print::json(&item)
            } else {
                print::line(format_args!("{} is in the trash", item.entry_id))
            }
        }
    })
    .await
}

async fn run_list(global: &Global, store: &Store, list: List) -> anyhow::Result<()> {
    let filter = EntryFilter {
        entry_type: list.entry_type,
        tag: list.tag,
        q: None,
        sort: list.sort,
    };
    let mut all: Vec<EntryRow> = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = entry::list(store, &Caller::owner(), &list.kb, &filter, limits::PAGE_ITEMS, after.as_deref())
            .await?
            .data;
        if global.json {
            all.extend(page.items);
        } else {
            for row in page.items {
                print::line(format_args!("{}\t{}\t{}\t{}", row.entry_id, row.version, row.entry_type, row.title))?;
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    if global.json { print::json(&all) } else { Ok(()) }
}

fn print_written(global: &Global, written: &Written) -> anyhow::Result<()> {
    let entry = &written.entry;
    if global.json {
        print::json(
            &json!({ "kb_name": entry.kb_name, "entry_id": entry.entry_id, "version": entry.version, "links_followed": written.links_followed }),
        )
    } else {
        print::line(format_args!("{} {}", entry.entry_id, entry.version))
    }
}
