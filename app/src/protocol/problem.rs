//! What went wrong, as RFC 9457 `application/problem+json`: the same for REST, server functions and sockets.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;

/// Declares the stable codes with the status and the title that each has.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal, $title:literal;)*) => {
        /// A stable code for programs. Never renamed once released.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        pub enum Code {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
        }

        impl Code {
            /// Every code there is.
            pub const ALL: &[Code] = &[$(Code::$name),*];

            /// The code as text.
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$name => $code,)* }
            }

            /// The HTTP status that goes with it.
            pub const fn status(self) -> u16 {
                match self { $(Code::$name => $status,)* }
            }

            /// A short title for people.
            pub const fn title(self) -> &'static str {
                match self { $(Code::$name => $title,)* }
            }
        }
    };
}

codes! {
    /// A value that was given is not allowed.
    InvalidValue = "invalid_value", 422, "A value is not allowed";
    /// A title is missing or blank.
    TitleEmpty = "title_empty", 422, "The title is empty";
    /// A title is too long.
    TitleTooLong = "title_too_long", 422, "The title is too long";
    /// A body is too large.
    BodyTooLarge = "body_too_large", 413, "The body is too large";
    /// A name or id has characters that it may not have.
    InvalidSlug = "invalid_slug", 422, "The name or id is not allowed";
    /// A value of the query part of the URL is unknown or out of range.
    InvalidQuery = "invalid_query", 400, "The query is not understood";
    /// The request's body is not JSON, or not of the shape that is asked for.
    InvalidJson = "invalid_json", 400, "The request body is not understood";
    /// The request's body is of another media type.
    UnsupportedMediaType = "unsupported_media_type", 415, "The content type is not supported";
    /// A header of the request is not understood.
    InvalidHeader = "invalid_header", 400, "A header is not understood";
    /// A cursor is not a cursor.
    InvalidCursor = "invalid_cursor", 400, "The cursor is not understood";
    /// The log does not go back, or on, as far as this cursor.
    CursorGone = "cursor_gone", 410, "The cursor is outside of the log";
    /// There is no such knowledge base.
    KbNotFound = "kb_not_found", 404, "No such knowledge base";
    /// There is no such entry.
    EntryNotFound = "entry_not_found", 404, "No such entry";
    /// An entry has no such version.
    VersionNotFound = "version_not_found", 404, "No such version";
    /// There is nothing at this address.
    NotFound = "not_found", 404, "Nothing here";
    /// The address does not answer to this method.
    MethodNotAllowed = "method_not_allowed", 405, "Method not allowed";
    /// The name is taken.
    KbExists = "kb_exists", 409, "The knowledge base exists already";
    /// The name cannot be had.
    NameUnavailable = "name_unavailable", 409, "The name is not available";
    /// The id is taken.
    EntryExists = "entry_exists", 409, "The entry exists already";
    /// Somebody else changed the entry since the version that the caller knows.
    StaleVersion = "stale_version", 412, "The entry has changed";
    /// An idempotency key was used before for something else.
    IdempotencyKeyReused = "idempotency_key_reused", 422, "The idempotency key was used for another request";
    /// The `Origin` or `Host` of the request is not this server's.
    ForeignOrigin = "foreign_origin", 403, "The request comes from another site";
    /// The server does not know the caller.
    Unauthenticated = "unauthenticated", 401, "Log in first";
    /// There are as many of these as there may be.
    LimitReached = "limit_reached", 409, "There are too many";
    /// A wrong name or password.
    WrongPassword = "wrong_password", 401, "Wrong name or password";
    /// A password that is easily guessed.
    WeakPassword = "weak_password", 422, "The password is too weak";
    /// The name is taken.
    PersonExists = "person_exists", 409, "The name is taken";
    /// There is no such person.
    PersonNotFound = "person_not_found", 404, "No such person";
    /// A link that was used, or has expired.
    LinkGone = "link_gone", 410, "The link is no longer good";
    /// The last owner cannot go, or become something else.
    LastOwner = "last_owner", 409, "A server needs an owner";
    /// The request's form is not of the shape that is asked for, or was cut off.
    InvalidForm = "invalid_form", 400, "The form is not understood";
    /// A file, or all together, are too large, or there are too many.
    UploadTooLarge = "upload_too_large", 413, "The upload is too large";
    /// There is no such job.
    JobNotFound = "job_not_found", 404, "No such job";
    /// The job is over, so it cannot be ended.
    JobOver = "job_over", 409, "The job is over";
    /// The job is at work, or has nothing left to do.
    NothingToRetry = "nothing_to_retry", 409, "There is nothing to try again";
    /// The job is at work, so it cannot be taken off the list.
    JobActive = "job_active", 409, "The job is at work";
    /// No folder was ever synced into the knowledge base.
    NoFolder = "no_folder", 409, "The knowledge base has no folder";
    /// The caller asks too often.
    TooManyRequests = "too_many_requests", 429, "Too many requests";
    /// The caller may not do this.
    Forbidden = "forbidden", 403, "Not allowed";
    /// The server cannot write: its disk is full, or its database locked.
    StoreUnavailable = "store_unavailable", 503, "The database cannot be written";
    /// More is asked for than can be done at the same time.
    Busy = "busy", 503, "The server is busy";
    /// The client was too slow with its request.
    RequestTimeout = "request_timeout", 408, "The request took too long to arrive";
    /// The address speaks another version of WebSocket.
    UpgradeRequired = "upgrade_required", 426, "Another version of WebSocket is needed";
    /// The server is stopping.
    ShuttingDown = "shutting_down", 503, "The server is stopping";
    /// A fault of the server.
    Internal = "internal", 500, "The server failed";
    /// The request did not reach the server, or its answer did not come back. Made by clients only.
    Unreachable = "unreachable", 503, "The server cannot be reached";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error as its reader sees it. `detail` names what is wrong and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema, thiserror::Error)]
#[error("{detail}")]
pub struct Problem {
    /// A URI reference that identifies the kind: `/docs#entry_not_found`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind for people.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The kind for programs.
    pub code: Code,
    /// What is wrong this time, and how to mend it.
    pub detail: String,
    /// What else belongs to it, such as `current`, the entry that is stored, with `stale_version`.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub extra: Map<String, Value>,
}

impl Problem {
    /// A problem of this kind.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("/docs#{code}"),
            title: code.title().to_owned(),
            status: code.status(),
            code,
            detail: detail.into(),
            extra: Map::new(),
        }
    }

    /// Adds a member, such as `current` or `field`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        if let Ok(value) = serde_json::to_value(value) {
            self.extra.insert(name.to_owned(), value);
        }
        self
    }

    /// Whether the same request may succeed later without a change to it.
    pub fn is_transient(&self) -> bool {
        self.status >= 500
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_survives_json_with_its_extra_members() {
        let problem = Problem::new(Code::StaleVersion, "Version 7 is newer.").with("current", 7);
        let json = serde_json::to_value(&problem).unwrap();
        assert_eq!(json["code"], "stale_version");
        assert_eq!(json["current"], 7);
        assert_eq!(json["type"], "/docs#stale_version");
        assert_eq!(serde_json::from_value::<Problem>(json).unwrap(), problem);
    }
}
