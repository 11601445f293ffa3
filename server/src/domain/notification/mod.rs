//! What people are told: a file for each verb.

mod desk;
mod inbox;
mod mark;
mod of_entry;
mod prefer;
mod send;
mod tell;
mod watch;

pub use desk::desk;
pub use inbox::inbox;
pub use mark::{mark, mark_one};
pub use of_entry::{Happened, entry_changed_in, kb_changed_in};
pub use prefer::{prefer, preferences};
pub use send::send;
pub(crate) use send::text;
pub use tell::{News, tell_in};
pub use watch::watch;
