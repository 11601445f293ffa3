//! `/api/events`: reading the log.

use crate::common::{TestServer, emit_many, seqs};
use serde_json::{Value, json};
use server::config::Retention;
use server::serve::forget;

fn items(answer: &Value) -> &[Value] {
    answer["items"].as_array().expect("items")
}

#[tokio::test]
async fn the_log_is_read_in_pieces_that_join() {
    let server = TestServer::with_notes().await;
    for n in 0..10 {
        server.note(json!({"title": format!("N{n}")})).await;
    }
    let mut since = String::new();
    let mut all = vec![];
    loop {
        let piece = server.get(&format!("/api/events?limit=3&since={since}")).await.expect(200).json;
        assert_eq!(piece["head"], 11);
        all.extend(seqs(items(&piece)));
        since = format!("{}:{}", piece["cursor"]["epoch"].as_str().unwrap(), piece["cursor"]["seq"]);
        if items(&piece).is_empty() {
            break;
        }
    }
    assert_eq!(all, (1..=11).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_log_is_read_by_topic_and_its_cursor_passes_over_the_others() {
    let server = TestServer::with_notes().await;
    server.kb("other").await;
    server.note(json!({"title": "A"})).await;
    server.post("/api/kbs/other/entries", json!({"title": "B"})).await.expect(201);
    server.note(json!({"title": "C"})).await;
    let answer = server.get("/api/events?topics=kb:other").await.expect(200).json;
    assert_eq!((seqs(items(&answer)), &answer["cursor"]["seq"]), (vec![2, 4], &json!(5)));
    let answer = server.get("/api/events?topics=kb:notes,kb:other&since=3").await.expect(200).json;
    assert_eq!(seqs(items(&answer)), [4, 5]);
    let answer = server.get("/api/events?topics=system").await.expect(200).json;
    assert_eq!((items(&answer).len(), &answer["cursor"]["seq"]), (0, &json!(5)));
    // None are named, which is not the same as not to name any.
    let answer = server.get("/api/events?topics=").await.expect(200).json;
    assert_eq!((items(&answer).len(), &answer["cursor"]["seq"]), (0, &json!(5)));
}

#[tokio::test]
async fn a_place_outside_of_the_log_is_gone_and_what_is_no_place_is_refused() {
    let server = TestServer::with_notes().await;
    emit_many(&server.store().await, 20, "x").await;
    forget(
        &server.store().await,
        Retention {
            log_events: 5,
            ..Retention::default()
        },
    )
    .await
    .unwrap();
    let epoch = server.epoch().await;
    for since in ["15", "22", "0000:20", &format!("{epoch}:15"), &format!("{epoch}:22")] {
        server
            .get(&format!("/api/events?since={since}"))
            .await
            .expect_problem(410, "cursor_gone");
    }
    for since in ["x", "-1", "1:x", ":1", "1.5"] {
        server
            .get(&format!("/api/events?since={since}"))
            .await
            .expect_problem(400, "invalid_cursor");
    }
    server.get("/api/events?topics=news").await.expect_problem(400, "invalid_query");
    // From the beginning is from the first that is kept.
    assert_eq!(seqs(items(&server.get("/api/events").await.expect(200).json)), [17, 18, 19, 20, 21]);
    assert_eq!(seqs(items(&server.get("/api/events?since=16").await.expect(200).json)).len(), 5);
    assert_eq!(
        items(&server.get(&format!("/api/events?since={epoch}:21")).await.expect(200).json).len(),
        0
    );
}
