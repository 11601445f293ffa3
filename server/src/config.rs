//! The settings of a server, checked.

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

impl Config {
    /// Refuses settings that would be unsafe.
    pub fn check(&self) -> Result<(), ConfigError> {
        if self.addr.ip().is_loopback() {
            Ok(())
        } else {
            Err(ConfigError::NotLoopback(self.addr))
        }
    }
}
