//! Step 1 of a change that comes from the command line. It writes to the database directly, through the same domain
//! code as the server, so every command works with and without a running server, which notices by itself.

mod backup;
mod entry;
mod failure;
mod health;
mod kb;
mod notify;
mod print;
mod search;
mod serve;
mod sync;
mod tail;
mod token;
mod user;

use crate::domain::Caller;
use crate::domain::mutation::Request;
use crate::store::Store;
use clap::builder::FalseyValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// A knowledge base that tells you when it changes.
#[derive(Debug, Parser)]
#[command(name = "tidings", version, about, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    /// What to do [default: serve]
    #[command(subcommand)]
    command: Option<Command>,
}

/// What goes with every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// The folder of the database [default: tidings in the user's data folder]
    #[arg(long, global = true, env = "TIDINGS_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// Print JSON
    #[arg(long, global = true, env = "TIDINGS_JSON", value_parser = FalseyValueParser::new())]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the server
    Serve(serve::Serve),
    /// Lists, makes and deletes knowledge bases
    #[command(subcommand)]
    Kb(kb::Kb),
    /// Reads and writes entries
    #[command(subcommand)]
    Entry(entry::Entry),
    /// Finds entries by their words
    Search(search::Search),
    /// Brings a folder of markdown files into a knowledge base
    Sync(sync::Sync),
    /// Writes a knowledge base out as markdown files
    Export(sync::Export),
    /// Tells somebody something
    Notify(notify::Notify),
    /// Tells everybody something
    Announce(notify::Announce),
    /// Adds, lists and removes people
    #[command(subcommand)]
    User(user::User),
    /// Makes, lists and takes back programs' tokens
    #[command(subcommand)]
    Token(token::Token),
    /// Prints events as they happen, a line of JSON each
    Tail(tail::Tail),
    /// Writes a copy of the whole database to a file
    Backup(backup::Backup),
    /// Replaces the whole database by a backup
    Restore(backup::Restore),
    /// Says whether the database is sound, and whether a server answers
    Health(health::Health),
}

/// Who may use the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Auth {
    /// Who has an account, or a token
    Required,
    /// Everybody who reaches it, as its owner; on loopback only
    Off,
}

impl Global {
    /// The data folder: as given, else in the place that the system has for such things.
    fn data(&self) -> PathBuf {
        self.data.clone().unwrap_or_else(|| {
            let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
            set("XDG_DATA_HOME")
                .or_else(|| set("HOME").map(|home| home.join(".local/share")))
                .unwrap_or_default()
                .join("tidings")
        })
    }

    /// Refuses a data folder that holds no database yet.
    fn must_have_database(&self) -> anyhow::Result<()> {
        let data = self.data();
        let there = Store::file_in(&data).is_file();
        anyhow::ensure!(
            there,
            "there is no database in {}; name its folder with --data, or start one with `tidings serve`.",
            data.display()
        );
        Ok(())
    }
}

/// Runs the command of this process.
pub async fn run() -> ExitCode {
    let Cli { global, command } = Cli::parse();
    let command = command.unwrap_or_else(serve::by_default);
    let result = match command {
        Command::Serve(command) => serve::run(&global, command).await,
        Command::Kb(command) => kb::run(&global, command).await,
        Command::Entry(command) => entry::run(&global, command).await,
        Command::Search(command) => search::run(&global, command).await,
        Command::Sync(command) => sync::run(&global, command).await,
        Command::Export(command) => sync::export(&global, command).await,
        Command::Notify(command) => notify::notify(&global, command).await,
        Command::Announce(command) => notify::announce(&global, command).await,
        Command::User(command) => user::run(&global, command).await,
        Command::Token(command) => token::run(&global, command).await,
        Command::Tail(command) => tail::run(&global, command).await,
        Command::Backup(command) => backup::backup(&global, command).await,
        Command::Restore(command) => backup::restore(&global, command).await,
        Command::Health(command) => health::run(&global, command).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<print::Closed>() => ExitCode::SUCCESS,
        Err(error) => {
            failure::print(error, global.json);
            ExitCode::FAILURE
        }
    }
}

/// Opens the database for one command, and closes it whatever comes of that. Refuses a folder that has none: a new, empty
/// one would hide that the folder's name is misspelt.
async fn with_store<T>(global: &Global, work: impl AsyncFnOnce(&Store) -> anyhow::Result<T>) -> anyhow::Result<T> {
    global.must_have_database()?;
    with_new_store(global, work).await
}

/// The same for a command that may be the first: the database is made where it is missing.
async fn with_new_store<T>(global: &Global, work: impl AsyncFnOnce(&Store) -> anyhow::Result<T>) -> anyhow::Result<T> {
    let (store, _committed) = Store::open(&global.data()).await?;
    let result = work(&store).await;
    store.close().await;
    result
}

/// Who has the data folder is the owner.
fn owner() -> Request {
    Request::by(Caller::owner())
}

/// Ends when somebody asks this process to stop. Who asks is heard from this call on, before the future is awaited.
fn stopped() -> impl Future<Output = ()> + Send + 'static {
    let signals = [SignalKind::terminate(), SignalKind::interrupt()].map(signal);
    async move {
        let [Ok(mut terminate), Ok(mut interrupt)] = signals else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::CommandFactory;

    fn visit(command: &clap::Command, without: &mut Vec<String>) {
        for arg in command.get_arguments() {
            let Some(long) = arg.get_long().filter(|long| !matches!(*long, "help" | "version")) else {
                continue;
            };
            let named = arg.get_env().is_some_and(|name| name.to_string_lossy().starts_with("TIDINGS_"));
            if !named {
                without.push(format!("{} --{long}", command.get_name()));
            }
        }
        for sub in command.get_subcommands() {
            visit(sub, without);
        }
    }

    #[test]
    fn every_flag_has_a_variable() {
        let command = Cli::command();
        command.clone().debug_assert();
        let mut without = Vec::new();
        visit(&command, &mut without);
        assert!(without.is_empty(), "{without:?}");
    }
}
