//! `tidings serve`.

use super::{Auth, Cli, Command, Global, print, stopped};
use crate::config::{self, Config, Retention};
use crate::serve::Server;
use anyhow::Context;
use clap::builder::FalseyValueParser;
use clap::{Args, Parser, value_parser};
use std::io::IsTerminal;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tracing_subscriber::EnvFilter;

/// Settings of the server.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Where to listen; port 0 picks a free one [default: 127.0.0.1:3000]
    #[arg(long, env = "TIDINGS_ADDR")]
    addr: Option<SocketAddr>,
    /// Who may use the server
    #[arg(long, env = "TIDINGS_AUTH", value_enum, default_value_t = Auth::Off)]
    auth: Auth,
    /// Another origin whose pages may write, such as https://notes.example; repeatable
    #[arg(long = "allow-origin", env = "TIDINGS_ALLOW_ORIGIN", value_name = "ORIGIN", value_delimiter = ',', value_parser = config::origin)]
    allowed_origins: Vec<String>,
    /// Days that events stay in the log
    #[arg(long, env = "TIDINGS_LOG_DAYS", default_value_t = 30, value_name = "DAYS", value_parser = value_parser!(u32).range(1..))]
    log_days: u32,
    /// Events that stay in the log, at the most
    #[arg(long, env = "TIDINGS_LOG_EVENTS", default_value_t = 1_000_000, value_name = "COUNT", value_parser = value_parser!(u64).range(1..))]
    log_events: u64,
    /// Start without the guide, where the database is new
    #[arg(long, env = "TIDINGS_NO_GUIDE", value_parser = FalseyValueParser::new())]
    no_guide: bool,
    /// What to log, in the syntax of tracing's EnvFilter
    #[arg(long, env = "TIDINGS_LOG", default_value = "info,sqlx=warn")]
    log: String,
}

/// Where a server listens when nobody says.
const ADDR: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 3000);

/// The address as given, else as cargo-leptos says by its own variable when it starts the server, else the default one.
pub(super) fn address(given: Option<SocketAddr>) -> anyhow::Result<SocketAddr> {
    match (given, std::env::var("LEPTOS_SITE_ADDR")) {
        (Some(addr), _) => Ok(addr),
        (None, Ok(text)) => text
            .parse()
            .with_context(|| format!("LEPTOS_SITE_ADDR is {text:?}, which is no address such as {ADDR}")),
        (None, Err(_)) => Ok(ADDR),
    }
}

/// `tidings` alone means `tidings serve`, with all its variables and defaults.
pub(super) fn by_default() -> Command {
    match Cli::parse_from(["tidings", "serve"]).command {
        Some(command) => command,
        None => unreachable!("the subcommand was given"),
    }
}

/// Whether the log is coloured: only where a person reads it who does not object (<https://no-color.org>).
fn wants_colour() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

pub(super) async fn run(global: &Global, command: Serve) -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_new(&command.log)?)
        .with_writer(std::io::stderr)
        .with_ansi(wants_colour())
        .init();
    crate::http::gather_metrics();
    let Auth::Off = command.auth;
    let config = Config {
        addr: address(command.addr)?,
        data: global.data(),
        allowed_origins: command.allowed_origins,
        retention: Retention {
            log_age: Duration::from_secs(u64::from(command.log_days) * 24 * 60 * 60),
            log_events: command.log_events,
            ..Retention::default()
        },
        guide: !command.no_guide,
    };
    let stop = stopped();
    let server = Server::bind(&config).await?;
    // The one line on standard output, for whoever started it and waits. A server outlives its reader.
    if let Err(error) = print::line(format_args!("listening on http://{}", server.addr()))
        && !error.is::<print::Closed>()
    {
        return Err(error);
    }
    server.run(stop).await?;
    Ok(())
}
