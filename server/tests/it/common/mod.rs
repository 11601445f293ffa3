//! What the tests share: a server to start, an API to ask, a socket to listen on. Every wait has a deadline.

mod api;
mod process;
mod server;
pub mod site;
mod socket;
mod traps;
mod wire;

pub use api::{Answer, Api};
pub use process::Process;
pub use server::{TestServer, emit, emit_many, linked};
pub use socket::{Client, seqs};
pub use wire::{End, Wire};

use std::future::Future;
use std::time::Duration;

/// Longer than anything takes on a busy machine; a test that waits so long has failed.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Waits for `future`, and fails when it takes too long.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("waited too long for {what}"),
    }
}

/// A fresh idempotency key.
pub fn key() -> String {
    app::protocol::MutationId::generate().to_string()
}
