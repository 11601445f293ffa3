//! The command line, driven as people drive it: the real binary, real files, a database for each test.

#![allow(clippy::unwrap_used, reason = "what cannot be unwrapped fails the test, as it should")]

mod commands;
mod files;
mod live;
mod people;
mod refusals;
mod support;
mod sync;
mod watch;
