//! Knowledge bases: a file for each verb.

mod access;
mod create;
mod delete;
mod read;
mod tell_synced;
mod update;

pub use access::{access, set_members, set_right};
pub use create::{create, create_in};
pub use delete::delete;
pub use read::{all, home, suggest_tags, view};
pub use tell_synced::tell_synced_in;
pub use update::update;

use crate::domain::mutation::Small;
use app::protocol::entry::KbSummary;

impl Small for KbSummary {}
