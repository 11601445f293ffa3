//! `tidings serve`.

use super::{Auth, Global};
use crate::config::{Config, Retention};
use crate::serve::Server;
use clap::Args;
use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Settings of the server.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Where to listen; port 0 picks a free one
    #[arg(long, env = "TIDINGS_ADDR", default_value = "127.0.0.1:3000")]
    addr: SocketAddr,
    /// Who may use the server
    #[arg(long, env = "TIDINGS_AUTH", value_enum, default_value_t = Auth::Off)]
    auth: Auth,
    /// Another origin whose pages may write, such as https://notes.example; repeatable
    #[arg(long = "allow-origin", env = "TIDINGS_ALLOW_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    allowed_origins: Vec<String>,
    /// Days that events stay in the log
    #[arg(long, env = "TIDINGS_LOG_DAYS", default_value_t = 30, value_name = "DAYS")]
    log_days: u32,
    /// Events that stay in the log, at the most
    #[arg(long, env = "TIDINGS_LOG_EVENTS", default_value_t = 1_000_000, value_name = "COUNT")]
    log_events: u64,
    /// Start without the guide, where the database is new
    #[arg(long, env = "TIDINGS_NO_GUIDE")]
    no_guide: bool,
    /// What to log, in the syntax of tracing's EnvFilter
    #[arg(long, env = "TIDINGS_LOG", default_value = "info,sqlx=warn")]
    log: String,
}

pub(super) async fn run(global: &Global, command: Serve) -> anyhow::Result<ExitCode> {
    tracing_subscriber::fmt().with_env_filter(EnvFilter::try_new(&command.log)?).with_writer(std::io::stderr).init();
    crate::http::gather_metrics();
    let Auth::Off = command.auth;
    let config = Config {
        addr: command.addr,
        data: global.data(),
        allowed_origins: command.allowed_origins,
        retention: Retention {
            log_age: Duration::from_secs(u64::from(command.log_days) * 24 * 60 * 60),
            log_events: command.log_events,
            ..Retention::default()
        },
        guide: !command.no_guide,
    };
    let server = Server::bind(&config).await?;
    // The one line on standard output, for whoever started it and waits.
    let mut out = std::io::stdout().lock();
    writeln!(out, "listening on http://{}", server.addr())?;
    out.flush()?;
    drop(out);
    let mut terminate = signal(SignalKind::terminate())?;
    server
        .run(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        })
        .await?;
    Ok(ExitCode::SUCCESS)
}
