//! REST, a file a noun. A handler reads like its sentence: who asks, what for, what they get.

pub mod access;
pub mod entries;
pub mod events;
pub mod history;
pub mod jobs;
pub mod kbs;
pub mod logs;
pub mod notifications;
pub mod people;
pub mod search;
pub mod trash;
