//! Idempotency keys, on every write that there is.

use crate::common::{Answer, Api, TestServer, key, soon};
use crate::rights::request::{body, path};
use crate::rights::stage::{Cast, Stage};
use crate::rights::table::{TABLE, WHO};
use app::protocol::people::{Role, Scope};
use reqwest::{Method, multipart};
use serde_json::{Value, json};

/// What is no write, or no write of somebody who is known; and what has a test of its own.
const OTHERS: [&str; 6] = [
    "POST /api/login",
    "POST /api/logout",
    "POST /api/me/password",
    "POST /api/jobs/upload",
    "PUT /api/me/issuer",
    "DELETE /api/devices/{id}",
];

async fn ask(owner: &Api, method: &Method, at: &str, body: &Value, key: &str) -> Answer {
    let request = owner.request(method.clone(), at).header("idempotency-key", key).json(body);
    owner.send(request).await
}

/// Without what may differ: a job is answered as it is by now, and a secret is made anew.
fn comparable(answer: &Answer) -> Value {
    let mut json = answer.json.clone();
    if let Some(job) = json.get("job_id") {
        return job.clone();
    }
    for secret in ["secret", "path"] {
        json.as_object_mut().map(|members| members.remove(secret));
    }
    json
}

async fn notification(owner: &Api) -> i64 {
    let new = json!({"user": "olga", "title": "Hear"});
    owner.post("/api/notifications", new).await.expect(201).json["id"].as_i64().unwrap()
}

#[tokio::test]
async fn every_write_is_done_once_for_each_key() {
    let mut cast = Cast::new().await;
    let owner = cast.who[WHO.iter().position(|who| *who == "owner").unwrap()].clone();
    let mut writes = 0;
    for (address, _) in TABLE {
        let (method, pattern) = address.split_once(' ').unwrap();
        let is_write = matches!(method, "POST" | "PUT" | "PATCH" | "DELETE") && pattern.starts_with("/api/");
        if !is_write || pattern.starts_with("/api/pages/") || OTHERS.contains(address) {
            continue;
        }
        writes += 1;
        let stage: Stage = cast.stage(address).await;
        let method: Method = method.parse().unwrap();
        let mut at = path(pattern, &stage, "olga");
        if pattern.starts_with("/api/notifications/{id}") {
            at = at.replace("4711", &notification(&owner).await.to_string());
        }
        let body = body(address, &stage);
        let key = key();
        let first = ask(&owner, &method, &at, &body, &key).await;
        assert!(
            (200..300).contains(&first.status) || *address == "POST /api/jobs/sync",
            "{address}: {} {}",
            first.status,
            first.text
        );
        let after = owner.head().await;
        let again = ask(&owner, &method, &at, &body, &key).await;
        assert_eq!((again.status, comparable(&again)), (first.status, comparable(&first)), "{address}");
        let since = owner.log(after).await;
        assert!(
            since.iter().all(|event| event["type"].as_str().unwrap().starts_with("job_")),
            "{address}: {since:?}"
        );
        if (200..300).contains(&first.status) {
            // The same key with anything else is refused.
            ask(&owner, &Method::POST, "/api/kbs", &json!({"name": "another"}), &key)
                .await
                .expect_problem(422, "idempotency_key_reused");
        }
    }
    assert!(writes > 30, "{writes}");
}

#[tokio::test]
async fn a_token_that_was_not_used_gets_another_secret() {
    let server = TestServer::guarded().await;
    let olga = server.person("olga", Role::Owner).await;
    for (address, body) in [("/api/tokens", json!({"name": "robot"})), ("/api/invitations", json!({}))] {
        let key = key();
        let first = ask(&olga, &Method::POST, address, &body, &key).await.expect(201).json;
        let again = ask(&olga, &Method::POST, address, &body, &key).await.expect(201).json;
        assert_eq!(first["id"], again["id"]);
        if address == "/api/tokens" {
            assert_eq!(
                olga.get(address).await.json["items"].as_array().unwrap().len(),
                2,
                "this one, and hers"
            );
            let secret = |made: &Value| made["secret"].as_str().unwrap().to_owned();
            server
                .with_token(&secret(&first))
                .get("/api/me")
                .await
                .expect_problem(401, "unauthenticated");
            server.with_token(&secret(&again)).get("/api/me").await.expect(200);
        } else {
            assert_ne!(first["path"], again["path"]);
            olga.delete(&format!("{address}/{}", again["id"])).await.expect(204);
        }
        // It has been used, or withdrawn: whoever did so has it.
        soon("that the use of a token is noted", async {
            while ask(&olga, &Method::POST, address, &body, &key).await.status != 422 {}
        })
        .await;
        ask(&olga, &Method::POST, address, &body, &key)
            .await
            .expect_problem(422, "idempotency_key_reused");
    }
}

#[tokio::test]
async fn a_password_is_changed_once_and_no_other_is_taken_for_it() {
    let server = TestServer::guarded().await;
    let olga = server.person("olga", Role::Owner).await;
    let key = key();
    let add = |password: &str| json!({"user_id": "eve", "password": password});
    for _ in 0..2 {
        ask(&olga, &Method::POST, "/api/users", &add("correct horse battery"), &key)
            .await
            .expect(201);
    }
    ask(&olga, &Method::POST, "/api/users", &add("wrong horse battery"), &key)
        .await
        .expect_problem(422, "idempotency_key_reused");
    let eve = server.token("eve", &Scope::ALL).await.0;
    let change = |new: &str| json!({"old": "correct horse battery", "new": new});
    for _ in 0..2 {
        ask(&eve, &Method::POST, "/api/me/password", &change("a staple that is new"), &key)
            .await
            .expect(204);
    }
    ask(&eve, &Method::POST, "/api/me/password", &change("a staple that is other"), &key)
        .await
        .expect_problem(422, "idempotency_key_reused");
}

#[tokio::test]
async fn files_are_brought_in_once() {
    let server = TestServer::with_notes().await;
    let api = &*server;
    let upload = async |text: &'static str, key: &str| {
        let file = multipart::Part::bytes(text.as_bytes()).file_name("plan.md");
        let form = multipart::Form::new().text("kb", "notes").part("file", file);
        let request = api
            .request(Method::POST, "/api/jobs/upload")
            .header("idempotency-key", key)
            .multipart(form);
        api.send(request).await
    };
    let key = key();
    let first = upload("# Plan", &key).await.expect(202).json;
    let again = upload("# Plan", &key).await.expect(202).json;
    assert_eq!(first["job_id"], again["job_id"]);
    upload("# Another plan", &key).await.expect_problem(422, "idempotency_key_reused");
    let jobs = api.get("/api/jobs").await.expect(200).json;
    assert_eq!(jobs["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_kept_of_an_answer_is_small_and_gives_the_whole() {
    let server = TestServer::with_notes().await;
    let api = &*server;
    let text = "Long. ".repeat(50_000);
    let draft = json!({"title": "Long", "id": "long", "body": text});
    let key = key();
    let first = ask(api, &Method::POST, "/api/kbs/notes/entries", &draft, &key)
        .await
        .expect(201)
        .json;
    // What has become of it since is another matter.
    api.send(
        api.request(Method::PATCH, "/api/kbs/notes/entries/long")
            .json(&json!({"body": "Short.", "id": "short"})),
    )
    .await
    .expect(200);
    let again = ask(api, &Method::POST, "/api/kbs/notes/entries", &draft, &key)
        .await
        .expect(201)
        .json;
    assert_eq!(again, first);
    let store = server.store().await;
    let kept: i64 = sqlx::query_scalar("SELECT max(length(outcome)) FROM mutations")
        .fetch_one(store.read().await.unwrap().connection())
        .await
        .unwrap();
    store.close().await;
    assert!(kept < 500, "{kept} bytes");
    let deleted = api.delete("/api/kbs/notes/entries/short").await.expect(200).json["trash_id"].clone();
    assert_eq!(
        ask(api, &Method::POST, "/api/kbs/notes/entries", &draft, &key)
            .await
            .expect(201)
            .json,
        first,
        "from the trash as well"
    );
    api.delete(&format!("/api/kbs/notes/trash/{deleted}")).await.expect(204);
    ask(api, &Method::POST, "/api/kbs/notes/entries", &draft, &key)
        .await
        .expect_problem(404, "entry_not_found");
}

#[tokio::test]
async fn a_key_gives_nothing_to_who_may_no_longer_write() {
    let server = TestServer::guarded().await;
    let olga = server.person("olga", Role::Owner).await;
    let bob = server.person("bob", Role::Member).await;
    olga.post("/api/kbs", json!({"name": "notes", "members": "write"}))
        .await
        .expect(201);
    let key = key();
    let draft = json!({"title": "One", "id": "one"});
    ask(&bob, &Method::POST, "/api/kbs/notes/entries", &draft, &key).await.expect(201);
    let members = olga
        .request(Method::PATCH, "/api/kbs/notes/access")
        .json(&json!({"members": "none"}));
    olga.send(members).await.expect(204);
    ask(&bob, &Method::POST, "/api/kbs/notes/entries", &draft, &key)
        .await
        .expect_problem(404, "kb_not_found");
}
