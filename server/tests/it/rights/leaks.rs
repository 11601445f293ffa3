//! What nobody learns by the way.

use crate::common::TestServer;
use app::protocol::people::Role;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn that_a_name_cannot_be_had_does_not_say_that_there_is_a_private_knowledge_base() {
    let server = TestServer::guarded().await;
    let olga = server.person("olga", Role::Owner).await;
    let bob = server.person("bob", Role::Member).await;
    let vault = json!({"name": "vault", "title": "Takeover", "members": "none"});
    olga.post("/api/kbs", vault.clone()).await.expect(201);
    let refused = bob.post("/api/kbs", json!({"name": "vault"})).await;
    let refused = refused.expect_problem(409, "name_unavailable");
    assert!(
        !refused.text.contains("Takeover") && !refused.text.contains("already"),
        "{}",
        refused.text
    );
    olga.post("/api/kbs", vault).await.expect_problem(409, "kb_exists");
}

#[tokio::test]
async fn who_could_not_read_a_knowledge_base_before_and_after_hears_nothing_of_it() {
    let server = TestServer::guarded().await;
    let olga = server.person("olga", Role::Owner).await;
    let bob = server.person("bob", Role::Member).await;
    olga.post("/api/kbs", json!({"name": "vault", "members": "none"})).await.expect(201);
    let mut socket = bob.listen("").await;
    for level in ["none", "read", "none"] {
        let set = olga
            .request(Method::PUT, "/api/kbs/vault/access/bob")
            .json(&json!({ "level": level }));
        olga.send(set).await.expect(204);
    }
    let first = socket.event().await;
    assert_eq!(
        (&first["type"], &first["data"]["level"]),
        (&json!("access_changed"), &json!("read"))
    );
}

#[tokio::test]
async fn a_token_for_one_knowledge_base_tells_its_readers_only() {
    let server = TestServer::guarded().await;
    let olga = server.person("olga", Role::Owner).await;
    let bob = server.person("bob", Role::Member).await;
    olga.post("/api/kbs", json!({"name": "vault", "members": "none"})).await.expect(201);
    let made = olga
        .post("/api/tokens", json!({"scopes": ["read", "write", "notify"], "kb": "vault"}))
        .await
        .expect(201);
    let program = server.with_token(made.json["secret"].as_str().unwrap());
    let news = |user: &str| json!({"user": user, "title": "Hear, hear"});
    program
        .post("/api/notifications", news("bob"))
        .await
        .expect_problem(403, "forbidden");
    program.post("/api/notifications", news("olga")).await.expect(201);
    assert_eq!(bob.get("/api/notifications").await.expect(200).json["items"], json!([]));
    let set = olga
        .request(Method::PUT, "/api/kbs/vault/access/bob")
        .json(&json!({"level": "read"}));
    olga.send(set).await.expect(204);
    program.post("/api/notifications", news("bob")).await.expect(201);
}

#[tokio::test]
async fn the_jobs_of_a_knowledge_base_that_was_deleted_are_not_those_of_one_made_anew() {
    let server = TestServer::guarded().await;
    let olga = server.person("olga", Role::Owner).await;
    let bob = server.person("bob", Role::Member).await;
    olga.post("/api/kbs", json!({"name": "vault", "members": "none"})).await.expect(201);
    let crawl = json!({"url": "http://127.0.0.1:1/secret", "kb": "vault"});
    let job = olga.post("/api/jobs/crawl", crawl).await.expect(202).json["job_id"].clone();
    olga.delete("/api/kbs/vault").await.expect(204);
    olga.kb("vault").await;
    let heard = bob.log(0).await;
    assert!(
        heard.iter().all(|event| event["topic"] != format!("job:{}", job.as_str().unwrap())),
        "{heard:?}"
    );
    assert!(!json!(heard).to_string().contains("secret"), "{heard:?}");
}
