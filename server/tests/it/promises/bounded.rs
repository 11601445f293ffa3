//! What one request asks for keeps nobody else waiting: while it is answered, others write as if it were not there.

use crate::common::{Api, TestServer, linked};
use app::protocol::entry::EntryDraft;
use app::protocol::{KbName, limits};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use server::domain::Caller;
use server::domain::entry::{self, Change, Prepared, PreparedChange};
use server::domain::mutation::Request;
use std::future::Future;
use std::time::{Duration, Instant};

/// How long somebody else's write may wait. Without optimisations, everything takes several times as long; what is not bounded takes
/// longer than either.
const PATIENCE: Duration = Duration::from_millis(if cfg!(debug_assertions) { 2_000 } else { 250 });

/// Writes small entries one after the other while `work` is under way, and a few after it. The longest of them, and what came of the
/// work.
async fn beside<T>(api: &Api, work: impl Future<Output = T>) -> (Duration, T) {
    let (over, is_over) = tokio::sync::watch::channel(false);
    let writing = async {
        let (mut longest, mut after) = (Duration::ZERO, 0);
        while after < 3 {
            after += usize::from(*is_over.borrow());
            let began = Instant::now();
            api.post("/api/kbs/others/entries", json!({"title": "Probe"})).await.expect(201);
            longest = longest.max(began.elapsed());
            tokio::task::yield_now().await;
        }
        longest
    };
    let working = async {
        let outcome = work.await;
        over.send_replace(true);
        outcome
    };
    tokio::join!(writing, working)
}

/// Many of a kind, each another one.
fn many(count: usize, one: impl Fn(usize) -> String) -> Value {
    (0..count).map(one).collect()
}

fn words(bytes: usize, one: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for n in 0.. {
        let word = one(n);
        if text.len() + word.len() > bytes {
            break;
        }
        text.push_str(&word);
    }
    text
}

/// Bodies of requests that somebody who may write can send, and with what each is answered.
fn hostile() -> Vec<(&'static str, Method, &'static str, Value, u16)> {
    let entries = "/api/kbs/notes/entries";
    let body = |text: String| json!({"title": "x", "body": text});
    let size = limits::BODY_BYTES;
    let mut all = vec![];
    for (what, field) in [("tags", "tags"), ("aliases", "aliases")] {
        for count in [80_000, 600_000] {
            let draft = json!({"title": "x", field: many(count, |n| format!("a{n}"))});
            all.push((what, Method::POST, entries, draft.clone(), 422));
            all.push((what, Method::PATCH, "/api/kbs/notes/entries/target", draft, 422));
        }
    }
    for (what, text) in [
        ("mentions", words(size, |n| format!("@u{n} "))),
        ("links", words(size, |n| format!("[[a{n}]] "))),
        ("one link again and again", "[[target]] ".repeat(size / 11)),
        ("brackets", "[".repeat(size)),
        ("quotations", format!("{}a\n{}", ">".repeat(size / 2), "a\n".repeat(size / 4 - 1))),
        (
            "half-empty tables",
            format!("{}\n{}\n", "a|".repeat(500), "-|".repeat(500)).repeat(300) + &"a\n".repeat(1_000),
        ),
        ("an endless title", format!("[a](b \"{}\")", "x\n".repeat(size / 2 - 10))),
        ("spaces", " ".repeat(size)),
        ("lines", words(size, |n| format!("{n}\n"))),
        ("headings", "# a\n\n".repeat(size / 5)),
    ] {
        all.push((what, Method::POST, entries, body(text.clone()), 201));
        all.push((what, Method::PATCH, "/api/kbs/notes/entries/target", json!({"body": text}), 200));
    }
    let kinds: Value = (0..300_000)
        .map(|n| (format!("k{n}"), json!("inbox")))
        .collect::<serde_json::Map<_, _>>()
        .into();
    all.push(("preferences", Method::PATCH, "/api/notifications/preferences", kinds, 422));
    let ids: Vec<usize> = (0..1_000_000).collect();
    all.push(("ids", Method::POST, "/api/pages/mark", json!({"ids": ids, "mark": "read"}), 422));
    let url = format!("http://127.0.0.1:9/{}", "a".repeat(7_000_000));
    all.push((
        "an address",
        Method::POST,
        "/api/jobs/crawl",
        json!({"kb": "notes", "url": url}),
        422,
    ));
    let patterns = many(50, |_| "{a,b}".repeat(20_000));
    let crawl = json!({"kb": "notes", "url": "http://127.0.0.1:9/", "include": patterns});
    all.push(("patterns", Method::POST, "/api/jobs/crawl", crawl, 422));
    let news = json!({"user": "owner", "title": "x".repeat(7_000_000)});
    all.push(("a title", Method::POST, "/api/notifications", news, 422));
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_body_of_a_request_keeps_others_from_writing() {
    let server = TestServer::with_notes().await;
    server.kb("others").await;
    server.note(json!({"title": "Target", "id": "target"})).await;
    let mut slow = vec![];
    for (what, method, path, body, status) in hostile() {
        let request = server.request(method.clone(), path).header("origin", server.origin()).json(&body);
        let (longest, answer) = beside(&server, server.send(request)).await;
        assert_eq!(answer.status, status, "{what}: {method} {path}: {:.300}", answer.text);
        if longest > PATIENCE {
            slow.push(format!("{what}: {method} {path}: {longest:?}"));
        }
    }
    assert!(slow.is_empty(), "others waited: {slow:#?}");
}

/// Waits until nothing is left of what was deleted.
async fn swept(server: &TestServer) {
    server.store().await.sweep().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_concerns_many_rows_keeps_nobody_from_writing() {
    let server = TestServer::with_notes().await;
    server.kb("others").await;
    let store = server.store().await;
    linked(&store, "target", 1_500).await;
    let rename = server.patch("/api/kbs/notes/entries/target", json!({"id": "renamed"}));
    let (longest, renamed) = beside(&server, rename).await;
    let mut slow = vec![("a rename", longest)];
    assert_eq!(renamed.expect(200).json["entry_id"], "renamed");
    crate::common::soon("the links to follow", async {
        while server.get("/api/kbs/notes/entries/renamed/view").await.json["backlinks"]
            .as_array()
            .unwrap()
            .len()
            < 500
        {}
    })
    .await;

    let kb = KbName::parse("notes").unwrap();
    let request = Request::by(Caller::owner());
    let draft = |body: String| EntryDraft {
        title: "Long".into(),
        body,
        ..EntryDraft::default()
    };
    let prepared = Prepared::new(&kb, draft(String::new())).unwrap();
    let (of, name) = (request.clone(), kb.clone());
    let long = store
        .write(move |tx| Box::pin(async move { entry::create_in(tx, &of, &name, prepared).await }))
        .await
        .unwrap();
    for n in 0..150 {
        let change = PreparedChange::new(&kb, Change::Replace(draft(format!("{n} ").repeat(60_000)))).unwrap();
        let (of, kb, id) = (request.clone(), kb.clone(), long.entry.entry_id.clone());
        store
            .write(move |tx| Box::pin(async move { entry::update_in(tx, &of, &kb, &id, change, None).await }))
            .await
            .unwrap();
    }
    server.delete("/api/kbs/notes/entries/long").await.expect(200);
    let purge = async {
        server.delete(&format!("/api/kbs/notes/trash/{}", long.uid)).await.expect(204);
        swept(&server).await;
    };
    slow.push(("a purge", beside(&server, purge).await.0));

    let delete = async {
        server.delete("/api/kbs/notes").await.expect(204);
        swept(&server).await;
    };
    slow.push(("deleting a knowledge base", beside(&server, delete).await.0));
    // Its name is free at once.
    server.kb("notes").await;

    let text = "[".repeat(6 * 1024 * 1024);
    let form = Form::new()
        .text("kb", "notes")
        .part("file", Part::bytes(text.into_bytes()).file_name("a.txt"));
    let upload = async {
        let job = server
            .send(server.request(Method::POST, "/api/jobs/upload").multipart(form))
            .await
            .expect(202)
            .json;
        let path = format!("/api/jobs/{}", job["job_id"].as_str().unwrap());
        while server.get(&path).await.json["status"] != "completed" {
            tokio::task::yield_now().await;
        }
    };
    slow.push(("an upload", beside(&server, upload).await.0));
    store.close().await;
    slow.retain(|(_, longest)| *longest > PATIENCE);
    assert!(slow.is_empty(), "others waited: {slow:#?}");
}
