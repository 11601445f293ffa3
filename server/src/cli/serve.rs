//! `tidings serve`.

use super::{Auth, Cli, Command, Global, print, stopped};
use crate::config::{self, Config, Retention};
use crate::crawl::Allowed;
use crate::domain::person::{Issuer, KeyFile};
use crate::http::Timeouts;
use crate::serve::Server;
use crate::telemetry::{LogLayer, Logs};
use anyhow::Context;
use clap::builder::FalseyValueParser;
use clap::{Args, Parser, value_parser};
use std::io::IsTerminal;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Settings of the server.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Where to listen; port 0 picks a free one [default: 127.0.0.1:3000]
    #[arg(long, env = "TIDINGS_ADDR")]
    addr: Option<SocketAddr>,
    /// Who may use the server
    #[arg(long, env = "TIDINGS_AUTH", value_enum, default_value_t = Auth::Required)]
    auth: Auth,
    /// A certificate chain in PEM, for TLS
    #[arg(long, env = "TIDINGS_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The key of the certificate, in PEM
    #[arg(long, env = "TIDINGS_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// A proxy before the server says who asks: X-Forwarded-For, -Proto and -Host of the nearest one are believed
    #[arg(long, env = "TIDINGS_TRUST_PROXY", value_parser = FalseyValueParser::new())]
    trust_proxy: bool,
    /// Below which path everything is, such as /notes
    #[arg(long, env = "TIDINGS_URL_PREFIX", value_name = "PATH", default_value = "", hide_default_value = true, value_parser = config::url_prefix)]
    url_prefix: String,
    /// Accept tokens (JWT) of this issuer too; their `sub` is the user
    #[arg(long, env = "TIDINGS_JWT_ISSUER", value_name = "ISSUER", requires = "jwt_keys")]
    jwt_issuer: Option<String>,
    /// The issuer's public keys: a JWKS, or a public key in PEM
    #[arg(long, env = "TIDINGS_JWT_KEY", value_name = "FILE", requires = "jwt_issuer", group = "jwt_keys")]
    jwt_key: Option<PathBuf>,
    /// A secret of at least 32 bytes that is shared with the issuer, instead of public keys
    #[arg(
        long,
        env = "TIDINGS_JWT_SECRET_FILE",
        value_name = "FILE",
        requires = "jwt_issuer",
        group = "jwt_keys"
    )]
    jwt_secret_file: Option<PathBuf>,
    /// The audience (`aud`) that the issuer's tokens must name
    #[arg(long, env = "TIDINGS_JWT_AUDIENCE", value_name = "NAME", requires = "jwt_issuer")]
    jwt_audience: Option<String>,
    /// Let the issuer's tokens speak for accounts that were made here, not by the issuer
    #[arg(long, env = "TIDINGS_JWT_EXISTING_ACCOUNTS", requires = "jwt_issuer", value_parser = FalseyValueParser::new())]
    jwt_existing_accounts: bool,
    /// Another origin whose pages may write, such as https://notes.example; repeatable
    #[arg(long = "allow-origin", env = "TIDINGS_ALLOW_ORIGIN", value_name = "ORIGIN", value_delimiter = ',', value_parser = config::origin)]
    allowed_origins: Vec<String>,
    /// A host that may be crawled although its address is private, such as wiki.lan or 127.0.0.1:8000; repeatable
    #[arg(long = "crawl-allow", env = "TIDINGS_CRAWL_ALLOW", value_name = "HOST", value_delimiter = ',')]
    crawl_allow: Vec<String>,
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

/// Prints a line for whoever started the server. It outlives its reader.
fn tell(line: std::fmt::Arguments<'_>) -> anyhow::Result<()> {
    match print::line(line) {
        Err(error) if !error.is::<print::Closed>() => Err(error),
        _ => Ok(()),
    }
}

pub(super) async fn run(global: &Global, command: Serve) -> anyhow::Result<()> {
    let logs = Logs::default();
    tracing_subscriber::registry()
        .with(EnvFilter::try_new(&command.log)?)
        .with(
            tracing_subscriber::fmt::layer()
                .with_writer(std::io::stderr)
                .with_ansi(wants_colour()),
        )
        .with(LogLayer::new(logs.clone()))
        .init();
    crate::http::gather_metrics();
    let tls = command.tls_cert.zip(command.tls_key);
    let keys = command
        .jwt_key
        .map(KeyFile::Public)
        .or(command.jwt_secret_file.map(KeyFile::Secret));
    let issuer = match (&command.jwt_issuer, &keys) {
        (Some(issuer), Some(keys)) => {
            let issuer = Issuer::read(issuer, command.jwt_audience.as_deref(), keys)?;
            Some(issuer.speaking_for_all(command.jwt_existing_accounts))
        }
        _ => None,
    };
    let config = Config {
        auth: match command.auth {
            Auth::Required => config::Auth::Required,
            Auth::Off => config::Auth::Off,
        },
        tls,
        trust_proxy: command.trust_proxy,
        url_prefix: command.url_prefix,
        issuer,
        addr: address(command.addr)?,
        data: global.data(),
        allowed_origins: command.allowed_origins,
        retention: Retention {
            log_age: Duration::from_secs(u64::from(command.log_days) * 24 * 60 * 60),
            log_events: command.log_events,
            ..Retention::default()
        },
        guide: !command.no_guide,
        converter: None,
        patience: config::PATIENCE,
        timeouts: Timeouts::default(),
        logs,
        crawl: config::Crawl {
            allowed: Allowed::parse(&command.crawl_allow)?,
            ..config::Crawl::default()
        },
    };
    let stop = stopped();
    let server = Server::bind(&config).await?;
    tell(format_args!("listening on {}", server.base()))?;
    if let Some(claim) = server.claim() {
        tell(format_args!("nobody has an account yet; make the owner's at {claim}"))?;
    }
    server.run(stop).await;
    Ok(())
}
