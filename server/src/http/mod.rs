//! Step 1 of a change: decodes requests into commands, and answers them.
//!
//! `connections` accepts connections, and `io` bounds what each may cost. A request passes `reach` (from where?), `guard` (from this site?) and `who` (from whom?), is decoded by `extract`, and answered by `api` (REST), `pages`
//! (server-rendered HTML and server functions), `ws` or `sse` (live), `enter` (the ways in), `assets` (the browser's files), `health` or `docs`.

pub mod api;
mod assets;
mod connections;
mod cookies;
mod docs;
mod enter;
mod extract;
pub mod guard;
mod health;
mod io;
mod job_pages;
pub mod listen;
mod pages;
mod people_pages;
mod problem;
pub mod reach;
mod router;
mod sse;
pub mod who;
mod ws;

pub use assets::build as assets_build;
pub use connections::serve;
pub use health::gather as gather_metrics;
pub use io::Timeouts;
pub use router::{Below, addresses, openapi, router, service};
