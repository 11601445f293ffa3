//! Asks for files to be brought in that were sent.

use super::start::{New, start_in};
use crate::domain::mutation::{self, Request};
use crate::error::Error;
use crate::store::{Store, job_items};
use app::protocol::JobId;
use app::protocol::job::{Job, JobKind};
use serde::Serialize;
use serde_json::json;

/// Between the name of an archive and the path of a file in it.
pub const INSIDE: char = '!';

/// What a file is called, of which an item of an upload says also its place among the others.
pub fn file_name(item: &str) -> String {
    let name = item.split_once('/').map_or(item, |(_, name)| name);
    name.replacen(INSIDE, "/", 1)
}

/// A file that was received.
#[derive(Debug, Clone, Serialize)]
pub struct Received {
    /// What it is called.
    pub name: String,
    /// The digest of what is in it.
    pub digest: String,
}

/// Has files brought in that were received and lie in the folder of this job, each under its place in the list of names.
pub async fn upload(store: &Store, request: &Request, id: JobId, files: Vec<Received>) -> Result<Job, Error> {
    let content = (id.kb(), files.clone());
    let names: Vec<String> = files.into_iter().map(|file| file.name).collect();
    let title = match names.as_slice() {
        [only] => only.clone(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
        [] => String::new(),
    };
    let of = request.clone();
    mutation::once(store, request, "job.upload", &content, move |tx| {
        Box::pin(async move {
            let items = names.iter().enumerate().map(|(place, name)| job_items::New {
                // Two files may have the same name.
                name: format!("{}/{name}", place + 1),
                depth: 0,
                skipped: None,
            });
            let new = New {
                id,
                kind: JobKind::Upload,
                title,
                params: json!({}),
                items: items.collect(),
            };
            start_in(tx, &of, new).await
        })
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn a_file_has_the_name_that_it_was_sent_under() {
        assert_eq!(file_name("12/plan.md"), "plan.md");
        assert_eq!(file_name("1/docs.zip!a/plan!.md"), "docs.zip/a/plan!.md");
    }
}
