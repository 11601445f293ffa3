//! The first owner, invitations, roles, tokens, and a server without accounts.

use super::{Browser, PASSWORD, cookie_of, form, log_in, with_olga};
use crate::common::{TestServer, soon};
use app::protocol::people::{Invitation, Role};
use app::protocol::{Timestamp, UserId};
use reqwest::Method;
use serde_json::{Value, json};
use server::store::invitations;

#[tokio::test]
async fn the_first_owner_claims_the_server_once() {
    let server = TestServer::guarded().await;
    let claim = server.claim().expect("a link").to_owned();
    let path = claim.split_once("/claim/").map(|(_, secret)| format!("/claim/{secret}")).unwrap();
    let page = server.get(&path).await.expect(200);
    assert!(page.text.contains("<form") && !page.text.contains("<script>"), "{}", page.text);
    let weak = form(&server, &path, &[("user", "olga"), ("password", "short")]).await.expect(422);
    assert!(
        weak.text.contains("at least 10") && weak.text.contains("value=\"olga\""),
        "{}",
        weak.text
    );
    let odd = form(&server, &path, &[("user", "Olga!"), ("password", PASSWORD)]).await;
    assert_eq!(odd.status, 422, "{}", odd.text);
    let made = form(&server, &path, &[("user", "olga"), ("password", PASSWORD)]).await.expect(303);
    assert_eq!(made.header("location"), "/");
    let set = made.header("set-cookie").to_owned();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains("Secure"), "over plain HTTP a browser would not keep it: {set}");
    let olga = Browser {
        api: (*server).clone(),
        cookie: cookie_of(&made),
    };
    let me = olga.get("/api/me").await.expect(200).json;
    assert_eq!(
        (&me["user_id"], &me["role"], &me["known_by"]),
        (&json!("olga"), &json!("owner"), &json!("session"))
    );
    // Used once, gone then: the same link, and one that was never made, answer alike.
    for path in [path.as_str(), "/claim/0000", "/join/0000"] {
        let gone = server.get(path).await.expect(410);
        assert!(gone.text.contains("no longer good"), "{}", gone.text);
        form(&server, path, &[("user", "eve"), ("password", PASSWORD)]).await.expect(410);
    }
}

#[tokio::test]
async fn the_link_is_good_after_a_restart_until_somebody_has_used_it() {
    let mut server = TestServer::guarded().await;
    let first = server.claim().unwrap().to_owned();
    server.restart().await;
    let second = server.claim().expect("again a link").to_owned();
    assert_ne!(first, second, "the old one is not known: only its digest was stored");
    let path = |claim: &str| format!("/claim/{}", claim.rsplit('/').next().unwrap());
    server.get(&path(&first)).await.expect(410);
    form(&server, &path(&second), &[("user", "olga"), ("password", PASSWORD)])
        .await
        .expect(303);
    server.restart().await;
    assert_eq!(server.claim(), None);
}

#[tokio::test]
async fn a_member_who_was_there_first_does_not_take_the_owners_link_away() {
    let mut server = TestServer::guarded().await;
    server.person("bob", Role::Member).await;
    server.restart().await;
    let claim = server.claim().expect("there is no owner yet").to_owned();
    let path = format!("/claim/{}", claim.rsplit('/').next().unwrap());
    form(&server, &path, &[("user", "olga"), ("password", PASSWORD)]).await.expect(303);
    server.restart().await;
    assert_eq!(server.claim(), None);
}

#[tokio::test]
async fn nobody_else_on_the_machine_may_read_the_database_or_a_backup() {
    use std::os::unix::fs::PermissionsExt;
    let server = with_olga().await;
    let store = server.store().await;
    let copy = server.data().join("copy.db");
    server::store::backup::backup(&store, &copy).await.unwrap();
    // While it is open, so that the files beside it are there.
    for file in std::fs::read_dir(server.data()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", file.path().display());
    }
    store.close().await;
}

#[tokio::test]
async fn each_person_has_idempotency_keys_of_their_own() {
    let server = TestServer::guarded().await;
    let olga = server.person("olga", Role::Owner).await;
    let bob = server.person("bob", Role::Member).await;
    let key = crate::common::key();
    for (api, name) in [(&olga, "one"), (&bob, "two"), (&olga, "one"), (&bob, "two")] {
        let request = api.request(Method::POST, "/api/kbs").header("idempotency-key", &key);
        let made = api.send(request.json(&json!({ "name": name }))).await.expect(201);
        assert_eq!(made.json["name"], name);
    }
}

#[tokio::test]
async fn an_invitation_lets_one_in_once_until_it_expires() {
    let server = with_olga().await;
    let olga = log_in(&server, "olga", PASSWORD).await;
    let made = olga.post("/api/invitations", json!({})).await.expect(201).json;
    let path = made["path"].as_str().unwrap().to_owned();
    assert!(server.get(&path).await.expect(200).text.contains("invited as a member"));
    let taken = form(&server, &path, &[("user", "olga"), ("password", PASSWORD)]).await.expect(409);
    assert!(taken.text.contains("The name olga is taken"), "{}", taken.text);
    let joined = form(&server, &path, &[("user", "bob"), ("password", PASSWORD)]).await.expect(303);
    let bob = Browser {
        api: (*server).clone(),
        cookie: cookie_of(&joined),
    };
    assert_eq!(bob.get("/api/me").await.expect(200).json["role"], "member");
    form(&server, &path, &[("user", "eve"), ("password", PASSWORD)]).await.expect(410);
    bob.post("/api/invitations", json!({})).await.expect_problem(403, "forbidden");
    olga.post("/api/invitations", json!({"expires_in_days": 400}))
        .await
        .expect_problem(422, "invalid_value");

    let store = server.store().await;
    let old = Invitation {
        id: 0,
        role: Role::Owner,
        created_by: UserId::parse("olga").unwrap(),
        created_at: Timestamp::from_millis(0),
        expires_at: Timestamp::from_millis(1_000),
    };
    let digest = server::domain::secret::digest("expired");
    store
        .write(move |tx| Box::pin(async move { invitations::insert(tx, &old, &digest).await }))
        .await
        .unwrap();
    store.close().await;
    server.get("/join/expired").await.expect(410);
    form(&server, "/join/expired", &[("user", "eve"), ("password", PASSWORD)])
        .await
        .expect(410);
}

#[tokio::test]
async fn a_server_keeps_an_owner_and_a_name_is_never_given_twice_over() {
    let server = TestServer::guarded().await;
    let olga = server.person("olga", Role::Owner).await;
    olga.delete("/api/users/olga").await.expect_problem(409, "last_owner");
    olga.patch("/api/users/olga", json!({"role": "member"}))
        .await
        .expect_problem(409, "last_owner");
    olga.delete("/api/users/nobody").await.expect_problem(404, "person_not_found");
    for (body, status, code) in [
        (json!({"user_id": "Bob", "password": PASSWORD}), 422, "invalid_value"),
        (json!({"user_id": "a b", "password": PASSWORD}), 422, "invalid_slug"),
        (json!({"user_id": "me", "password": PASSWORD}), 422, "invalid_value"),
        (json!({"user_id": "аda", "password": PASSWORD}), 422, "invalid_value"),
        (json!({"user_id": "ada.", "password": PASSWORD}), 422, "invalid_value"),
        (json!({"user_id": "bob", "password": "bob"}), 422, "weak_password"),
        (json!({"user_id": "olga", "password": PASSWORD}), 409, "person_exists"),
    ] {
        olga.post("/api/users", body).await.expect_problem(status, code);
    }
    let bob = server.person("bob", Role::Member).await;
    olga.post("/api/notifications", json!({"user": "bob", "title": "For the old one"}))
        .await
        .expect(201);
    olga.delete("/api/users/bob").await.expect(204);
    bob.get("/api/me").await.expect_problem(401, "unauthenticated");
    let again = server.person("bob", Role::Member).await;
    assert_eq!(again.get("/api/notifications").await.expect(200).json["items"], json!([]));
    let own: Vec<Value> = again
        .log(0)
        .await
        .into_iter()
        .filter(|event| event["topic"] == "user:bob")
        .map(|event| event["type"].clone())
        .collect();
    assert_eq!(own, ["token_made"], "what was told the old one is not told the new one");
}

#[tokio::test]
async fn a_scope_that_does_not_exist_is_refused_by_its_name() {
    let server = TestServer::guarded().await;
    let olga = server.person("olga", Role::Owner).await;
    let refused = olga
        .post("/api/tokens", json!({"scopes": ["read", "fly"]}))
        .await
        .expect_problem(422, "invalid_value");
    assert!(refused.json["detail"].as_str().unwrap().contains("\"fly\""), "{}", refused.text);
    olga.post("/api/tokens", json!({"scopes": ["write"]}))
        .await
        .expect_problem(422, "invalid_value");
    olga.post("/api/tokens", json!({"scopes": []}))
        .await
        .expect_problem(422, "invalid_value");
    olga.post("/api/tokens", json!({"kb": "nothing"}))
        .await
        .expect_problem(404, "kb_not_found");
    olga.post("/api/tokens", json!({"expires_in_days": 0}))
        .await
        .expect_problem(422, "invalid_value");
    let made = olga
        .post("/api/tokens", json!({"name": "claude", "expires_in_days": 30}))
        .await
        .expect(201)
        .json;
    let secret = made["secret"].as_str().unwrap();
    let listed = olga.get("/api/tokens").await.expect(200);
    assert!(!listed.text.contains(secret), "it is shown once");
    let claude = server.with_token(secret);
    assert_eq!(claude.get("/api/me").await.expect(200).json["actor"], "agent:claude");
    soon("its use to be written down", async {
        while olga.get("/api/tokens").await.json["items"][0]["last_used_at"].is_null() {}
    })
    .await;
    claude.post("/api/kbs", json!({"name": "notes"})).await.expect(201);
    // There is no way back from that.
    claude.delete("/api/kbs/notes").await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn with_auth_off_everybody_is_the_owner_and_nobody_logs_in() {
    let server = TestServer::start().await;
    let me = server.get("/api/me").await.expect(200).json;
    assert_eq!(
        (&me["user_id"], &me["role"], &me["known_by"]),
        (&json!("owner"), &json!("owner"), &json!("nothing"))
    );
    server
        .post("/api/login", json!({"user": "a", "password": "b"}))
        .await
        .expect_problem(403, "forbidden");
    assert_eq!(server.get("/login").await.expect(303).header("location"), "/");
    assert_eq!(server.claim(), None);
}

#[tokio::test]
async fn a_name_that_was_used_or_is_tidings_own_is_nobody_elses() {
    let server = with_olga().await;
    let olga = log_in(&server, "olga", PASSWORD).await;
    for name in ["owner", "tidings", "system", "me"] {
        let refused = olga.post("/api/users", json!({"user_id": name, "password": PASSWORD})).await;
        refused.expect_problem(422, "invalid_value");
    }
    let ada = json!({"user_id": "ada", "password": PASSWORD});
    olga.post("/api/users", ada.clone()).await.expect(201);
    olga.api.send(olga.change(Method::DELETE, "/api/users/ada")).await.expect(204);
    let path = olga.post("/api/invitations", json!({})).await.expect(201).json["path"].clone();
    let path = path.as_str().unwrap();
    let taken = form(&server, path, &[("user", "ada"), ("password", PASSWORD)]).await.expect(409);
    assert!(taken.text.contains("The name ada is taken"), "{}", taken.text);
    // An owner knows whether it is the same person.
    olga.post("/api/users", ada).await.expect(201);
    // A program is not taken for somebody either.
    for name in ["ada", "ADA", "owner", "\u{430}da"] {
        let refused = olga.post("/api/tokens", json!({ "name": name })).await;
        let refused = refused.expect_problem(422, "invalid_value");
        assert_eq!(refused.json["field"], "name");
    }
    olga.post("/api/tokens", json!({"name": "olga"})).await.expect(201);
    olga.post("/api/tokens", json!({"name": "Researcher-2"})).await.expect(201);
}

#[tokio::test]
async fn the_links_of_somebody_who_is_no_owner_any_longer_let_nobody_in() {
    let server = with_olga().await;
    let olga = log_in(&server, "olga", PASSWORD).await;
    for name in ["ada", "bob"] {
        let new = json!({"user_id": name, "password": PASSWORD, "role": "owner"});
        olga.post("/api/users", new).await.expect(201);
    }
    let mut paths = vec![];
    for name in ["ada", "bob", "olga"] {
        let browser = log_in(&server, name, PASSWORD).await;
        let made = browser.post("/api/invitations", json!({"role": "owner"})).await.expect(201);
        paths.push(made.json["path"].as_str().unwrap().to_owned());
    }
    let demote = olga.change(Method::PATCH, "/api/users/ada").json(&json!({"role": "member"}));
    olga.api.send(demote).await.expect(204);
    olga.api.send(olga.change(Method::DELETE, "/api/users/bob")).await.expect(204);
    for (path, status) in paths.iter().zip([410, 410, 200]) {
        server.get(path).await.expect(status);
    }
}

#[tokio::test]
async fn a_person_has_so_many_tokens_browsers_and_invitations() {
    let server = with_olga().await;
    let olga = log_in(&server, "olga", PASSWORD).await;
    for path in ["/api/tokens", "/api/invitations"] {
        for _ in 0..100 {
            olga.post(path, json!({})).await.expect(201);
        }
        let refused = olga.post(path, json!({})).await.expect_problem(409, "limit_reached");
        assert!(refused.json["detail"].as_str().unwrap().contains("100"), "{}", refused.text);
    }
    let store = server.store().await;
    store
        .write(|tx| {
            Box::pin(async move {
                let user = UserId::parse("olga").unwrap();
                let until = Timestamp::from_millis(tx.now().millis() + 1_000_000);
                for n in 0..60 {
                    server::store::devices::insert(tx, &user, &format!("digest {n}"), "A program", until).await?;
                }
                Ok(())
            })
        })
        .await
        .unwrap();
    store.close().await;
    let browser = log_in(&server, "olga", PASSWORD).await;
    let devices = browser.get("/api/devices").await.expect(200);
    assert_eq!(devices.json["items"].as_array().unwrap().len(), 50);
}
