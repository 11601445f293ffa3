//! The command line. It writes to the database directly, through the same domain code as the server, so every command
//! works with and without a running server, which notices by itself.

mod serve;

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;

/// A knowledge base that tells you when it changes.
#[derive(Debug, Parser)]
#[command(name = "tidings", version, about, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What goes with every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// The folder of the database [default: tidings in the user's data folder]
    #[arg(long, global = true, env = "TIDINGS_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// Print JSON
    #[arg(long, global = true, env = "TIDINGS_JSON")]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the server
    Serve(serve::Serve),
}

/// Who may use the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Auth {
    /// Everybody who reaches it is its owner
    Off,
}

impl Global {
    /// The data folder: as given, else in the place that the system has for such things.
    fn data(&self) -> PathBuf {
        self.data.clone().unwrap_or_else(|| {
            let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
            set("XDG_DATA_HOME").or_else(|| set("HOME").map(|home| home.join(".local/share"))).unwrap_or_default().join("tidings")
        })
    }
}

/// Runs the command of this process.
pub async fn run() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        Command::Serve(command) => serve::run(&cli.global, command).await,
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("tidings: {error:#}");
            ExitCode::FAILURE
        }
    }
}
