//! Nobody receives an event that they may not read: rights come and go while many write, and not one event that lies behind
//! the end of a right reaches whoever had it, however they listen.

use crate::common::{Api, Client, TestServer, soon};
use app::protocol::people::{Role, Scope};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::JoinSet;

const WRITERS: usize = 50;
const FLAPS: usize = 12;

/// What a listener got of the knowledge base, and whether it was told to read anew.
#[derive(Debug, Default)]
struct Heard {
    seqs: Vec<u64>,
    resyncs: usize,
}

impl Heard {
    fn take(&mut self, frame: &Value) {
        if frame["topic"] == "kb:vault" {
            self.seqs.extend(frame["seq"].as_u64());
        }
        if frame["type"] == "resync" {
            self.resyncs += 1;
        }
    }
}

/// Listens until it has heard of the last change of its rights, and then until the server has handed over all.
async fn stay(mut socket: Client, mut end: watch::Receiver<bool>) -> Heard {
    let mut heard = Heard::default();
    loop {
        tokio::select! {
            frame = socket.frame() => heard.take(&frame),
            _ = end.wait_for(|end| *end) => break,
        }
    }
    // What was sent before the answer to this was sent before it.
    socket.send(json!({"type": "ping"})).await;
    loop {
        let frame = socket.frame().await;
        if frame["type"] == "pong" {
            return heard;
        }
        heard.take(&frame);
    }
}

/// Comes and goes, each time from where it was.
async fn come_and_go(api: Api, end: watch::Receiver<bool>) -> Heard {
    let mut heard = Heard::default();
    let mut cursor = String::new();
    loop {
        let last_time = *end.borrow();
        let mut socket = api.listen(&cursor).await;
        if socket.ack["resumed"] == false {
            heard.resyncs += 1;
        }
        let epoch = socket.ack["epoch"].as_str().unwrap().to_owned();
        let mut at = match socket.ack["resumed"] == true {
            true => cursor.rsplit(':').next().unwrap().parse().unwrap(),
            false => socket.ack["head"].as_u64().unwrap(),
        };
        socket.send(json!({"type": "ping"})).await;
        loop {
            let frame = socket.frame().await;
            if frame["type"] == "pong" {
                break;
            }
            heard.take(&frame);
            at = at.max(frame["seq"].as_u64().unwrap_or(0));
        }
        cursor = format!("cursor={epoch}:{at}");
        if last_time {
            return heard;
        }
    }
}

async fn over_sse(api: Api, mut end: watch::Receiver<bool>, last: Arc<std::sync::atomic::AtomicU64>) -> Heard {
    let mut heard = Heard::default();
    let mut response = api.request(Method::GET, "/api/events/stream").send().await.unwrap();
    let mut text = String::new();
    let mut seen = 0;
    // The last event of all is one that everybody hears.
    while !*end.borrow() || seen < last.load(std::sync::atomic::Ordering::SeqCst) {
        let chunk = tokio::select! {
            chunk = response.chunk() => chunk.unwrap().expect("it goes on"),
            changed = end.changed() => {
                changed.expect("the test goes on");
                continue;
            }
        };
        text.push_str(&String::from_utf8_lossy(&chunk));
        while let Some((block, rest)) = text.split_once("\n\n") {
            let data = block.lines().find_map(|line| line.strip_prefix("data: "));
            if let Some(frame) = data.and_then(|data| serde_json::from_str::<Value>(data).ok()) {
                heard.take(&frame);
                seen = frame["seq"].as_u64().unwrap_or(seen);
            }
            text = rest.to_owned();
        }
    }
    heard
}

/// The stretches of the log in which the reader had the right: (from, up to), both without the changes themselves.
fn stretches(log: &[Value]) -> Vec<(u64, u64)> {
    let mut stretches = vec![];
    let mut since = None;
    for event in log {
        if event["topic"] != "user:reader" || event["type"] != "access_changed" {
            continue;
        }
        let seq = event["seq"].as_u64().unwrap();
        match (event["data"]["level"].as_str(), since) {
            (Some("read"), None) => since = Some(seq),
            (Some("none"), Some(from)) => {
                stretches.push((from, seq));
                since = None;
            }
            _ => {}
        }
    }
    if let Some(from) = since {
        stretches.push((from, u64::MAX));
    }
    stretches
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_right_that_comes_and_goes_lets_nothing_through_while_it_is_gone() {
    let server = TestServer::guarded().await;
    let owner = server.person("olga", Role::Owner).await;
    let reader = server.person("reader", Role::Member).await;
    owner
        .post("/api/kbs", json!({"name": "vault", "members": "none"}))
        .await
        .expect(201);
    let right = "/api/kbs/vault/access/reader";
    owner.put(right, json!({"level": "read"})).await.expect(204);
    owner.settled().await;

    let (stop, end) = watch::channel(false);
    let last = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let mut listeners = JoinSet::new();
    for query in ["", "topics=kb:vault,system", "topics=kb:vault", ""] {
        listeners.spawn(stay(reader.listen(query).await, end.clone()));
    }
    for _ in 0..3 {
        listeners.spawn(come_and_go(reader.clone(), end.clone()));
    }
    listeners.spawn(over_sse(reader.clone(), end.clone(), Arc::clone(&last)));

    let mut writers = JoinSet::new();
    let (enough, done) = watch::channel(false);
    for writer in 0..WRITERS {
        let (api, done) = (owner.clone(), done.clone());
        writers.spawn(async move {
            let mut written = 0;
            while !*done.borrow() {
                let draft = json!({"title": format!("Note {written} of {writer}")});
                let answer = api.post("/api/kbs/vault/entries", draft).await;
                if answer.status != 429 {
                    answer.expect(201);
                    written += 1;
                }
                tokio::task::yield_now().await;
            }
            written
        });
    }
    // Somebody else, since the limit is for a person.
    let flapper = server.person("otto", Role::Owner).await;
    for flap in 0..FLAPS {
        let level = if flap % 2 == 0 { "none" } else { "read" };
        flapper.put(right, json!({ "level": level })).await.expect(204);
        // Some writes lie between.
        let head = flapper.head().await;
        soon("some writes", async {
            while flapper.head().await < head + 20 {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
    flapper.put(right, json!({"level": "none"})).await.expect(204);
    enough.send(true).unwrap();
    let mut writes = 0;
    while let Some(written) = writers.join_next().await {
        writes += written.unwrap();
    }
    flapper.post("/api/announcements", json!({"message": "The end"})).await.expect(201);
    last.store(flapper.settled().await, std::sync::atomic::Ordering::SeqCst);
    stop.send(true).unwrap();

    let log = flapper.log(0).await;
    // Rights are told the one whose they are.
    let allowed = stretches(&reader.log(0).await);
    assert!(allowed.len() >= FLAPS / 2, "{allowed:?}");
    let may = |seq: u64| allowed.iter().any(|(from, upto)| (*from..*upto).contains(&seq));
    let written: Vec<u64> = log
        .iter()
        .filter(|event| event["type"] == "entry_created")
        .map(|event| event["seq"].as_u64().unwrap())
        .collect();
    assert_eq!(written.len(), writes);
    let forbidden = written.iter().filter(|seq| !may(**seq)).count();
    assert!(
        forbidden > 0,
        "nothing was written while the right was gone: the test tests nothing"
    );
    let mut heard_something = 0;
    while let Some(heard) = listeners.join_next().await {
        let Heard { seqs, resyncs } = heard.unwrap();
        let leaked: Vec<&u64> = seqs.iter().filter(|seq| !may(**seq)).collect();
        assert!(
            leaked.is_empty(),
            "events that lie behind the end of the right: {leaked:?} of {allowed:?}"
        );
        assert!(seqs.is_sorted_by(|a, b| a < b), "once, and in order: {seqs:?}");
        assert!(resyncs > 0, "whoever lost a topic is told");
        heard_something += seqs.len();
    }
    assert!(
        heard_something > 0,
        "nobody heard anything while they could: the test tests nothing"
    );
}

#[tokio::test]
async fn what_ends_a_credential_ends_its_sockets() {
    let server = TestServer::guarded().await;
    let owner = server.person("olga", Role::Owner).await;
    server.person("bob", Role::Member).await;
    owner.settled().await;
    let (by_token, token) = server.token("bob", &[Scope::Read]).await;
    let (other, _) = server.token("bob", &[Scope::Read]).await;
    owner.settled().await;
    let (mut first, mut second) = (by_token.listen("").await, other.listen("").await);
    owner.delete(&format!("/api/tokens/{token}")).await.expect(204);
    assert_eq!(first.closed().await.0, 4001);
    by_token.get("/api/me").await.expect_problem(401, "unauthenticated");
    second.send(json!({"type": "ping"})).await;
    let answered = loop {
        let frame = second.answer().await;
        if frame["type"] == "pong" {
            break true;
        }
    };
    assert!(answered, "the other token's socket goes on");
    owner.delete("/api/users/bob").await.expect(204);
    assert_eq!(second.closed().await.0, 4001);
    other.get("/api/me").await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn whoever_gets_a_right_is_told_to_read_and_hears_from_then_on() {
    let server = TestServer::guarded().await;
    let owner = server.person("olga", Role::Owner).await;
    let bob = server.person("bob", Role::Member).await;
    owner
        .post("/api/kbs", json!({"name": "vault", "members": "none"}))
        .await
        .expect(201);
    owner.settled().await;
    let mut socket = bob.listen("").await;
    owner.post("/api/kbs/vault/entries", json!({"title": "Before"})).await.expect(201);
    owner.put("/api/kbs/vault/access/bob", json!({"level": "write"})).await.expect(204);
    owner.post("/api/kbs/vault/entries", json!({"title": "After"})).await.expect(201);
    let mut kinds = vec![];
    loop {
        let frame = socket.answer().await;
        kinds.push(frame["type"].as_str().unwrap().to_owned());
        assert_ne!(frame["data"]["title"], "Before", "{frame}");
        if frame["data"]["title"] == "After" {
            break;
        }
    }
    assert!(
        kinds.contains(&"access_changed".to_owned()) && kinds.contains(&"notification_created".to_owned()),
        "{kinds:?}"
    );
    bob.post("/api/kbs/vault/entries", json!({"title": "Mine"})).await.expect(201);
    // Private again for all, and then for bob too.
    owner.delete("/api/kbs/vault/access/bob").await.expect(204);
    loop {
        let frame = socket.answer().await;
        if frame["type"] == "resync" && frame["topics"] == json!(["kb:vault"]) && kinds.contains(&"resync".to_owned()) {
            break;
        }
        kinds.push(frame["type"].as_str().unwrap().to_owned());
    }
    bob.get("/api/kbs/vault").await.expect_problem(404, "kb_not_found");
}

#[tokio::test]
async fn a_token_that_expires_ends_its_socket_unless_it_is_renewed() {
    use app::protocol::people::Token;
    use app::protocol::{Timestamp, UserId};
    let server = TestServer::guarded().await;
    let owner = server.person("olga", Role::Owner).await;
    let until = Timestamp::from_millis(server::clock::now().millis() + 3_000);
    let store = server.store().await;
    let [soon, too, later] = ["a", "b", "c"].map(|digit| format!("tdg_{}", digit.repeat(64)));
    for (secret, expires_at) in [(&soon, Some(until)), (&too, Some(until)), (&later, None)] {
        let token = Token {
            id: 0,
            user_id: UserId::parse("olga").unwrap(),
            name: UserId::parse("program").unwrap(),
            scopes: vec![Scope::Read],
            kb_name: None,
            created_at: Timestamp::from_millis(0),
            expires_at,
            last_used_at: None,
        };
        let digest = server::domain::secret::digest(secret);
        store
            .write(move |tx| Box::pin(async move { server::store::tokens::insert(tx, &token, &digest).await }))
            .await
            .unwrap();
    }
    store.close().await;
    owner.settled().await;
    let mut ends = server.with_token(&soon).listen("").await;
    let mut renews = server.with_token(&too).listen("").await;
    for refused in ["tdg_nonsense", "a.b.c", ""] {
        renews.send(json!({"type": "auth", "token": refused})).await;
        assert_eq!(renews.answer().await["code"], "unauthenticated");
    }
    renews.send(json!({"type": "auth", "token": later})).await;
    assert_eq!(renews.answer().await, json!({"type": "authenticated", "data": {}}));
    assert_eq!(ends.closed().await.0, 4001);
    owner.kb("notes").await;
    let event = renews.event().await;
    assert_eq!(event["type"], "kb_created", "{event}");
}
