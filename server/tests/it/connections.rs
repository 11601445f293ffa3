//! What a connection may cost: how long its client may take, and that it can read the answer.

use crate::common::{Api, End, TestServer, Wire, emit_many, soon};
use server::config::Config;
use server::http::Timeouts;
use std::time::Duration;

/// A server that waits for a moment only.
async fn impatient() -> TestServer {
    let server = TestServer::with(|data| Config {
        timeouts: Timeouts {
            head: Duration::from_millis(300),
            body: Duration::from_millis(300),
            idle: Duration::from_millis(300),
            stall: Duration::from_millis(300),
        },
        ..Config::open(([127, 0, 0, 1], 0).into(), data.into())
    })
    .await;
    server.kb("notes").await;
    server
}

#[tokio::test]
async fn a_head_that_does_not_end_is_not_waited_for_however_often_a_byte_comes() {
    let server = impatient().await;
    let mut stops = Wire::open(server.addr()).await;
    stops.send("GET /healthz HTTP/1.1\r\nHost: a").await;
    assert_eq!(stops.rest().await, (vec![], End::Closed));

    let mut trickles = Wire::open(server.addr()).await;
    trickles.send("GET /healthz HTTP/1.1\r\nX: ").await;
    let trickling = async {
        while trickles.try_send(b"a").await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    soon("the server to give up", trickling).await;
}

#[tokio::test]
async fn a_connection_without_a_request_is_closed_after_a_while() {
    let server = impatient().await;
    let mut never = Wire::open(server.addr()).await;
    assert_eq!(never.rest().await, (vec![], End::Closed));
    let mut once = Wire::open(server.addr()).await;
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", server.addr());
    for _ in 0..2 {
        once.send(&request).await;
        assert_eq!(once.reply().await.status, 200, "a connection serves several requests");
    }
    assert_eq!(once.rest().await, (vec![], End::Closed));
}

#[tokio::test]
async fn a_body_that_stops_is_answered_with_a_timeout() {
    let server = impatient().await;
    let form = "application/x-www-form-urlencoded";
    let upload = "multipart/form-data; boundary=x";
    let part = "--x\r\nContent-Disposition: form-data; name=\"kb\"\r\n\r\nnotes\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.md\"\r\n\r\nabc";
    for (path, media_type, begin) in [
        ("/api/kbs", "application/json", "{\"name\":"),
        ("/api/jobs/upload", upload, part),
        ("/api/jobs/upload", upload, ""),
        ("/join/nothing", form, "user=a"),
    ] {
        let mut wire = Wire::open(server.addr()).await;
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: {media_type}\r\nContent-Length: 1000\r\n\r\n{begin}",
            server.addr()
        );
        wire.send(head).await;
        let reply = wire.reply().await;
        assert_eq!(reply.status, 408, "{path}: {}", reply.body);
        assert!(reply.body.contains("stopped before its end"), "{path}: {}", reply.body);
        assert_eq!(wire.rest().await, (vec![], End::Closed), "{path}");
    }
    // One that goes on, however slowly, is read to its end.
    let mut slow = Wire::open(server.addr()).await;
    let body = "{\"name\": \"slowly\"}";
    let head = format!(
        "POST /api/kbs HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        server.addr(),
        body.len()
    );
    slow.send(head).await;
    for byte in body.bytes() {
        slow.send([byte]).await;
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    assert_eq!(slow.reply().await.status, 201);
}

#[tokio::test]
async fn who_takes_no_events_is_closed() {
    let server = impatient().await;
    let mut wire = Wire::open(server.addr()).await;
    let request = format!("GET /api/events/stream HTTP/1.1\r\nHost: {}\r\n\r\n", server.addr());
    wire.send(request).await;
    assert_eq!(wire.head().await.0, 200);
    // Each time over a new connection: the server may end one that rests at any moment.
    let subscribers = async || Api::new(server.addr()).get("/readyz").await.json["subscribers"].as_u64().unwrap();
    assert_eq!(subscribers().await, 1);
    // More than fits into the buffers of a system, and nobody reads it.
    let store = server.store().await;
    let emitting = async {
        while subscribers().await > 0 {
            emit_many(&store, 2_000, "x").await;
        }
    };
    soon("the stream to be given up", emitting).await;
    store.close().await;
}

#[tokio::test]
async fn a_refusal_can_be_read_though_the_body_was_not() {
    let server = impatient().await;
    for (path, media_type, status) in [
        ("/api/kbs", "text/plain", 415),
        ("/api/kbs", "application/json", 413),
        ("/nothing", "application/json", 404),
        ("/login", "application/x-www-form-urlencoded", 413),
    ] {
        let mut wire = Wire::open(server.addr()).await;
        let length = 9 * 1024 * 1024;
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n",
            server.addr()
        );
        wire.send(head).await;
        // As clients do that first write all and then read.
        wire.send(vec![b' '; length]).await;
        let reply = wire.reply().await;
        assert_eq!(reply.status, status, "{path}: {}", reply.body);
    }
}
