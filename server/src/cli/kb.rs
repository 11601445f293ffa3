//! `tidings kb`: knowledge bases.

use super::{Global, owner, print, with_new_store, with_store};
use crate::domain::{Caller, kb};
use crate::store::Store;
use app::protocol::KbName;
use app::protocol::entry::{KbPatch, NewKb};
use app::protocol::people::Level;
use clap::Subcommand;
use serde_json::json;

/// What to do with knowledge bases.
#[derive(Debug, Subcommand)]
pub(super) enum Kb {
    /// Lists them: name, number of entries, title
    List,
    /// Makes one
    Create {
        /// Its name: lower case letters, digits, '-' and '_'
        name: KbName,
        /// Its title [default: the name]
        #[arg(long, env = "TIDINGS_TITLE", value_name = "T")]
        title: Option<String>,
        /// What it is about
        #[arg(long, env = "TIDINGS_DESCRIPTION", value_name = "TEXT")]
        description: Option<String>,
        /// What all members may do in it: none, read or write [default: read]
        #[arg(long, env = "TIDINGS_MEMBERS", value_name = "LEVEL", value_parser = level)]
        members: Option<Level>,
    },
    /// Changes its title or description
    Edit {
        /// Its name
        name: KbName,
        /// Another title; an empty one makes it the name
        #[arg(long, env = "TIDINGS_TITLE", value_name = "T", required_unless_present = "description")]
        title: Option<String>,
        /// What it is about
        #[arg(long, env = "TIDINGS_DESCRIPTION", value_name = "TEXT")]
        description: Option<String>,
    },
    /// Deletes one with its entries, their history and its trash, for good
    Delete {
        /// Its name
        name: KbName,
    },
}

fn level(text: &str) -> Result<Level, String> {
    Level::parse(text).ok_or_else(|| "it is none, read or write".to_owned())
}

pub(super) async fn run(global: &Global, command: Kb) -> anyhow::Result<()> {
    match command {
        Kb::List => with_store(global, async |store| list(global, store).await).await,
        Kb::Create {
            name,
            title,
            description,
            members,
        } => {
            let new = NewKb {
                name: name.into(),
                title,
                description,
                members,
            };
            with_new_store(global, async |store| {
                let made = kb::create(store, &owner(), new).await?;
                if global.json { print::json(&made) } else { print::line(made.name) }
            })
            .await
        }
        Kb::Edit { name, title, description } => {
            with_store(global, async |store| {
                let patch = KbPatch { title, description };
                let edited = kb::update(store, &owner(), name, patch).await?;
                if global.json {
                    print::json(&edited)
                } else {
                    print::line(edited.name)
                }
            })
            .await
        }
        Kb::Delete { name } => {
            with_store(global, async |store| {
                kb::delete(store, &owner(), name.clone()).await?;
                // Its rows go before this process does.
                store.sweep().await?;
                if global.json {
                    print::json(&json!({ "deleted": name }))
                } else {
                    print::line(format_args!("deleted {name}"))
                }
            })
            .await
        }
    }
}

async fn list(global: &Global, store: &Store) -> anyhow::Result<()> {
    let all = kb::all(store, &Caller::owner()).await?.data;
    if global.json {
        return print::json(&all);
    }
    for kb in all {
        print::line(format_args!("{}\t{}\t{}", kb.name, kb.entries, kb.title))?;
    }
    Ok(())
}
