//! Who may what: every address of the router, every topic, for everybody from nobody to the owner. An address without a line
//! in the table fails.

mod leaks;
pub mod request;
pub mod stage;
pub mod table;

use self::request::{body, path};
use self::stage::{Cast, Stage};
use self::table::{TABLE, WHO};
use crate::common::{Api, Client, TestServer, soon};
use app::protocol::people::{Role, Scope};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The status that somebody gets. Only the head of the answer is waited for: a stream has no end.
async fn status(api: &Api, who: &str, address: &str, stage: &Stage) -> u16 {
    let (method, at) = address.split_once(' ').unwrap();
    let mut at = path(at, stage, who);
    if at == "/api/search" {
        at += "?q=one";
    }
    if at == "/api/presence" {
        at += &format!("?topic=kb:{}", stage.kb);
    }
    let method = match (method, at.as_str()) {
        ("page", _) => Method::GET,
        ("*", "/logout") => Method::POST,
        ("*", _) => Method::GET,
        (method, _) => Method::from_bytes(method.as_bytes()).unwrap(),
    };
    let mut request = api.request(method.clone(), &at);
    if at.starts_with("/ws") {
        request = request
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    }
    if !method.is_safe() && at != "/logout" {
        request = request.header("origin", api.origin());
        request = match address {
            "POST /api/jobs/upload" => request.header("content-type", "multipart/form-data; boundary=x").body("--x--"),
            _ => request.json(&body(address, stage)),
        };
    }
    soon("a status", request.send()).await.unwrap().status().as_u16()
}

fn verdict(address: &str, status: u16) -> char {
    match status {
        303 if address.starts_with("page") => '-',
        401 => '-',
        403 => 'x',
        404 => '0',
        _ => '+',
    }
}

#[tokio::test]
async fn everybody_gets_at_every_address_what_the_table_says() {
    let table: BTreeMap<&str, &str> = TABLE.iter().copied().collect();
    assert_eq!(table.len(), TABLE.len(), "an address is in the table twice");
    let addresses = server::http::addresses();
    let without: Vec<&String> = addresses.iter().filter(|address| !table.contains_key(address.as_str())).collect();
    assert!(without.is_empty(), "no line for {without:#?}");
    let idle: Vec<&&str> = table
        .keys()
        .filter(|line| !addresses.iter().any(|address| address == **line))
        .collect();
    assert!(idle.is_empty(), "lines for what there is not: {idle:#?}");

    let mut cast = Cast::new().await;
    let mut wrong = vec![];
    for (address, expected) in &table {
        let mut found = String::new();
        let mut stage = cast.stage(address).await;
        for (who, api) in WHO.iter().zip(cast.who.clone()) {
            let name = if *who == "owner" { "olga" } else { who };
            let status = status(&api, name, address, &stage).await;
            let mut verdict = verdict(address, status);
            // The ways in answer alike whoever asks, and never with what they lead to.
            let is_way_in = ["* /claim", "* /join", "POST /api/login", "* /pkg"]
                .iter()
                .any(|way| address.starts_with(way));
            if is_way_in && matches!(status, 401 | 404 | 410) {
                verdict = '+';
            }
            assert!(status < 500, "{who} {address}: {status}");
            found.push(verdict);
            let changes = verdict == '+' && !address.starts_with("GET") && !address.starts_with('*') && !address.starts_with("page");
            if changes {
                stage = cast.stage(address).await;
            }
        }
        if found != *expected {
            wrong.push(format!("{address}: {expected} expected, {found} found"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn everybody_hears_the_topics_that_they_may() {
    let mut cast = Cast::new().await;
    let stage = cast.stage("").await;
    let (kb, job) = (format!("kb:{}", stage.kb), format!("job:{}.1", stage.kb));
    let all = [
        kb.as_str(),
        job.as_str(),
        "user:me",
        "user:olga",
        "system",
        "skills",
        "logs",
        "session:1",
        "chat:1",
        "kb:nothing",
    ];
    for (who, topics) in [
        ("stranger", "user:stranger system skills"),
        ("reader", "KB JOB user:reader system skills"),
        ("writer", "KB JOB user:writer system skills"),
        ("admin", "KB JOB user:admin system skills"),
        ("owner", "KB JOB user:olga system skills logs session:1 chat:1 kb:nothing"),
    ] {
        let api = &cast.who[WHO.iter().position(|name| *name == who).unwrap()];
        let mut socket = api.listen("topics=").await;
        socket.send(json!({"type": "subscribe", "topics": all})).await;
        let answer = socket.answer().await;
        let mut heard: Vec<&str> = answer["topics"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let expected = topics.replace("KB", &kb).replace("JOB", &job);
        let mut expected: Vec<&str> = expected.split(' ').collect();
        heard.sort_unstable();
        heard.dedup();
        expected.sort_unstable();
        assert_eq!(heard, expected, "{who}");
    }
    for who in ["nobody", "revoked", "expired"] {
        let api = &cast.who[WHO.iter().position(|name| *name == who).unwrap()];
        assert!(api.try_listen("").await.is_err(), "{who}");
    }
}

#[tokio::test]
async fn a_token_does_what_its_scopes_say_and_where_it_may() {
    let server = TestServer::guarded().await;
    let owner = server.person("olga", Role::Owner).await;
    owner.kb("notes").await;
    owner.kb("other").await;
    let entry = json!({"title": "One"});
    for (scopes, read, write, notify, admin) in [
        (&[Scope::Read] as &[Scope], 200, 403, 403, 403),
        (&[Scope::Notify], 404, 404, 201, 403),
        (&[Scope::Admin], 404, 404, 403, 201),
        (&[Scope::Read, Scope::Write], 200, 201, 403, 403),
    ] {
        let (api, _) = server.token("olga", scopes).await;
        api.get("/api/kbs/notes").await.expect(read);
        api.post("/api/kbs/notes/entries", entry.clone()).await.expect(write);
        api.post("/api/notifications", json!({"user": "olga", "title": "Hear"}))
            .await
            .expect(notify);
        api.post("/api/announcements", json!({"message": "Hear"})).await.expect(admin);
    }
    let held = owner
        .post(
            "/api/tokens",
            json!({"kb": "notes", "scopes": ["read", "write", "admin", "notify"]}),
        )
        .await
        .expect(201);
    let held = server.with_token(held.json["secret"].as_str().unwrap());
    held.post("/api/kbs/notes/entries", entry.clone()).await.expect(201);
    held.get("/api/kbs/other").await.expect_problem(404, "kb_not_found");
    let names: Vec<Value> = held.get("/api/kbs").await.expect(200).json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|kb| kb["name"].clone())
        .collect();
    assert_eq!(names, ["notes"]);
    held.get("/api/notifications").await.expect_problem(403, "forbidden");
    held.post("/api/users", json!({"user_id": "eve", "password": "correct horse battery"}))
        .await
        .expect_problem(403, "forbidden");
    let mut socket = held.listen("topics=").await;
    socket
        .send(json!({"type": "subscribe", "topics": ["kb:notes", "kb:other", "user:me", "system"]}))
        .await;
    assert_eq!(socket.answer().await["topics"], json!(["kb:notes"]));
}

#[tokio::test]
async fn what_one_may_not_read_does_not_exist_in_search_counts_links_and_events() {
    let server = TestServer::guarded().await;
    let owner = server.person("olga", Role::Owner).await;
    let bob = server.person("bob", Role::Member).await;
    owner.kb("notes").await;
    owner
        .post("/api/kbs", json!({"name": "vault", "members": "none"}))
        .await
        .expect(201);
    let secret = json!({"title": "Treasure", "id": "treasure", "body": "It is buried. [[notes:one]]"});
    owner.post("/api/kbs/vault/entries", secret).await.expect(201);
    let one = json!({"title": "One", "id": "one", "body": "See [[vault:treasure]] for the treasure."});
    owner.post("/api/kbs/notes/entries", one).await.expect(201);

    let kbs = bob.get("/api/kbs").await.expect(200).json;
    assert_eq!(kbs["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&kbs["items"][0]["name"], &kbs["items"][0]["level"]),
        (&json!("notes"), &json!("read"))
    );
    let found = bob.get("/api/search?q=treasure&limit=1").await.expect(200);
    assert_eq!(found.ids(), ["one"], "a hit that is hidden takes no place");
    let view = bob.get("/api/kbs/notes/entries/one/view").await.expect(200);
    assert_eq!(view.json["backlinks"], json!([]));
    assert!(
        !view.json["rendered"]["html"].as_str().unwrap().contains("Treasure"),
        "{}",
        view.text
    );
    assert!(owner.get("/api/kbs/notes/entries/one/view").await.text.contains("Treasure"));
    let topics: Vec<String> = bob
        .log(0)
        .await
        .iter()
        .map(|event| event["topic"].as_str().unwrap().to_owned())
        .collect();
    assert!(topics.iter().all(|topic| topic != "kb:vault"), "{topics:?}");
    assert!(topics.iter().any(|topic| topic == "kb:notes"), "{topics:?}");
    let home = bob.post("/api/pages/home", json!({})).await.expect(200);
    // What somebody wrote of it in an entry that all may read is all that is said of it.
    assert!(
        !home.text.contains("\"vault\",\"title") && !home.text.contains("kb:vault"),
        "{}",
        home.text
    );

    // One of the same name that comes later is another one.
    owner.delete("/api/kbs/vault").await.expect(204);
    owner.kb("vault").await;
    bob.get("/api/kbs/vault").await.expect(200);
    let kinds: Vec<Value> = bob
        .log(0)
        .await
        .into_iter()
        .filter(|event| event["topic"] == "kb:vault")
        .map(|event| event["type"].clone())
        .collect();
    assert_eq!(kinds, ["kb_created"]);
}

#[tokio::test]
async fn a_socket_of_somebody_else_is_refused() {
    let server = TestServer::guarded().await;
    let bob = server.person("bob", Role::Member).await;
    server.person("ada", Role::Owner).await;
    let upgrade = |path: &str| {
        bob.request(Method::GET, path)
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
    };
    bob.send(upgrade("/ws/notifications/ada")).await.expect_problem(403, "forbidden");
    for path in ["/ws/notifications/bob", "/ws/notifications/me", "/ws"] {
        let status = soon("an upgrade", upgrade(path).send()).await.unwrap().status();
        assert_eq!(status, 101, "{path}");
        // A page of another site cannot listen with somebody's credentials.
        bob.send(upgrade(path).header("origin", "https://evil.example"))
            .await
            .expect_problem(403, "foreign_origin");
    }
    let token = bob.token().unwrap().to_owned();
    let by_query = Client::connect(server.addr(), &format!("token={token}")).await;
    assert_eq!(by_query.ack["user_id"], "bob");
    let stream = tokio::net::TcpStream::connect(server.addr()).await.unwrap();
    let protocol = format!("bearer, {token}");
    let by_protocol = Client::over(stream, server.addr(), "", &[("sec-websocket-protocol", &protocol)])
        .await
        .unwrap();
    assert_eq!(by_protocol.ack["user_id"], "bob");
    // A browser that is not known is told so by the code with which its socket ends.
    let stream = tokio::net::TcpStream::connect(server.addr()).await.unwrap();
    let origin = format!("http://{}", server.addr());
    let headers = [("origin", origin.as_str()), ("cookie", "tidings=old")];
    let ended = Client::over(stream, server.addr(), "", &headers).await;
    assert!(
        matches!(ended, Err(tungstenite::Error::ConnectionClosed)),
        "it is upgraded, and ends without a greeting"
    );
    // In the query it counts for sockets and streams only.
    server
        .get(&format!("/api/me?token={token}"))
        .await
        .expect_problem(401, "unauthenticated");
}
