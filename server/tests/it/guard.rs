//! Who may talk to the server at all: pages of this site, and programs of this machine.

use crate::common::{Answer, TestServer};
use reqwest::Method;
use serde_json::json;

async fn send(server: &TestServer, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = headers.iter().fold(server.request(method.clone(), path), |request, (name, value)| {
        request.header(*name, *value)
    });
    server
        .send(if method == Method::POST {
            request.json(&json!({"title": "x"}))
        } else {
            request
        })
        .await
}

#[tokio::test]
async fn a_page_of_another_site_can_change_nothing() {
    let server = TestServer::with_notes().await;
    let entries = "/api/kbs/notes/entries";
    for headers in [
        [("origin", "http://evil.example")],
        [("origin", "null")],
        [("sec-fetch-site", "cross-site")],
        [("host", "evil.example")],
    ] {
        send(&server, Method::POST, entries, &headers)
            .await
            .expect_problem(403, "foreign_origin");
        send(&server, Method::DELETE, "/api/kbs/notes", &headers)
            .await
            .expect_problem(403, "foreign_origin");
    }
    assert_eq!(server.head().await, 1);
    for (origin, is_advised) in [("http://evil.example", true), ("null", false), ("file://", false)] {
        let refused = send(&server, Method::POST, entries, &[("origin", origin)]).await;
        let detail = refused.json["detail"].as_str().unwrap();
        assert!(detail.contains(origin), "{detail}");
        assert_eq!(detail.contains("--allow-origin"), is_advised, "{detail}");
    }
    send(&server, Method::POST, entries, &[("origin", &format!("http://{}", server.addr()))])
        .await
        .expect(201);
}

#[tokio::test]
async fn a_name_that_was_pointed_at_this_machine_reads_nothing() {
    let server = TestServer::with_notes().await;
    for path in ["/api/kbs", "/", "/docs", "/healthz", "/api/events/stream"] {
        send(&server, Method::GET, path, &[("host", "evil.example:3000")])
            .await
            .expect_problem(403, "foreign_origin");
    }
    send(&server, Method::GET, "/api/kbs", &[("host", "localhost:3000")])
        .await
        .expect(200);
}

#[tokio::test]
async fn answers_tell_browsers_to_be_careful() {
    let server = TestServer::with_notes().await;
    for path in ["/api/kbs", "/api/none", "/docs"] {
        let answer = server.get(path).await;
        assert_eq!(
            (answer.header("x-content-type-options"), answer.header("x-frame-options")),
            ("nosniff", "DENY"),
            "{path}"
        );
    }
}
