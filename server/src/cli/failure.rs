//! Says in one sentence what went wrong, and how to mend it here, on the command line.

use crate::error::Error;
use crate::sync::SyncError;
use app::protocol::Problem;

/// What to print of an error.
pub(super) fn sentence(error: anyhow::Error) -> String {
    match error.downcast::<Error>() {
        Ok(error) => of_domain(error),
        Err(error) => match error.downcast::<SyncError>() {
            Ok(SyncError::Store(error)) => of_domain(error),
            Ok(error) => error.to_string(),
            Err(error) => format!("{error:#}"),
        },
    }
}

/// Most problems say it well already; some tell of requests, which nobody sends here.
fn of_domain(error: Error) -> String {
    match error {
        Error::KbNotFound(kb) => format!(
            "There is no knowledge base {:?}; `tidings kb list` lists those there are.",
            kb.as_str()
        ),
        Error::EntryNotFound { kb, id, renamed_to: None } => {
            format!("There is no entry {id} in {kb}; `tidings entry list --kb {kb}` lists those there are.")
        }
        Error::Stale { current } => format!(
            "{} changed the entry; it is at version {version} now. Look at it with `tidings entry show {} {}`, and repeat the change with --if-match {version}.",
            current.updated_by.name(),
            current.kb_name,
            current.entry_id,
            version = current.version,
        ),
        // There is no server's log to look into: this is it.
        Error::Store(_) | Error::Damaged(_) => format!("{error}. Nothing was changed."),
        Error::InvalidValue { field: "file", why } => why,
        error => Problem::from(error).detail,
    }
}
