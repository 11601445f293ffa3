//! The server of Tidings. A request meets these parts in this order:
//!
//! `http` decodes it into a command (step 1) -> `domain` decides (2) -> `store` writes it with its events (3) and commits
//! (4) -> `live` carries the events to whoever listens (5, 6) -> `app::sync` and `app::pages` show them (7, 8).
//! `cli` builds the same commands from the command line, `sync` from folders of files (`front_matter` reads one), and `jobs`
//! from what `crawl` fetches of the web and `convert` reads in uploaded files.
//! `serve` puts the parts together, and stops them.

pub mod cli;
pub mod clock;
pub mod config;
pub mod convert;
pub mod crawl;
pub mod domain;
pub mod error;
pub mod front_matter;
pub mod http;
pub mod jobs;
pub mod live;
pub mod markdown;
pub mod pool;
pub mod serve;
pub mod state;
pub mod store;
pub mod sync;
pub mod telemetry;
