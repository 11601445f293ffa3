//! Notifications and announcements: who is told what, on which sockets, and what becomes of it.

use crate::common::{Api, TestServer, soon};
use app::protocol::limits;
use app::protocol::people::Role;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tungstenite::Message;
use tungstenite::client::IntoClientRequest;

async fn team() -> (TestServer, Api, Api, Api) {
    let server = TestServer::guarded().await;
    let ada = server.person("ada", Role::Owner).await;
    let bob = server.person("bob", Role::Member).await;
    let cy = server.person("cy", Role::Member).await;
    ada.post("/api/kbs", json!({"name": "notes", "members": "write"})).await.expect(201);
    (server, ada, bob, cy)
}

async fn inbox(api: &Api) -> Vec<Value> {
    api.get("/api/notifications").await.expect(200).json["items"]
        .as_array()
        .unwrap()
        .clone()
}

fn kinds(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["type"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn who_is_mentioned_is_told_once_and_nobody_else() {
    let (server, ada, bob, cy) = team().await;
    ada.settled().await;
    let (mut of_bob, mut of_cy) = (bob.listen("topics=user:me").await, cy.listen("topics=user:me").await);
    let body = "Ask @bob, or @bob again. Not `@cy`, not cy@example.org, and not @ada herself.";
    ada.post("/api/kbs/notes/entries", json!({"title": "Plan", "id": "plan", "body": body}))
        .await
        .expect(201);
    let event = of_bob.event().await;
    assert_eq!(
        (&event["type"], &event["topic"], &event["actor"]),
        (&json!("notification_created"), &json!("user:bob"), &json!("user:ada"))
    );
    let told = &event["data"]["notification"];
    assert_eq!(told["type"], "mention");
    assert_eq!(told["link"], "/kb/notes/e/plan");
    assert!(
        told["title"].as_str().unwrap().contains("Plan") && told["message"].as_str().unwrap().contains("Ask @bob"),
        "{told}"
    );
    assert_eq!(
        (&event["data"]["unseen"], &event["data"]["unread"], &event["data"]["toast"]),
        (&json!(1), &json!(1), &json!(true))
    );
    // Who was mentioned before is not told again.
    ada.patch("/api/kbs/notes/entries/plan", json!({"body": format!("{body} More. @cy")}))
        .await
        .expect(200);
    assert_eq!(of_cy.event().await["data"]["notification"]["type"], "mention");
    assert_eq!(kinds(&inbox(&bob).await), ["mention"]);
    assert!(inbox(&ada).await.is_empty());
    // Whoever may not read it is not told of it.
    ada.post("/api/kbs", json!({"name": "vault", "members": "none"})).await.expect(201);
    ada.post("/api/kbs/vault/entries", json!({"title": "Secret", "body": "@bob"}))
        .await
        .expect(201);
    assert_eq!(inbox(&bob).await.len(), 1);
    drop(server);
}

#[tokio::test]
async fn who_watches_is_told_of_what_others_change_and_many_changes_are_one() {
    let (_server, ada, bob, cy) = team().await;
    // The author of an entry watches it.
    bob.post("/api/kbs/notes/entries", json!({"title": "Mine", "id": "mine"}))
        .await
        .expect(201);
    bob.patch("/api/kbs/notes/entries/mine", json!({"body": "by myself"}))
        .await
        .expect(200);
    assert!(inbox(&bob).await.is_empty());
    for n in 0..3 {
        cy.patch("/api/kbs/notes/entries/mine", json!({"body": format!("by cy {n}")}))
            .await
            .expect(200);
    }
    let items = inbox(&bob).await;
    assert_eq!(kinds(&items), ["watched"]);
    assert_eq!(items[0]["data"]["count"], 3, "{}", items[0]);
    bob.post("/api/notifications/seen", json!({})).await.expect(200);
    cy.patch("/api/kbs/notes/entries/mine", json!({"body": "once more"}))
        .await
        .expect(200);
    assert_eq!(inbox(&bob).await.len(), 2, "what was seen stays as it is");

    ada.put("/api/kbs/notes/watch", json!({})).await.expect(204);
    cy.post("/api/kbs/notes/entries", json!({"title": "New", "id": "new"}))
        .await
        .expect(201);
    cy.delete("/api/kbs/notes/entries/new").await.expect(200);
    let items = inbox(&ada).await;
    assert_eq!(items[0]["title"], "cy deleted “New”");
    ada.delete("/api/kbs/notes/watch").await.expect(204);
    cy.post("/api/kbs/notes/entries", json!({"title": "Newer"})).await.expect(201);
    assert_eq!(inbox(&ada).await.len(), items.len());
    let watched = |api: &Api| {
        let api = api.clone();
        async move { api.get("/api/kbs/notes/entries/mine/view").await.json["watching"].clone() }
    };
    assert_eq!((watched(&bob).await, watched(&cy).await), (json!(true), json!(false)));
}

#[tokio::test]
async fn what_was_read_in_one_tab_is_read_in_all_and_somebody_elses_is_not_there() {
    let (_server, ada, bob, cy) = team().await;
    for n in 0..3 {
        ada.post("/api/notifications", json!({"user": "bob", "title": format!("Hear {n}")}))
            .await
            .expect(201);
    }
    ada.settled().await;
    let (mut one, mut two) = (bob.listen("topics=user:me").await, bob.listen("topics=user:me").await);
    let id = inbox(&bob).await[0]["id"].clone();
    for verb in ["read", "unread"] {
        cy.post(&format!("/api/notifications/{id}/{verb}"), json!({}))
            .await
            .expect_problem(404, "not_found");
    }
    cy.delete(&format!("/api/notifications/{id}"))
        .await
        .expect_problem(404, "not_found");
    bob.post(&format!("/api/notifications/{id}/read"), json!({})).await.expect(200);
    for tab in [&mut one, &mut two] {
        let event = tab.event().await;
        assert_eq!(event["type"], "notifications_marked");
        assert_eq!(event["data"], json!({"mark": "read", "ids": [id], "unseen": 2, "unread": 2}));
    }
    let unread = bob.get("/api/notifications?unread_only=true").await.expect(200).json;
    assert_eq!(unread["items"].as_array().unwrap().len(), 2);
    let all = bob.post("/api/notifications/read-all", json!({})).await.expect(200).json;
    assert_eq!(all["ids"].as_array().unwrap().len(), 2, "{all}");
    let again = bob.post("/api/notifications/read-all", json!({})).await.expect(200).json;
    assert_eq!(again["ids"], json!([]));
    assert_eq!(one.event().await["data"]["unread"], 0);
    bob.post(&format!("/api/notifications/{id}/unread"), json!({})).await.expect(200);
    let event = one.event().await;
    assert_eq!(
        (&event["data"]["mark"], &event["data"]["unread"]),
        (&json!("unread"), &json!(1)),
        "a second read-all had nothing to say"
    );
    bob.delete(&format!("/api/notifications/{id}")).await.expect(204);
    assert_eq!(one.event().await["data"]["mark"], "deleted");
    let first = bob.get("/api/notifications?limit=1").await.expect(200).json;
    let rest = bob
        .get(&format!("/api/notifications?before={}", first["next"]))
        .await
        .expect(200)
        .json;
    assert_eq!(
        (first["items"].as_array().unwrap().len(), rest["items"].as_array().unwrap().len()),
        (1, 1)
    );
}

#[tokio::test]
async fn what_one_does_not_want_to_hear_of_does_not_come() {
    let (_server, ada, bob, _) = team().await;
    bob.patch("/api/notifications/preferences", json!({"mention": "off", "news": "inbox"}))
        .await
        .expect(200);
    ada.post("/api/kbs/notes/entries", json!({"title": "Plan", "body": "@bob"}))
        .await
        .expect(201);
    assert!(inbox(&bob).await.is_empty());
    // Who watches hears of it all the same, as of any change.
    bob.put("/api/kbs/notes/watch", json!({})).await.expect(204);
    ada.post("/api/kbs/notes/entries", json!({"title": "Plan B", "body": "@bob"}))
        .await
        .expect(201);
    assert_eq!(kinds(&inbox(&bob).await), ["watched"]);
    // Nobody tells in the name of Tidings.
    for kind in ["mention", "watched", "job", "access"] {
        ada.post("/api/notifications", json!({"user": "bob", "type": kind, "title": "Hear"}))
            .await
            .expect_problem(422, "invalid_value");
    }
    ada.settled().await;
    let mut socket = bob.listen("topics=user:me").await;
    ada.post("/api/notifications", json!({"user": "bob", "type": "news", "title": "Hear"}))
        .await
        .expect(201);
    assert_eq!(socket.event().await["data"]["toast"], false);
    ada.post("/api/notifications", json!({"user": "bob", "type": "other", "title": "Hear"}))
        .await
        .expect(201);
    assert_eq!(
        socket.event().await["data"]["toast"],
        true,
        "a kind that nobody spoke of is as a message"
    );
    let preferences = bob.get("/api/notifications/preferences").await.expect(200).json;
    assert_eq!((&preferences["mention"], &preferences["watched"]), (&json!("off"), &json!("inbox")));
    bob.patch("/api/notifications/preferences", json!({"mention": "loud"}))
        .await
        .expect_problem(400, "invalid_json");
    bob.patch("/api/notifications/preferences", json!({"a b": "off"}))
        .await
        .expect_problem(422, "invalid_value");
}

#[tokio::test]
async fn a_notification_that_nobody_can_get_or_that_leads_astray_is_refused() {
    let (_server, ada, ..) = team().await;
    for (body, status, code) in [
        (json!({"user": "nobody", "title": "Hear"}), 404, "person_not_found"),
        (json!({"user": "", "title": "Hear"}), 422, "invalid_slug"),
        (json!({"user": "bob", "title": "  "}), 422, "invalid_value"),
        (json!({"user": "bob", "title": "x".repeat(201)}), 422, "invalid_value"),
        (
            json!({"user": "bob", "title": "x", "link": "javascript:alert(1)"}),
            422,
            "invalid_value",
        ),
        (json!({"user": "bob", "title": "x", "link": "//evil.example"}), 422, "invalid_value"),
        (json!({"user": "bob", "title": "x", "type": "a b"}), 422, "invalid_value"),
        (
            json!({"user": "bob", "title": "x", "data": {"x": "y".repeat(20_000)}}),
            422,
            "invalid_value",
        ),
        (json!({"title": "x"}), 400, "invalid_json"),
    ] {
        ada.post("/api/notifications", body).await.expect_problem(status, code);
    }
    ada.post("/api/announcements", json!({"message": ""}))
        .await
        .expect_problem(422, "invalid_value");
    ada.post("/api/announcements", json!({"message": "x", "expires_at": "2020-01-01T00:00:00Z"}))
        .await
        .expect_problem(422, "invalid_value");
    ada.post("/api/announcements/9/dismiss", json!({}))
        .await
        .expect_problem(404, "not_found");
}

/// Tells bob so many things in one transaction, in the name of this caller.
async fn tell_bob(store: &server::store::Store, caller: server::domain::Caller, count: usize) {
    let request = server::domain::mutation::Request::by(caller);
    store
        .write(move |tx| {
            Box::pin(async move {
                let user = app::protocol::UserId::parse("bob")?;
                for n in 0..count {
                    let news = server::domain::notification::News {
                        kb: None,
                        uid: None,
                        kind: "message".into(),
                        title: format!("{} {n}", request.caller.user()),
                        message: String::new(),
                        link: None,
                        data: serde_json::Map::new(),
                        about: String::new(),
                    };
                    server::domain::notification::tell_in(tx, &request, &user, news).await?;
                }
                Ok(())
            })
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn nobody_can_push_out_what_others_have_told() {
    let (server, ada, bob, _) = team().await;
    ada.post("/api/notifications", json!({"user": "bob", "title": "From ada"}))
        .await
        .expect(201);
    let store = server.store().await;
    // One sender's oldest give way to their newest.
    tell_bob(&store, server::domain::Caller::owner(), limits::NOTIFICATIONS_OF_SENDER + 5).await;
    let kept = bob.get("/api/notifications?limit=1000").await.expect(200).json;
    let items = kept["items"].as_array().unwrap();
    assert_eq!(items.len(), limits::NOTIFICATIONS_OF_SENDER + 1);
    assert_eq!(kept["unread"], limits::NOTIFICATIONS_OF_SENDER + 1);
    assert_eq!(items[0]["title"], format!("owner {}", limits::NOTIFICATIONS_OF_SENDER + 4));
    assert_eq!(items.last().unwrap()["title"], "From ada");
    // What was read goes before what was not.
    bob.post("/api/notifications/read-all", json!({})).await.expect(200);
    ada.post("/api/notifications", json!({"user": "bob", "title": "Unread"}))
        .await
        .expect(201);
    tell_bob(&store, server::domain::Caller::system(), limits::NOTIFICATIONS).await;
    let kept = bob.get("/api/notifications?limit=1000&unread_only=true").await.expect(200).json;
    assert_eq!(kept["unread"], limits::NOTIFICATIONS + 1);
    let all = bob.get("/api/notifications?limit=1000").await.expect(200).json;
    let before = all["next"].as_i64().expect("more than a page");
    let rest = bob.get(&format!("/api/notifications?before={before}")).await.expect(200).json;
    assert_eq!(rest["items"][0]["title"], "Unread", "{rest}");
    assert_eq!(rest["items"].as_array().unwrap().len(), 1, "what was read is gone");
    // And in the end the oldest of all.
    tell_bob(&store, server::domain::Caller::system(), limits::NOTIFICATIONS + 5).await;
    let kept = bob.get("/api/notifications?limit=1&unread_only=true").await.expect(200).json;
    assert_eq!(kept["unread"], 2 * limits::NOTIFICATIONS);
    store.close().await;
}

#[tokio::test]
async fn an_announcement_reaches_all_until_each_has_dismissed_it() {
    let (_server, ada, bob, cy) = team().await;
    ada.settled().await;
    let (mut of_bob, mut of_cy) = (bob.listen("").await, cy.listen("").await);
    let made = ada
        .post("/api/announcements", json!({"message": "Back in ten minutes", "level": "warning"}))
        .await
        .expect(201)
        .json;
    for socket in [&mut of_bob, &mut of_cy] {
        let event = socket.event().await;
        assert_eq!(
            (&event["type"], &event["topic"], &event["data"]["level"]),
            (&json!("announcement_made"), &json!("system"), &json!("warning"))
        );
    }
    let id = made["id"].clone();
    bob.post("/api/announcements", json!({"message": "x"}))
        .await
        .expect_problem(403, "forbidden");
    bob.post(&format!("/api/announcements/{id}/dismiss"), json!({})).await.expect(204);
    assert_eq!(of_bob.event().await["type"], "announcement_dismissed");
    assert_eq!(bob.get("/api/announcements").await.json["items"], json!([]));
    assert_eq!(cy.get("/api/announcements").await.json["items"][0]["id"], id);
    bob.delete(&format!("/api/announcements/{id}"))
        .await
        .expect_problem(403, "forbidden");
    ada.delete(&format!("/api/announcements/{id}")).await.expect(204);
    assert_eq!(of_cy.event().await["type"], "announcement_withdrawn");
    assert_eq!(cy.get("/api/announcements").await.json["items"], json!([]));
    ada.delete(&format!("/api/announcements/{id}"))
        .await
        .expect_problem(404, "not_found");
}

/// A client of seed 001, as its document prints it.
struct Seed(tokio_tungstenite::WebSocketStream<tokio::net::TcpStream>);

impl Seed {
    async fn connect(api: &Api, path: &str) -> Self {
        let stream = tokio::net::TcpStream::connect(api.addr()).await.unwrap();
        let request = format!("ws://{}{path}", api.addr()).into_client_request().unwrap();
        let (socket, _) = tokio_tungstenite::client_async(request, stream).await.expect("a socket");
        Self(socket)
    }

    async fn next(&mut self) -> Value {
        loop {
            if let Message::Text(text) = soon("a message", self.0.next()).await.unwrap().unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    async fn send(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }
}

#[tokio::test]
async fn the_clients_of_seed_001_work_unchanged() {
    let server = TestServer::start().await;
    let mut bob = Seed::connect(&server, "/ws/notifications/bob").await;
    let mut cy = Seed::connect(&server, "/ws/notifications/cy").await;
    for (seed, name) in [(&mut bob, "bob"), (&mut cy, "cy")] {
        let ack = seed.next().await;
        assert_eq!((&ack["type"], &ack["data"]["user_id"]), (&json!("connection_ack"), &json!(name)));
    }
    server.kb("notes").await;
    server
        .post(
            "/api/notifications",
            json!({"user": "bob", "type": "task", "title": "Hear", "message": "Now", "data": {"task_id": "t1"}}),
        )
        .await
        .expect(201);
    let frame = bob.next().await;
    assert_eq!(frame["type"], "notification");
    assert_eq!(
        (&frame["data"]["type"], &frame["data"]["title"], &frame["data"]["message"]),
        (&json!("task"), &json!("Hear"), &json!("Now"))
    );
    assert!(frame["data"]["id"].is_i64() && frame["timestamp"].is_string(), "{frame}");
    server
        .post("/api/announcements", json!({"message": "Maintenance"}))
        .await
        .expect(201);
    for seed in [&mut bob, &mut cy] {
        let frame = seed.next().await;
        assert_eq!(
            (&frame["type"], &frame["message"]),
            (&json!("system_announcement"), &json!("Maintenance"))
        );
    }
    for ping in [r#"{"type":"ping"}"#, "ping"] {
        cy.send("not JSON").await;
        cy.send(ping).await;
        assert_eq!(cy.next().await["type"], "pong");
    }
}
