//! The server, driven as its clients drive it: a real database, real sockets, real processes. A file a noun.

#![allow(clippy::unwrap_used, reason = "what cannot be unwrapped fails the test, as it should")]

mod common;
mod connections;

mod bad_input;
mod crawl;
mod docs;
mod entrance;
mod entries;
mod events;
mod files;
mod guard;
mod history;
mod idempotency;
mod jobs;
mod kbs;
mod links;
mod markup;
mod notifications;
mod pages;
mod people;
mod prefix;
mod presence;
mod promises;
mod resume;
mod rfc6455;
mod rights;
mod search;
mod socket;
mod sse;
mod store;
mod trash;
mod views;
