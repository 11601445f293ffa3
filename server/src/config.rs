//! The settings of a server, checked.

use crate::crawl::{Allowed, Limits, PaceSettings};
use crate::domain::person::Issuer;
use crate::http::Timeouts;
use crate::telemetry::Logs;
use axum::http::uri::Authority;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// What `serve` needs to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen; port 0 picks a free one.
    pub addr: SocketAddr,
    /// Where the database is.
    pub data: PathBuf,
    /// Origins whose pages may write besides the server's own.
    pub allowed_origins: Vec<String>,
    /// How long, and how much, is kept.
    pub retention: Retention,
    /// Whether a first start brings the guide.
    pub guide: bool,
    /// Who may use it.
    pub auth: Auth,
    /// Certificate chain and key for TLS, as PEM files.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Whether a proxy before it says who asks, and how they reached it.
    pub trust_proxy: bool,
    /// Below which path it is, such as `/notes`; empty where it has its own host.
    pub url_prefix: String,
    /// Whose tokens are taken besides its own.
    pub issuer: Option<Issuer>,
    /// What may be crawled, and how fast.
    pub crawl: Crawl,
    /// The program that converts files apart from the server; its own where absent.
    pub converter: Option<PathBuf>,
    /// How long a client of seed 004 waits for a job that nobody knows.
    pub patience: Duration,
    /// How long a client may take with a request.
    pub timeouts: Timeouts,
    /// Where what the server says of itself is kept.
    pub logs: Logs,
}

/// How long a client of seed 004 waits for a job that nobody knows.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// What may be crawled, and how fast.
#[derive(Debug, Clone, Default)]
pub struct Crawl {
    /// Hosts that may be crawled although their addresses are private.
    pub allowed: Allowed,
    /// How fast a site is asked.
    pub pace: PaceSettings,
    /// What an answer may take.
    pub limits: Limits,
}

/// Who may use a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// Who is known.
    Required,
    /// Everybody who reaches it, as its owner.
    Off,
}

impl Config {
    /// A server on loopback for whoever reaches it, with everything else as it comes.
    pub fn open(addr: SocketAddr, data: PathBuf) -> Self {
        Self {
            addr,
            data,
            allowed_origins: vec![],
            retention: Retention::default(),
            guide: false,
            auth: Auth::Off,
            tls: None,
            trust_proxy: false,
            url_prefix: String::new(),
            issuer: None,
            crawl: Crawl::default(),
            converter: None,
            patience: PATIENCE,
            timeouts: Timeouts::default(),
            logs: Logs::default(),
        }
    }
}

/// A text is no prefix of addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no path that Tidings can be below; write it as /notes or /team/notes, with letters, digits, '-', '_' and '.'")]
pub struct InvalidPrefix(String);

/// A path below which all of Tidings is: without a slash at its end, empty for none.
pub fn url_prefix(text: &str) -> Result<String, InvalidPrefix> {
    let path = text.trim_end_matches('/');
    let fits = |segment: &str| {
        !segment.is_empty() && !matches!(segment, "." | "..") && segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    match path.strip_prefix('/') {
        None if path.is_empty() => Ok(String::new()),
        Some(rest) if path.len() <= 200 && rest.split('/').all(fits) => Ok(path.to_owned()),
        _ => Err(InvalidPrefix(text.chars().take(80).collect())),
    }
}

/// How long, and how much, is kept.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// How long events stay in the log.
    pub log_age: Duration,
    /// How many events stay in the log, at the most.
    pub log_events: u64,
    /// How long deleted entries stay in the trash.
    pub trash: Duration,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Default for Retention {
    fn default() -> Self {
        Self {
            log_age: 30 * DAY,
            log_events: 1_000_000,
            trash: app::protocol::limits::TRASH,
        }
    }
}

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Everybody who reaches the server is its owner, so nobody else may reach it.
    #[error("--auth off makes everybody who reaches the server its owner, so it listens on loopback only: {0} is not. Use --addr 127.0.0.1:{port}.", port = .0.port())]
    NotLoopback(SocketAddr),
}

/// A text is no origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no origin; write one as SCHEME://HOST or SCHEME://HOST:PORT, such as https://notes.example, with http or https and without a path"
)]
pub struct InvalidOrigin(String);

/// An origin of pages as browsers send it: in lower case, and without the port that is the scheme's own.
pub fn origin(text: &str) -> Result<String, InvalidOrigin> {
    let no = || InvalidOrigin(text.chars().take(80).collect());
    let lower = text.to_ascii_lowercase();
    let (scheme, rest) = lower.split_once("://").ok_or_else(no)?;
    let own_port = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return Err(no()),
    };
    let authority: Authority = rest.parse().map_err(|_| no())?;
    let host = authority.host();
    // What may stand in a URL is more than what a name or an address may have.
    if host.is_empty() || !host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._[:]".contains(&b)) {
        return Err(no());
    }
    match rest
        .strip_prefix(host)
        .and_then(|port| port.strip_prefix(':'))
        .map(str::parse::<u16>)
    {
        None if rest == host => Ok(format!("{scheme}://{host}")),
        Some(Ok(port)) if port == own_port => Ok(format!("{scheme}://{host}")),
        Some(Ok(port)) if port > 0 => Ok(format!("{scheme}://{host}:{port}")),
        _ => Err(no()),
    }
}

impl Config {
    /// Refuses settings that would be unsafe.
    pub fn check(&self) -> Result<(), ConfigError> {
        if self.addr.ip().is_loopback() || self.auth == Auth::Required {
            Ok(())
        } else {
            Err(ConfigError::NotLoopback(self.addr))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn an_origin_is_a_scheme_a_host_and_perhaps_a_port_and_is_written_as_browsers_do() {
        for (given, sent) in [
            ("https://notes.example", "https://notes.example"),
            ("HTTPS://Notes.Example:443", "https://notes.example"),
            ("http://notes.example:80", "http://notes.example"),
            ("http://notes.example:443", "http://notes.example:443"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://[::1]", "http://[::1]"),
        ] {
            assert_eq!(origin(given).as_deref(), Ok(sent));
        }
        for text in [
            "",
            "garbage",
            "null",
            "*",
            "notes.example",
            "file://",
            "ftp://notes.example",
            "https://",
            "https://:3000",
            "https://notes.example/",
            "https://notes.example/path",
            "https://notes.example?q",
            "https://notes.example:",
            "https://notes.example:0",
            "https://notes.example:port",
            "https://notes.example:99999",
            "https://ada@notes.example",
            "https://notes example",
            "https://*.example",
        ] {
            assert!(origin(text).is_err(), "{text}");
        }
    }
}
