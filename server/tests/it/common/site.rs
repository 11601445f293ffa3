//! A web site with a few hundred pages and many traps, to be crawled by tests. What it answers is in [`super::traps`].

use super::traps;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// So many pages link to each other in a circle.
pub const DOCS: usize = 200;

/// A site that is served on loopback until it is dropped. It listens on a second port too, which is another site.
#[derive(Debug)]
pub struct Site {
    address: SocketAddr,
    record: Arc<Record>,
    servers: Vec<tokio::task::JoinHandle<()>>,
}

/// What was asked.
#[derive(Debug)]
pub struct Record {
    /// The other site, as `host:port`.
    pub other: SocketAddr,
    /// Paths with queries, in the order in which they were asked for. Those of the other site begin with `other:`.
    asked: Mutex<Vec<String>>,
    /// How many are being answered, and how many were at most.
    in_flight: watch::Sender<(usize, usize)>,
    /// Whether `/gate/…` answers.
    gate: watch::Sender<bool>,
}

impl Site {
    /// Serves the site.
    pub async fn start() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let other = TcpListener::bind("127.0.0.1:0").await.expect("another port");
        let address = socket.local_addr().expect("its address");
        let record = Arc::new(Record {
            other: other.local_addr().expect("its address"),
            asked: Mutex::default(),
            in_flight: watch::Sender::new((0, 0)),
            gate: watch::Sender::new(false),
        });
        let app = Router::new().fallback(answer).with_state(Arc::clone(&record));
        let elsewhere = Router::new().fallback(answer_elsewhere).with_state(Arc::clone(&record));
        let servers = [(socket, app), (other, elsewhere)].map(|(socket, app)| {
            tokio::spawn(async move {
                let _ = axum::serve(socket, app).await;
            })
        });
        Self {
            address,
            record,
            servers: servers.into(),
        }
    }

    /// Its front page. Host and port are to be allowed, as they are on loopback.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Host and port, for `--crawl-allow`.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Host and port of the other site, to which one page redirects and one links.
    pub fn other_host(&self) -> String {
        self.record.other.to_string()
    }

    /// What was asked for, in order: paths with queries. Those of the other site begin with `other:`.
    pub fn requests(&self) -> Vec<String> {
        self.record.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often each path was asked for, without its query.
    pub fn counts(&self) -> HashMap<String, usize> {
        let mut counts = HashMap::new();
        for asked in self.requests() {
            let path = asked.split('?').next().unwrap_or_default().to_owned();
            *counts.entry(path).or_default() += 1;
        }
        counts
    }

    /// How many requests were being answered at once, at most.
    pub fn max_in_flight(&self) -> usize {
        self.record.in_flight.borrow().1
    }

    /// Waits until so many requests are being answered at once.
    pub async fn wait_in_flight(&self, count: usize) {
        let mut watched = self.record.in_flight.subscribe();
        watched.wait_for(|(now, _)| *now >= count).await.expect("the site is served");
    }

    /// Lets `/gate/…` answer.
    pub fn open_gate(&self) {
        self.record.gate.send_replace(true);
    }

    /// The paths of exactly those pages that a right crawl stores that begins at the front page, follows links and what the
    /// site lists, and keeps to `robots.txt`. `/dup` may as well be stored as `/dup/` or `/dup/index.html`.
    pub fn expected() -> BTreeSet<String> {
        let fixed = [
            "/",
            "/loop/a",
            "/loop/b",
            "/busy",
            "/dup",
            "/etag",
            "/modified",
            "/broken-html",
            "/base/page",
            "/elsewhere/target",
            "/nofollow",
            "/meta-nofollow",
            "/from-noindex",
            "/plain.txt",
            "/llms/guide.md",
            "/charset/windows-1251",
            "/charset/shift_jis",
            "/charset/utf-16le",
            "/charset/meta",
            "/charset/wrong",
            "/deep",
        ];
        let docs = (0..DOCS).map(|n| format!("/docs/{n}"));
        let hidden = (0..5).map(|n| format!("/hidden/{n}"));
        fixed.into_iter().map(ToOwned::to_owned).chain(docs).chain(hidden).collect()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        for server in &self.servers {
            server.abort();
        }
    }
}

impl Record {
    /// Notes a request, and says which one it is of those for the same path.
    fn note(&self, asked: &str) -> usize {
        let mut all = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(asked.to_owned());
        all.iter().filter(|other| *other == asked).count()
    }

    /// Waits until `/gate/…` may answer.
    pub async fn wait_gate(&self) {
        let mut gate = self.gate.subscribe();
        let _ = gate.wait_for(|open| *open).await;
    }
}

/// Counts a request as long as it is answered, also where the client leaves.
struct InFlight(Arc<Record>);

impl InFlight {
    fn new(record: Arc<Record>) -> Self {
        record.in_flight.send_modify(|(now, most)| {
            *now += 1;
            *most = (*most).max(*now);
        });
        Self(record)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.send_modify(|(now, _)| *now -= 1);
    }
}

async fn answer(State(record): State<Arc<Record>>, uri: Uri, headers: HeaderMap) -> Response {
    let _counted = InFlight::new(Arc::clone(&record));
    let asked = uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let nth = record.note(&asked);
    traps::answer(&record, &uri, &headers, nth).await
}

async fn answer_elsewhere(State(record): State<Arc<Record>>, uri: Uri) -> Response {
    record.note(&format!("other:{}", uri.path()));
    traps::html("Elsewhere", "<p>Another site.")
}
