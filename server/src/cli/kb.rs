//! `tidings kb`: knowledge bases.

use super::{Global, owner, print, with_store};
use crate::domain::{Caller, kb};
use app::protocol::KbName;
use app::protocol::entry::NewKb;
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
    },
    /// Deletes one with its entries, their history and its trash, for good
    Delete {
        /// Its name
        name: KbName,
    },
}

pub(super) async fn run(global: &Global, command: Kb) -> anyhow::Result<()> {
    with_store(global, async |store| match command {
        Kb::List => {
            let all = kb::all(store, &Caller::owner()).await?.data;
            if global.json {
                return print::json(&all);
            }
            for kb in all {
                print::line(format_args!("{}\t{}\t{}", kb.name, kb.entries, kb.title))?;
            }
            Ok(())
        }
        Kb::Create { name, title, description } => {
            let made = kb::create(
                store,
                &owner(),
                NewKb {
                    name: name.into(),
                    title,
                    description,
                },
            )
            .await?;
            if global.json { print::json(&made) } else { print::line(made.name) }
        }
        Kb::Delete { name } => {
            kb::delete(store, &owner(), name.clone()).await?;
            if global.json {
                print::json(&json!({ "deleted": name }))
            } else {
                print::line(format_args!("deleted {name}"))
            }
        }
    })
    .await
}
