//! The command line, driven as people drive it: the real binary, real files, a database for each test.

mod commands;
mod files;
mod live;
mod refusals;
mod support;
mod sync;
mod watch;
