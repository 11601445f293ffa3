//! Coming back: what was missed follows, whole, or one is told that it cannot.

use crate::common::{TestServer, emit_many, seqs, soon};
use serde_json::json;
use server::config::Retention;
use server::serve::forget;
use std::time::Duration;

#[tokio::test]
async fn what_was_missed_follows_from_memory() {
    let server = TestServer::with_notes().await;
    let cursor = server.cursor().await;
    for n in 0..10 {
        server.note(json!({"title": format!("N{n}")})).await;
    }
    let mut socket = server.socket(&format!("cursor={cursor}")).await;
    assert_eq!((&socket.ack["resumed"], &socket.ack["reason"]), (&json!(true), &json!(null)));
    server.note(json!({"title": "Live"})).await;
    assert_eq!(socket.events(11).await, server.log(1).await);
}

#[tokio::test]
async fn what_was_missed_follows_from_the_log_also_far_more_than_memory_holds() {
    let server = TestServer::with_notes().await;
    let cursor = server.cursor().await;
    let store = server.store().await;
    emit_many(&store, 5_000, "x").await;
    let mut here = server.socket(&format!("cursor={cursor}")).await;
    assert_eq!(here.ack["resumed"], true);
    assert_eq!(seqs(&here.events(5_000).await), (2..=5_001).collect::<Vec<_>>());
    // One comes back while more than fits is written.
    let query = format!("cursor={cursor}");
    let ((), mut there) = tokio::join!(emit_many(&store, 5_000, "x"), server.socket(&query));
    assert_eq!(seqs(&there.events(10_000).await), (2..=10_001).collect::<Vec<_>>());
    assert_eq!(seqs(&here.events(5_000).await), (5_002..=10_001).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_was_missed_follows_after_a_restart() {
    let mut server = TestServer::with_notes().await;
    let mut socket = server.socket("").await;
    let cursor = server.cursor().await;
    for n in 0..10 {
        server.note(json!({"title": format!("N{n}")})).await;
    }
    let before = socket.events(10).await;
    server.restart().await;
    let mut socket = server.socket(&format!("cursor={cursor}")).await;
    assert_eq!(socket.ack["resumed"], true);
    assert_eq!(socket.events(10).await, before);
    server.note(json!({"title": "Live"})).await;
    assert_eq!(socket.event().await["seq"], 12);
}

#[tokio::test]
async fn of_what_was_missed_one_gets_the_topics_that_one_names() {
    let mut server = TestServer::with_notes().await;
    server.kb("other").await;
    for n in 0..4 {
        server.note(json!({"title": format!("N{n}")})).await;
        server
            .post("/api/kbs/other/entries", json!({"title": format!("O{n}")}))
            .await
            .expect(201);
    }
    let query = format!("topics=kb:other&cursor={}:0", server.epoch().await);
    assert_eq!(seqs(&server.socket(&query).await.events(5).await), [2, 4, 6, 8, 10]);
    server.restart().await;
    assert_eq!(seqs(&server.socket(&query).await.events(5).await), [2, 4, 6, 8, 10]);
}

#[tokio::test]
async fn a_cursor_that_cannot_be_honoured_is_refused_with_the_reason_and_one_goes_on_from_the_head() {
    let server = TestServer::with_notes().await;
    let epoch = server.epoch().await;
    for n in 0..9 {
        server.note(json!({"title": format!("N{n}")})).await;
    }
    let keep = Retention {
        log_events: 4,
        ..Retention::default()
    };
    forget(&server.store().await, keep).await.unwrap();
    let gone = [
        (String::new(), "no_cursor"),
        ("0000:3".into(), "epoch_changed"),
        (format!("{epoch}:5"), "too_old"),
        (format!("{epoch}:900"), "ahead"),
    ];
    for (cursor, reason) in gone {
        let head = server.settled().await;
        let mut socket = server.socket(&format!("cursor={cursor}")).await;
        assert_eq!(
            (&socket.ack["resumed"], &socket.ack["reason"]),
            (&json!(false), &json!(reason)),
            "{cursor}"
        );
        assert_eq!(socket.ack["head"], head);
        server.note(json!({"title": "Next"})).await;
        assert_eq!(socket.event().await["seq"], head + 1);
    }
    forget(&server.store().await, keep).await.unwrap();
    let head = server.head().await;
    // The oldest cursor that misses nothing.
    let mut socket = server.socket(&format!("cursor={epoch}:{}", head - 4)).await;
    assert_eq!(socket.ack["resumed"], true);
    assert_eq!(seqs(&socket.events(4).await), (head - 3..=head).collect::<Vec<_>>());
}

#[tokio::test]
async fn events_are_forgotten_by_age_and_who_missed_them_is_told() {
    let server = TestServer::with_notes().await;
    let epoch = server.epoch().await;
    server.note(json!({"title": "Old"})).await;
    let head = server.head().await;
    let store = server.store().await;
    let all = Retention {
        log_age: Duration::ZERO,
        ..Retention::default()
    };
    // Until the clock has moved on by the millisecond that makes it old.
    soon("events to become old", async {
        while !server.log_is_empty().await {
            forget(&store, all).await.unwrap();
        }
    })
    .await;
    assert_eq!(
        server.socket(&format!("cursor={epoch}:{}", head - 1)).await.ack["reason"],
        "too_old"
    );
    assert_eq!(server.socket(&format!("cursor={epoch}:{head}")).await.ack["resumed"], true);
    server.note(json!({"title": "New"})).await;
    assert_eq!(server.head().await, head + 1);
}

#[tokio::test]
async fn a_cursor_from_a_commit_that_the_hub_has_not_noticed_yet_is_as_good_as_any() {
    let server = TestServer::with_notes().await;
    let store = server.store().await;
    for _ in 0..20 {
        emit_many(&store, 3, "x").await;
        let cursor = store.read().await.unwrap().cursor();
        let mut socket = server.socket(&format!("cursor={cursor}")).await;
        assert_eq!(socket.ack["resumed"], true);
        assert_eq!(socket.ack["head"], cursor.seq.get());
        server.note(json!({"title": "Mine"})).await;
        assert_eq!(socket.event().await["seq"], cursor.seq.get() + 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_process_writes_arrives_once_and_in_order_between_ones_own() {
    let server = TestServer::with_notes().await;
    let mut socket = server.socket("").await;
    let store = server.store().await;
    let theirs = tokio::spawn(async move {
        for _ in 0..100 {
            emit_many(&store, 2, "x").await;
        }
    });
    for n in 0..100 {
        server.note(json!({"title": format!("N{n}")})).await;
    }
    theirs.await.unwrap();
    let events = socket.events(300).await;
    assert_eq!(seqs(&events), (2..=301).collect::<Vec<_>>());
    assert_eq!(events.iter().filter(|event| event["actor"] == "system").count(), 200);
    assert_eq!(events, server.log(1).await);
}

#[tokio::test]
async fn after_a_backup_was_restored_everybody_is_sent_away_and_must_read_anew() {
    let server = TestServer::with_notes().await;
    let store = server.store().await;
    let copy = server.data().join("copy.db");
    server::store::backup::backup(&store, &copy).await.unwrap();
    server.note(json!({"title": "Lost"})).await;
    let cursor = server.cursor().await;
    let mut socket = server.socket(&format!("cursor={cursor}")).await;
    server::store::backup::restore(&store, &copy).await.unwrap();
    assert_eq!(socket.closed().await.0, 4020);
    let mut socket = server.socket(&format!("cursor={cursor}")).await;
    assert_eq!(socket.ack["reason"], "epoch_changed");
    assert_eq!(server.get("/api/kbs/notes/entries").await.json["total"], 0);
    server.note(json!({"title": "New"})).await;
    assert_eq!(socket.event().await["entry_id"], "new");
}
