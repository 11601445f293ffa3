//! Accounts: the first owner, invitations, logging in and out, passwords, browsers, tokens, and tokens of others.

use crate::common::{Answer, Api, TestServer, soon};
use app::protocol::people::{Invitation, Role, Scope};
use app::protocol::{Timestamp, UserId};
use reqwest::Method;
use serde_json::{Value, json};
use server::domain::person;
use server::store::invitations;

const PASSWORD: &str = "correct horse battery";

/// A browser, with its cookie.
#[derive(Clone)]
struct Browser {
    api: Api,
    cookie: String,
}

fn cookie_of(answer: &Answer) -> String {
    let set = answer.header("set-cookie");
    set.split(';').next().unwrap_or_default().to_owned()
}

impl Browser {
    async fn get(&self, path: &str) -> Answer {
        self.api.send(self.request(Method::GET, path)).await
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.api.request(method, path).header("cookie", &self.cookie)
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.api.send(self.request(Method::POST, path).json(&body)).await
    }

    async fn listen(&self) -> crate::common::Client {
        let addr = self.api.addr();
        let stream = tokio::net::TcpStream::connect(addr).await.unwrap();
        crate::common::Client::over(stream, addr, "", &[("cookie", &self.cookie)])
            .await
            .unwrap()
    }
}

async fn form(api: &Api, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", value.replace(' ', "+")))
        .collect();
    let request = api
        .request(Method::POST, path)
        .header("content-type", "application/x-www-form-urlencoded");
    api.send(request.body(body.join("&"))).await
}

async fn log_in(api: &Api, user: &str, password: &str) -> Browser {
    let answer = api
        .post("/api/login", json!({"user": user, "password": password}))
        .await
        .expect(200);
    Browser {
        api: api.clone(),
        cookie: cookie_of(&answer),
    }
}

/// A server with an owner who has a password.
async fn with_olga() -> TestServer {
    let server = TestServer::guarded().await;
    let store = server.store().await;
    let request = server::domain::mutation::Request::by(server::domain::Caller::owner());
    person::add(&store, &request, "olga", Some(PASSWORD.into()), Role::Owner)
        .await
        .unwrap();
    store.close().await;
    server
}

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
async fn who_was_logged_out_since_a_backup_stays_so_when_it_is_restored() {
    let server = with_olga().await;
    let olga = log_in(&server, "olga", PASSWORD).await;
    let store = server.store().await;
    let copy = server.data().join("copy.db");
    server::store::backup::backup(&store, &copy).await.unwrap();
    olga.post("/api/logout", json!({})).await.expect(204);
    server::store::backup::restore(&store, &copy).await.unwrap();
    store.close().await;
    olga.get("/api/me").await.expect_problem(401, "unauthenticated");
    log_in(&server, "olga", PASSWORD).await;
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
async fn a_wrong_password_and_an_unknown_name_answer_alike() {
    let server = with_olga().await;
    let wrong = server
        .post("/api/login", json!({"user": "olga", "password": "wrong"}))
        .await
        .expect_problem(401, "wrong_password");
    let unknown = server
        .post("/api/login", json!({"user": "nobody", "password": "wrong"}))
        .await
        .expect_problem(401, "wrong_password");
    assert_eq!(wrong.json, unknown.json);
    let odd = server
        .post("/api/login", json!({"user": "../x", "password": "wrong"}))
        .await
        .expect_problem(401, "wrong_password");
    assert_eq!(odd.json, unknown.json);
    log_in(&server, " Olga ", PASSWORD).await;
}

#[tokio::test]
async fn too_many_tries_to_log_in_are_refused_for_a_while() {
    let server = with_olga().await;
    let mut refused = None;
    for _ in 0..8 {
        let answer = server.post("/api/login", json!({"user": "olga", "password": "wrong"})).await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
        answer.expect_problem(401, "wrong_password");
    }
    let refused = refused.expect("a limit").expect_problem(429, "too_many_requests");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
    // The right one is refused as well, or the answer would tell that it is right.
    server
        .post("/api/login", json!({"user": "olga", "password": PASSWORD}))
        .await
        .expect_problem(429, "too_many_requests");
    // What a client says of its address does not help.
    let request = server.request(Method::POST, "/api/login").header("x-forwarded-for", "192.0.2.9");
    server
        .send(request.json(&json!({"user": "olga", "password": PASSWORD})))
        .await
        .expect_problem(429, "too_many_requests");
    let page = form(&server, "/login", &[("user", "olga"), ("password", "wrong")])
        .await
        .expect(429);
    assert!(
        !page.header("retry-after").is_empty() && page.text.contains("Try again in"),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn a_login_leads_on_gets_a_new_secret_and_keeps_none_that_was_given() {
    let server = with_olga().await;
    let page = server.get("/kb/notes?q=a%20b").await.expect(303);
    assert_eq!(page.header("location"), "/login?next=/kb/notes%3Fq%3Da%2520b");
    let shown = server.get(page.header("location")).await.expect(200);
    assert!(shown.text.contains("name=\"next\" value=\"/kb/notes?q=a%20b\""), "{}", shown.text);
    let request = server
        .request(Method::POST, "/login")
        .header("cookie", "tidings=chosen-by-somebody-else")
        .header("content-type", "application/x-www-form-urlencoded");
    let fields = "user=olga&password=correct+horse+battery&next=%2Fkb%2Fnotes%3Fq%3Da%2520b";
    let entered = server.send(request.body(fields)).await.expect(303);
    assert_eq!(entered.header("location"), "/kb/notes?q=a%20b");
    let cookie = cookie_of(&entered);
    assert!(cookie.len() > 60 && !cookie.contains("chosen"), "{cookie}");
    let planted = Browser {
        api: (*server).clone(),
        cookie: "tidings=chosen-by-somebody-else".into(),
    };
    planted.get("/api/me").await.expect_problem(401, "unauthenticated");
    let elsewhere = form(
        &server,
        "/login",
        &[("user", "olga"), ("password", PASSWORD), ("next", "//evil.example")],
    )
    .await
    .expect(303);
    assert_eq!(elsewhere.header("location"), "/");
    // The API is not led anywhere.
    server.get("/api/kbs").await.expect_problem(401, "unauthenticated");
    assert_eq!(server.get("/api/kbs").await.header("www-authenticate"), "Bearer");
}

#[tokio::test]
async fn logging_out_ends_the_browser_and_its_sockets_and_no_other() {
    let server = with_olga().await;
    let (here, there) = (log_in(&server, "olga", PASSWORD).await, log_in(&server, "olga", PASSWORD).await);
    let by_token = server.token("olga", &[Scope::Read]).await.0;
    by_token.settled().await;
    let (mut socket, mut other) = (here.listen().await, there.listen().await);
    let devices = here.get("/api/devices").await.expect(200).json;
    assert_eq!(devices["items"].as_array().unwrap().len(), 2);
    assert_eq!(
        devices["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|device| device["current"] == true)
            .count(),
        1
    );
    let out = here.post("/logout", json!({})).await.expect(303);
    assert!(out.header("set-cookie").contains("Max-Age=0"), "{}", out.header("set-cookie"));
    assert_eq!(socket.closed().await.0, 4001);
    here.get("/api/me").await.expect_problem(401, "unauthenticated");
    other.send(json!({"type": "ping"})).await;
    while other.answer().await["type"] != "pong" {}
    // The other one is ended from a third.
    let third = log_in(&server, "olga", PASSWORD).await;
    let devices = third.get("/api/devices").await.expect(200).json;
    let id = devices["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|device| device["current"] == false)
        .unwrap()["id"]
        .clone();
    third
        .api
        .send(third.request(Method::DELETE, &format!("/api/devices/{id}")))
        .await
        .expect(204);
    assert_eq!(other.closed().await.0, 4001);
    third
        .api
        .send(third.request(Method::DELETE, &format!("/api/devices/{id}")))
        .await
        .expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_changed_password_logs_the_other_browsers_out() {
    let server = with_olga().await;
    let (here, there) = (log_in(&server, "olga", PASSWORD).await, log_in(&server, "olga", PASSWORD).await);
    let change = |old: &str, new: &str| json!({"old": old, "new": new});
    here.post("/api/me/password", change("wrong", "another good one, this"))
        .await
        .expect_problem(401, "wrong_password");
    let weak = here
        .post("/api/me/password", change(PASSWORD, "password12"))
        .await
        .expect_problem(422, "weak_password");
    assert!(weak.json["detail"].as_str().unwrap().len() > 30, "{}", weak.text);
    here.post("/api/me/password", change(PASSWORD, "another good one, this"))
        .await
        .expect(204);
    here.get("/api/me").await.expect(200);
    there.get("/api/me").await.expect_problem(401, "unauthenticated");
    log_in(&server, "olga", "another good one, this").await;
}

#[tokio::test]
async fn an_invitation_lets_one_in_once_until_it_expires() {
    let server = with_olga().await;
    let olga = log_in(&server, "olga", PASSWORD).await;
    let made = olga.post("/api/invitations", json!({})).await.expect(201).json;
    let path = made["path"].as_str().unwrap().to_owned();
    assert!(server.get(&path).await.expect(200).text.contains("invited as a member"));
    let taken = form(&server, &path, &[("user", "olga"), ("password", PASSWORD)]).await.expect(409);
    assert!(taken.text.contains("somebody called olga"), "{}", taken.text);
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
async fn every_unsafe_request_of_another_site_is_refused_though_the_browser_sends_its_cookie() {
    let server = with_olga().await;
    let olga = log_in(&server, "olga", PASSWORD).await;
    for (method, path) in [
        (Method::POST, "/api/kbs"),
        (Method::POST, "/api/pages/create_kb"),
        (Method::POST, "/logout"),
        (Method::POST, "/api/logout"),
        (Method::DELETE, "/api/users/olga"),
        (Method::POST, "/login"),
    ] {
        for (header, value) in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
        ] {
            let request = olga
                .request(method.clone(), path)
                .header(header, value)
                .json(&json!({"name": "notes"}));
            olga.api.send(request).await.expect_problem(403, "foreign_origin");
        }
    }
    olga.get("/api/me").await.expect(200);
    for host in ["evil.example", "127.0.0.1.evil.example"] {
        olga.api
            .send(olga.request(Method::GET, "/api/me").header("host", host))
            .await
            .expect_problem(403, "foreign_origin");
    }
    // A proxy that nobody told of is not believed.
    let request = olga.request(Method::POST, "/api/kbs").header("origin", "https://evil.example");
    let forwarded = request.header("x-forwarded-host", "evil.example").json(&json!({"name": "notes"}));
    olga.api.send(forwarded).await.expect_problem(403, "foreign_origin");
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
async fn a_page_that_was_left_open_does_nothing_in_the_name_of_who_came_next() {
    let server = with_olga().await;
    let olga = log_in(&server, "olga", PASSWORD).await;
    let new = json!({"new": {"name": "notes"}, "mutation": crate::common::key()});
    for viewer in ["ada", "", "%D0%B0"] {
        let request = olga.request(Method::POST, "/api/pages/create_kb").header("x-tidings-user", viewer);
        olga.api.send(request.json(&new)).await.expect_problem(401, "unauthenticated");
    }
    let request = olga.request(Method::POST, "/api/pages/create_kb").header("x-tidings-user", "olga");
    olga.api.send(request.json(&new)).await.expect(200);
    let page = olga.get("/").await.expect(200);
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(page.text.contains("data-user=\"olga\""), "the page says whose it is");
}
