//! A server in the test's own process.

use super::{Api, Client, soon};
use app::protocol::entry::EntryDraft;
use app::protocol::people::{NewToken, Role, Scope};
use app::protocol::{Actor, Event, KbName, Timestamp, Topic, Version};
use server::config::{Auth, Config};
use server::domain::entry::Prepared;
use server::domain::mutation::Request;
use server::domain::{Caller, entry, person};
use server::serve::Server;
use server::store::{Store, Subject, WriteTx};
use std::net::SocketAddr;
use std::ops::Deref;
use std::path::Path;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A server with a database of its own. Its API can be called on it.
pub struct TestServer {
    api: Api,
    data: TempDir,
    config: Config,
    running: Option<Running>,
}

struct Running {
    claim: Option<String>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Deref for TestServer {
    type Target = Api;
    fn deref(&self) -> &Api {
        &self.api
    }
}

async fn run(config: &Config) -> (SocketAddr, Running) {
    let server = Server::bind(config).await.expect("the server starts");
    let addr = server.addr();
    let claim = server.claim().map(ToOwned::to_owned);
    let stop = CancellationToken::new();
    let task = tokio::spawn(server.run(stop.clone().cancelled_owned()));
    (addr, Running { claim, stop, task })
}

impl TestServer {
    /// A server without knowledge bases.
    pub async fn start() -> Self {
        Self::start_with(Auth::Off).await
    }

    /// A server that asks who it is, without people.
    pub async fn guarded() -> Self {
        Self::start_with(Auth::Required).await
    }

    async fn start_with(auth: Auth) -> Self {
        Self::with(|data| Config {
            auth,
            ..Config::open(([127, 0, 0, 1], 0).into(), data.into())
        })
        .await
    }

    /// A server below a path of its host.
    pub async fn below(prefix: &str) -> Self {
        Self::with(|data| Config {
            url_prefix: prefix.to_owned(),
            ..Config::open(([127, 0, 0, 1], 0).into(), data.into())
        })
        .await
    }

    /// A server with these settings, made for the folder of its database.
    pub async fn with(config: impl FnOnce(&Path) -> Config) -> Self {
        let data = TempDir::new().expect("a folder");
        let mut config = config(data.path());
        config.converter = Some(env!("CARGO_BIN_EXE_tidings").into());
        let (addr, running) = run(&config).await;
        config.addr = addr;
        Self {
            api: Api::new(addr),
            data,
            config,
            running: Some(running),
        }
    }

    /// Adds somebody, for whom only a program can speak. Returns the API as that program uses it.
    pub async fn person(&self, name: &str, role: Role) -> Api {
        let store = self.store().await;
        let request = Request::by(Caller::owner());
        person::add(&store, &request, name, None, role).await.expect("they are added");
        store.close().await;
        self.token(name, &Scope::ALL).await.0
    }

    /// Makes a token of somebody. Returns the API as the program uses it, and the token's number.
    pub async fn token(&self, name: &str, scopes: &[Scope]) -> (Api, i64) {
        let store = self.store().await;
        let new = NewToken {
            scopes: Some(scopes.iter().map(|scope| scope.as_str().to_owned()).collect()),
            user: Some(name.to_owned()),
            ..NewToken::default()
        };
        let made = person::make_token(&store, &Request::by(Caller::owner()), new)
            .await
            .expect("a token");
        store.close().await;
        (self.api.with_token(&made.secret), made.token.id)
    }

    /// A server with the knowledge base `notes`.
    pub async fn with_notes() -> Self {
        let server = Self::start().await;
        server.kb("notes").await;
        server
    }

    pub fn addr(&self) -> SocketAddr {
        self.config.addr
    }

    /// The link of the first owner, where the server made one.
    pub fn claim(&self) -> Option<&str> {
        self.running.as_ref()?.claim.as_deref()
    }

    /// What the server says of itself.
    pub fn logs(&self) -> &server::telemetry::Logs {
        &self.config.logs
    }

    /// The folder of the database.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// Stops the server as `SIGTERM` does, and waits until it has.
    pub async fn stop(&mut self) {
        if let Some(Running { stop, task, .. }) = self.running.take() {
            stop.cancel();
            soon("the server's end", task).await.expect("a clean end");
        }
    }

    /// Stops it, and starts it again with the same address and database.
    pub async fn restart(&mut self) {
        self.stop().await;
        self.running = Some(run(&self.config).await.1);
    }

    /// A socket that was greeted. Without a cursor it begins at the end of the log.
    pub async fn socket(&self, query: &str) -> Client {
        if !query.contains("cursor=") {
            self.settled().await;
        }
        Client::connect(self.addr(), query).await
    }

    /// A second connection to the same database, such as the command line opens.
    pub async fn store(&self) -> Store {
        Store::open(self.data()).await.expect("the database opens").0
    }
}

/// Adds an event to the log without an entry to go with it: the quick way to many.
pub fn emit(tx: &mut WriteTx, kb: &str, title: &str) -> Result<(), server::error::Error> {
    let kb_name = KbName::parse(kb)?;
    let at = Timestamp::from_millis(0);
    let change = app::protocol::EntryChange {
        title: title.into(),
        entry_type: "note".into(),
        tags: vec![],
        version: Version::FIRST,
        created_at: at,
        updated_at: at,
        previous_id: None,
        trash_id: None,
        aliases: vec![],
        links: Some(vec![]),
    };
    tx.emit(
        Subject {
            actor: Actor::System,
            mutation_id: None,
            topic: Topic::Kb(kb_name.clone()),
            kb_name: Some(kb_name),
            entry_id: None,
        },
        Event::EntryUpdated(change),
    )?;
    Ok(())
}

/// Adds so many events to `notes`, in one transaction, as another process would.
pub async fn emit_many(store: &Store, count: usize, title: &str) {
    let title = title.to_owned();
    store
        .write(move |tx| {
            Box::pin(async move {
                for _ in 0..count {
                    emit(tx, "notes", &title)?;
                }
                Ok(())
            })
        })
        .await
        .expect("they are written");
}

/// Makes `target` and so many entries in `notes` that link to it. To rename it then is one commit with an event more than
/// that: when it is more than may wait for a subscriber, all subscribers fall behind at once.
pub async fn linked(store: &Store, target: &str, links: usize) {
    let draft = |title: String, body: String| EntryDraft {
        title,
        body,
        ..EntryDraft::default()
    };
    let mut drafts = vec![draft(target.into(), String::new())];
    drafts.extend((0..links).map(|n| draft(format!("Link {n}"), format!("[[{target}]]"))));
    let request = Request::by(Caller::owner());
    store
        .write(move |tx| {
            Box::pin(async move {
                let kb = KbName::parse("notes")?;
                for draft in drafts {
                    entry::create_in(tx, &request, &kb, Prepared::new(&kb, draft)?).await?;
                }
                Ok(())
            })
        })
        .await
        .expect("they are written");
}
