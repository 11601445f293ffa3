//! The seeds' own endpoints: thin adapters over the same hub, one file each, on a `socket` that they share.

pub mod crawl_progress;
pub mod knowledge_items;
pub mod logs;
pub mod notifications;
mod socket;

pub use socket::MESSAGE;
