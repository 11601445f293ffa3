//! The `tidings` binary: everything is in the library.

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// Thousands of connections leave less room unused between them than in the system's allocator.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    // Before anything else is started: what it reads may make it end.
    if arguments.next().is_some_and(|first| first == server::convert::CHILD) && arguments.next().is_none() {
        return server::convert::serve_child();
    }
    run()
}

#[tokio::main]
async fn run() -> ExitCode {
    server::cli::run().await
}
