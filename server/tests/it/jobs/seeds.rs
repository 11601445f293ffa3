//! Seed 004's own sockets: as its clients, printed in its document, use them.

use super::*;
use app::protocol::log::LogLevel;
use app::protocol::people::Role;
use futures_util::{SinkExt, StreamExt};
use serde_json::Map;
use tungstenite::Message;
use tungstenite::client::IntoClientRequest;

type Socket = tokio_tungstenite::WebSocketStream<tokio::net::TcpStream>;

async fn connect(api: &Api, path: &str) -> Result<Socket, tungstenite::Error> {
    let stream = tokio::net::TcpStream::connect(api.addr()).await?;
    let mut request = format!("ws://{}{path}", api.addr()).into_client_request()?;
    if let Some(token) = api.token() {
        request
            .headers_mut()
            .insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    Ok(tokio_tungstenite::client_async(request, stream).await?.0)
}

/// The next frame; none at the end.
async fn next(socket: &mut Socket) -> Option<Value> {
    loop {
        match soon("a frame", socket.next()).await {
            Some(Ok(Message::Text(text))) => return Some(serde_json::from_str(&text).unwrap()),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
            Some(Ok(_)) => {}
        }
    }
}

#[tokio::test]
async fn a_crawl_is_followed_from_its_snapshot_to_its_end() {
    let site = Site::start().await;
    let server = beside(&site).await;
    let asked = crawl(&server, &format!("{}gate/1", site.url()), json!({})).await;
    site.wait_in_flight(1).await;
    until(&server, asked.job_id.as_str(), |job| job.current.is_some()).await;
    let mut socket = connect(&server, &format!("/api/crawl-progress/{}", asked.job_id)).await.unwrap();
    let first = next(&mut socket).await.unwrap();
    assert_eq!(
        (&first["type"], &first["data"]["status"]),
        (&json!("crawl_progress"), &json!("crawling"))
    );
    assert_eq!(first["data"]["progressId"], asked.job_id.as_str());
    for field in [
        "percentage",
        "currentUrl",
        "totalPages",
        "processedPages",
        "log",
        "logs",
        "start_time",
    ] {
        assert!(!first["data"][field].is_null(), "{field}: {first}");
    }
    socket.send(Message::text("ping")).await.unwrap();
    assert_eq!(next(&mut socket).await.unwrap(), json!({"type": "pong"}));
    site.open_gate();
    let mut percent = 0;
    let last = loop {
        let frame = next(&mut socket).await.unwrap();
        let now = frame["data"]["percentage"].as_u64().unwrap();
        assert!(now >= percent, "{frame}");
        percent = now;
        if frame["type"] != "crawl_progress" {
            break frame;
        }
    };
    assert_eq!(
        (&last["type"], &last["data"]["status"]),
        (&json!("crawl_completed"), &json!("completed"))
    );
    for field in ["chunksStored", "wordCount", "completed_at"] {
        assert!(!last["data"][field].is_null(), "{field}: {last}");
    }
    // Who comes after the end gets the end.
    let mut late = connect(&server, &format!("/api/crawl-progress/{}", asked.job_id)).await.unwrap();
    assert_eq!(next(&mut late).await.unwrap()["type"], "crawl_completed");
}

#[tokio::test]
async fn an_id_that_nobody_knows_is_waited_for_and_then_given_up() {
    let site = Site::start().await;
    let server = beside(&site).await;
    let mut socket = connect(&server, "/api/crawl-progress/8b74d6a0-4970-4d7f-bf82-52a7c08916ad")
        .await
        .unwrap();
    let first = next(&mut socket).await.unwrap();
    assert_eq!(
        (&first["data"]["status"], &first["data"]["percentage"]),
        (&json!("waiting"), &json!(0))
    );
    let error = next(&mut socket).await.unwrap();
    assert_eq!((&error["type"], &error["data"]["status"]), (&json!("error"), &json!("error")));
    assert!(error["message"].as_str().unwrap().contains("8b74d6a0"));
    assert_eq!(next(&mut socket).await, None);
}

#[tokio::test]
async fn failed_and_cancelled_have_frames_of_their_own() {
    let site = Site::start().await;
    let server = beside(&site).await;
    let failed = crawl(&server, &format!("{}missing", site.url()), json!({})).await;
    ended(&server, &failed, JobStatus::Failed).await;
    let mut socket = connect(&server, &format!("/api/crawl-progress/{}", failed.job_id)).await.unwrap();
    let frame = next(&mut socket).await.unwrap();
    assert_eq!(
        (&frame["type"], &frame["data"]["status"]),
        (&json!("crawl_failed"), &json!("error"))
    );
    let slow = crawl(&server, &format!("{}gate/1", site.url()), json!({})).await;
    site.wait_in_flight(1).await;
    server
        .post(&format!("/api/jobs/{}/cancel", slow.job_id), json!({}))
        .await
        .expect(202);
    ended(&server, &slow, JobStatus::Cancelled).await;
    let mut socket = connect(&server, &format!("/api/crawl-progress/{}", slow.job_id)).await.unwrap();
    assert_eq!(next(&mut socket).await.unwrap()["type"], "crawl_cancelled");
}

#[tokio::test]
async fn knowledge_items_come_at_once_and_with_each_change() {
    let server = TestServer::with_notes().await;
    server.note(json!({"title": "One"})).await;
    let mut socket = connect(&server, "/api/knowledge-items/stream?per_page=1").await.unwrap();
    let first = next(&mut socket).await.unwrap();
    assert_eq!(first["type"], "knowledge_items_update");
    assert_eq!(
        (&first["data"]["total"], &first["data"]["page"], &first["data"]["per_page"]),
        (&json!(1), &json!(1), &json!(1))
    );
    server.note(json!({"title": "Two"})).await;
    let second = next(&mut socket).await.unwrap();
    assert_eq!(
        (&second["data"]["total"], &second["data"]["items"][0]["title"]),
        (&json!(2), &json!("Two"))
    );
    server.get("/api/knowledge-items/stream?page=0").await.expect(400);
}

#[tokio::test]
async fn what_many_show_of_the_entries_is_read_for_all_of_them_and_the_last_state_wins() {
    const WRITES: usize = 60;
    let server = TestServer::with_notes().await;
    let mut sockets = vec![];
    for _ in 0..8 {
        sockets.push(connect(&server, "/api/knowledge-items/stream?per_page=1000").await.unwrap());
    }
    for n in 0..WRITES {
        server.note(json!({"title": format!("Note {n}")})).await;
    }
    let mut last = None;
    for socket in &mut sockets {
        let mut frames = 0;
        let frame = loop {
            let frame = next(socket).await.unwrap();
            frames += 1;
            if frame["data"]["total"] == WRITES {
                break frame;
            }
        };
        assert!(frames < WRITES / 2, "{frames} frames for {WRITES} writes");
        assert_eq!(*last.get_or_insert_with(|| frame.clone()), frame, "all get the same");
    }
}

#[tokio::test]
async fn the_log_is_sent_without_gap_or_double_and_to_owners_only() {
    let server = TestServer::guarded().await;
    let ada = server.person("ada", Role::Owner).await;
    let bob = server.person("bob", Role::Member).await;
    assert!(connect(&bob, "/api/mcp/logs/stream").await.is_err());
    bob.get("/api/logs").await.expect_problem(403, "forbidden");
    let logs = server.logs();
    ada.settled().await;
    let say = |n: u64| logs.add(LogLevel::Info, "test", format!("line {n}"), Map::new());
    (1..=500).for_each(say);
    let page = ada.get("/api/logs?limit=100&q=LINE%201").await.expect(200).json;
    assert_eq!(page["items"].as_array().unwrap().len(), 100);
    let mut socket = connect(&ada, "/api/mcp/logs/stream").await.unwrap();
    let mut heard = ada.listen("topics=logs").await;
    (501..=1_000).for_each(say);
    for n in 1..=1_000 {
        let frame = next(&mut socket).await.unwrap();
        assert_eq!(
            (frame["id"].as_u64(), frame["message"].as_str().unwrap()),
            (Some(n), format!("line {n}").as_str())
        );
        assert_eq!(
            (&frame["level"], &frame["logger"], &frame["metadata"]),
            (&json!("INFO"), &json!("test"), &json!({}))
        );
    }
    let records = heard.answer().await;
    assert_eq!((&records["type"], &records["topic"]), (&json!("log_records"), &json!("logs")));
    // A right that is taken away ends it.
    ada.post("/api/users", json!({"user_id": "olga", "password": "correct horse battery"}))
        .await
        .expect(201);
    ada.patch("/api/users/olga", json!({"role": "owner"})).await.expect(204);
    let olga = server.token("olga", &app::protocol::people::Scope::ALL).await.0;
    olga.patch("/api/users/ada", json!({"role": "member"})).await.expect(204);
    assert_eq!(next(&mut socket).await, None);
    olga.delete("/api/logs").await.expect(204);
    assert_eq!(olga.get("/api/logs").await.expect(200).json["items"], json!([]));
}

#[tokio::test]
async fn clients_of_seed_001_hear_of_their_own_tasks() {
    let site = Site::start().await;
    let server = beside(&site).await;
    let mut of_owner = connect(&server, "/ws/notifications/owner").await.unwrap();
    let mut of_bob = connect(&server, "/ws/notifications/bob").await.unwrap();
    for socket in [&mut of_owner, &mut of_bob] {
        assert_eq!(next(socket).await.unwrap()["type"], "connection_ack");
    }
    let asked = crawl(&server, &format!("{}docs/0", site.url()), json!({"max_pages": 2})).await;
    ended(&server, &asked, JobStatus::Completed).await;
    let mut actions = vec![];
    while actions.last().is_none_or(|action| action != "completed") {
        let frame = next(&mut of_owner).await.unwrap();
        if frame["type"] == "task_update" {
            assert_eq!(frame["data"]["job_id"], asked.job_id.as_str());
            actions.push(frame["action"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!((actions[0].as_str(), actions[1].as_str()), ("created", "updated"));
    assert_eq!(
        next(&mut of_owner).await.unwrap()["data"]["type"],
        "job",
        "and of the end, as a notification"
    );
    server.post("/api/announcements", json!({"message": "End"})).await.expect(201);
    assert_eq!(
        next(&mut of_bob).await.unwrap()["type"],
        "system_announcement",
        "nobody else hears of it"
    );
}
