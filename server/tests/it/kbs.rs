//! `/api/kbs`: knowledge bases.

use crate::common::{TestServer, key};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_knowledge_base_is_made_shown_listed_and_deleted() {
    let server = TestServer::start().await;
    assert_eq!(server.get("/api/kbs").await.expect(200).json["items"], json!([]));
    let made = server
        .post(
            "/api/kbs",
            json!({"name": "notes", "title": " Our notes ", "description": "What we know"}),
        )
        .await
        .expect(201);
    assert_eq!(made.header("location"), "/api/kbs/notes");
    assert_eq!(
        (
            &made.json["name"],
            &made.json["title"],
            &made.json["description"],
            &made.json["entries"]
        ),
        (&json!("notes"), &json!("Our notes"), &json!("What we know"), &json!(0))
    );
    server.kb("архив").await;
    let list = server.get("/api/kbs").await.expect(200).json;
    assert_eq!(list["items"][0], made.json, "by title");
    assert_eq!(list["items"][1]["title"], "архив", "a name stands for a title that is not given");
    assert_eq!(list["cursor"]["seq"], 2);
    let unseen = server
        .post("/api/kbs", json!({"name": "unseen", "title": "\u{200b}\u{2800}"}))
        .await
        .expect(201);
    assert_eq!(unseen.json["title"], "unseen", "and for one that cannot be seen");

    let shown = server.get("/api/kbs/notes").await.expect(200).json;
    assert_eq!(
        shown,
        json!({"kb": made.json, "types": [], "tags": [], "trashed": 0, "watching": false})
    );
    assert_eq!(server.delete("/api/kbs/notes").await.expect(204).text, "");
    server.get("/api/kbs/notes").await.expect_problem(404, "kb_not_found");
    server.delete("/api/kbs/notes").await.expect_problem(404, "kb_not_found");
    // In a path, other scripts are percent-encoded.
    server.get("/api/kbs/%D0%B0%D1%80%D1%85%D0%B8%D0%B2").await.expect(200);
}

#[tokio::test]
async fn a_knowledge_base_is_called_otherwise_and_everybody_is_told() {
    let server = TestServer::with_notes().await;
    let mut socket = server.socket("").await;
    let edited = server
        .patch("/api/kbs/notes", json!({"title": " Our notes ", "description": "What we know"}))
        .await
        .expect(200);
    assert_eq!(
        (&edited.json["name"], &edited.json["title"]),
        (&json!("notes"), &json!("Our notes"))
    );
    let event = socket.event().await;
    assert_eq!(
        (&event["type"], &event["topic"], &event["data"]),
        (
            &json!("kb_updated"),
            &json!("kb:notes"),
            &json!({"title": "Our notes", "description": "What we know"})
        )
    );
    // What is absent stays, an empty title is the name, and what changes nothing tells nothing.
    server.patch("/api/kbs/notes", json!({})).await.expect(200);
    let edited = server.patch("/api/kbs/notes", json!({"title": ""})).await.expect(200);
    assert_eq!(
        (&edited.json["title"], &edited.json["description"]),
        (&json!("notes"), &json!("What we know"))
    );
    assert_eq!(socket.event().await["seq"], 3);
    for (body, status, code) in [
        (json!({"title": "x".repeat(501)}), 422, "title_too_long"),
        (json!({"description": "x".repeat(5001)}), 422, "invalid_value"),
        (json!({"name": "other"}), 400, "invalid_json"),
    ] {
        server.patch("/api/kbs/notes", body).await.expect_problem(status, code);
    }
    server
        .patch("/api/kbs/none", json!({"title": "x"}))
        .await
        .expect_problem(404, "kb_not_found");
    assert_eq!(server.head().await, 3);
}

#[tokio::test]
async fn a_location_leads_to_what_was_made_whatever_its_script() {
    let server = TestServer::start().await;
    let made = server.post("/api/kbs", json!({"name": "日本語"})).await.expect(201);
    assert_eq!(made.header("location"), "/api/kbs/%E6%97%A5%E6%9C%AC%E8%AA%9E");
    assert_eq!(server.get(made.header("location")).await.expect(200).json["kb"]["name"], "日本語");
    let entry = server
        .post("/api/kbs/日本語/entries", json!({"title": "हिन्दी में"}))
        .await
        .expect(201);
    assert!(entry.header("location").is_ascii());
    assert_eq!(server.get(entry.header("location")).await.expect(200).json["entry_id"], "हिन्दी-में");
}

#[tokio::test]
async fn a_name_that_is_taken_or_not_allowed_is_refused() {
    let server = TestServer::with_notes().await;
    server
        .post("/api/kbs", json!({"name": "notes"}))
        .await
        .expect_problem(409, "kb_exists");
    for name in ["", "Notes", "a b", "a/b", "-a", "..", &"x".repeat(65)] {
        server
            .post("/api/kbs", json!({"name": name}))
            .await
            .expect_problem(422, "invalid_slug");
    }
    let too_long = server
        .post("/api/kbs", json!({"name": "x", "title": "é".repeat(501)}))
        .await
        .expect_problem(422, "title_too_long");
    let detail = too_long.json["detail"].as_str().unwrap();
    assert!(
        detail.contains("501") && !detail.contains("body"),
        "a knowledge base has none: {detail}"
    );
    server
        .post("/api/kbs", json!({"name": "x", "description": "é".repeat(5_001)}))
        .await
        .expect_problem(422, "invalid_value");
    server
        .post("/api/kbs", json!({"name": "x", "colour": "red"}))
        .await
        .expect_problem(400, "invalid_json");
    assert_eq!(server.head().await, 1);
}

#[tokio::test]
async fn its_page_counts_types_tags_and_trash() {
    let server = TestServer::with_notes().await;
    for (title, entry_type, tags) in [
        ("A", "concept", json!(["x", "y"])),
        ("B", "concept", json!(["x"])),
        ("C", "note", json!([])),
        ("D", "note", json!(["x"])),
    ] {
        server.note(json!({"title": title, "entry_type": entry_type, "tags": tags})).await;
    }
    server.delete("/api/kbs/notes/entries/d").await.expect(200);
    let view = server.get("/api/kbs/notes").await.expect(200).json;
    assert_eq!(
        view["types"],
        json!([{"value": "concept", "count": 2}, {"value": "note", "count": 1}])
    );
    assert_eq!(view["tags"], json!([{"value": "x", "count": 2}, {"value": "y", "count": 1}]));
    assert_eq!((&view["trashed"], &view["kb"]["entries"]), (&json!(1), &json!(3)));
}

#[tokio::test]
async fn a_deleted_knowledge_base_takes_everything_with_it_and_its_name_is_free_again() {
    let server = TestServer::with_notes().await;
    server.kb("other").await;
    server.note(json!({"title": "Needle", "tags": ["x"]})).await;
    server.note(json!({"title": "Needle in the trash", "id": "gone"})).await;
    server.delete("/api/kbs/notes/entries/gone").await.expect(200);
    server.delete("/api/kbs/notes").await.expect(204);
    for path in [
        "/api/kbs/notes/entries",
        "/api/kbs/notes/entries/needle",
        "/api/kbs/notes/trash",
        "/api/search?q=needle&kb=notes",
    ] {
        server.get(path).await.expect_problem(404, "kb_not_found");
    }
    assert_eq!(server.get("/api/search?q=needle").await.expect(200).ids(), [""; 0]);
    server.kb("notes").await;
    let list = server.get("/api/kbs/notes/entries").await.expect(200).json;
    assert_eq!((&list["items"], &list["total"]), (&json!([]), &json!(0)));
    assert_eq!(server.get("/api/kbs/notes/trash").await.expect(200).json["items"], json!([]));
    assert_eq!(server.get("/api/kbs").await.expect(200).json["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_same_key_makes_and_deletes_it_once() {
    let server = TestServer::start().await;
    let (make, delete) = (key(), key());
    let mut answers = vec![];
    for _ in 0..3 {
        let request = server
            .request(Method::POST, "/api/kbs")
            .header("idempotency-key", &make)
            .json(&json!({"name": "notes"}));
        answers.push(server.send(request).await.expect(201).json);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    for _ in 0..2 {
        server
            .send(server.request(Method::DELETE, "/api/kbs/notes").header("idempotency-key", &delete))
            .await
            .expect(204);
    }
    assert_eq!(server.head().await, 2);
    let other = server
        .request(Method::POST, "/api/kbs")
        .header("idempotency-key", &make)
        .json(&json!({"name": "others"}));
    server.send(other).await.expect_problem(422, "idempotency_key_reused");
    assert_eq!(server.head().await, 2);
}
