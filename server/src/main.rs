//! The `tidings` binary: everything is in the library.

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// Thousands of connections leave less room unused between them than in the system's allocator.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    server::cli::run().await
}
