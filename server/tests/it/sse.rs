//! `/api/events/stream`: the same events over SSE.

use crate::common::{Api, TestServer, emit_many, linked, soon};
use reqwest::Method;
use serde_json::{Value, json};

/// A stream of events, read as a browser reads it.
struct Stream {
    response: reqwest::Response,
    read: String,
}

/// One event of a stream.
#[derive(Debug, Default)]
struct Event {
    /// Empty for an event of the log.
    name: String,
    id: String,
    data: Value,
}

impl Stream {
    async fn open(api: &Api, query: &str, last: Option<&str>) -> Self {
        let mut request = api.request(Method::GET, &format!("/api/events/stream{query}"));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = soon("the stream", request.header("accept-encoding", "gzip, br").send())
            .await
            .expect("a stream");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert!(
            response.headers().get("content-encoding").is_none(),
            "events must not wait in a compressor"
        );
        Self {
            response,
            read: String::new(),
        }
    }

    /// The next event; `None` at the end.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((block, rest)) = self.read.split_once("\n\n") {
                let mut event = Event::default();
                for line in block.lines() {
                    match line.split_once(": ").unwrap_or((line, "")) {
                        ("event", name) => event.name = name.into(),
                        ("id", id) => event.id = id.into(),
                        ("data", data) => event.data = serde_json::from_str(data).expect("JSON"),
                        _ => {}
                    }
                }
                self.read = rest.to_owned();
                if !event.data.is_null() {
                    return Some(event);
                }
                continue;
            }
            let chunk = soon("events", self.response.chunk()).await.ok()??;
            self.read.push_str(std::str::from_utf8(&chunk).expect("text"));
        }
    }

    /// The next event of the log.
    async fn event(&mut self) -> Event {
        soon("an event", async {
            loop {
                let event = self.next().await.expect("an event");
                if event.name != "heartbeat" {
                    assert_eq!(event.name, "");
                    return event;
                }
            }
        })
        .await
    }

    /// The greeting, which comes first.
    async fn greeting(&mut self) -> Value {
        let event = self.next().await.expect("a greeting");
        assert_eq!(
            (event.name.as_str(), &event.data["type"]),
            ("connection_ack", &json!("connection_ack"))
        );
        event.data["data"].clone()
    }
}

#[tokio::test]
async fn events_come_over_sse_as_over_a_socket() {
    let server = TestServer::with_notes().await;
    server.settled().await;
    let mut stream = Stream::open(&server, "", None).await;
    let mut socket = server.socket("").await;
    let mut greeting = stream.greeting().await;
    assert_eq!(greeting.take(), socket.ack);
    for n in 0..5 {
        server.note(json!({"title": format!("N{n}")})).await;
        let event = stream.event().await;
        assert_eq!(event.data, socket.event().await);
        assert_eq!(event.id, server.cursor().await);
    }
}

#[tokio::test]
async fn a_browser_that_comes_back_gets_what_it_missed() {
    let mut server = TestServer::with_notes().await;
    let mut stream = Stream::open(&server, "?topics=kb:notes", None).await;
    stream.greeting().await;
    server.note(json!({"title": "A"})).await;
    let last = stream.event().await.id;
    drop(stream);
    server.kb("other").await;
    server.note(json!({"title": "B"})).await;
    for _ in 0..2 {
        // The header is newer than the URL of the first visit.
        let query = format!("?topics=kb:notes&cursor={}:0", server.epoch().await);
        let mut stream = Stream::open(&server, &query, Some(&last)).await;
        assert_eq!(stream.greeting().await["resumed"], true);
        let event = stream.event().await;
        assert_eq!((&event.data["seq"], &event.data["entry_id"]), (&json!(4), &json!("b")));
        server.restart().await;
    }
    let mut stream = Stream::open(&server, "?cursor=0000:1", None).await;
    assert_eq!(stream.greeting().await["reason"], "epoch_changed");
}

#[tokio::test]
async fn a_stream_whose_client_falls_behind_is_caught_up() {
    let server = TestServer::with_notes().await;
    let store = server.store().await;
    linked(&store, "old", 1_200).await;
    let head = server.settled().await;
    let mut stream = Stream::open(&server, "", None).await;
    stream.greeting().await;
    for seq in head + 1..=head + 6_000 {
        if (seq - head) % 2_000 == 1 {
            emit_many(&store, 2_000, "x").await;
        }
        assert_eq!(stream.event().await.data["seq"], seq);
    }
    // In one commit more than may wait for a subscriber.
    server.patch("/api/kbs/notes/entries/old", json!({"id": "new"})).await.expect(200);
    for seq in head + 6_001..=head + 7_201 {
        assert_eq!(stream.event().await.data["seq"], seq);
    }
}

#[tokio::test]
async fn a_stop_ends_the_stream() {
    let mut server = TestServer::with_notes().await;
    let mut stream = Stream::open(&server, "", None).await;
    stream.greeting().await;
    let ended = async {
        let goaway = stream.next().await.expect("a farewell");
        assert_eq!((goaway.name.as_str(), &goaway.data["type"]), ("goaway", &json!("goaway")));
        assert!(stream.next().await.is_none());
    };
    tokio::join!(server.stop(), ended);
}

#[tokio::test]
async fn a_cursor_that_is_none_is_a_problem() {
    let server = TestServer::with_notes().await;
    server
        .get("/api/events/stream?cursor=x")
        .await
        .expect_problem(400, "invalid_cursor");
    server
        .get("/api/events/stream?topics=news")
        .await
        .expect_problem(400, "invalid_query");
    let request = server.request(Method::GET, "/api/events/stream").header("last-event-id", "7");
    server.send(request).await.expect_problem(400, "invalid_cursor");
}
