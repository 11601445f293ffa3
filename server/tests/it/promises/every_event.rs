//! Each event reaches everybody who stays or comes back: once, in order, also over the death of the server.

use crate::common::{Api, Client, Process, seqs};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::net::SocketAddr;
use tokio::sync::watch;

const WRITERS: usize = 50;
const WRITES: usize = 8;
const CLIENTS: usize = 10;
const KILLS: usize = 5;

/// Writes its entries, and repeats each request under its key until it is answered.
async fn write(api: Api, writer: usize, mut up: watch::Receiver<bool>, acknowledged: watch::Sender<usize>) {
    for n in 0..WRITES {
        let key = crate::common::key();
        // Were a write that is repeated carried out twice, its id would be taken.
        let draft = json!({"title": format!("Note {n} of {writer}"), "id": format!("w{writer}-{n}")});
        loop {
            let request = api
                .request(Method::POST, "/api/kbs/notes/entries")
                .header("idempotency-key", &key)
                .json(&draft);
            match api.try_send(request).await {
                Ok(answer) if answer.status == 503 => {}
                Ok(answer) => {
                    answer.expect(201);
                    break;
                }
                Err(_) => {
                    up.wait_for(|up| *up).await.expect("the test goes on");
                }
            }
            tokio::task::yield_now().await;
        }
        acknowledged.send_modify(|count| *count += 1);
    }
}

fn last_of(events: &[Value]) -> u64 {
    events.last().and_then(|event| event["seq"].as_u64()).unwrap_or(0)
}

/// Listens until it has seen the event at `end`, and goes away and comes back now and then.
async fn listen(addr: SocketAddr, epoch: String, client: usize, mut up: watch::Receiver<bool>, end: watch::Receiver<u64>) -> Vec<Value> {
    let mut seen: Vec<Value> = vec![];
    loop {
        let last = last_of(&seen);
        if last >= *end.borrow() {
            return seen;
        }
        up.wait_for(|up| *up).await.expect("the test goes on");
        let Ok(mut socket) = Client::try_connect(addr, &format!("cursor={epoch}:{last}")).await else {
            tokio::task::yield_now().await;
            continue;
        };
        assert_eq!(socket.ack["resumed"], true, "{}", socket.ack);
        // Some leave often, some stay.
        let visit = seen.len() + 7 + client * 13;
        while seen.len() < visit && last_of(&seen) < *end.borrow() {
            match socket.try_frame().await {
                Ok(frame) if frame["seq"].is_u64() => seen.push(frame),
                Ok(_) => {}
                Err(_) => break,
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_writers_while_clients_come_and_go_and_the_server_is_killed_five_times_and_nothing_is_lost() {
    let mut server = Process::start().await;
    server.kb("notes").await;
    let epoch = server.epoch().await;
    let (is_up, up) = watch::channel(true);
    let (acknowledged, mut count) = watch::channel(0);
    // Until all is written the end is out of reach.
    let (ended, end) = watch::channel(u64::MAX);

    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| tokio::spawn(listen(server.addr(), epoch.clone(), client, up.clone(), end.clone())))
        .collect();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| tokio::spawn(write(server.clone(), writer, up.clone(), acknowledged.clone())))
        .collect();
    for kill in 1..=KILLS {
        count
            .wait_for(|&count| count >= kill * WRITERS * WRITES / (KILLS + 1))
            .await
            .unwrap();
        is_up.send_replace(false);
        server.kill().await;
        server.start_again().await;
        is_up.send_replace(true);
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let log = server.log(0).await;
    let head = server.head().await;
    ended.send_replace(head);
    // Who has read to the end already waits for one more message.
    server.note(json!({"title": "The end"})).await;

    assert_eq!(seqs(&log), (1..=head).collect::<Vec<_>>());
    let logged: Vec<&str> = log.iter().skip(1).map(|event| event["entry_id"].as_str().unwrap()).collect();
    assert_eq!(logged.len(), WRITERS * WRITES, "each write is there once");
    assert_eq!(logged.iter().collect::<HashSet<_>>().len(), WRITERS * WRITES);
    let list = server.get("/api/kbs/notes/entries?limit=1000").await.expect(200);
    assert_eq!(list.json["total"], WRITERS * WRITES + 1);
    let stored: HashSet<&str> = list.ids().into_iter().collect();
    assert!(logged.iter().all(|id| stored.contains(id)));
    for client in clients {
        let mut seen = client.await.unwrap();
        seen.truncate(log.len());
        assert!(seen == log, "a client saw {:?}", seqs(&seen));
    }
}
