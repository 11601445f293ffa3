//! Who is where, who types, and how much a connection and a person may ask for.

use crate::common::{Api, Client, TestServer, soon};
use app::protocol::limits;
use app::protocol::people::Role;
use serde_json::{Value, json};

async fn team() -> (TestServer, Api, Api, Api) {
    let server = TestServer::guarded().await;
    let ada = server.person("ada", Role::Owner).await;
    let bob = server.person("bob", Role::Member).await;
    let cy = server.person("cy", Role::Member).await;
    ada.post("/api/kbs", json!({"name": "vault", "members": "none"})).await.expect(201);
    ada.put("/api/kbs/vault/access/bob", json!({"level": "read"})).await.expect(204);
    ada.settled().await;
    (server, ada, bob, cy)
}

/// Reads on to the presence frame whose list is this.
async fn until_here(socket: &mut Client, people: &[(&str, &str)]) {
    soon("the presence", async {
        loop {
            let frame = socket.answer().await;
            if frame["type"] != "presence" {
                continue;
            }
            assert_eq!(frame["topic"], "kb:vault");
            let here: Vec<(String, String)> = frame["data"]["people"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| {
                    (
                        one["user_id"].as_str().unwrap().to_owned(),
                        one["state"].as_str().unwrap().to_owned(),
                    )
                })
                .collect();
            let wanted: Vec<(String, String)> = people.iter().map(|(name, state)| ((*name).into(), (*state).into())).collect();
            if here == wanted {
                return;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn who_is_at_a_knowledge_base_is_told_those_who_may_read_it_and_nobody_else() {
    let (_server, ada, bob, cy) = team().await;
    let (mut of_ada, mut of_bob, mut of_cy) = (ada.listen("").await, bob.listen("").await, cy.listen("").await);
    of_bob
        .send(json!({"type": "presence", "topic": "kb:vault", "entry_id": "plan", "state": "reading"}))
        .await;
    until_here(&mut of_ada, &[("bob", "reading")]).await;
    of_bob
        .send(json!({"type": "presence", "topic": "kb:vault", "entry_id": "plan", "state": "editing"}))
        .await;
    until_here(&mut of_ada, &[("bob", "editing")]).await;
    // Whoever may not read it is neither seen there nor told.
    of_cy
        .send(json!({"type": "presence", "topic": "kb:vault", "state": "reading"}))
        .await;
    of_cy.send(json!({"type": "typing", "topic": "kb:vault"})).await;
    of_bob
        .send(json!({"type": "typing", "topic": "kb:vault", "entry_id": "plan"}))
        .await;
    let typing = of_ada.answer().await;
    assert_eq!(
        typing,
        json!({"type": "typing", "topic": "kb:vault", "data": {"user_id": "bob", "entry_id": "plan"}})
    );
    let here = ada.get("/api/presence?topic=kb:vault").await.expect(200).json;
    assert_eq!(here["people"].as_array().unwrap().len(), 1, "{here}");
    cy.get("/api/presence?topic=kb:vault").await.expect_problem(404, "not_found");
    ada.get("/api/presence?topic=nonsense").await.expect_problem(400, "invalid_query");
    of_cy.send(json!({"type": "ping"})).await;
    assert_eq!(of_cy.answer().await["type"], "pong", "nothing came before");
    // A right that goes takes the name away, and so does a connection that ends.
    ada.delete("/api/kbs/vault/access/bob").await.expect(204);
    until_here(&mut of_ada, &[]).await;
    ada.put("/api/kbs/vault/access/bob", json!({"level": "read"})).await.expect(204);
    ada.settled().await;
    let mut again = bob.listen("").await;
    again
        .send(json!({"type": "presence", "topic": "kb:vault", "state": "reading"}))
        .await;
    until_here(&mut of_ada, &[("bob", "reading")]).await;
    drop(again);
    until_here(&mut of_ada, &[]).await;
}

#[tokio::test]
async fn what_is_said_wrongly_of_presence_is_said_back() {
    let (_server, ada, ..) = team().await;
    let mut socket = ada.listen("topics=").await;
    for (message, code) in [
        (json!({"type": "presence", "topic": "kb:vault"}), "invalid_message"),
        (
            json!({"type": "presence", "topic": "nonsense", "state": "reading"}),
            "invalid_message",
        ),
        (
            json!({"type": "presence", "topic": "kb:vault", "state": "dancing"}),
            "invalid_message",
        ),
        (json!({"type": "typing"}), "invalid_message"),
        (json!({"type": "auth"}), "invalid_message"),
    ] {
        socket.send(message.clone()).await;
        let answer = socket.answer().await;
        assert_eq!(
            (&answer["type"], &answer["code"]),
            (&json!("error"), &json!(code)),
            "{message}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_person_has_so_many_sockets_and_no_more() {
    let (_server, ada, bob, _) = team().await;
    let mut open = vec![];
    for _ in 0..limits::SOCKETS {
        open.push(bob.listen("topics=").await);
    }
    let refused = bob.try_listen("topics=").await;
    assert!(refused.is_err(), "one too many is not greeted");
    bob.get("/api/events/stream").await.expect_problem(429, "too_many_requests");
    ada.listen("topics=").await;
    open.pop();
    soon("a place", async { while bob.try_listen("topics=").await.is_err() {} }).await;
}

#[tokio::test]
async fn a_flood_of_messages_ends_the_socket() {
    let server = TestServer::start().await;
    let mut socket = server.socket("topics=").await;
    let (code, answers) = {
        for _ in 0..1_100 {
            let message = tungstenite::Message::text(r#"{"type":"ping"}"#);
            if futures_util::SinkExt::send(socket.raw(), message).await.is_err() {
                break;
            }
        }
        socket.closed().await
    };
    assert!(matches!(code, 4013 | 1006), "{code}");
    assert!(
        answers.len() >= 900 && answers.iter().all(|answer: &Value| answer["type"] == "pong"),
        "{}",
        answers.len()
    );
}

#[tokio::test]
async fn a_caller_who_writes_too_much_is_told_when_to_go_on() {
    let (_server, ada, ..) = team().await;
    let mut refused = None;
    // Many at once, of what costs nothing: a slow machine must write too much as well.
    for _ in 0..500 {
        let asked = (0..32).map(|_| ada.post("/api/nothing", json!({})));
        let answers = futures_util::future::join_all(asked).await;
        refused = answers.into_iter().find(|answer| answer.status == 429);
        if refused.is_some() {
            break;
        }
    }
    let refused = refused.expect("a limit").expect_problem(429, "too_many_requests");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1, "{}", refused.text);
    ada.get("/api/me").await.expect(200);
}
