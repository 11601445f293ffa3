//! A change is durable before its event is sent; a failed one emits nothing.

use crate::common::{TestServer, emit, seqs};
use app::protocol::{EntryId, KbName};
use serde_json::json;
use server::error::Error;
use server::store::entries;
use std::sync::Arc;

#[tokio::test]
async fn who_receives_an_event_finds_its_change_in_the_database() {
    let server = TestServer::with_notes().await;
    let elsewhere = server.store().await;
    let mut socket = server.socket("").await;
    let writer = server.clone();
    let writing = tokio::spawn(async move {
        for n in 0..200 {
            writer.note(json!({"title": format!("Note {n}"), "id": format!("n{n}")})).await;
        }
    });
    let kb = KbName::parse("notes").unwrap();
    for _ in 0..200 {
        let event = socket.event().await;
        let mut moment = elsewhere.read().await.unwrap();
        let id = EntryId::parse(event["entry_id"].as_str().unwrap()).unwrap();
        assert!(entries::find(moment.connection(), &kb, &id).await.unwrap().is_some(), "{event}");
        assert!(moment.cursor().seq.get() >= event["seq"].as_u64().unwrap());
    }
    writing.await.unwrap();
}

#[tokio::test]
async fn a_write_that_fails_emits_nothing_and_leaves_no_gap() {
    let server = TestServer::with_notes().await;
    server.note(json!({"title": "First", "id": "first"})).await;
    let mut socket = server.socket("").await;
    let head = server.head().await;
    for n in 0..5 {
        server
            .post("/api/kbs/notes/entries", json!({"title": "Again", "id": "first"}))
            .await
            .expect_problem(409, "entry_exists");
        server
            .post("/api/kbs/notes/entries", json!({"title": " "}))
            .await
            .expect_problem(422, "title_empty");
        server
            .patch("/api/kbs/notes/entries/nowhere", json!({"title": "x"}))
            .await
            .expect_problem(404, "entry_not_found");
        server.note(json!({"title": format!("Good {n}")})).await;
    }
    assert_eq!(seqs(&socket.events(5).await), (head + 1..=head + 5).collect::<Vec<_>>());
    assert_eq!(server.head().await, head + 5);
}

#[tokio::test]
async fn a_write_that_fails_after_it_has_emitted_takes_its_event_back() {
    let server = TestServer::with_notes().await;
    let mut socket = server.socket("").await;
    let head = server.head().await;
    let store = server.store().await;
    let failed = store
        .write(|tx| {
            Box::pin(async move {
                emit(tx, "notes", "never").await?;
                Err::<(), _>(Error::TitleEmpty)
            })
        })
        .await;
    assert!(matches!(failed, Err(Error::TitleEmpty)));
    server.note(json!({"title": "Next"})).await;
    let event = socket.event().await;
    assert_eq!(
        (event["seq"].as_u64(), event["data"]["title"].as_str()),
        (Some(head + 1), Some("Next"))
    );
}

#[tokio::test]
async fn writes_that_fail_do_not_disturb_those_that_are_committed_with_them() {
    let server = TestServer::with_notes().await;
    server.note(json!({"title": "Taken", "id": "taken"})).await;
    let head = server.head().await;
    let store = Arc::new(server.store().await);
    // Started together, they wait together, and are committed in groups.
    let writes: Vec<_> = (0..100)
        .map(|n| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                store
                    .write(move |tx| {
                        Box::pin(async move {
                            emit(tx, "notes", &format!("w{n}")).await?;
                            insert_kb(tx, n).await?;
                            if n % 3 == 0 { Err(Error::TitleTooLong(n)) } else { Ok(n) }
                        })
                    })
                    .await
            })
        })
        .collect();
    for (n, write) in writes.into_iter().enumerate() {
        match write.await.unwrap() {
            Ok(done) => assert!(done == n && n % 3 != 0),
            // Each gets its own failure, and not another's.
            Err(Error::TitleTooLong(failed)) => assert!(failed == n && n % 3 == 0),
            Err(other) => panic!("{other}"),
        }
    }
    let log = server.log(head).await;
    assert_eq!(seqs(&log), (head + 1..=head + 66).collect::<Vec<_>>());
    let mut titles: Vec<&str> = log.iter().map(|event| event["data"]["title"].as_str().unwrap()).collect();
    titles.sort_unstable();
    let mut good: Vec<String> = (0..100).filter(|n| n % 3 != 0).map(|n| format!("w{n}")).collect();
    good.sort_unstable();
    assert_eq!(titles, good);
    assert_eq!(server.get("/api/kbs").await.json["items"].as_array().unwrap().len(), 1 + 66);
}

/// A row to go with the event: a knowledge base of its own.
async fn insert_kb(tx: &mut server::store::WriteTx, n: usize) -> Result<(), Error> {
    server::store::kbs::insert(tx, &KbName::parse(&format!("kb-{n}"))?, "t", "").await
}
