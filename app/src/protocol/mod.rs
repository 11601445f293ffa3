//! What server and browser say to each other: pure types, no Leptos, no `cfg`, no I/O.
//!
//! Read in this order: `ids` name things, `entry` describes them, `people` says who may what, `notification` what they are
//! told, `job` what is at work, `log` what the server says of itself, `event` what happened, `frame` carries events over a socket, `problem` says what went wrong.

mod cursor;
pub mod entry;
pub mod event;
pub mod frame;
pub mod ids;
pub mod job;
pub mod limits;
pub mod log;
pub mod notification;
pub mod people;
pub mod problem;
pub mod slug;
mod timestamp;
mod topic;

pub use cursor::{Cursor, InvalidCursor};
pub use event::{Class, EntryChange, Envelope, Event};
pub use ids::{Actor, EntryId, Epoch, InvalidId, JobId, KbName, MutationId, Seq, UserId, Version};
pub use problem::{Code, Problem};
pub use timestamp::Timestamp;
pub use topic::{InvalidTopic, Topic};

use serde::{Deserialize, Serialize};

/// Data together with the position in the log at which it was read.
///
/// Whoever applies every later event of the log to `data` has what a fresh read would give.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Snapshot<T> {
    /// The log's last event that `data` already contains.
    pub cursor: Cursor,
    /// What was read.
    pub data: T,
}
