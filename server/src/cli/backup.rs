//! `tidings backup` and `tidings restore`: the whole database in one file.

use super::{Global, print, with_new_store, with_store};
use crate::store::backup;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// Where to.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The file to write; it must not be there yet
    file: PathBuf,
}

/// From where.
#[derive(Debug, Args)]
pub(super) struct Restore {
    /// A file that `tidings backup` made
    file: PathBuf,
}

pub(super) async fn backup(global: &Global, command: Backup) -> anyhow::Result<()> {
    with_store(global, async |store| {
        let cursor = store.read().await?.cursor();
        backup::backup(store, &command.file).await?;
        let bytes = std::fs::metadata(&command.file)?.len();
        if global.json {
            return print::json(&json!({ "file": command.file, "bytes": bytes, "cursor": cursor }));
        }
        print::line(format_args!(
            "{}: {bytes} bytes, up to event {}",
            command.file.display(),
            cursor.seq
        ))
    })
    .await
}

pub(super) async fn restore(global: &Global, command: Restore) -> anyhow::Result<()> {
    with_new_store(global, async |store| {
        let cursor = backup::restore(store, &command.file).await?;
        if global.json {
            return print::json(&json!({ "file": command.file, "cursor": cursor }));
        }
        print::line(format_args!(
            "restored {}; the log has a new epoch, {}, and ends at event {}",
            command.file.display(),
            cursor.epoch,
            cursor.seq
        ))
    })
    .await
}
