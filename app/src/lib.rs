//! x
pub mod api;
#[cfg(feature = "ssr")]
pub mod backend;
pub mod protocol;
pub mod sync;
