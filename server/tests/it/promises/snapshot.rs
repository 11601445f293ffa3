//! What is read carries its moment, and a socket that is opened there misses nothing and repeats nothing.

use crate::common::{Api, TestServer, seqs};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokio_util::sync::CancellationToken;

/// What a list shows of its entries.
fn rows(list: &Value) -> BTreeMap<String, Value> {
    let row = |item: &Value| json!([item["title"], item["tags"], item["version"], item["updated_at"]]);
    list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["entry_id"].as_str().unwrap().to_owned(), row(item)))
        .collect()
}

/// Brings what was read up to date, as a page does.
fn apply(rows: &mut BTreeMap<String, Value>, event: &Value) {
    let id = event["entry_id"].as_str().unwrap().to_owned();
    let data = &event["data"];
    match event["type"].as_str().unwrap() {
        "entry_created" | "entry_updated" => {
            if let Some(previous) = data["previous_id"].as_str() {
                rows.remove(previous);
            }
            rows.insert(id, json!([data["title"], data["tags"], data["version"], data["updated_at"]]));
        }
        "entry_deleted" => {
            rows.remove(&id);
        }
        other => panic!("{other}"),
    }
}

/// Makes, changes, renames and deletes entries until it is stopped. A few are there at any time.
async fn write(api: Api, writer: usize, stop: CancellationToken) {
    let mut n = 0;
    while !stop.is_cancelled() {
        let id = |n: usize| format!("w{writer}-{n}");
        let path = |n: usize| format!("/api/kbs/notes/entries/{}", id(n));
        api.note(json!({"title": format!("Note {n}"), "id": format!("{}-new", id(n))}))
            .await;
        api.patch(&format!("{}-new", path(n)), json!({"id": id(n), "tags": ["t"]}))
            .await
            .expect(200);
        if n >= 3 {
            api.delete(&path(n - 3)).await.expect(200);
        }
        n += 1;
    }
}

async fn list(api: &Api) -> Value {
    let list = api.get("/api/kbs/notes/entries?limit=1000&sort=created").await.expect(200).json;
    assert_eq!(list["next"], Value::Null);
    list
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_and_the_events_after_it_are_a_fresh_snapshot() {
    let server = TestServer::with_notes().await;
    let stop = CancellationToken::new();
    let writers: Vec<_> = (0..4)
        .map(|writer| tokio::spawn(write(server.clone(), writer, stop.clone())))
        .collect();
    let mut snapshots = vec![];
    let mut sockets = vec![];
    for n in 0..400 {
        let list = list(&server).await;
        let cursor = list["cursor"]["seq"].as_u64().unwrap();
        snapshots.push((cursor, rows(&list)));
        if n % 20 == 0 {
            let query = format!("topics=kb:notes&cursor={}:{cursor}", list["cursor"]["epoch"].as_str().unwrap());
            sockets.push((cursor, server.socket(&query).await));
        }
    }
    stop.cancel();
    for writer in writers {
        writer.await.unwrap();
    }
    let fresh = list(&server).await;
    let head = fresh["cursor"]["seq"].as_u64().unwrap();
    let log = server.log(0).await;
    for (cursor, mut socket) in sockets {
        assert_eq!(socket.ack["resumed"], true);
        let events = if cursor < head { socket.until(head).await } else { vec![] };
        assert!(
            events == log[usize::try_from(cursor).unwrap()..],
            "a socket from {cursor} got {:?}",
            seqs(&events)
        );
    }
    for (cursor, mut read) in snapshots {
        for event in &log[usize::try_from(cursor).unwrap()..] {
            apply(&mut read, event);
        }
        assert_eq!(read, rows(&fresh), "read at {cursor}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_that_races_with_a_commit_a_thousand_times_never_has_a_gap_or_a_duplicate() {
    let server = TestServer::with_notes().await;
    let epoch = server.epoch().await;
    let stop = CancellationToken::new();
    let writers: Vec<_> = (0..2)
        .map(|writer| tokio::spawn(write(server.clone(), writer, stop.clone())))
        .collect();
    let clients: Vec<_> = (0..4)
        .map(|client| {
            let (api, addr, epoch) = (server.clone(), server.addr(), epoch.clone());
            tokio::spawn(async move {
                let mut last = api.head().await;
                for n in 0..250 {
                    let resumes = (client + n) % 2 == 0;
                    let query = if resumes { format!("cursor={epoch}:{last}") } else { String::new() };
                    let mut socket = crate::common::Client::connect(addr, &query).await;
                    assert_eq!(socket.ack["resumed"], resumes);
                    let from = if resumes { last } else { socket.ack["head"].as_u64().unwrap() };
                    let events = socket.events(3).await;
                    assert_eq!(seqs(&events), [from + 1, from + 2, from + 3]);
                    // A cursor that is hardly behind meets what is being committed.
                    last = (from + 3).max(socket.ack["head"].as_u64().unwrap());
                }
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    stop.cancel();
    for writer in writers {
        writer.await.unwrap();
    }
}
