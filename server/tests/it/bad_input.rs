//! Bad input: a problem that says what is wrong, and nothing changes.

use crate::common::{TestServer, soon};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const MIB: usize = 1024 * 1024;
const ENTRIES: &str = "/api/kbs/notes/entries";
const NOTE: &str = "/api/kbs/notes/entries/one";

/// A server with one entry, and where its log ends.
async fn with_one() -> (TestServer, u64) {
    let server = TestServer::with_notes().await;
    server.note(json!({"title": "One", "id": "one", "body": "text"})).await;
    (server, 2)
}

#[tokio::test]
async fn values_that_are_not_allowed_change_nothing() {
    let (server, head) = with_one().await;
    let tags: Vec<String> = (0..101).map(|n| format!("t{n}")).collect();
    for (draft, code) in [
        (json!({}), "title_empty"),
        (json!({"title": " \n\t\u{0}"}), "title_empty"),
        (json!({"title": "\u{200b}"}), "title_empty"),
        (json!({"title": "\u{2800} \u{3164}\u{e0041}"}), "title_empty"),
        (json!({"title": "é".repeat(501)}), "title_too_long"),
        (json!({"title": "x", "body": "a\u{0}b"}), "invalid_value"),
        (json!({"title": "x", "entry_type": "t".repeat(65)}), "invalid_value"),
        (json!({"title": "x", "entry_type": "a\nb"}), "invalid_value"),
        (json!({"title": "x", "tags": ["t".repeat(101)]}), "invalid_value"),
        (json!({"title": "x", "tags": tags}), "invalid_value"),
        (json!({"title": "x", "aliases": tags}), "invalid_value"),
        (json!({"title": "x", "metadata": {"a": "m".repeat(64 * 1024)}}), "invalid_value"),
        (json!({"title": "x", "id": "a/b"}), "invalid_slug"),
        (json!({"title": "x", "id": "../x"}), "invalid_slug"),
        (json!({"title": "x", "id": "a".repeat(241)}), "invalid_slug"),
    ] {
        let shown = draft.to_string().chars().take(80).collect::<String>();
        for (method, path) in [(Method::POST, ENTRIES), (Method::PUT, NOTE)] {
            let answer = server.send(server.request(method.clone(), path).json(&draft)).await;
            assert_eq!((answer.status, answer.json["code"].as_str()), (422, Some(code)), "{method} {shown}");
        }
        if draft != json!({}) {
            let answer = server.patch(NOTE, draft).await;
            assert_eq!((answer.status, answer.json["code"].as_str()), (422, Some(code)), "PATCH {shown}");
        }
    }
    assert_eq!(server.head().await, head);
    assert_eq!(server.get(NOTE).await.json["version"], 1);
}

#[tokio::test]
async fn a_body_that_is_not_the_json_that_is_asked_for_changes_nothing() {
    let (server, head) = with_one().await;
    for (method, path) in [(Method::POST, "/api/kbs"), (Method::POST, ENTRIES), (Method::PUT, NOTE)] {
        for text in [
            "",
            "{",
            "[]",
            "[\"Title\"]",
            "null",
            "7",
            "{\"title\": 7}",
            "{\"title\": \"x\", \"colour\": \"red\"}",
            "{\"title\": \"x\"} x",
            "\u{feff}{}",
            "{\"title\":\"\\ud800\"}",
        ] {
            let request = server
                .request(method.clone(), path)
                .header("content-type", "application/json")
                .body(text);
            server.send(request).await.expect_problem(400, "invalid_json");
        }
        let deep = format!(
            "{{\"title\": \"x\", \"metadata\": {}{}}}",
            "{\"a\":".repeat(5_000),
            "1".to_owned() + &"}".repeat(5_000)
        );
        let request = server
            .request(method.clone(), path)
            .header("content-type", "application/json")
            .body(deep);
        server.send(request).await.expect_problem(400, "invalid_json");
        let request = server
            .request(method.clone(), path)
            .header("content-type", "application/json")
            .body(vec![b'"', 0xff, b'"']);
        server.send(request).await.expect_problem(400, "invalid_json");
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "json", ""] {
            let request = server
                .request(method.clone(), path)
                .header("content-type", kind)
                .body("{\"title\":\"x\",\"name\":\"x\"}");
            server.send(request).await.expect_problem(415, "unsupported_media_type");
        }
    }
    assert_eq!(server.head().await, head);
}

#[tokio::test]
async fn a_member_of_another_type_is_named() {
    let (server, head) = with_one().await;
    for (draft, field, what) in [
        (json!({"title": 7}), "title", "a text"),
        (json!({"title": "x", "body": []}), "body", "a text"),
        (json!({"title": "x", "tags": "x"}), "tags", "a list of texts"),
        (json!({"title": "x", "tags": ["a", 7]}), "tags", "a list of texts"),
        (json!({"title": "x", "aliases": {}}), "aliases", "a list of texts"),
        (json!({"title": "x", "metadata": []}), "metadata", "an object"),
        (json!({"title": "x", "colour": "red"}), "colour", "no such member"),
    ] {
        let patched = server.patch(NOTE, draft.clone()).await.expect_problem(422, "invalid_value");
        assert_eq!(patched.json["field"], field);
        let detail = patched.json["detail"].as_str().unwrap();
        assert!(detail.starts_with(field) && detail.contains(what), "{detail}");
        for answer in [server.post(ENTRIES, draft.clone()).await, server.put(NOTE, draft).await] {
            let answer = answer.expect_problem(400, "invalid_json");
            let named = answer.json["field"].as_str().unwrap();
            assert!(named.starts_with(field), "{named}");
            assert!(answer.json["detail"].as_str().unwrap().contains(field), "{}", answer.text);
        }
    }
    assert_eq!(server.head().await, head);
}

#[tokio::test]
async fn a_text_may_have_a_mebibyte_and_not_a_byte_more() {
    let (server, head) = with_one().await;
    // Characters of two bytes, and ones that JSON writes with six: what counts is the text.
    for (text, bytes) in [("x", 1), ("é", 2), ("\u{1}", 1)] {
        let full = text.repeat(MIB / bytes);
        server
            .post(ENTRIES, json!({"title": "x", "body": format!("{full}x")}))
            .await
            .expect_problem(413, "body_too_large");
        server
            .patch(NOTE, json!({"body": format!("{full}x")}))
            .await
            .expect_problem(413, "body_too_large");
        server
            .put(NOTE, json!({"title": "x", "body": format!("{full}x")}))
            .await
            .expect_problem(413, "body_too_large");
        assert_eq!(server.head().await, head);
    }
    for text in ["x", "é"] {
        let full = text.repeat(MIB / text.len());
        let made = server.note(json!({"title": "Full", "body": full})).await;
        assert_eq!(made["body"].as_str().unwrap().len(), MIB);
        let read = server
            .get(&format!("{ENTRIES}/{}", made["entry_id"].as_str().unwrap()))
            .await
            .expect(200);
        assert_eq!(read.json["body"], full);
    }
    let request = server
        .request(Method::POST, ENTRIES)
        .header("content-type", "application/json")
        .body(vec![b' '; 9 * MIB]);
    if let Ok(answer) = server.try_send(request).await {
        answer.expect_problem(413, "body_too_large");
    }
    assert_eq!(server.head().await, head + 2);
}

#[tokio::test]
async fn queries_that_are_not_understood_are_refused_rather_than_ignored() {
    let (server, _) = with_one().await;
    for query in [
        "limit=0",
        "limit=1001",
        "limit=-1",
        "limit=x",
        "limit=",
        "sort=colour",
        "sort=relevance",
        "after=x",
        "after=x:y",
        "sort=title&after=:",
        "q=a&after=-1",
        "typ=note",
        "limit=1&limit=2",
    ] {
        server.get(&format!("{ENTRIES}?{query}")).await.expect_problem(400, "invalid_query");
    }
    server
        .get(&format!("{ENTRIES}?q={}", "x".repeat(501)))
        .await
        .expect_problem(400, "invalid_query");
    for path in [
        "/api/search?q=a&limit=0",
        "/api/search?q=a&in=notes",
        "/api/events?limit=x",
        "/api/events?from=1",
    ] {
        server.get(path).await.expect_problem(400, "invalid_query");
    }
    for (query, words) in [
        (
            "foo=1",
            "foo: the query has no such parameter; it may have type, tag, q, sort, limit, after.",
        ),
        ("limit=1&limit=2", "limit: the query has it more than once; give it once."),
    ] {
        assert_eq!(server.get(&format!("{ENTRIES}?{query}")).await.json["detail"], words);
    }
    let twice = server.get("/api/events/stream?topics=system&topics=logs").await;
    assert_eq!(
        twice.expect_problem(400, "invalid_query").json["detail"],
        "topics: the query has it more than once; give it once."
    );
    server.get("/api/search?q=a&kb=A%20B").await.expect_problem(422, "invalid_slug");
}

#[tokio::test]
async fn headers_that_are_not_understood_change_nothing() {
    let (server, head) = with_one().await;
    for key in ["short", &"k".repeat(129), "with space", "ключ-ключ"] {
        let request = server
            .request(Method::POST, ENTRIES)
            .header("idempotency-key", key.as_bytes())
            .json(&json!({"title": "x"}));
        server.send(request).await.expect_problem(400, "invalid_header");
    }
    for version in ["x", "\"x\"", "\"1\", \"2\"", "-1", ""] {
        let request = server
            .request(Method::PATCH, NOTE)
            .header("if-match", version)
            .json(&json!({"title": "x"}));
        server.send(request).await.expect_problem(400, "invalid_header");
    }
    assert_eq!(server.head().await, head);
}

#[tokio::test]
async fn addresses_and_methods_that_there_are_not_are_problems() {
    let (server, head) = with_one().await;
    for path in [
        "/api/none",
        "/api/kbs/notes/none",
        "/api/kbs/notes/entries/one/two",
        "/api/",
        "/api/kbs/",
    ] {
        server.get(path).await.expect_problem(404, "not_found");
    }
    for (method, path) in [
        (Method::PUT, "/api/kbs"),
        (Method::POST, NOTE),
        (Method::DELETE, ENTRIES),
        (Method::POST, "/api/search"),
        (Method::PATCH, "/api/events"),
    ] {
        let answer = server
            .send(server.request(method, path).json(&json!({})))
            .await
            .expect_problem(405, "method_not_allowed");
        assert!(answer.header("allow").contains("GET"), "{path}: {:?}", answer.headers);
    }
    for path in [
        "/api/kbs/A%20B/entries",
        "/api/kbs/notes/entries/a%2Fb",
        "/api/kbs/notes/entries/%00",
        "/api/kbs/notes/entries/..%2f..%2fetc",
    ] {
        server.get(path).await.expect_problem(422, "invalid_slug");
    }
    for (path, field) in [
        ("/api/kbs/notes/entries/one/versions/abc/diff", "version"),
        ("/api/kbs/notes/entries/one/versions/-1/diff", "version"),
        ("/api/kbs/notes/entries/one/versions/99999999999999999999/diff", "version"),
    ] {
        let answer = server.get(path).await.expect_problem(422, "invalid_value");
        assert_eq!(answer.json["field"], field);
        assert!(!answer.text.contains("u64"), "{}", answer.text);
    }
    for answer in [
        server.delete("/api/kbs/notes/trash/abc").await,
        server.post("/api/kbs/notes/trash/abc/restore", json!({})).await,
    ] {
        let answer = answer.expect_problem(422, "invalid_value");
        assert_eq!(
            (&answer.json["field"], &answer.json["detail"]),
            (&json!("trash_id"), &json!("trash_id: \"abc\" is not a number that it can be."))
        );
    }
    let not_text = server.get("/api/kbs/notes/entries/%ff").await;
    assert!(
        (400..500).contains(&not_text.status) && not_text.header("content-type") == "application/problem+json",
        "{}",
        not_text.text
    );
    for path in ["/api/kbs/none/entries", "/api/kbs/none/entries/one", "/api/kbs/none"] {
        server.get(path).await.expect_problem(404, "kb_not_found");
    }
    server
        .post("/api/kbs/none/entries", json!({"title": "x"}))
        .await
        .expect_problem(404, "kb_not_found");
    assert_eq!(server.head().await, head);
}

#[tokio::test]
async fn a_request_that_ends_in_the_middle_changes_nothing() {
    let (server, head) = with_one().await;
    let whole = json!({"title": "Half"}).to_string();
    for sent in [&whole[..5], whole.as_str()] {
        let mut stream = soon("a connection", tokio::net::TcpStream::connect(server.addr())).await.unwrap();
        let request = format!(
            "POST {ENTRIES} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{sent}",
            server.addr(),
            whole.len() + 1
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = String::new();
        let _ = soon("the end", stream.read_to_string(&mut answer)).await;
        assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
    }
    assert_eq!(server.head().await, head);
    let list: Value = server.get(ENTRIES).await.json;
    assert_eq!(list["total"], 1);
}
