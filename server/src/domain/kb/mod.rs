//! Knowledge bases: a file for each verb.

mod create;
mod delete;
mod read;

pub use create::create;
pub use delete::delete;
pub use read::{all, home, suggest_tags, view};
