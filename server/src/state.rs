//! What every request needs.

use crate::http::guard::Sites;
use crate::http::who::Door;
use crate::jobs::Jobs;
use crate::live::Hub;
use crate::live::seeds::knowledge_items::Pages;
use crate::store::Store;
use crate::telemetry::Logs;
use leptos::config::LeptosOptions;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What every request needs. Cheap to clone.
#[derive(Debug, Clone)]
pub struct AppState {
    /// The database.
    pub store: Store,
    /// Carries events to subscribers.
    pub hub: Hub,
    /// Carries jobs out.
    pub jobs: Jobs,
    /// What the server says of itself.
    pub logs: Logs,
    /// Which sites may write.
    pub sites: Sites,
    /// Who is let in, and how.
    pub door: Door,
    /// How pages name the browser's files.
    pub leptos: LeptosOptions,
    /// What clients of seed 004 show of the entries.
    pub items: Pages,
    /// How long a client of seed 004 waits for a job that nobody knows.
    pub patience: Duration,
    /// Sockets under way, which a stop waits for.
    pub sockets: TaskTracker,
    /// The server stops.
    pub stop: CancellationToken,
}

impl axum::extract::FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
