//! Writes the entries of a knowledge base as markdown files with front matter.

use super::SyncError;
use crate::domain::Caller;
use crate::front_matter;
use crate::store::{Store, entries, kbs};
use app::protocol::KbName;
use serde::Serialize;
use std::path::Path;

/// What an export did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// Files that were written.
    pub written: u64,
    /// Files that held the same already.
    pub unchanged: u64,
}

/// Writes each entry of one moment to `ID.md` in a folder, which is made where it is missing. A file is whole or not
/// there; only those that differ are written, and others in the folder are left alone.
pub async fn export(store: &Store, caller: &Caller, kb: &KbName, folder: &Path) -> Result<Exported, SyncError> {
    let mut tx = store.read().await?;
    kbs::expect(tx.connection(), kb).await?;
    caller.must_read(kb)?;
    std::fs::create_dir_all(folder).map_err(SyncError::folder(folder))?;
    let mut exported = Exported::default();
    for (id, _) in entries::ids(tx.connection(), kb).await? {
        let Some(stored) = entries::find(tx.connection(), kb, &id).await? else {
            continue;
        };
        let file = folder.join(format!("{id}.md"));
        let text = front_matter::write(&stored.entry);
        if std::fs::read(&file).is_ok_and(|now| now == text.as_bytes()) {
            exported.unchanged += 1;
            continue;
        }
        write(&file, &text).map_err(|why| SyncError::File { file, why })?;
        exported.written += 1;
    }
    Ok(exported)
}

/// Under another, hidden name first, so that nobody reads half a file.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    let part = file.with_file_name(format!(".tidings-{}.part", std::process::id()));
    std::fs::write(&part, text)?;
    std::fs::rename(&part, file).inspect_err(|_| drop(std::fs::remove_file(&part)))
}
