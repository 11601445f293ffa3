//! Step 2 of a change: decides. A file for each verb: checks rights and rules, then writes through the store, events with it.
//!
//! REST, server functions and the command line build the same commands; nothing else writes.

pub mod announcement;
pub mod caller;
pub mod entry;
pub mod feed;
pub mod guide;
pub mod job;
pub mod kb;
pub mod mutation;
pub mod notification;
pub mod person;
pub mod secret;
mod title;

pub use caller::Caller;
