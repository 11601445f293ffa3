//! `/api/kbs/{kb}/entries/{id}/versions`: what an entry was.

use crate::common::{TestServer, key};
use reqwest::Method;
use serde_json::json;

const VERSIONS: &str = "/api/kbs/notes/entries/one/versions";

/// An entry that was written three times.
async fn written() -> TestServer {
    let server = TestServer::with_notes().await;
    server
        .note(json!({"title": "One", "id": "one", "body": "a\nb\nc\n", "tags": ["x"]}))
        .await;
    server
        .patch("/api/kbs/notes/entries/one", json!({"body": "a\nB\nc\nd\n"}))
        .await
        .expect(200);
    server
        .patch("/api/kbs/notes/entries/one", json!({"title": "Uno", "tags": ["x", "y"]}))
        .await
        .expect(200);
    server
}

#[tokio::test]
async fn a_history_is_read_in_pieces() {
    let server = written().await;
    let versions = |piece: &serde_json::Value| -> Vec<u64> {
        let items = piece["items"].as_array().unwrap();
        items.iter().map(|item| item["version"].as_u64().unwrap()).collect()
    };
    let first = server.get(&format!("{VERSIONS}?limit=2")).await.expect(200).json;
    assert_eq!((versions(&first), &first["next"]), (vec![3, 2], &json!(2)));
    let second = server.get(&format!("{VERSIONS}?limit=2&after=2")).await.expect(200).json;
    assert_eq!((versions(&second), &second["next"]), (vec![1], &json!(null)));
    for query in ["limit=0", "limit=1001", "after=x", "after=-1"] {
        server
            .get(&format!("{VERSIONS}?{query}"))
            .await
            .expect_problem(400, "invalid_query");
    }
}

#[tokio::test]
async fn the_history_lists_the_versions_newest_first_with_who_and_how_much() {
    let server = written().await;
    let history = server.get(VERSIONS).await.expect(200).json;
    let shown: Vec<_> = history["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| json!([v["version"], v["title"], v["by"], v["lines_added"], v["lines_removed"]]))
        .collect();
    assert_eq!(
        shown,
        [
            json!([3, "Uno", "user:owner", 0, 0]),
            json!([2, "One", "user:owner", 2, 1]),
            json!([1, "One", "user:owner", 3, 0])
        ]
    );
    assert_eq!(history["cursor"]["seq"], 4);
    server
        .get("/api/kbs/notes/entries/none/versions")
        .await
        .expect_problem(404, "entry_not_found");
    server
        .get("/api/kbs/none/entries/one/versions")
        .await
        .expect_problem(404, "kb_not_found");
}

#[tokio::test]
async fn a_version_is_compared_with_the_one_before_it() {
    let server = written().await;
    let diff = server.get(&format!("{VERSIONS}/2/diff")).await.expect(200).json;
    let lines: Vec<_> = diff["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| json!([line["kind"], line["text"]]))
        .collect();
    assert_eq!(
        lines,
        [
            json!(["same", "a"]),
            json!(["removed", "b"]),
            json!(["added", "B"]),
            json!(["same", "c"]),
            json!(["added", "d"])
        ]
    );
    assert_eq!(
        (&diff["version"], &diff["base"], &diff["fields"]),
        (&json!(2), &json!(1), &json!([]))
    );
    let diff = server.get(&format!("{VERSIONS}/3/diff")).await.expect(200).json;
    assert_eq!(diff["fields"], json!([["title", "One", "Uno"], ["tags", "x", "x, y"]]));
    let first = server.get(&format!("{VERSIONS}/1/diff")).await.expect(200).json;
    assert_eq!(first["base"], json!(null));
    assert!(first["lines"].as_array().unwrap().iter().all(|line| line["kind"] == "added"));
    for version in ["0", "4", "99999999999"] {
        server
            .get(&format!("{VERSIONS}/{version}/diff"))
            .await
            .expect_problem(404, "version_not_found");
    }
    let bad = server.get(&format!("{VERSIONS}/two/diff")).await;
    assert!((400..500).contains(&bad.status), "{}", bad.text);
}

#[tokio::test]
async fn an_old_version_is_written_anew_as_the_newest() {
    let server = written().await;
    let mut socket = server.socket("").await;
    let key = key();
    for _ in 0..2 {
        let request = server
            .request(Method::POST, &format!("{VERSIONS}/1/restore"))
            .header("idempotency-key", &key);
        let restored = server.send(request).await.expect(200).json;
        assert_eq!(
            (&restored["version"], &restored["title"], &restored["body"], &restored["tags"]),
            (&json!(4), &json!("One"), &json!("a\nb\nc\n"), &json!(["x"]))
        );
    }
    let event = socket.event().await;
    assert_eq!(
        (&event["type"], &event["data"]["version"], &event["mutation_id"]),
        (&json!("entry_updated"), &json!(4), &json!(key))
    );
    assert_eq!(server.head().await, 5);
    server
        .post(&format!("{VERSIONS}/9/restore"), json!(null))
        .await
        .expect_problem(404, "version_not_found");
    assert_eq!(server.get("/api/search?q=Uno").await.ids(), [""; 0]);
}

#[tokio::test]
async fn the_history_survives_a_rename_and_the_trash() {
    let server = written().await;
    server.patch("/api/kbs/notes/entries/one", json!({"id": "uno"})).await.expect(200);
    let item = server.delete("/api/kbs/notes/entries/uno").await.expect(200).json["trash_id"].clone();
    server
        .get("/api/kbs/notes/entries/uno/versions")
        .await
        .expect_problem(404, "entry_not_found");
    server
        .post(&format!("/api/kbs/notes/trash/{item}/restore"), json!(null))
        .await
        .expect(200);
    let history = server.get("/api/kbs/notes/entries/uno/versions").await.expect(200).json;
    assert_eq!(history["items"].as_array().unwrap().len(), 4);
    let restored = server
        .post("/api/kbs/notes/entries/uno/versions/2/restore", json!(null))
        .await
        .expect(200)
        .json;
    assert_eq!((&restored["entry_id"], &restored["body"]), (&json!("uno"), &json!("a\nB\nc\nd\n")));
}
