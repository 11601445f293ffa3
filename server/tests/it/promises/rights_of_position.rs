//! What of the past a connection replays is decided by the rights at the position where it begins, whatever is granted before
//! its task gets to run.

use crate::common::soon;
use app::protocol::entry::{EntryDraft, NewKb};
use app::protocol::people::{Level, Role};
use app::protocol::{Actor, Cursor, KbName, UserId};
use axum::Router;
use axum::extract::WebSocketUpgrade;
use axum::extract::ws::WebSocket;
use axum::routing::get;
use futures_util::StreamExt;
use serde_json::Value;
use server::domain::caller::{Credential, Identity, Standing};
use server::domain::mutation::Request;
use server::domain::{Caller, entry, kb, person};
use server::live::connection::{self, Opening};
use server::live::{Hub, Interest};
use server::store::Store;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_tungstenite::connect_async;
use tokio_util::sync::CancellationToken;
use tungstenite::Message;

/// A server that upgrades each connection and leaves its socket to the test.
async fn sockets() -> (SocketAddr, mpsc::Receiver<WebSocket>) {
    let (sender, receiver) = mpsc::channel(1);
    let hand_over = move |upgrade: WebSocketUpgrade| async move { upgrade.on_upgrade(async move |socket| drop(sender.send(socket).await)) };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let router = Router::new().route("/", get(hand_over));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (addr, receiver)
}

fn reader() -> Caller {
    let user = UserId::parse("reader").unwrap();
    let identity = Identity {
        actor: Actor::User(user.clone()),
        user,
        credential: Credential::Issuer,
        scopes: app::protocol::people::Scope::ALL.to_vec(),
        only: None,
        expires_at: None,
    };
    let standing = Standing {
        role: Role::Member,
        levels: Default::default(),
    };
    Caller::new(identity, standing)
}

#[tokio::test]
async fn a_right_granted_after_the_subscription_opens_nothing_from_before() {
    let folder = tempfile::TempDir::new().unwrap();
    let (store, committed) = Store::open(folder.path()).await.unwrap();
    let hub = Hub::start(&store, None).await.unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn(hub.clone().run(store.clone(), committed, stop.clone()));
    let published = async || {
        let head = store.read().await.unwrap().cursor().seq;
        soon("the hub", async {
            while hub.position().1 < head {
                tokio::task::yield_now().await;
            }
        })
        .await;
        hub.position()
    };

    let owner = Request::by(Caller::owner());
    let vault = KbName::parse("vault").unwrap();
    let new = NewKb {
        name: "vault".into(),
        members: Some(Level::None),
        ..NewKb::default()
    };
    kb::create(&store, &owner, new).await.unwrap();
    person::add(&store, &owner, "reader", None, Role::Member).await.unwrap();
    let (epoch, seq) = published().await;
    let write = |title: &str| {
        let draft = EntryDraft {
            title: title.into(),
            ..EntryDraft::default()
        };
        entry::create(&store, &owner, vault.clone(), draft)
    };
    write("Secret").await.unwrap();
    published().await;

    let (addr, mut sockets) = sockets().await;
    let (mut client, _) = connect_async(format!("ws://{addr}/")).await.unwrap();
    let opening = Opening {
        caller: reader(),
        interest: Interest::Everything,
        cursor: Some(Cursor { epoch, seq }),
        build: String::new(),
    };
    // It subscribes here, and is not polled before the right is granted.
    let connection = connection::run(sockets.recv().await.unwrap(), hub.clone(), store.clone(), Box::new(opening));
    let user = UserId::parse("reader").unwrap();
    kb::set_right(&store, &owner, vault.clone(), user, Some(Level::Read)).await.unwrap();
    write("Shared").await.unwrap();
    published().await;
    let connection = tokio::spawn(connection);

    let mut titles = vec![];
    while !titles.contains(&"Shared".to_owned()) {
        let Message::Text(text) = soon("a frame", client.next()).await.unwrap().unwrap() else {
            continue;
        };
        let frame: Value = serde_json::from_str(&text).unwrap();
        if frame["topic"] == "kb:vault" {
            titles.push(frame["data"]["title"].as_str().unwrap_or_default().to_owned());
        }
    }
    assert_eq!(titles, ["Shared"], "an event from before the grant was replayed");
    drop(client);
    soon("the connection's end", connection).await.unwrap();
    stop.cancel();
    running.await.unwrap();
}
