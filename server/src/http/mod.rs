//! Step 1 of a change: decodes requests into commands, and answers them.
//!
//! A request passes `guard` (is it from this site?), is decoded by `extract`, and answered by `api` (REST), `pages`
//! (server-rendered HTML and server functions), `ws` or `sse` (live), `assets` (the browser's files), `health` or `docs`.

pub mod api;
mod assets;
mod docs;
mod extract;
pub mod guard;
mod health;
mod pages;
mod problem;
mod router;
mod sse;
mod ws;

pub use assets::build as assets_build;
pub use health::gather as gather_metrics;
pub use router::{openapi, router};
