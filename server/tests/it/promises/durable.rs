//! A change is durable before its event is sent; a failed one emits nothing.

use crate::common::{TestServer, emit, seqs, soon};
use app::protocol::{EntryId, KbName};
use serde_json::json;
use server::domain::Caller;
use server::error::Error;
use server::live::hub::Registration;
use server::live::subscriber::Due;
use server::live::{Hub, Interest};
use server::store::{Store, entries};
use std::future::poll_fn;
use std::sync::Arc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

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

/// A hub over a store of its own, and one who hears everything.
struct Running {
    store: Store,
    registration: Registration,
    stop: CancellationToken,
    hub: JoinHandle<()>,
    _folder: tempfile::TempDir,
}

impl Running {
    async fn start() -> Self {
        let folder = tempfile::TempDir::new().unwrap();
        let (store, committed) = Store::open(folder.path()).await.unwrap();
        let hub = Hub::start(&store, None).await.unwrap();
        let (registration, _) = hub.subscribe(Caller::owner(), &Interest::Everything);
        let stop = CancellationToken::new();
        Self {
            hub: tokio::spawn(hub.run(store.clone(), committed, stop.clone())),
            store,
            registration,
            stop,
            _folder: folder,
        }
    }

    async fn stop(self) {
        self.stop.cancel();
        self.hub.await.unwrap();
    }
}

#[tokio::test]
async fn a_write_that_fails_after_it_has_emitted_takes_its_event_back() {
    let hub = Running::start().await;
    let store = &hub.store;
    let write = |fails: bool| {
        store.write(move |tx| {
            Box::pin(async move {
                emit(tx, "notes", if fails { "never" } else { "next" })?;
                if fails { Err(Error::TitleEmpty) } else { Ok(()) }
            })
        })
    };
    // Alone, and in company.
    assert!(matches!(write(true).await, Err(Error::TitleEmpty)));
    let (a, b, c, d) = tokio::join!(write(false), write(true), write(false), write(true));
    assert!(a.is_ok() && b.is_err() && c.is_ok() && d.is_err());
    let mut due = Due::default();
    let mut sent = vec![];
    while sent.len() < 2 {
        soon(
            "events",
            poll_fn(|context| hub.registration.subscriber().poll_due(context, &mut due)),
        )
        .await;
        sent.extend(due.events.drain(..).map(|event| (event.seq.get(), event.frame.to_string())));
    }
    assert_eq!(sent.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), [1, 2]);
    assert!(sent.iter().all(|(_, frame)| frame.contains("next")), "{sent:?}");
    assert_eq!(store.read().await.unwrap().cursor().seq.get(), 2);
    hub.stop().await;
}

#[tokio::test]
async fn a_write_that_panics_fails_alone() {
    let hub = Running::start().await;
    let store = &hub.store;
    let write = |panics: bool| {
        store.write(move |tx| {
            Box::pin(async move {
                emit(tx, "notes", if panics { "never" } else { "next" })?;
                assert!(!panics, "as this test wants it");
                Ok(())
            })
        })
    };
    // First in a group, alone, and behind others.
    assert!(matches!(write(true).await, Err(Error::Panicked(why)) if why.contains("as this test wants it")));
    let (a, b, c) = tokio::join!(write(false), write(true), write(false));
    assert!(a.is_ok() && matches!(b, Err(Error::Panicked(_))) && c.is_ok());
    assert_eq!(
        store.read().await.unwrap().cursor().seq.get(),
        2,
        "nothing of the others is lost, and nothing of it stays"
    );
    hub.stop().await;
}

#[tokio::test]
async fn a_commit_that_fails_sends_nothing_and_says_so() {
    let hub = Running::start().await;
    let store = &hub.store;
    // The write itself succeeds, but its event finds no log to go to. With the rest of it, the log comes back.
    let failed = store.write(|tx| {
        Box::pin(async move {
            emit(tx, "notes", "never")?;
            sqlx::query("DROP TABLE log").execute(tx.connection()).await?;
            Ok(())
        })
    });
    let why = failed.await.unwrap_err();
    assert!(matches!(why, Error::StoreUnavailable(_)), "{why}");
    store.write(|tx| Box::pin(async move { emit(tx, "notes", "next") })).await.unwrap();
    let mut due = Due::default();
    soon(
        "an event",
        poll_fn(|context| hub.registration.subscriber().poll_due(context, &mut due)),
    )
    .await;
    let sent: Vec<_> = due
        .events
        .drain(..)
        .map(|event| (event.seq.get(), event.frame.to_string()))
        .collect();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert!(sent[0].0 == 1 && sent[0].1.contains("next"), "{sent:?}");
    hub.stop().await;
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
                            emit(tx, "notes", &format!("w{n}"))?;
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
    server::store::kbs::insert(tx, &KbName::parse(&format!("kb-{n}"))?, "t", "", app::protocol::people::Level::Read).await
}
