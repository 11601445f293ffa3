//! The one error of the server, and the problem that each case becomes. Raised anywhere, answered at the edge.

use app::protocol::entry::Entry;
use app::protocol::{Code, EntryId, InvalidId, KbName, Problem, Version, limits};

/// Why a request was not carried out. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// 422: a title is missing or blank.
    #[error("the title is empty")]
    TitleEmpty,
    /// 422: a title is too long.
    #[error("the title has {0} characters")]
    TitleTooLong(usize),
    /// 413: a body is too large.
    #[error("the body has {0} bytes")]
    BodyTooLarge(usize),
    /// 422: a field has a value that is not allowed.
    #[error("{field}: {why}")]
    InvalidValue {
        /// Which field.
        field: &'static str,
        /// What is wrong, and how to mend it.
        why: String,
    },
    /// 422: a name or id has characters that it may not have.
    #[error(transparent)]
    InvalidId(#[from] InvalidId),
    /// 400: a value of the URL's query.
    #[error("{0}")]
    InvalidQuery(String),
    /// 410: the log has no such position any more, or not yet.
    #[error("{0}")]
    CursorGone(String),
    /// 404.
    #[error("no knowledge base {0}")]
    KbNotFound(KbName),
    /// 404; with the id that the entry has now, where it was renamed.
    #[error("no entry {id} in {kb}")]
    EntryNotFound {
        /// Where it was looked for.
        kb: KbName,
        /// What was looked for.
        id: EntryId,
        /// What it is called by now.
        renamed_to: Option<EntryId>,
    },
    /// 404.
    #[error("the trash of {kb} has no item {trash_id}")]
    TrashItemNotFound {
        /// Where it was looked for.
        kb: KbName,
        /// What was looked for.
        trash_id: i64,
    },
    /// 404.
    #[error("{id} has no version {version}")]
    VersionNotFound {
        /// Whose.
        id: EntryId,
        /// Which.
        version: Version,
    },
    /// 409.
    #[error("there is a knowledge base {0} already")]
    KbExists(KbName),
    /// 409.
    #[error("there is an entry {id} in {kb} already")]
    EntryExists {
        /// Where.
        kb: KbName,
        /// Its id.
        id: EntryId,
    },
    /// 412: somebody else was faster. Brings the entry as it is.
    #[error("{} is at version {}", .current.entry_id, .current.version)]
    Stale {
        /// The entry as it is stored.
        current: Box<Entry>,
    },
    /// 422: the key was used before, for another request.
    #[error("the idempotency key was used for another request")]
    IdempotencyKeyReused,
    /// 503: the disk is full, or another process holds the database for too long.
    #[error("the database cannot be written: {0}")]
    StoreUnavailable(String),
    /// 503: the database's files are no longer those that the server opened.
    #[error("{0}")]
    FilesLost(String),
    /// 500.
    #[error("the database failed: {0}")]
    Store(sqlx::Error),
    /// 500: what is stored is not what was written.
    #[error("stored data is damaged: {0}")]
    Damaged(String),
    /// 503: more of this kind is asked for than can be done.
    #[error("{0} is busy")]
    Busy(&'static str),
    /// 500: a fault in the code that carried it out.
    #[error("a write panicked: {0}")]
    Panicked(String),
    /// An answer that was made elsewhere already.
    #[error(transparent)]
    Problem(#[from] Box<Problem>),
}

impl Error {
    /// Whether one entry was refused, rather than that nothing can be written at all.
    pub fn is_refusal(&self) -> bool {
        !matches!(
            self,
            Error::Store(_)
                | Error::StoreUnavailable(_)
                | Error::FilesLost(_)
                | Error::Damaged(_)
                | Error::Panicked(_)
                | Error::Busy(_)
                | Error::KbNotFound(_)
        )
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        // Primary result codes of SQLite, https://sqlite.org/rescode.html; extended ones carry them in the low byte.
        const BUSY: i32 = 5;
        const LOCKED: i32 = 6;
        const READONLY: i32 = 8;
        const IOERR: i32 = 10;
        const FULL: i32 = 13;
        const INTERRUPT: i32 = 9;
        if matches!(error, sqlx::Error::PoolTimedOut) {
            return Error::Busy("Reading the database");
        }
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .and_then(|code| code.parse::<i32>().ok());
        match code.map(|code| code & 0xff) {
            Some(INTERRUPT) => Error::Busy("A search like this"),
            Some(FULL) => Error::StoreUnavailable("its disk is full".into()),
            Some(BUSY | LOCKED) => Error::StoreUnavailable("another process is writing to it".into()),
            Some(READONLY) => Error::StoreUnavailable("its file is read-only".into()),
            Some(IOERR) => Error::StoreUnavailable(error.to_string()),
            _ => Error::Store(error),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Error::Damaged(error.to_string())
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Error::Problem(Box::new(problem))
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::TitleEmpty => Problem::new(Code::TitleEmpty, "Give the entry a title with at least one visible character.").with("field", "title"),
            Error::TitleTooLong(chars) => Problem::new(
                Code::TitleTooLong,
                format!("The title has {chars} characters; {} are allowed. Shorten it.", limits::TITLE_CHARS),
            )
            .with("field", "title"),
            Error::BodyTooLarge(bytes) => Problem::new(
                Code::BodyTooLarge,
                format!("The body has {bytes} bytes; {} are allowed. Split it into several entries.", limits::BODY_BYTES),
            )
            .with("field", "body"),
            Error::InvalidValue { field, why } => Problem::new(Code::InvalidValue, format!("{field}: {why}")).with("field", field),
            Error::InvalidId(why) => Problem::new(Code::InvalidSlug, format!("The {why}.")),
            Error::InvalidQuery(why) => Problem::new(Code::InvalidQuery, why),
            Error::CursorGone(why) => Problem::new(Code::CursorGone, why),
            Error::KbNotFound(kb) => {
                Problem::new(Code::KbNotFound, format!("There is no knowledge base {kb:?}.", kb = kb.as_str())).with("see", "/api/kbs")
            }
            Error::EntryNotFound { kb, id, renamed_to } => {
                let problem = |detail| Problem::new(Code::EntryNotFound, detail);
                match renamed_to {
                    Some(now) => problem(format!("The entry {id} of {kb} is called {now} now.")).with("renamed_to", now),
                    None => problem(format!("There is no entry {id} in {kb}.")).with("see", format!("/api/kbs/{kb}/entries")),
                }
            }
            Error::TrashItemNotFound { kb, trash_id } => {
                Problem::new(Code::EntryNotFound, format!("The trash of {kb} has no item {trash_id}; it was restored, or deleted for good."))
            }
            Error::VersionNotFound { id, version } => {
                Problem::new(Code::VersionNotFound, format!("The entry {id} has no version {version}; its history lists those there are."))
            }
            Error::KbExists(kb) => Problem::new(Code::KbExists, format!("There is a knowledge base {kb} already. Choose another name, or use that one.")),
            Error::EntryExists { kb, id } => {
                Problem::new(Code::EntryExists, format!("There is an entry {id} in {kb} already. Choose another id."))
            }
            Error::Stale { current } => Problem::new(
                Code::StaleVersion,
                format!(
                    "{} changed the entry; it is at version {} now (see current). Merge your change into it, and send it with If-Match: \"{}\".",
                    current.updated_by.name(),
                    current.version,
                    current.version
                ),
            )
            .with("current", current),
            Error::IdempotencyKeyReused => Problem::new(
                Code::IdempotencyKeyReused,
                "This Idempotency-Key was used for another request. Make a new one for each change, and repeat it only to repeat the same request.",
            ),
            Error::Busy(what) => Problem::new(Code::Busy, format!("{what} takes all the time that the server has for it. Try again in a moment.")),
            Error::StoreUnavailable(why) => {
                Problem::new(Code::StoreUnavailable, format!("The database cannot be written: {why}. Nothing was changed; try again."))
            }
            Error::FilesLost(why) => Problem::new(Code::StoreUnavailable, format!("The database is not there any longer: {why}")),
            Error::Store(_) | Error::Damaged(_) | Error::Panicked(_) => Problem::new(Code::Internal, "The server failed; its log says why. Nothing was changed."),
            Error::Problem(problem) => *problem,
        }
    }
}
