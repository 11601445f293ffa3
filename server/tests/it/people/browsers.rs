//! Logging in and out, passwords, and what a browser sends of its own.

use super::{Browser, PASSWORD, cookie_of, form, log_in, with_olga};
use app::protocol::people::Scope;
use reqwest::Method;
use serde_json::json;

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
        .send(third.change(Method::DELETE, &format!("/api/devices/{id}")))
        .await
        .expect(204);
    assert_eq!(other.closed().await.0, 4001);
    third
        .api
        .send(third.change(Method::DELETE, &format!("/api/devices/{id}")))
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
async fn a_page_that_was_left_open_does_nothing_in_the_name_of_who_came_next() {
    let server = with_olga().await;
    let olga = log_in(&server, "olga", PASSWORD).await;
    let new = json!({"new": {"name": "notes"}, "mutation": crate::common::key()});
    for viewer in ["ada", "", "%D0%B0"] {
        let request = olga.change(Method::POST, "/api/pages/create_kb").header("x-tidings-user", viewer);
        olga.api.send(request.json(&new)).await.expect_problem(401, "unauthenticated");
    }
    let request = olga.change(Method::POST, "/api/pages/create_kb").header("x-tidings-user", "olga");
    olga.api.send(request.json(&new)).await.expect(200);
    let page = olga.get("/").await.expect(200);
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(page.text.contains("data-user=\"olga\""), "the page says whose it is");
}

#[tokio::test]
async fn somebody_who_guesses_does_not_keep_out_a_browser_that_was_logged_in_before() {
    let server = with_olga().await;
    let login = |cookie: &str, user: &str, password: &str| {
        let request = server.request(Method::POST, "/login").header("cookie", cookie);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        server.send(request.body(format!("user={user}&password={}", password.replace(' ', "+"))))
    };
    let entered = login("", "olga", PASSWORD).await.expect(303);
    let kept = entered.all("set-cookie").find(|cookie| cookie.contains("-known="));
    let kept = kept.expect("a cookie for the next login");
    assert!(kept.contains("Path=/login;") && kept.contains("HttpOnly"), "{kept}");
    let kept = kept.split(';').next().unwrap().to_owned();
    for _ in 0..12 {
        login("", "olga", "wrong").await;
    }
    login("", "olga", PASSWORD).await.expect(429);
    let again = login(&kept, "olga", PASSWORD).await.expect(303);
    assert!(
        again.all("set-cookie").any(|cookie| cookie.starts_with(&kept)),
        "the browser stays known by the same"
    );
    // It is no password, though, and of no use to guess at others.
    for _ in 0..12 {
        login(&kept, "olga", "wrong").await;
    }
    login(&kept, "olga", PASSWORD).await.expect(429);
    for _ in 0..12 {
        login(&kept, "bob", "wrong").await;
    }
    login(&kept, "bob", "wrong").await.expect(429);
}

#[tokio::test]
async fn a_cookie_that_somebody_planted_does_not_log_out() {
    let server = with_olga().await;
    let olga = log_in(&server, "olga", PASSWORD).await;
    let port = server.addr().port();
    assert!(olga.cookie.starts_with(&format!("tidings-{port}=")), "{}", olga.cookie);
    let (name, secret) = olga.cookie.split_once('=').unwrap();
    for cookie in [
        format!("{name}=planted; {name}={secret}"),
        format!("tidings=planted; {name}={secret}"),
        // That of an earlier version.
        format!("tidings={secret}"),
    ] {
        let api = olga.api.clone();
        let browser = Browser { api, cookie };
        assert_eq!(browser.get("/api/me").await.expect(200).json["user_id"], "olga");
    }
    let elsewhere = Browser {
        api: olga.api.clone(),
        cookie: format!("tidings-1={secret}"),
    };
    elsewhere.get("/api/me").await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn what_is_private_is_kept_by_no_cache_and_a_cookie_goes_nowhere_else() {
    let server = with_olga().await;
    let olga = log_in(&server, "olga", PASSWORD).await;
    olga.post("/api/kbs", json!({"name": "notes"})).await.expect(201);
    for path in ["/", "/kb/notes", "/settings", "/nothing-here"] {
        let page = olga.get(path).await;
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        assert!(page.header("set-cookie").starts_with(&olga.cookie), "{path} renews the cookie");
    }
    for path in [
        "/api/me",
        "/api/kbs",
        "/api/kbs/notes",
        "/api/kbs/none",
        "/api/notifications",
        "/api/search?q=a",
        "/metrics",
    ] {
        let answer = olga.get(path).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("set-cookie"), "", "{path}");
    }
    for path in ["/docs", "/api/openapi.json", "/healthz"] {
        assert_eq!(olga.get(path).await.expect(200).header("set-cookie"), "", "{path}");
    }
    assert_eq!(olga.get("/").await.header("cross-origin-resource-policy"), "same-origin");
    assert_eq!(olga.get("/").await.header("strict-transport-security"), "", "this is no TLS");
}
