//! Puts the parts of a server together, runs them, and stops them in order.

use crate::clock;
use crate::config::{Auth, Config, ConfigError, Retention};
use crate::domain::{entry, guide, job, person};
use crate::error::Error;
use crate::http::listen::{self, Listening};
use crate::http::who::Door;
use crate::http::{self, Timeouts, guard::Sites};
use crate::jobs::{Crawler, Jobs, Uploads};
use crate::live::Hub;
use crate::live::seeds::knowledge_items::Pages;
use crate::state::AppState;
use crate::store::{OpenError, Store, invitations, log, retention};
use crate::telemetry;
use app::protocol::{Timestamp, limits};
use leptos::config::{Env, LeptosOptions};
use std::future::Future;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long a stop may take; what is not finished then is cut off.
const STOP: Duration = Duration::from_secs(8);
/// How often old things are forgotten.
const SWEEP: Duration = Duration::from_secs(60 * 60);

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Settings that would be unsafe.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The certificate or its key cannot be used.
    #[error("{0}")]
    Tls(String),
    /// Where the program itself is cannot be told.
    #[error("cannot find the program itself: {0}. Start it by its full path.")]
    Program(std::io::Error),
    /// The data folder cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The address cannot be listened on.
    #[error("cannot listen on {addr}: {why}. {}", if .why.kind() == std::io::ErrorKind::AddrInUse { "Another server uses this port: stop it, or choose another with --addr." } else { "Choose another address with --addr." })]
    Listen {
        /// Which.
        addr: SocketAddr,
        /// What the system says.
        why: std::io::Error,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

/// A server that listens, but does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: Listening,
    timeouts: Timeouts,
    addr: SocketAddr,
    base: String,
    claim: Option<String>,
    state: AppState,
    hub_stop: CancellationToken,
    background: TaskTracker,
}

impl Server {
    /// Opens the database and the port.
    pub async fn bind(config: &Config) -> Result<Self, StartError> {
        config.check()?;
        let tls = config.tls.as_ref().map(|(cert, key)| listen::tls(cert, key)).transpose();
        let tls = tls.map_err(StartError::Tls)?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let listen = |why| StartError::Listen { addr: config.addr, why };
        let socket = TcpListener::bind(config.addr).await.map_err(listen)?;
        let addr = socket.local_addr().map_err(listen)?;
        let listener = Listening::new(socket, tls);
        let (store, committed) = Store::serve(&config.data).await?;
        let hub = Hub::start(&store, config.issuer.clone()).await?;
        let hub_stop = CancellationToken::new();
        let background = TaskTracker::new();
        background.spawn(hub.clone().run(store.clone(), committed, hub_stop.clone()));
        let door = Door::new(config.auth, &config.url_prefix, config.trust_proxy);
        background.spawn(telemetry::publish(config.logs.clone(), hub.clone(), hub_stop.clone()));
        let crawler = Crawler::new(&config.crawl);
        let converter = match &config.converter {
            Some(program) => program.clone(),
            None => std::env::current_exe().map_err(StartError::Program)?,
        };
        let uploads = Uploads::new(config.data.join("uploads"), converter);
        let jobs = Jobs::new(store.clone(), hub.clone(), uploads, crawler);
        jobs.begin().await?;
        let since = Since::start(&store).await?;
        background.spawn(sweep(
            store.clone(),
            since,
            config.retention,
            door.clone(),
            jobs.clone(),
            hub_stop.clone(),
        ));
        if config.guide {
            guide::bring(&store).await?;
        }
        let claim = match config.auth {
            Auth::Required => person::claim_link(&store).await?,
            Auth::Off => None,
        };
        let base = format!("{scheme}://{addr}{}", config.url_prefix);
        let claim = claim.map(|secret| {
            // Nobody can open the address that stands for all.
            let host = match addr.ip().is_unspecified() {
                true => format!("{scheme}://localhost:{}{}", addr.port(), config.url_prefix),
                false => base.clone(),
            };
            format!("{host}/claim/{}", secret.expose())
        });
        let state = AppState {
            items: Pages::new(store.clone()),
            store,
            hub,
            jobs,
            logs: config.logs.clone(),
            patience: config.patience,
            door,
            sites: Sites {
                allowed_origins: config.allowed_origins.clone().into(),
                only_loopback: addr.ip().is_loopback(),
            },
            leptos: leptos_options(addr),
            sockets: TaskTracker::new(),
            stop: CancellationToken::new(),
        };
        Ok(Self {
            listener,
            timeouts: config.timeouts,
            addr,
            base,
            claim,
            state,
            hub_stop,
            background,
        })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// How its address begins, as a browser on this machine writes it.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The link by which the first owner gets their account, where nobody has one yet.
    pub fn claim(&self) -> Option<&str> {
        self.claim.as_deref()
    }

    /// Answers until `shutdown`, then says goodbye to the sockets, finishes what is in flight, and closes the database.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send + 'static) {
        let Self {
            listener,
            timeouts,
            state,
            hub_stop,
            background,
            ..
        } = self;
        background.spawn(state.jobs.clone().run(state.stop.clone()));
        let service = http::service(state.clone());
        let stopping = {
            let state = state.clone();
            async move {
                shutdown.await;
                tracing::info!("stopping");
                state.stop.cancel();
                state.hub.shut_down();
            }
        };
        let stop = state.stop.clone();
        tokio::select! {
            () = http::serve(listener, service, timeouts, state.door.trust_proxy, stopping) => {}
            () = async { stop.cancelled().await; tokio::time::sleep(STOP).await } => {
                tracing::warn!("requests that did not finish in time are cut off");
            }
        }
        state.sockets.close();
        let _ = tokio::time::timeout(Duration::from_secs(3), state.sockets.wait()).await;
        hub_stop.cancel();
        background.close();
        background.wait().await;
        state.store.close().await;
    }
}

/// Pages name the browser's files with their build, so that a cache never mixes two.
fn leptos_options(addr: SocketAddr) -> LeptosOptions {
    let dev = std::env::var("LEPTOS_WATCH").is_ok();
    LeptosOptions::builder()
        .output_name("tidings")
        .site_addr(addr)
        .site_pkg_dir(format!("pkg/{}", http::assets_build()))
        .env(if dev { Env::DEV } else { Env::PROD })
        .build()
}

/// Forgets what is too old, at the start and each hour.
async fn sweep(store: Store, since: Since, keep: Retention, door: Door, jobs: Jobs, stop: CancellationToken) {
    let mut timer = tokio::time::interval(SWEEP);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = timer.tick() => {}
        }
        door.sweep();
        if let Err(error) = forget_at(&store, since.now(), keep).await {
            tracing::error!(%error, "old events could not be removed; trying again in an hour");
        }
        if let Err(error) = jobs.sweep().await {
            tracing::error!(%error, "old uploads could not be removed; trying again in an hour");
        }
    }
}

/// The time by which the age of things is told. A clock that is suddenly ahead must not delete what is young: so it goes on from
/// the last event before the start, and no faster than the process lives.
#[derive(Debug, Clone, Copy)]
struct Since {
    last: Timestamp,
    started: Instant,
}

impl Since {
    /// From now on.
    async fn start(store: &Store) -> Result<Self, Error> {
        let last = log::last_at(&mut store.read().await?).await?;
        Ok(Self {
            last,
            started: Instant::now(),
        })
    }

    fn now(self) -> Timestamp {
        let millis = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        let lived = Timestamp::from_millis(self.last.millis().saturating_add(millis(self.started.elapsed())));
        clock::now().min(lived)
    }
}

/// Forgets what is too old now.
pub async fn forget(store: &Store, keep: Retention) -> Result<(), Error> {
    forget_at(store, clock::now(), keep).await
}

async fn forget_at(store: &Store, now: Timestamp, keep: Retention) -> Result<(), Error> {
    let before = |age: Duration| {
        let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_millis(now.millis().saturating_sub(age))
    };
    let log_before = before(keep.log_age);
    while store
        .write(move |tx| Box::pin(async move { retention::prune_log(tx, log_before, keep.log_events).await }))
        .await?
    {}
    // An idempotency key is of use while a client may still repeat its request.
    let keys_before = before(Duration::from_secs(3 * 24 * 60 * 60));
    while store
        .write(move |tx| Box::pin(async move { retention::prune_mutations(tx, keys_before).await }))
        .await?
    {}
    while entry::purge_expired(store, before(keep.trash)).await? > 0 {}
    store.sweep().await?;
    job::forget(store, before(limits::JOBS_KEPT)).await?;
    store.write(|tx| Box::pin(invitations::sweep(tx))).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_ahead_makes_nothing_old_at_once() {
        let month = 30 * 24 * 60 * 60 * 1_000;
        let since = |last: i64| Since {
            last: Timestamp::from_millis(last),
            started: Instant::now(),
        };
        let now = clock::now().millis();
        assert!(
            since(now - month).now().millis() < now - month + 60_000,
            "the last event is a month old by the clock"
        );
        assert!(
            since(now + month).now().millis() < now + 60_000,
            "a clock that was ahead is no longer"
        );
    }
}
