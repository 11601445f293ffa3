//! Links between entries: renaming, other names, and who links to whom.

use crate::common::TestServer;
use serde_json::{Value, json};

async fn backlinks(server: &TestServer, id: &str) -> Vec<String> {
    let view = server.get(&format!("/api/kbs/notes/entries/{id}/view")).await.expect(200).json;
    view["backlinks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|from| from["entry_id"].as_str().unwrap().to_owned())
        .collect()
}

async fn body(server: &TestServer, id: &str) -> Value {
    server.get(&format!("/api/kbs/notes/entries/{id}")).await.expect(200).json["body"].clone()
}

#[tokio::test]
async fn when_an_entry_is_renamed_links_follow_and_its_old_id_still_leads_to_it() {
    let server = TestServer::with_notes().await;
    server.kb("other").await;
    server.note(json!({"title": "Old", "id": "old", "body": "I am [[old]]."})).await;
    server
        .note(json!({"title": "A", "id": "a", "body": "See [[old]], [[Old|that one]] and `[[old]]`."}))
        .await;
    server.note(json!({"title": "B", "id": "b", "body": "See [[older]]."})).await;
    server
        .post(
            "/api/kbs/other/entries",
            json!({"title": "C", "id": "c", "body": "See [[notes:old]] and [[old]]."}),
        )
        .await
        .expect(201);
    let mut socket = server.socket("").await;
    let head = server.head().await;

    let renamed = server.patch("/api/kbs/notes/entries/old", json!({"id": "new"})).await.expect(200);
    assert_eq!(renamed.header("content-location"), "/api/kbs/notes/entries/new");
    let gone = server
        .get("/api/kbs/notes/entries/old")
        .await
        .expect_problem(404, "entry_not_found");
    assert_eq!(gone.json["renamed_to"], "new");

    assert_eq!(body(&server, "a").await, "See [[new]], [[new|that one]] and `[[old]]`.");
    assert_eq!(body(&server, "b").await, "See [[older]].");
    assert_eq!(body(&server, "new").await, "I am [[new]].");
    assert_eq!(
        server.get("/api/kbs/other/entries/c").await.json["body"],
        "See [[notes:new]] and [[old]]."
    );
    assert_eq!(backlinks(&server, "new").await, ["a", "c"]);

    // Each text that followed is a change of its own, in the same breath.
    let events = socket.until(server.head().await).await;
    assert_eq!(events[0]["data"]["previous_id"], "old");
    let mut changed: Vec<&str> = events.iter().map(|event| event["entry_id"].as_str().unwrap()).collect();
    changed.sort_unstable();
    assert_eq!(changed, ["a", "c", "new", "new"]);
    assert_eq!(events.len() as u64, server.head().await - head);
    assert_eq!(server.get("/api/kbs/notes/entries/a").await.json["version"], 2);
}

#[tokio::test]
async fn an_entry_cannot_be_renamed_over_another() {
    let server = TestServer::with_notes().await;
    server.note(json!({"title": "A", "id": "a"})).await;
    server.note(json!({"title": "B", "id": "b"})).await;
    server
        .patch("/api/kbs/notes/entries/a", json!({"id": "b"}))
        .await
        .expect_problem(409, "entry_exists");
    server
        .patch("/api/kbs/notes/entries/a", json!({"id": "b/c"}))
        .await
        .expect_problem(422, "invalid_slug");
    assert_eq!(server.head().await, 3);
}

#[tokio::test]
async fn an_entry_is_found_by_its_aliases_and_its_own_id_goes_first() {
    let server = TestServer::with_notes().await;
    server
        .note(json!({"title": "Plan, Do, Check, Act", "id": "cycle", "aliases": ["PDCA", "Deming cycle"]}))
        .await;
    server
        .note(json!({"title": "A", "id": "a", "body": "[[pdca]] and [[Deming Cycle]]"}))
        .await;
    assert_eq!(backlinks(&server, "cycle").await, ["a"]);
    let gone = server
        .get("/api/kbs/notes/entries/pdca")
        .await
        .expect_problem(404, "entry_not_found");
    assert_eq!(gone.json["renamed_to"], "cycle");
    // An entry whose id it is takes the link over; the other keeps those by its other alias.
    server.note(json!({"title": "PDCA", "id": "pdca"})).await;
    assert_eq!(backlinks(&server, "pdca").await, ["a"]);
    assert_eq!(backlinks(&server, "cycle").await, ["a"]);
    server
        .patch("/api/kbs/notes/entries/a", json!({"body": "[[pdca]]"}))
        .await
        .expect(200);
    assert!(backlinks(&server, "cycle").await.is_empty());
    server
        .patch("/api/kbs/notes/entries/cycle", json!({"aliases": []}))
        .await
        .expect(200);
    server
        .get("/api/kbs/notes/entries/deming-cycle")
        .await
        .expect_problem(404, "entry_not_found");
}

#[tokio::test]
async fn an_entry_in_the_trash_links_to_nobody() {
    let server = TestServer::with_notes().await;
    server.note(json!({"title": "T", "id": "t"})).await;
    server.note(json!({"title": "A", "id": "a", "body": "[[t]]"})).await;
    let item = server.delete("/api/kbs/notes/entries/a").await.expect(200).json["trash_id"].clone();
    assert!(backlinks(&server, "t").await.is_empty());
    server
        .post(&format!("/api/kbs/notes/trash/{item}/restore"), json!(null))
        .await
        .expect(200);
    assert_eq!(backlinks(&server, "t").await, ["a"]);
}
