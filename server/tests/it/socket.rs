//! `/ws`: what goes over it, and how it ends.

use crate::common::{Client, TestServer, linked, seqs, soon};
use futures_util::future::select_all;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tungstenite::{Error, Message};

#[tokio::test]
async fn the_greeting_says_who_one_is_and_where_the_log_stands() {
    let server = TestServer::with_notes().await;
    let ack = server.socket("").await.ack;
    assert_eq!(
        (&ack["user_id"], &ack["head"], &ack["heartbeat_ms"]),
        (&json!("owner"), &json!(1), &json!(25_000))
    );
    assert_eq!(ack["epoch"], server.epoch().await);
    assert_eq!((&ack["resumed"], &ack["reason"]), (&json!(false), &json!("no_cursor")));
    assert!(ack["build"].as_str().is_some_and(|build| !build.is_empty()));
}

#[tokio::test]
async fn an_event_holds_what_a_list_needs_and_names_its_author_and_the_write() {
    let server = TestServer::with_notes().await;
    let mut socket = server.socket("").await;
    let key = crate::common::key();
    let request = server
        .request(reqwest::Method::POST, "/api/kbs/notes/entries")
        .header("idempotency-key", &key);
    let entry = server
        .send(request.json(&json!({"title": "PDCA", "tags": ["deming"], "entry_type": "concept"})))
        .await
        .expect(201)
        .json;
    let event = socket.event().await;
    assert_eq!(
        event,
        json!({
            "type": "entry_created", "seq": 2, "timestamp": entry["created_at"], "topic": "kb:notes", "kb_name": "notes", "entry_id": "pdca",
            "actor": "user:owner", "mutation_id": key,
            "data": {"title": "PDCA", "entry_type": "concept", "tags": ["deming"], "links": [], "version": 1,
                     "created_at": entry["created_at"], "updated_at": entry["updated_at"]}
        })
    );
    let timestamp = event["timestamp"].as_str().unwrap();
    assert!(
        timestamp.len() == 24 && timestamp.ends_with('Z') && timestamp.as_bytes()[19] == b'.',
        "{timestamp}"
    );
}

#[tokio::test]
async fn every_kind_of_change_sends_its_event() {
    let server = TestServer::start().await;
    let mut socket = server.socket("").await;
    server
        .post(
            "/api/kbs",
            json!({"name": "notes", "title": "Notes", "description": "What we know"}),
        )
        .await
        .expect(201);
    server.note(json!({"title": "One", "id": "one"})).await;
    server.patch("/api/kbs/notes/entries/one", json!({"id": "uno"})).await.expect(200);
    let trashed = server.delete("/api/kbs/notes/entries/uno").await.expect(200).json["trash_id"].clone();
    server
        .post(&format!("/api/kbs/notes/trash/{trashed}/restore"), json!(null))
        .await
        .expect(200);
    let again = server.delete("/api/kbs/notes/entries/uno").await.expect(200).json["trash_id"].clone();
    server.delete(&format!("/api/kbs/notes/trash/{again}")).await.expect(204);
    server.delete("/api/kbs/notes").await.expect(204);
    let events = socket.events(8).await;
    let kinds: Vec<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        [
            "kb_created",
            "entry_created",
            "entry_updated",
            "entry_deleted",
            "entry_created",
            "entry_deleted",
            "entry_purged",
            "kb_deleted"
        ]
    );
    assert_eq!(
        events[0]["data"],
        json!({"title": "Notes", "description": "What we know", "members": "read"})
    );
    assert_eq!(
        (&events[2]["entry_id"], &events[2]["data"]["previous_id"]),
        (&json!("uno"), &json!("one"))
    );
    assert_eq!(
        events[3]["data"],
        json!({"title": "One", "entry_type": "note", "version": 2, "trash_id": trashed})
    );
    assert_eq!(events[4]["data"]["trash_id"], trashed);
    assert_eq!(events[6]["data"], json!({"trash_id": again}));
    assert_eq!(events[7]["data"], json!({}));
}

#[tokio::test]
async fn a_change_that_changes_nothing_sends_nothing() {
    let server = TestServer::with_notes().await;
    server.note(json!({"title": "One", "id": "one"})).await;
    let mut socket = server.socket("").await;
    let same = server
        .patch("/api/kbs/notes/entries/one", json!({"title": "One"}))
        .await
        .expect(200);
    assert_eq!(same.json["version"], 1);
    server.note(json!({"title": "Two"})).await;
    assert_eq!(socket.event().await["entry_id"], "two");
}

#[tokio::test]
async fn one_who_names_topics_gets_these_only() {
    let server = TestServer::with_notes().await;
    server.kb("other").await;
    let mut both = server.socket("topics=kb:notes,kb:other").await;
    let mut notes = server.socket("topics=kb:notes,user:me").await;
    let mut none = server.socket("topics=").await;
    server
        .post("/api/kbs/other/entries", json!({"title": "Elsewhere"}))
        .await
        .expect(201);
    server.note(json!({"title": "Here"})).await;
    assert_eq!(seqs(&both.events(2).await), [3, 4]);
    assert_eq!(notes.event().await["seq"], 4);
    none.send(json!({"type": "ping"})).await;
    assert_eq!(none.answer().await["type"], "pong");
}

#[tokio::test]
async fn one_subscribes_and_lets_go() {
    let server = TestServer::with_notes().await;
    server.kb("other").await;
    let mut socket = server.socket("topics=kb:notes").await;
    socket
        .send(json!({"type": "subscribe", "topics": ["kb:other"], "later": true}))
        .await;
    assert_eq!(
        socket.answer().await,
        json!({"type": "subscribed", "topics": ["kb:other"], "resumed": false, "reason": "no_cursor"})
    );
    server.post("/api/kbs/other/entries", json!({"title": "A"})).await.expect(201);
    assert_eq!(socket.event().await["seq"], 3);
    socket.send(json!({"type": "unsubscribe", "topics": ["kb:other"]})).await;
    assert_eq!(socket.answer().await, json!({"type": "unsubscribed", "topics": ["kb:other"]}));
    server.post("/api/kbs/other/entries", json!({"title": "B"})).await.expect(201);
    server.note(json!({"title": "C"})).await;
    assert_eq!(socket.event().await["seq"], 5);
}

#[tokio::test]
async fn one_who_hears_everything_can_let_go_of_a_topic_too() {
    let server = TestServer::with_notes().await;
    server.kb("other").await;
    let mut socket = server.socket("").await;
    socket.send(json!({"type": "unsubscribe", "topics": ["kb:other"]})).await;
    assert_eq!(socket.answer().await["type"], "unsubscribed");
    server.post("/api/kbs/other/entries", json!({"title": "A"})).await.expect(201);
    server.note(json!({"title": "B"})).await;
    assert_eq!(socket.event().await["seq"], 4);
    // What was missed meanwhile comes when one takes it up again from there.
    let cursor = format!("{}:2", server.epoch().await);
    socket
        .send(json!({"type": "subscribe", "topics": ["kb:other"], "cursor": cursor}))
        .await;
    assert_eq!(socket.answer().await["resumed"], true);
    assert_eq!(socket.event().await["seq"], 3);
    server.post("/api/kbs/other/entries", json!({"title": "C"})).await.expect(201);
    assert_eq!(socket.event().await["seq"], 5);
}

#[tokio::test]
async fn a_subscription_with_a_cursor_brings_what_was_missed_of_the_new_topic_only() {
    let server = TestServer::with_notes().await;
    server.kb("other").await;
    let mut socket = server.socket("topics=kb:notes").await;
    server.note(json!({"title": "A"})).await;
    server.post("/api/kbs/other/entries", json!({"title": "B"})).await.expect(201);
    assert_eq!(socket.event().await["seq"], 3);
    let cursor = json!({"epoch": server.epoch().await, "seq": 2});
    socket
        .send(json!({"type": "subscribe", "topics": ["kb:other", "kb:notes"], "cursor": cursor}))
        .await;
    assert_eq!(
        socket.answer().await,
        json!({"type": "subscribed", "topics": ["kb:other", "kb:notes"], "resumed": true})
    );
    assert_eq!(socket.event().await["seq"], 4);
    server.note(json!({"title": "C"})).await;
    assert_eq!(socket.event().await["seq"], 5);
}

#[tokio::test]
async fn what_a_subscription_brought_does_not_come_again_when_the_client_falls_behind() {
    let server = TestServer::with_notes().await;
    server.kb("other").await;
    linked(&server.store().await, "old", 1_200).await;
    let mut socket = server.socket("topics=kb:notes").await;
    for n in 0..5 {
        server
            .post("/api/kbs/other/entries", json!({"title": format!("B{n}")}))
            .await
            .expect(201);
    }
    let head = server.settled().await;
    let cursor = format!("{}:{}", server.epoch().await, head - 5);
    socket
        .send(json!({"type": "subscribe", "topics": ["kb:other"], "cursor": cursor}))
        .await;
    assert_eq!(socket.answer().await["type"], "subscribed");
    assert_eq!(seqs(&socket.events(5).await), (head - 4..=head).collect::<Vec<_>>());
    // More at once than may wait for a subscriber: it is caught up.
    server.patch("/api/kbs/notes/entries/old", json!({"id": "new"})).await.expect(200);
    assert_eq!(seqs(&socket.events(1_201).await), (head + 1..=head + 1_201).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_is_no_message_is_answered_and_the_socket_stays_open() {
    let server = TestServer::with_notes().await;
    let mut socket = server.socket("").await;
    let too_many: Vec<String> = (0..300).map(|n| format!("job:notes.{n}")).collect();
    for (message, code, reference) in [
        ("{".to_owned(), "invalid_json", Value::Null),
        ("[]".into(), "missing_type", Value::Null),
        (json!({"topics": []}).to_string(), "missing_type", Value::Null),
        (json!({"type": "dance"}).to_string(), "unknown_type", json!("dance")),
        (json!({"type": "dance", "ref": "r1"}).to_string(), "unknown_type", json!("r1")),
        (json!({"type": "subscribe"}).to_string(), "invalid_message", json!("subscribe")),
        (
            json!({"type": "subscribe", "topics": ["news"]}).to_string(),
            "invalid_message",
            json!("subscribe"),
        ),
        (
            json!({"type": "subscribe", "topics": [], "cursor": "x"}).to_string(),
            "invalid_message",
            json!("subscribe"),
        ),
        (
            json!({"type": "subscribe", "topics": too_many}).to_string(),
            "too_many_topics",
            json!("subscribe"),
        ),
    ] {
        socket.send_raw(Message::text(message.clone())).await;
        let answer = socket.answer().await;
        assert_eq!(
            (&answer["type"], &answer["code"], &answer["ref"]),
            (&json!("error"), &json!(code), &reference),
            "{message}: {answer}"
        );
        assert!(answer["message"].as_str().is_some_and(|text| !text.is_empty()));
    }
    for (message, words) in [
        (json!({"type": "subscribe"}), "subscribe: topics must be a list of texts"),
        (
            json!({"type": "unsubscribe", "topics": "kb:notes"}),
            "unsubscribe: topics must be a list of texts",
        ),
        (
            json!({"type": "subscribe", "topics": [7]}),
            "subscribe: topics must be a list of texts",
        ),
        (
            json!({"type": "subscribe", "topics": ["news"]}),
            "subscribe: topics: \"news\" is not a topic",
        ),
        (
            json!({"type": "subscribe", "topics": [], "cursor": "x"}),
            "subscribe: cursor: a cursor is EPOCH:SEQ",
        ),
        (
            json!({"type": "subscribe", "topics": [], "cursor": {"seq": 1}}),
            "subscribe: cursor: a cursor is EPOCH:SEQ",
        ),
        (
            json!({"type": "subscribe", "topics": [], "cursor": 7}),
            "subscribe: cursor: a cursor is EPOCH:SEQ",
        ),
    ] {
        socket.send(message).await;
        let answer = socket.answer().await;
        assert!(answer["message"].as_str().is_some_and(|text| text.starts_with(words)), "{answer}");
    }
    socket
        .send_raw(Message::text(r#"{"type":"subscribe","topics":[],"topics":[]}"#))
        .await;
    assert_eq!(socket.answer().await["message"], "subscribe: a member is there more than once.");
    server.note(json!({"title": "Still here"})).await;
    assert_eq!(socket.event().await["seq"], 2);
    assert_eq!(server.head().await, 2);
}

#[tokio::test]
async fn topics_are_counted_over_the_life_of_a_connection() {
    let server = TestServer::with_notes().await;
    let some = |from: usize| json!((from..from + 200).map(|n| format!("job:notes.{n}")).collect::<Vec<_>>());
    let mut named = server.socket("topics=kb:notes").await;
    let mut everything = server.socket("").await;
    for (socket, verb, answer) in [
        (&mut named, "subscribe", "subscribed"),
        (&mut everything, "unsubscribe", "unsubscribed"),
    ] {
        for (from, answer) in [(0, answer), (0, answer), (200, "error")] {
            socket.send(json!({"type": verb, "topics": some(from)})).await;
            let got = socket.answer().await;
            assert_eq!(got["type"], answer, "{got}");
            if answer == "error" {
                assert_eq!((&got["code"], &got["ref"]), (&json!("too_many_topics"), &json!(verb)));
            }
        }
    }
    // Both go on as before.
    server.note(json!({"title": "Still here"})).await;
    assert_eq!(named.event().await["seq"], 2);
    assert_eq!(everything.event().await["seq"], 2);
    // What is let go makes room.
    named.send(json!({"type": "unsubscribe", "topics": some(0)})).await;
    assert_eq!(named.answer().await["type"], "unsubscribed");
    named.send(json!({"type": "subscribe", "topics": some(200)})).await;
    assert_eq!(named.answer().await["type"], "subscribed");
}

#[tokio::test]
async fn binary_and_too_big_messages_close_the_socket_with_their_codes() {
    let server = TestServer::with_notes().await;
    let mut socket = server.socket("").await;
    socket.send_raw(Message::binary(vec![1, 2, 3])).await;
    assert_eq!(socket.closed().await.0, 1003);
    let of_size = |bytes: usize| {
        let text = json!({"type": "ping", "padding": ""}).to_string();
        Message::text(text.replace("\"\"", &format!("\"{}\"", "x".repeat(bytes - text.len()))))
    };
    let mut socket = server.socket("").await;
    socket.send_raw(of_size(1024 * 1024)).await;
    assert_eq!(socket.answer().await["type"], "pong");
    socket.send_raw(of_size(1024 * 1024 + 1)).await;
    assert_eq!(socket.closed().await.0, 1009);
}

#[tokio::test]
async fn a_message_far_beyond_the_limit_ends_the_socket_and_nothing_else() {
    let server = TestServer::with_notes().await;
    let mut socket = server.socket("").await;
    let mut other = server.socket("").await;
    // The server may end the connection before all has gone out.
    let _ = soon("a refusal", async {
        use futures_util::SinkExt;
        socket.raw().send(Message::text("x".repeat(6 * 1024 * 1024))).await
    })
    .await;
    assert!(matches!(socket.closed().await.0, 1009 | 1006));
    server.note(json!({"title": "Still here"})).await;
    assert_eq!(other.event().await["seq"], 2);
}

#[tokio::test]
async fn an_upgrade_that_is_not_understood_is_a_problem() {
    let server = TestServer::with_notes().await;
    for (query, code) in [
        ("cursor=x", "invalid_cursor"),
        ("cursor=k3:-1", "invalid_cursor"),
        ("topics=news", "invalid_query"),
    ] {
        match Client::try_connect(server.addr(), query).await {
            Err(Error::Http(response)) => {
                assert_eq!(response.status(), 400);
                assert_eq!(response.headers()["content-type"], "application/problem+json");
                let problem: Value = serde_json::from_slice(response.body().as_deref().unwrap_or_default()).unwrap_or_default();
                assert!(problem.is_null() || problem["code"] == code, "{problem}");
            }
            other => panic!("{:?}", other.map(|client| client.ack)),
        }
    }
    server.get("/ws").await.expect_problem(400, "invalid_header");
}

#[tokio::test]
async fn a_page_of_another_site_gets_no_socket() {
    let server = TestServer::with_notes().await;
    let own = format!("http://{}", server.addr());
    for (header, value, refused) in [
        ("origin", "http://evil.example", true),
        ("host", "evil.example", true),
        ("origin", own.as_str(), false),
    ] {
        let stream = TcpStream::connect(server.addr()).await.unwrap();
        match Client::over(stream, server.addr(), "", &[(header, value)]).await {
            Err(Error::Http(response)) => assert!(refused && response.status() == 403, "{header}: {value}"),
            Ok(_) => assert!(!refused, "{header}: {value}"),
            Err(other) => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn a_stop_says_goodbye_and_ends_the_sockets() {
    let mut server = TestServer::with_notes().await;
    let mut socket = server.socket("").await;
    let (_, (code, before)) = tokio::join!(server.stop(), socket.closed());
    assert_eq!(code, 4020);
    let goaway = before.last().unwrap();
    assert_eq!(goaway["type"], "goaway");
    assert!(goaway["reconnect_after_ms"].is_u64());
}

#[tokio::test]
async fn a_heartbeat_says_how_far_one_is_also_to_those_who_heard_nothing() {
    let server = TestServer::with_notes().await;
    server.note(json!({"title": "Unheard"})).await;
    let head = server.head().await;
    // The server spreads its heartbeats over the round: of many clients, some are served within a second or two.
    let mut clients = vec![];
    for _ in 0..6 {
        clients.push(server.socket("topics=system").await);
    }
    let frames = clients.iter_mut().map(|client| Box::pin(client.frame()));
    let (frame, ..) = select_all(frames).await;
    assert_eq!(frame, json!({"type": "heartbeat", "head": head}));
}
