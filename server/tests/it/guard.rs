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

/// What an HTML form can send, whoever has placed it on a page of this site.
#[tokio::test]
async fn no_form_on_any_page_can_change_anything() {
    let server = TestServer::with_notes().await;
    let head = server.head().await;
    let own = format!("http://{}", server.addr());
    let json = json!({"new": {"name": "hostile"}, "mutation": crate::common::key()}).to_string();
    for (method, path) in [
        (Method::POST, "/api/pages/create_kb"),
        (Method::POST, "/api/pages/delete_kb"),
        (Method::POST, "/api/kbs"),
        (Method::POST, "/api/kbs/notes/entries"),
        (Method::POST, "/api/notifications/read-all"),
        (Method::POST, "/api/jobs/crawl"),
        (Method::DELETE, "/api/kbs/notes"),
    ] {
        for media_type in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "",
        ] {
            // An empty form has no body, and a type all the same.
            for body in [json.clone(), String::new()] {
                if media_type.is_empty() && body.is_empty() {
                    continue;
                }
                let mut request = server.request(method.clone(), path).header("origin", &own).body(body);
                if !media_type.is_empty() {
                    request = request.header("content-type", media_type);
                }
                server.send(request).await.expect_problem(415, "unsupported_media_type");
            }
        }
    }
    assert_eq!(server.head().await, head);
}

#[tokio::test]
async fn a_page_says_where_it_comes_from() {
    let server = TestServer::start().await;
    let call = |headers: &[(&'static str, String)]| {
        let body = json!({"new": {"name": "notes"}, "mutation": crate::common::key()});
        let mut request = server.request(Method::POST, "/api/pages/create_kb").json(&body);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        server.send(request)
    };
    call(&[]).await.expect_problem(403, "foreign_origin");
    call(&[("sec-fetch-site", "cross-site".into())])
        .await
        .expect_problem(403, "foreign_origin");
    call(&[("sec-fetch-site", "same-origin".into())]).await.expect(200);
    // A cookie is sent by a browser, whoever made it send the request.
    let with_cookie = server
        .request(Method::POST, "/api/kbs")
        .header("cookie", "tidings=x")
        .json(&json!({"name": "other"}));
    server.send(with_cookie).await.expect_problem(403, "foreign_origin");
    server.post("/api/kbs", json!({"name": "other"})).await.expect(201);
}
