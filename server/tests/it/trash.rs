//! `/api/kbs/{kb}/trash`: deleted entries.

use crate::common::{TestServer, key, soon};
use reqwest::Method;
use serde_json::{Value, json};
use server::config::Retention;
use server::serve::forget;
use std::time::Duration;

async fn delete(server: &TestServer, id: &str) -> Value {
    server.delete(&format!("/api/kbs/notes/entries/{id}")).await.expect(200).json
}

#[tokio::test]
async fn a_deleted_entry_is_in_the_trash_and_nowhere_else() {
    let server = TestServer::with_notes().await;
    server
        .note(json!({"title": "One", "id": "one", "body": "needle", "tags": ["x"]}))
        .await;
    server.note(json!({"title": "Two", "id": "two"})).await;
    let item = delete(&server, "one").await;
    assert_eq!(
        (&item["entry_id"], &item["title"], &item["deleted_by"], &item["kb_name"]),
        (&json!("one"), &json!("One"), &json!("user:owner"), &json!("notes"))
    );
    delete(&server, "two").await;
    let trash = server.get("/api/kbs/notes/trash").await.expect(200);
    assert_eq!(trash.ids(), ["two", "one"]);
    assert_eq!(trash.json["items"][1], item);
    server
        .get("/api/kbs/notes/entries/one")
        .await
        .expect_problem(404, "entry_not_found");
    server
        .delete("/api/kbs/notes/entries/one")
        .await
        .expect_problem(404, "entry_not_found");
    assert_eq!(server.get("/api/search?q=needle").await.ids(), [""; 0]);
    let list = server.get("/api/kbs/notes/entries").await.json;
    assert_eq!((&list["items"], &list["total"]), (&json!([]), &json!(0)));
    server.get("/api/kbs/none/trash").await.expect_problem(404, "kb_not_found");
}

#[tokio::test]
async fn a_trash_is_read_in_pieces_that_miss_and_repeat_nothing() {
    let server = TestServer::with_notes().await;
    let ids: Vec<String> = (0..7).map(|n| format!("n{n}")).collect();
    for id in &ids {
        server.note(json!({"title": id, "id": id})).await;
        delete(&server, id).await;
    }
    let mut found: Vec<String> = vec![];
    let mut path = "/api/kbs/notes/trash?limit=3".to_owned();
    loop {
        let piece = server.get(&path).await.expect(200);
        assert!(piece.ids().len() <= 3);
        found.extend(piece.ids().iter().map(|id| (*id).to_owned()));
        let Some(next) = piece.json["next"].as_str() else { break };
        // What comes meanwhile stands before the piece, and shifts nothing.
        server.note(json!({"title": "Later"})).await;
        delete(&server, "later").await;
        path = format!("/api/kbs/notes/trash?limit=3&after={next}");
    }
    assert_eq!(found, ids.iter().rev().cloned().collect::<Vec<_>>());
    for query in ["limit=0", "limit=1001", "after=x", "after=1", "offset=3"] {
        server
            .get(&format!("/api/kbs/notes/trash?{query}"))
            .await
            .expect_problem(400, "invalid_query");
    }
}

#[tokio::test]
async fn what_is_restored_is_as_it_was() {
    let server = TestServer::with_notes().await;
    let one = server
        .note(json!({"title": "One", "id": "one", "body": "needle", "tags": ["x"], "metadata": {"a": 1}}))
        .await;
    let item = delete(&server, "one").await["trash_id"].clone();
    let key = key();
    for _ in 0..2 {
        let request = server
            .request(Method::POST, &format!("/api/kbs/notes/trash/{item}/restore"))
            .header("idempotency-key", &key);
        assert_eq!(server.send(request).await.expect(200).json, one);
    }
    assert_eq!(server.head().await, 4);
    assert_eq!(server.get("/api/kbs/notes/entries/one").await.expect(200).json, one);
    assert_eq!(server.get("/api/search?q=needle").await.ids(), ["one"]);
    assert_eq!(server.get("/api/kbs/notes/entries?tag=x").await.json["total"], 1);
    assert_eq!(server.get("/api/kbs/notes/trash").await.json["items"], json!([]));
    server
        .post(&format!("/api/kbs/notes/trash/{item}/restore"), json!(null))
        .await
        .expect_problem(404, "entry_not_found");
}

#[tokio::test]
async fn one_whose_id_is_taken_by_now_comes_back_under_the_next() {
    let server = TestServer::with_notes().await;
    server.note(json!({"title": "One", "id": "one", "body": "first"})).await;
    let first = delete(&server, "one").await["trash_id"].clone();
    server.note(json!({"title": "One", "id": "one", "body": "second"})).await;
    let second = delete(&server, "one").await["trash_id"].clone();
    assert_ne!(first, second);
    server.note(json!({"title": "One", "id": "one", "body": "third"})).await;
    let mut socket = server.socket("").await;
    for (item, id, body) in [(&first, "one-2", "first"), (&second, "one-3", "second")] {
        let restored = server
            .post(&format!("/api/kbs/notes/trash/{item}/restore"), json!(null))
            .await
            .expect(200)
            .json;
        assert_eq!((&restored["entry_id"], &restored["body"]), (&json!(id), &json!(body)));
        let event = socket.event().await;
        assert_eq!((&event["entry_id"], &event["data"]["trash_id"]), (&json!(id), item));
    }
    assert_eq!(server.get("/api/kbs/notes/entries/one").await.json["body"], "third");
}

#[tokio::test]
async fn what_is_purged_is_gone_for_good() {
    let server = TestServer::with_notes().await;
    server.kb("other").await;
    server.note(json!({"title": "One", "id": "one"})).await;
    let item = delete(&server, "one").await["trash_id"].clone();
    let path = format!("/api/kbs/notes/trash/{item}");
    // It is not in the trash of another knowledge base.
    server
        .delete(&format!("/api/kbs/other/trash/{item}"))
        .await
        .expect_problem(404, "entry_not_found");
    server
        .post(&format!("/api/kbs/other/trash/{item}/restore"), json!(null))
        .await
        .expect_problem(404, "entry_not_found");
    let key = key();
    for _ in 0..2 {
        server
            .send(server.request(Method::DELETE, &path).header("idempotency-key", &key))
            .await
            .expect(204);
    }
    server.delete(&path).await.expect_problem(404, "entry_not_found");
    server
        .post(&format!("{path}/restore"), json!(null))
        .await
        .expect_problem(404, "entry_not_found");
    assert_eq!(server.head().await, 5);
    // Its number is never given again.
    server.note(json!({"title": "Two", "id": "two"})).await;
    assert!(delete(&server, "two").await["trash_id"].as_i64() > item.as_i64());
    // An entry that is not in the trash cannot be purged.
    let live = server.note(json!({"title": "Three", "id": "three"})).await;
    for id in 1..6 {
        let _ = server.delete(&format!("/api/kbs/notes/trash/{id}")).await;
    }
    assert_eq!(server.get("/api/kbs/notes/entries/three").await.json, live);
}

#[tokio::test]
async fn the_trash_is_emptied_of_what_is_too_old() {
    let server = TestServer::with_notes().await;
    server.note(json!({"title": "One", "id": "one"})).await;
    delete(&server, "one").await;
    let mut socket = server.socket("").await;
    let store = server.store().await;
    forget(&store, Retention::default()).await.unwrap();
    assert_eq!(server.get("/api/kbs/notes/trash").await.ids(), ["one"]);
    soon("it to become old", async {
        while !server.get("/api/kbs/notes/trash").await.ids().is_empty() {
            forget(
                &store,
                Retention {
                    trash: Duration::ZERO,
                    ..Retention::default()
                },
            )
            .await
            .unwrap();
        }
    })
    .await;
    let event = socket.event().await;
    assert_eq!((&event["type"], &event["actor"]), (&json!("entry_purged"), &json!("system")));
}
