//! Step 1 of a change: decodes requests into commands, and answers them.
//!
//! A request passes `reach` (from where?), `guard` (from this site?) and `who` (from whom?), is decoded by `extract`, and answered by `api` (REST), `pages`
//! (server-rendered HTML and server functions), `ws` or `sse` (live), `enter` (the ways in), `assets` (the browser's files), `health` or `docs`.

pub mod api;
mod assets;
mod docs;
mod enter;
mod extract;
pub mod guard;
mod health;
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
pub use health::gather as gather_metrics;
pub use router::{addresses, openapi, router, service};
