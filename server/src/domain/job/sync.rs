//! Asks for a folder to be brought in again.

use super::start::{New, start_in};
use crate::domain::mutation::{self, Request};
use crate::error::Error;
use crate::store::{Store, jobs, kbs, sync_files};
use app::protocol::job::{Job, JobKind, NewSync};
use app::protocol::{Code, KbName, Problem};
use serde_json::json;
use std::path::Path;

/// Has a knowledge base synced again with the folder that it was last synced with. One that is being synced goes on.
pub async fn sync(store: &Store, request: &Request, new: NewSync) -> Result<Job, Error> {
    let kb = KbName::parse(&new.kb)?;
    request.caller.must_write(&kb)?;
    let of = request.clone();
    mutation::once(store, request, "job.sync", &new, move |tx| {
        Box::pin(async move {
            kbs::expect(tx.connection(), &kb).await?;
            if let Some(active) = jobs::active_of(tx.connection(), &kb, JobKind::Sync).await? {
                return Ok(active.job);
            }
            let folder = sync_files::folder_of(tx.connection(), &kb).await?.ok_or_else(|| {
                let detail = format!(
                    "No folder was synced into {kb} yet. Do it once with `tidings sync DIR --kb {kb}`; then it can be repeated here."
                );
                Problem::new(Code::NoFolder, detail)
            })?;
            // Not where it lies: that is nobody's business who may only read.
            let title = Path::new(&folder)
                .file_name()
                .map_or(folder.clone(), |name| name.to_string_lossy().into_owned());
            start_in(tx, &of, New::of(&kb, JobKind::Sync, title, json!({ "folder": folder }))).await
        })
    })
    .await
}
