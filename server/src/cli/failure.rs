//! Says in one sentence what went wrong, and how to mend it here, on the command line.

use crate::error::Error;
use crate::serve::StartError;
use crate::store::OpenError;
use crate::sync::SyncError;
use app::protocol::{Code, Problem};

/// Prints an error to standard error: a sentence, or the problem as a line of JSON.
pub(super) fn print(error: anyhow::Error, json: bool) {
    let problem = problem(error);
    match serde_json::to_string(&problem) {
        Ok(line) if json => eprintln!("{line}"),
        _ => eprintln!("tidings: {}", problem.detail),
    }
}

fn problem(error: anyhow::Error) -> Problem {
    let error = match error.downcast::<StartError>() {
        Ok(StartError::Open(error)) => error.into(),
        Ok(StartError::Store(error)) => error.into(),
        Ok(error @ (StartError::Config(_) | StartError::Program(_) | StartError::Tls(_) | StartError::Listen { .. })) => error.into(),
        Err(error) => error,
    };
    let error = match error.downcast::<SyncError>() {
        Ok(SyncError::Store(error)) => error.into(),
        Ok(error) => error.into(),
        Err(error) => error,
    };
    let error = match error.downcast::<Error>() {
        Ok(error) => return of_domain(error),
        Err(error) => error,
    };
    let code = match error.downcast_ref() {
        Some(Problem { code, .. }) => *code,
        None if error.is::<OpenError>() => Code::StoreUnavailable,
        // What is left was said wrongly: a folder, a file, an address.
        None => Code::InvalidValue,
    };
    Problem::new(code, format!("{error:#}"))
}

/// Most problems say it well already; some tell of requests, which nobody sends here.
fn of_domain(error: Error) -> Problem {
    let detail = match &error {
        Error::KbNotFound(kb) => Some(format!(
            "There is no knowledge base {:?}; `tidings kb list` lists those there are.",
            kb.as_str()
        )),
        Error::EntryNotFound { kb, id, renamed_to: None } => Some(format!(
            "There is no entry {id} in {kb}; `tidings entry list --kb {kb}` lists those there are."
        )),
        Error::Stale { current } => Some(format!(
            "{} changed the entry; it is at version {version} now. Look at it with `tidings entry show {} {}`, and repeat the change with --if-match {version}.",
            current.updated_by.name(),
            current.kb_name,
            current.entry_id,
            version = current.version,
        )),
        // There is no server's log to look into: this is it.
        Error::Store(_) | Error::Damaged(_) => Some(format!("{error}. Nothing was changed.")),
        Error::InvalidValue { field: "file", why } => Some(why.clone()),
        _ => None,
    };
    let problem = Problem::from(error);
    match detail {
        Some(detail) => Problem { detail, ..problem },
        None => problem,
    }
}
