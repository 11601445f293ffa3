//! A client that does not read costs the others nothing, and the server a bounded amount of memory.

use crate::common::{Api, Client, Process, Wire, emit_many, seqs, soon};
use serde_json::json;
use server::store::Store;
use std::net::SocketAddr;
use tokio::net::TcpSocket;

/// A client whose system takes few bytes that it does not read.
async fn narrow(addr: SocketAddr, query: &str) -> Client {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small buffer");
    let stream = soon("a connection", socket.connect(addr)).await.expect("a connection");
    Client::over(stream, addr, query, &[]).await.expect("a socket")
}

/// Changes a note so often, with long titles, so that buffers fill.
async fn change(api: &Api, times: usize) {
    const WRITERS: usize = 25;
    let tasks: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let api = api.clone();
            tokio::spawn(async move {
                let id = format!("w{writer}");
                let title = "x".repeat(490);
                api.note(json!({"title": title, "id": id})).await;
                for n in 1..times / WRITERS {
                    api.patch(&format!("/api/kbs/notes/entries/{id}"), json!({"title": format!("{title} {n}")}))
                        .await
                        .expect(200);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("all writes succeed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_stop_reading_delay_nobody_cost_little_and_are_caught_up_when_they_read_again() {
    const CHANGES: usize = 5_000;
    /// For twenty clients that do not read: the events in memory, the database's caches, and a write buffer for each.
    const GROWTH: u64 = 64 * 1024 * 1024;
    let server = Process::start().await;
    server.kb("notes").await;
    let head = server.head().await;
    let mut slow = vec![];
    for _ in 0..20 {
        slow.push(narrow(server.addr(), "").await);
    }
    let mut quick = vec![];
    for _ in 0..3 {
        let mut socket = server.socket("").await;
        quick.push(tokio::spawn(async move { seqs(&socket.events(CHANGES).await) }));
    }
    let before = server.memory();
    change(&server, CHANGES).await;
    let all: Vec<u64> = (head + 1..=head + CHANGES as u64).collect();
    for socket in quick {
        assert!(soon("the others' events", socket).await.unwrap() == all);
    }
    let grown = server.memory().saturating_sub(before);
    assert!(grown < GROWTH, "the server's memory grew by {grown} bytes");
    for mut socket in slow {
        // One that waited too long was closed, and told so; its cursor is good for the rest.
        let mut seen = vec![];
        while seen.last() != all.last() {
            match socket.try_frame().await {
                Ok(frame) if frame["seq"].is_u64() => seen.push(frame["seq"].as_u64().unwrap()),
                Ok(_) => {}
                Err(_) => {
                    let epoch = server.epoch().await;
                    let at = seen.last().copied().unwrap_or(head);
                    socket = server.socket(&format!("cursor={epoch}:{at}")).await;
                    assert_eq!(socket.ack["resumed"], true);
                }
            }
        }
        assert!(seen == all, "a slow client saw {} events", seen.len());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_never_reads_is_closed_as_too_slow() {
    let server = Process::start().await;
    server.kb("notes").await;
    let head = server.head().await;
    let mut slow = narrow(server.addr(), "").await;
    let store = Store::open(server.data()).await.unwrap().0;
    emit_many(&store, 5_000, &"x".repeat(500)).await;
    soon("the server to give up", async {
        // The gauge says so before the farewell, which the client does not read either.
        while !server.get("/metrics").await.text.lines().any(|line| line == "tidings_sockets 0") {}
    })
    .await;
    let (code, before) = slow.closed().await;
    assert_eq!(code, 4008);
    let seen: Vec<u64> = seqs(&before.into_iter().filter(|frame| frame["seq"].is_u64()).collect::<Vec<_>>());
    assert_eq!(
        seen,
        (head + 1..=head + seen.len() as u64).collect::<Vec<_>>(),
        "what came was whole"
    );
    assert!(seen.len() < 5_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_cannot_fill_the_memory_with_messages() {
    const STRANGERS: usize = 40;
    const GROWTH: u64 = 64 * 1024 * 1024;
    let server = Process::start_with(&["--auth", "required"]).await;
    let before = server.memory();
    let addr = server.addr();
    let upgrade = format!(
        "GET /ws HTTP/1.1\r\nHost: {addr}\r\nOrigin: http://{addr}\r\nCookie: tidings=old\r\nUpgrade: websocket\r\n\
         Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    let mut open = vec![];
    for _ in 0..STRANGERS {
        let mut wire = Wire::open(addr).await;
        wire.send(&upgrade).await;
        assert_eq!(wire.head().await.0, 101);
        // A text of 64 MiB, of which as much is sent as is taken.
        let mut message = vec![0x81, 0xFF];
        message.extend(64_u64.pow(4).to_be_bytes());
        message.resize(14 + 8 * 1024 * 1024, b'x');
        wire.try_send(&message).await;
        open.push(wire);
    }
    let grown = server.memory().saturating_sub(before);
    assert!(grown < GROWTH, "the server's memory grew by {grown} bytes");
}
