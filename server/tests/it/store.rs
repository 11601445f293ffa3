//! The database by itself: what is derived agrees with what it is derived from, whatever happens.

use app::protocol::entry::EntryDraft;
use app::protocol::{Code, EntryId, KbName, Problem, Seq, Version};
use proptest::prelude::*;
use server::domain::Caller;
use server::domain::entry::{self, Change};
use server::domain::mutation::Request;
use server::error::Error;
use server::store::{Store, log};
use std::collections::{BTreeMap, BTreeSet};
use tempfile::TempDir;

fn request() -> Request {
    Request::by(Caller::owner())
}

fn kb() -> KbName {
    KbName::parse("notes").unwrap()
}

fn id(n: u8) -> EntryId {
    EntryId::parse(&format!("e{n}")).unwrap()
}

async fn open() -> (TempDir, Store) {
    let folder = TempDir::new().unwrap();
    let (store, _) = Store::open(folder.path()).await.unwrap();
    let new = app::protocol::entry::NewKb {
        name: "notes".into(),
        title: None,
        description: None,
        members: None,
    };
    server::domain::kb::create(&store, &request(), new).await.unwrap();
    (folder, store)
}

/// What somebody may do to one of a few entries.
#[derive(Debug, Clone)]
enum Step {
    Create { entry: u8, links: Vec<u8>, word: u8 },
    Write { entry: u8, links: Vec<u8>, word: u8 },
    Rename { entry: u8, to: u8 },
    Delete { entry: u8 },
    RestoreLast,
    PurgeLast,
    RestoreFirstVersion { entry: u8 },
}

fn step() -> impl Strategy<Value = Step> {
    let entry = 0..5u8;
    let links = || proptest::collection::vec(0..5u8, 0..4);
    prop_oneof![
        3 => (entry.clone(), links(), 0..3u8).prop_map(|(entry, links, word)| Step::Create { entry, links, word }),
        3 => (entry.clone(), links(), 0..3u8).prop_map(|(entry, links, word)| Step::Write { entry, links, word }),
        2 => (entry.clone(), entry.clone()).prop_map(|(entry, to)| Step::Rename { entry, to }),
        2 => entry.clone().prop_map(|entry| Step::Delete { entry }),
        1 => Just(Step::RestoreLast),
        1 => Just(Step::PurgeLast),
        1 => entry.prop_map(|entry| Step::RestoreFirstVersion { entry }),
    ]
}

fn text(links: &[u8], word: u8) -> String {
    let links: Vec<String> = links.iter().map(|n| format!("[[e{n}]]")).collect();
    format!("word{word} {}", links.join(" and "))
}

fn draft(entry: u8, links: &[u8], word: u8) -> EntryDraft {
    EntryDraft {
        title: format!("Entry {entry}"),
        body: text(links, word),
        tags: vec![format!("tag{word}")],
        entry_id: Some(format!("e{entry}")),
        ..EntryDraft::default()
    }
}

/// Does it. That it may be refused (there is no such entry, its id is taken) is a part of the game.
async fn take(store: &Store, step: &Step, trashed: &mut Vec<i64>) -> Result<(), Error> {
    let request = request();
    match step {
        Step::Create { entry, links, word } => drop(entry::create(store, &request, kb(), draft(*entry, links, *word)).await?),
        Step::Write { entry, links, word } => drop(
            entry::update(
                store,
                &request,
                kb(),
                id(*entry),
                Change::Replace(EntryDraft {
                    entry_id: None,
                    ..draft(*entry, links, *word)
                }),
                None,
            )
            .await?,
        ),
        Step::Rename { entry, to } => {
            let patch = serde_json::json!({"entry_id": format!("e{to}")});
            entry::update(store, &request, kb(), id(*entry), Change::Merge(patch), None).await?;
        }
        Step::Delete { entry } => trashed.push(entry::delete(store, &request, kb(), id(*entry), None).await?.trash_id),
        Step::RestoreLast => {
            if let Some(item) = trashed.pop() {
                entry::restore(store, &request, kb(), item).await?;
            }
        }
        Step::PurgeLast => {
            if let Some(item) = trashed.pop() {
                entry::purge(store, &request, kb(), item).await?;
            }
        }
        Step::RestoreFirstVersion { entry } => drop(entry::restore_version(store, &request, kb(), id(*entry), Version::FIRST).await?),
    }
    Ok(())
}

/// The entries as they are: id to text.
async fn bodies(store: &Store) -> BTreeMap<String, String> {
    let mut tx = store.read().await.unwrap();
    let rows: Vec<(String, String)> = sqlx::query_as("SELECT entry_id, body FROM entries WHERE deleted_at IS NULL")
        .fetch_all(tx.connection())
        .await
        .unwrap();
    rows.into_iter().collect()
}

async fn check(store: &Store) {
    let bodies = bodies(store).await;
    for word in 0..3 {
        let found = entry::search(store, &Caller::owner(), &format!("word{word} "), Some(&kb()), 100)
            .await
            .unwrap()
            .data;
        let found: BTreeSet<String> = found.into_iter().map(|hit| hit.row.entry_id.to_string()).collect();
        let expected: BTreeSet<String> = bodies
            .iter()
            .filter(|(_, body)| body.contains(&format!("word{word}")))
            .map(|(id, _)| id.clone())
            .collect();
        assert_eq!(found, expected, "found for word{word}");
    }
    // Who links to an entry by its id is named among its backlinks; others may be there by ids that it had before.
    for target in bodies.keys() {
        let view = entry::view(store, &Caller::owner(), "", &kb(), &EntryId::parse(target).unwrap())
            .await
            .unwrap()
            .data;
        let by_id = |from: &str| bodies[from].contains(&format!("[[{target}]]"));
        let backlinks: BTreeSet<String> = view.backlinks.iter().map(|from| from.entry_id.to_string()).collect();
        let expected: BTreeSet<String> = bodies.keys().filter(|from| *from != target && by_id(from)).cloned().collect();
        assert!(backlinks.is_superset(&expected), "{target}: {backlinks:?} {expected:?}");
        for other in backlinks.difference(&expected) {
            // Such a link names an id that no entry has now.
            let wanted = (0..9)
                .map(|n| format!("e{n}"))
                .any(|id| bodies[other].contains(&format!("[[{id}]]")) && !bodies.contains_key(&id));
            assert!(wanted, "{other} does not link to {target}: {}", bodies[other]);
        }
    }
    let mut tx = store.read().await.unwrap();
    let head = tx.cursor().seq;
    let seqs: Vec<Seq> = log::after(&mut tx, Seq::ZERO, head, 10_000)
        .await
        .unwrap()
        .into_iter()
        .map(|record| record.seq)
        .collect();
    assert_eq!(seqs, (1..=head.get()).map(Seq::new).collect::<Vec<_>>());
    let counted: i64 = sqlx::query_scalar("SELECT entries FROM kbs WHERE name = 'notes'")
        .fetch_one(tx.connection())
        .await
        .unwrap();
    assert_eq!(counted, bodies.len() as i64);
    let damaged: Vec<(String,)> = sqlx::query_as("PRAGMA foreign_key_check")
        .fetch_all(tx.connection())
        .await
        .unwrap_or_default();
    assert!(damaged.is_empty());
}

/// Empties the trash, and has SQLite compare the index with the texts word for word. (What is in the trash is not indexed.)
async fn check_index(store: &Store) {
    for item in entry::trash(store, &Caller::owner(), &kb(), 1_000, None).await.unwrap().data.items {
        entry::purge(store, &request(), kb(), item.trash_id).await.unwrap();
    }
    store
        .write(|tx| {
            Box::pin(async move {
                sqlx::query("INSERT INTO entries_fts (entries_fts, rank) VALUES ('integrity-check', 1)")
                    .execute(tx.connection())
                    .await?;
                Ok(())
            })
        })
        .await
        .expect("the index has what the entries have, and nothing else");
}

#[tokio::test]
async fn a_deleted_knowledge_base_leaves_nothing_behind() {
    let (_folder, store) = open().await;
    for n in 0..4 {
        entry::create(
            &store,
            &request(),
            kb(),
            EntryDraft {
                aliases: vec!["alias".into()],
                ..draft(n, &[0, 1], 1)
            },
        )
        .await
        .unwrap();
    }
    entry::delete(&store, &request(), kb(), id(0), None).await.unwrap();
    server::domain::kb::delete(&store, &request(), kb()).await.unwrap();
    // Nobody sees it from here on; its rows go meanwhile.
    let mut tx = store.read().await.unwrap();
    for view in ["kbs", "entries", "jobs"] {
        let count = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {view}"));
        let count: i64 = sqlx::query_scalar(count).fetch_one(tx.connection()).await.unwrap();
        assert_eq!(count, 0, "{view}");
    }
    drop(tx);
    store.sweep().await.unwrap();
    let mut tx = store.read().await.unwrap();
    for table in [
        "kb_rows",
        "entry_rows",
        "passages",
        "notifications",
        "watches",
        "entry_versions",
        "entry_tags",
        "entry_names",
        "links",
        "sync_files",
    ] {
        let count = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        assert_eq!(
            sqlx::query_scalar::<_, i64>(count).fetch_one(tx.connection()).await.unwrap(),
            0,
            "{table}"
        );
    }
    drop(tx);
    let new = app::protocol::entry::NewKb {
        name: "notes".into(),
        title: None,
        description: None,
        members: None,
    };
    server::domain::kb::create(&store, &request(), new).await.unwrap();
    check_index(&store).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn index_backlinks_counts_and_log_agree_with_the_entries_after_whatever_was_done(steps in proptest::collection::vec(step(), 1..40)) {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let (_folder, store) = open().await;
            let mut trashed = vec![];
            for step in &steps {
                match take(&store, step, &mut trashed).await {
                    Ok(()) | Err(Error::EntryNotFound { .. } | Error::EntryExists { .. } | Error::VersionNotFound { .. }) => {}
                    Err(other) => panic!("{step:?}: {other}"),
                }
            }
            check(&store).await;
            check_index(&store).await;
            store.close().await;
        });
    }
}

#[tokio::test]
async fn a_full_disk_refuses_the_write_changes_nothing_and_is_no_end() {
    let (_folder, store) = open().await;
    entry::create(&store, &request(), kb(), draft(1, &[], 1)).await.unwrap();
    let limit = |pages: i64| {
        let store = store.clone();
        async move {
            store
                .write(move |tx| {
                    Box::pin(async move {
                        // Not below what the file has already: SQLite takes that for its size.
                        let now: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}")))
                            .fetch_one(tx.connection())
                            .await?;
                        Ok(now)
                    })
                })
                .await
                .unwrap()
        }
    };
    limit(1).await;
    let before = bodies(&store).await;
    let head = store.read().await.unwrap().cursor();
    let big = EntryDraft {
        title: "Big".into(),
        body: "x ".repeat(400_000),
        ..EntryDraft::default()
    };
    // Together with small ones, which may fit or not, but are whole in either case.
    let many: Vec<_> = (2..5u8)
        .map(|n| {
            let (store, draft) = (store.clone(), if n == 3 { big.clone() } else { draft(n, &[], 2) });
            tokio::spawn(async move { entry::create(&store, &request(), kb(), draft).await })
        })
        .collect();
    let mut done = 0;
    for write in many {
        match write.await.unwrap() {
            Ok(written) => {
                assert_ne!(written.entry.title, "Big");
                done += 1;
            }
            Err(error) => {
                let problem = Problem::from(error);
                assert_eq!((problem.code, problem.status), (Code::StoreUnavailable, 503), "{problem:?}");
            }
        }
    }
    assert_eq!(bodies(&store).await.len(), before.len() + done);
    assert_eq!(store.read().await.unwrap().cursor().seq.get(), head.seq.get() + done as u64);
    limit(1_000_000).await;
    entry::create(&store, &request(), kb(), big).await.unwrap();
    check(&store).await;
}

#[tokio::test]
async fn a_database_of_a_newer_version_and_a_file_that_is_none_are_refused_with_advice() {
    let (folder, store) = open().await;
    store
        .write(|tx| {
            Box::pin(async move {
                sqlx::query("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', TRUE, x'00', 0)")
                    .execute(tx.connection())
                    .await?;
                Ok(())
            })
        })
        .await
        .unwrap();
    store.close().await;
    let newer = Store::open(folder.path()).await.unwrap_err().to_string();
    assert!(newer.contains("newer version") && newer.contains("9999"), "{newer}");
    let other = TempDir::new().unwrap();
    std::fs::write(
        other.path().join("tidings.db"),
        "this is no database, but it is long enough to be taken for one".repeat(50),
    )
    .unwrap();
    let none = Store::open(other.path()).await.unwrap_err().to_string();
    assert!(none.contains("cannot use the database"), "{none}");
    let file = other.path().join("file");
    std::fs::write(&file, "").unwrap();
    let unwritable = Store::open(&file).await.unwrap_err().to_string();
    assert!(unwritable.contains("data folder"), "{unwritable}");
}

/// A second connection to the database of a folder, to do what Tidings never does.
async fn raw(folder: &TempDir) -> sqlx::SqliteConnection {
    use sqlx::ConnectOptions;
    sqlx::sqlite::SqliteConnectOptions::new()
        .filename(Store::file_in(folder.path()))
        .connect()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_write_whose_transaction_cannot_begin_is_told_why() {
    let (folder, store) = open().await;
    sqlx::query("DROP TABLE log_state").execute(&mut raw(&folder).await).await.unwrap();
    let draft = EntryDraft {
        title: "Never".into(),
        ..EntryDraft::default()
    };
    let why = entry::create(&store, &request(), kb(), draft).await.unwrap_err().to_string();
    assert!(why.contains("log_state"), "{why}");
    store.close().await;
}

#[tokio::test]
async fn all_old_idempotency_keys_are_forgotten_however_many_they_are() {
    let (folder, store) = open().await;
    sqlx::query(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000)
         INSERT INTO mutations (mutation_id, at, fingerprint, outcome) SELECT 'old-' || i, 0, '', '' FROM n",
    )
    .execute(&mut raw(&folder).await)
    .await
    .unwrap();
    server::serve::forget(&store, server::config::Retention::default()).await.unwrap();
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM mutations WHERE at = 0")
        .fetch_one(&mut raw(&folder).await)
        .await
        .unwrap();
    assert_eq!(left, 0);
    store.close().await;
}

/// Takes as long as it is let.
const ENDLESS: &str = "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_ends_with_whoever_asked_and_keeps_no_other_read_waiting() {
    let (_folder, store) = open().await;
    for _ in 0..3 {
        let searching: Vec<_> = (0..2)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    let mut tx = store.search().await.unwrap();
                    sqlx::query_scalar::<_, i64>(ENDLESS).fetch_one(tx.connection()).await
                })
            })
            .collect();
        // All that may search at the same time are at it: one more is refused, and other reads are not concerned.
        let refused = loop {
            match store.search().await {
                Ok(tx) => drop(tx),
                Err(refused) => break refused,
            }
        };
        assert_eq!(Problem::from(refused).code, Code::Busy);
        store.read().await.unwrap();
        for one in searching {
            one.abort();
            assert!(one.await.unwrap_err().is_cancelled());
        }
        let mut tx = store.search().await.unwrap();
        let one: i64 = sqlx::query_scalar("SELECT 1").fetch_one(tx.connection()).await.unwrap();
        assert_eq!(one, 1, "there is a turn again at once");
    }
    let mut tx = store.search().await.unwrap();
    let too_long = sqlx::query_scalar::<_, i64>(ENDLESS).fetch_one(tx.connection()).await;
    assert_eq!(Problem::from(Error::from(too_long.unwrap_err())).code, Code::Busy);
}

#[tokio::test]
async fn the_log_goes_forwards_in_time_though_the_clock_does_not() {
    let (_folder, store) = open().await;
    let ahead = server::clock::now().millis() + 40 * 24 * 60 * 60 * 1_000;
    store
        .write(move |tx| {
            Box::pin(async move {
                sqlx::query("UPDATE log SET at = ? WHERE seq = (SELECT head FROM log_state)")
                    .bind(ahead)
                    .execute(tx.connection())
                    .await?;
                Ok(())
            })
        })
        .await
        .unwrap();
    let draft = EntryDraft {
        title: "One".into(),
        ..EntryDraft::default()
    };
    let written = entry::create(&store, &request(), kb(), draft).await.unwrap();
    assert_eq!(written.entry.updated_at.millis(), ahead);
    server::serve::forget(&store, server::config::Retention::default()).await.unwrap();
}
