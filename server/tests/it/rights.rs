//! Who may what: every address of the router, every topic, for everybody from nobody to the owner. An address without a line
//! in the table fails.

use crate::common::{Api, Client, TestServer, soon};
use app::protocol::people::{Role, Scope, Token};
use app::protocol::{Timestamp, UserId};
use reqwest::Method;
use serde_json::{Value, json};
use server::store::tokens;
use std::collections::BTreeMap;

/// Who asks, in the order of the table's columns: nobody; a member who may not read the private knowledge base; its reader,
/// writer and admin; the owner of the server; a token that was taken back, and one that has expired.
const WHO: [&str; 8] = ["nobody", "stranger", "reader", "writer", "admin", "owner", "revoked", "expired"];

/// For each address, what each of them gets. `-` is 401 (a page leads to the login instead), `x` 403, `0` 404 as if it did
/// not exist, `+` whatever answers who may.
#[rustfmt::skip]
const TABLE: &[(&str, &str)] = &[
    // The ways in, and what says nothing about anybody.
    ("* /claim/{secret}",                                                        "++++++++"),
    ("* /join/{secret}",                                                         "++++++++"),
    ("* /login",                                                                 "++++++++"),
    ("* /logout",                                                                "-+++++--"),
    ("* /pkg/{build}/{*file}",                                                   "++++++++"),
    ("GET /api/openapi.json",                                                    "++++++++"),
    ("GET /docs",                                                                "++++++++"),
    ("GET /healthz",                                                             "++++++++"),
    ("GET /readyz",                                                              "++++++++"),
    ("POST /api/login",                                                          "++++++++"),
    // One's own things.
    ("* /ws",                                                                    "-+++++--"),
    ("* /ws/notifications/{user_id}",                                            "-+++++--"),
    ("GET /api/announcements",                                                   "-+++++--"),
    ("GET /api/devices",                                                         "-+++++--"),
    ("GET /api/events",                                                          "-+++++--"),
    ("GET /api/events/stream",                                                   "-+++++--"),
    ("GET /api/kbs",                                                             "-+++++--"),
    ("GET /api/me",                                                              "-+++++--"),
    ("GET /api/notifications",                                                   "-+++++--"),
    ("GET /api/notifications/preferences",                                       "-+++++--"),
    ("GET /api/presence",                                                        "-0++++--"),
    ("GET /api/search",                                                          "-+++++--"),
    ("GET /api/tokens",                                                          "-+++++--"),
    ("GET /api/users",                                                           "-+++++--"),
    ("PATCH /api/notifications/preferences",                                     "-+++++--"),
    ("POST /api/announcements/{id}/dismiss",                                     "-+++++--"),
    ("POST /api/kbs",                                                            "-+++++--"),
    ("POST /api/logout",                                                         "-+++++--"),
    ("POST /api/notifications",                                                  "-+++++--"),
    ("POST /api/notifications/read-all",                                         "-+++++--"),
    ("POST /api/notifications/seen",                                             "-+++++--"),
    ("POST /api/tokens",                                                         "-+++++--"),
    // What is not one's own is not there: browsers, tokens, notifications.
    ("DELETE /api/devices/{id}",                                                 "-00000--"),
    ("DELETE /api/notifications/{id}",                                           "-00000--"),
    ("DELETE /api/tokens/{id}",                                                  "-0000+--"),
    ("POST /api/notifications/{id}/read",                                        "-00000--"),
    ("POST /api/notifications/{id}/unread",                                      "-00000--"),
    // A wrong present password is 401 as well.
    ("POST /api/me/password",                                                    "--------"),
    // The server's owners.
    ("DELETE /api/announcements/{id}",                                           "-xxxx+--"),
    ("DELETE /api/invitations/{id}",                                             "-xxxx+--"),
    ("DELETE /api/users/{user}",                                                 "-xxxx+--"),
    ("GET /api/invitations",                                                     "-xxxx+--"),
    ("GET /metrics",                                                             "-xxxx+--"),
    ("PATCH /api/users/{user}",                                                  "-xxxx+--"),
    ("POST /api/announcements",                                                  "-xxxx+--"),
    ("POST /api/invitations",                                                    "-xxxx+--"),
    ("POST /api/users",                                                          "-xxxx+--"),
    // Reading a knowledge base.
    ("DELETE /api/kbs/{kb}/entries/{id}/watch",                                  "-0++++--"),
    ("DELETE /api/kbs/{kb}/watch",                                               "-0++++--"),
    ("GET /api/kbs/{kb}",                                                        "-0++++--"),
    ("GET /api/kbs/{kb}/entries",                                                "-0++++--"),
    ("GET /api/kbs/{kb}/entries/{id}",                                           "-0++++--"),
    ("GET /api/kbs/{kb}/entries/{id}/versions",                                  "-0++++--"),
    ("GET /api/kbs/{kb}/entries/{id}/versions/{version}/diff",                   "-0++++--"),
    ("GET /api/kbs/{kb}/entries/{id}/view",                                      "-0++++--"),
    ("GET /api/kbs/{kb}/trash",                                                  "-0++++--"),
    ("PUT /api/kbs/{kb}/entries/{id}/watch",                                     "-0++++--"),
    ("PUT /api/kbs/{kb}/watch",                                                  "-0++++--"),
    // Writing in it.
    ("DELETE /api/kbs/{kb}/entries/{id}",                                        "-0x+++--"),
    ("DELETE /api/kbs/{kb}/trash/{trash_id}",                                    "-0x+++--"),
    ("PATCH /api/kbs/{kb}/entries/{id}",                                         "-0x+++--"),
    ("POST /api/kbs/{kb}/entries",                                               "-0x+++--"),
    ("POST /api/kbs/{kb}/entries/{id}/versions/{version}/restore",               "-0x+++--"),
    ("POST /api/kbs/{kb}/trash/{trash_id}/restore",                              "-0x+++--"),
    ("PUT /api/kbs/{kb}/entries/{id}",                                           "-0x+++--"),
    // Ruling it.
    ("DELETE /api/kbs/{kb}",                                                     "-0xx++--"),
    ("DELETE /api/kbs/{kb}/access/{user}",                                       "-0xx++--"),
    ("GET /api/kbs/{kb}/access",                                                 "-0xx++--"),
    ("PATCH /api/kbs/{kb}",                                                      "-0xx++--"),
    ("PATCH /api/kbs/{kb}/access",                                               "-0xx++--"),
    ("PUT /api/kbs/{kb}/access/{user}",                                          "-0xx++--"),
    // What pages ask.
    ("POST /api/pages/access",                                                   "-0xx++--"),
    ("POST /api/pages/account",                                                  "-+++++--"),
    ("POST /api/pages/announce",                                                 "-xxxx+--"),
    ("POST /api/pages/change_password",                                          "--------"),
    ("POST /api/pages/create_entry",                                             "-0x+++--"),
    ("POST /api/pages/create_kb",                                                "-+++++--"),
    ("POST /api/pages/delete_entry",                                             "-0x+++--"),
    ("POST /api/pages/delete_kb",                                                "-0xx++--"),
    ("POST /api/pages/desk",                                                     "-+++++--"),
    ("POST /api/pages/dismiss_announcement",                                     "-+++++--"),
    ("POST /api/pages/end_device",                                               "-00000--"),
    ("POST /api/pages/entries",                                                  "-0++++--"),
    ("POST /api/pages/entry",                                                    "-0++++--"),
    ("POST /api/pages/history",                                                  "-0++++--"),
    ("POST /api/pages/home",                                                     "-+++++--"),
    ("POST /api/pages/inbox",                                                    "-+++++--"),
    ("POST /api/pages/invite",                                                   "-xxxx+--"),
    ("POST /api/pages/kb",                                                       "-0++++--"),
    ("POST /api/pages/make_token",                                               "-+++++--"),
    ("POST /api/pages/mark",                                                     "-+++++--"),
    ("POST /api/pages/people",                                                   "-xxxx+--"),
    ("POST /api/pages/prefer",                                                   "-+++++--"),
    ("POST /api/pages/present",                                                  "-0++++--"),
    ("POST /api/pages/preview",                                                  "-0++++--"),
    ("POST /api/pages/purge_entry",                                              "-0x+++--"),
    ("POST /api/pages/remove_person",                                            "-xxxx+--"),
    ("POST /api/pages/restore_entry",                                            "-0x+++--"),
    ("POST /api/pages/restore_version",                                          "-0x+++--"),
    ("POST /api/pages/revoke_token",                                             "-0000+--"),
    ("POST /api/pages/search",                                                   "-0++++--"),
    ("POST /api/pages/set_members",                                              "-0xx++--"),
    ("POST /api/pages/set_right",                                                "-0xx++--"),
    ("POST /api/pages/set_role",                                                 "-xxxx+--"),
    ("POST /api/pages/source",                                                   "-0++++--"),
    ("POST /api/pages/suggest_entries",                                          "-0++++--"),
    ("POST /api/pages/suggest_people",                                           "-0++++--"),
    ("POST /api/pages/suggest_tags",                                             "-0++++--"),
    ("POST /api/pages/trash",                                                    "-0++++--"),
    ("POST /api/pages/update_entry",                                             "-0x+++--"),
    ("POST /api/pages/update_kb",                                                "-0xx++--"),
    ("POST /api/pages/version_diff",                                             "-0++++--"),
    ("POST /api/pages/watch",                                                    "-0++++--"),
    ("POST /api/pages/withdraw_announcement",                                    "-xxxx+--"),
    ("POST /api/pages/withdraw_invitation",                                      "-xxxx+--"),
    // Pages: nobody is led to the login. Those that show nothing of a knowledge base answer everybody else.
    ("page /",                                                                   "-+++++--"),
    ("page /kb/{kb}",                                                             "-0++++--"),
    ("page /kb/{kb}/access",                                                      "-0xx++--"),
    ("page /kb/{kb}/e/{id}",                                                       "-0++++--"),
    ("page /kb/{kb}/e/{id}/edit",                                                  "-0++++--"),
    ("page /kb/{kb}/e/{id}/history",                                               "-0++++--"),
    ("page /kb/{kb}/new",                                                         "-0++++--"),
    ("page /kb/{kb}/trash",                                                       "-0++++--"),
    ("page /notifications",                                                      "-+++++--"),
    ("page /search",                                                             "-+++++--"),
    ("page /settings",                                                           "-+++++--"),
    ("page /settings/people",                                                    "-xxxx+--"),
];

struct Cast {
    server: TestServer,
    who: Vec<Api>,
    /// Owners who set the stage.
    stagers: Vec<Api>,
    made: usize,
}

/// What a request is about; made anew after each that changed something.
struct Stage {
    kb: String,
    trash_id: i64,
    user: String,
    token: i64,
    announcement: i64,
    invitation: i64,
}

impl Cast {
    async fn new() -> Self {
        let server = TestServer::guarded().await;
        let owner = server.person("olga", Role::Owner).await;
        let mut who = vec![Api::new(server.addr())];
        for name in ["stranger", "reader", "writer", "admin"] {
            who.push(server.person(name, Role::Member).await);
        }
        who.push(owner.clone());
        let (revoked, id) = server.token("olga", &Scope::ALL).await;
        owner.delete(&format!("/api/tokens/{id}")).await.expect(204);
        who.push(revoked);
        who.push(expired(&server).await);
        let mut stagers = vec![];
        for name in ["stager-1", "stager-2", "stager-3"] {
            stagers.push(server.person(name, Role::Owner).await);
        }
        Self {
            server,
            who,
            stagers,
            made: 0,
        }
    }

    /// A stage for this address, with as much on it as it needs.
    async fn stage(&mut self, address: &str) -> Stage {
        let about = |words: &[&str]| words.iter().any(|word| address.contains(word));
        self.made += 1;
        // Several by turns: one alone would write more than one may.
        let (n, owner) = (self.made, self.stagers[self.made % self.stagers.len()].clone());
        let kb = format!("vault-{n}");
        owner.post("/api/kbs", json!({"name": kb, "members": "none"})).await.expect(201);
        for (name, level) in [("reader", "read"), ("writer", "write"), ("admin", "admin")] {
            let right = format!("/api/kbs/{kb}/access/{name}");
            owner.put(&right, json!({ "level": level })).await.expect(204);
        }
        let entries = format!("/api/kbs/{kb}/entries");
        owner.post(&entries, json!({"title": "One", "id": "one"})).await.expect(201);
        owner.post(&entries, json!({"title": "Two", "id": "two"})).await.expect(201);
        let trash_id = owner.delete(&format!("{entries}/two")).await.expect(200).json["trash_id"]
            .as_i64()
            .unwrap();
        let (mut user, mut token, mut announcement, mut invitation) = ("stranger".to_owned(), 0, 0, 0);
        if about(&["{user}", "token", "person", "role", "right"]) {
            user = format!("guest-{n}");
            self.server.person(&user, Role::Member).await;
            token = self.server.token(&user, &[Scope::Read]).await.1;
        }
        let made = |answer: crate::common::Answer| answer.expect(201).json["id"].as_i64().unwrap();
        if about(&["announcement"]) {
            announcement = made(owner.post("/api/announcements", json!({"message": "Hear"})).await);
        }
        if about(&["invitation"]) {
            invitation = made(owner.post("/api/invitations", json!({})).await);
        }
        Stage {
            kb,
            trash_id,
            user,
            token,
            announcement,
            invitation,
        }
    }
}

async fn expired(server: &TestServer) -> Api {
    let store = server.store().await;
    let token = Token {
        id: 0,
        user_id: UserId::parse("olga").unwrap(),
        name: UserId::parse("old").unwrap(),
        scopes: Scope::ALL.to_vec(),
        kb_name: None,
        created_at: Timestamp::from_millis(0),
        expires_at: Some(Timestamp::from_millis(1_000)),
        last_used_at: None,
    };
    let digest = server::domain::secret::digest("tdg_expired");
    store
        .write(move |tx| Box::pin(async move { tokens::insert(tx, &token, &digest).await }))
        .await
        .unwrap();
    store.close().await;
    server.with_token("tdg_expired")
}

/// The path of an address, with what it is about.
fn path(address: &str, stage: &Stage, user: &str) -> String {
    let id = if address.contains("/announcements/") {
        stage.announcement.to_string()
    } else if address.contains("/invitations/") {
        stage.invitation.to_string()
    } else if address.contains("/tokens/") {
        stage.token.to_string()
    } else if address.contains("/entries/") || address.contains("/e/") {
        "one".into()
    } else {
        "4711".into()
    };
    address
        .replace("{kb}", &stage.kb)
        .replace("{id}", &id)
        .replace("{version}", "1")
        .replace("{trash_id}", &stage.trash_id.to_string())
        .replace("{user}", &stage.user)
        .replace("{user_id}", user)
        .replace("{secret}", "nonsense")
        .replace("{build}/{*file}", &format!("{}/tidings.css", server::http::assets_build()))
}

/// A body that is taken, where the address takes one.
fn body(address: &str, stage: &Stage) -> Value {
    let (kb, user) = (&stage.kb, &stage.user);
    let fresh = uuid();
    let key = crate::common::key();
    match address {
        "POST /api/kbs" => json!({ "name": fresh }),
        "PATCH /api/kbs/{kb}" => json!({"title": "Another"}),
        "POST /api/kbs/{kb}/entries" => json!({"title": "New"}),
        "PUT /api/kbs/{kb}/entries/{id}" | "PATCH /api/kbs/{kb}/entries/{id}" => json!({"title": "Changed"}),
        "PATCH /api/kbs/{kb}/access" => json!({"members": "read"}),
        "PUT /api/kbs/{kb}/access/{user}" => json!({"level": "read"}),
        "POST /api/notifications" => json!({"user": user, "title": "Hear"}),
        "PATCH /api/notifications/preferences" => json!({"mention": "inbox"}),
        "POST /api/announcements" => json!({"message": "Hear"}),
        "POST /api/invitations" | "POST /api/tokens" => json!({}),
        "POST /api/users" => json!({"user_id": fresh, "password": "correct horse battery"}),
        "PATCH /api/users/{user}" => json!({"role": "owner"}),
        "POST /api/login" => json!({"user": "", "password": ""}),
        "POST /api/me/password" => json!({"old": "", "new": "correct horse battery"}),
        "POST /api/pages/access" | "POST /api/pages/kb" => json!({ "kb": kb }),
        "POST /api/pages/announce" => json!({"new": {"message": "Hear"}}),
        "POST /api/pages/change_password" => json!({"old": "", "new": "correct horse battery"}),
        "POST /api/pages/create_entry" => json!({"kb": kb, "draft": {"title": "New"}, "mutation": key}),
        "POST /api/pages/create_kb" => json!({"new": {"name": fresh}, "mutation": key}),
        "POST /api/pages/delete_entry" => json!({"kb": kb, "id": "one", "mutation": key}),
        "POST /api/pages/delete_kb" => json!({"kb": kb, "mutation": key}),
        "POST /api/pages/dismiss_announcement" | "POST /api/pages/withdraw_announcement" => json!({"id": stage.announcement}),
        "POST /api/pages/end_device" => json!({"id": 4711}),
        "POST /api/pages/entries" => {
            json!({"kb": kb, "filter": {"entry_type": null, "tag": null, "q": null, "sort": "updated"}, "limit": 10, "after": null})
        }
        "POST /api/pages/entry" | "POST /api/pages/source" => json!({"kb": kb, "id": "one"}),
        "POST /api/pages/history" => json!({"kb": kb, "id": "one", "limit": 10, "after": null}),
        "POST /api/pages/inbox" => json!({"unread_only": false, "limit": 10, "before": null}),
        "POST /api/pages/invite" | "POST /api/pages/make_token" => json!({"new": {}}),
        "POST /api/pages/mark" => json!({"ids": null, "mark": "seen"}),
        "POST /api/pages/prefer" => json!({"kind": "mention", "delivery": "toast"}),
        "POST /api/pages/present" => json!({"topic": format!("kb:{kb}")}),
        "POST /api/pages/preview" => json!({"kb": kb, "markdown": "x"}),
        "POST /api/pages/purge_entry" | "POST /api/pages/restore_entry" => json!({"kb": kb, "trash_id": stage.trash_id, "mutation": key}),
        "POST /api/pages/remove_person" => json!({ "user": user }),
        "POST /api/pages/restore_version" => json!({"kb": kb, "id": "one", "version": 1, "mutation": key}),
        "POST /api/pages/revoke_token" => json!({"id": stage.token}),
        "POST /api/pages/search" => json!({"q": "one", "kb": kb, "limit": 10}),
        "POST /api/pages/set_members" => json!({"kb": kb, "level": "read"}),
        "POST /api/pages/set_right" => json!({"kb": kb, "user": user, "level": "read"}),
        "POST /api/pages/set_role" => json!({"user": user, "role": "owner"}),
        "POST /api/pages/suggest_entries" | "POST /api/pages/suggest_people" | "POST /api/pages/suggest_tags" => {
            json!({"kb": kb, "text": ""})
        }
        "POST /api/pages/trash" => json!({"kb": kb, "limit": 10, "after": null}),
        "POST /api/pages/update_entry" => json!({"kb": kb, "id": "one", "patch": {"title": "Changed"}, "if_match": null, "mutation": key}),
        "POST /api/pages/update_kb" => json!({"kb": kb, "patch": {"title": "Another"}, "mutation": key}),
        "POST /api/pages/version_diff" => json!({"kb": kb, "id": "one", "version": 1}),
        "POST /api/pages/watch" => json!({"kb": kb, "entry": null, "watching": true}),
        "POST /api/pages/withdraw_invitation" => json!({"id": stage.invitation}),
        _ => json!({}),
    }
}

fn uuid() -> String {
    format!("n{}", crate::common::key())
}

/// The status that somebody gets. Only the head of the answer is waited for: a stream has no end.
async fn status(api: &Api, who: &str, address: &str, stage: &Stage) -> u16 {
    let (method, at) = address.split_once(' ').unwrap();
    let mut at = path(at, stage, who);
    if at == "/api/search" {
        at += "?q=one";
    }
    if at == "/api/presence" {
        at += &format!("?topic=kb:{}", stage.kb);
    }
    let method = match (method, at.as_str()) {
        ("page", _) => Method::GET,
        ("*", "/logout") => Method::POST,
        ("*", _) => Method::GET,
        (method, _) => Method::from_bytes(method.as_bytes()).unwrap(),
    };
    let mut request = api.request(method.clone(), &at);
    if at.starts_with("/ws") {
        request = request
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    }
    if !method.is_safe() && at != "/logout" {
        request = request.json(&body(address, stage));
    }
    soon("a status", request.send()).await.unwrap().status().as_u16()
}

fn verdict(address: &str, status: u16) -> char {
    match status {
        303 if address.starts_with("page") => '-',
        401 => '-',
        403 => 'x',
        404 => '0',
        _ => '+',
    }
}

#[tokio::test]
async fn everybody_gets_at_every_address_what_the_table_says() {
    let table: BTreeMap<&str, &str> = TABLE.iter().copied().collect();
    assert_eq!(table.len(), TABLE.len(), "an address is in the table twice");
    let addresses = server::http::addresses();
    let without: Vec<&String> = addresses.iter().filter(|address| !table.contains_key(address.as_str())).collect();
    assert!(without.is_empty(), "no line for {without:#?}");
    let idle: Vec<&&str> = table
        .keys()
        .filter(|line| !addresses.iter().any(|address| address == **line))
        .collect();
    assert!(idle.is_empty(), "lines for what there is not: {idle:#?}");

    let mut cast = Cast::new().await;
    let mut wrong = vec![];
    for (address, expected) in &table {
        let mut found = String::new();
        let mut stage = cast.stage(address).await;
        for (who, api) in WHO.iter().zip(cast.who.clone()) {
            let name = if *who == "owner" { "olga" } else { who };
            let status = status(&api, name, address, &stage).await;
            let mut verdict = verdict(address, status);
            // The ways in answer alike whoever asks, and never with what they lead to.
            let is_way_in = ["* /claim", "* /join", "POST /api/login", "* /pkg"]
                .iter()
                .any(|way| address.starts_with(way));
            if is_way_in && matches!(status, 401 | 404 | 410) {
                verdict = '+';
            }
            assert!(status < 500, "{who} {address}: {status}");
            found.push(verdict);
            let changes = verdict == '+' && !address.starts_with("GET") && !address.starts_with('*') && !address.starts_with("page");
            if changes {
                stage = cast.stage(address).await;
            }
        }
        if found != *expected {
            wrong.push(format!("{address}: {expected} expected, {found} found"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn everybody_hears_the_topics_that_they_may() {
    let mut cast = Cast::new().await;
    let stage = cast.stage("").await;
    let kb = format!("kb:{}", stage.kb);
    let all = [
        kb.as_str(),
        "user:me",
        "user:olga",
        "system",
        "skills",
        "logs",
        "job:1",
        "session:1",
        "chat:1",
        "kb:nothing",
    ];
    for (who, topics) in [
        ("stranger", "user:stranger system skills"),
        ("reader", "KB user:reader system skills"),
        ("writer", "KB user:writer system skills"),
        ("admin", "KB user:admin system skills"),
        ("owner", "KB user:olga system skills logs job:1 session:1 chat:1 kb:nothing"),
    ] {
        let api = &cast.who[WHO.iter().position(|name| *name == who).unwrap()];
        let mut socket = api.listen("topics=").await;
        socket.send(json!({"type": "subscribe", "topics": all})).await;
        let answer = socket.answer().await;
        let mut heard: Vec<&str> = answer["topics"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let expected = topics.replace("KB", &kb);
        let mut expected: Vec<&str> = expected.split(' ').collect();
        heard.sort_unstable();
        heard.dedup();
        expected.sort_unstable();
        assert_eq!(heard, expected, "{who}");
    }
    for who in ["nobody", "revoked", "expired"] {
        let api = &cast.who[WHO.iter().position(|name| *name == who).unwrap()];
        assert!(api.try_listen("").await.is_err(), "{who}");
    }
}

#[tokio::test]
async fn a_token_does_what_its_scopes_say_and_where_it_may() {
    let server = TestServer::guarded().await;
    let owner = server.person("olga", Role::Owner).await;
    owner.kb("notes").await;
    owner.kb("other").await;
    let entry = json!({"title": "One"});
    for (scopes, read, write, notify, admin) in [
        (&[Scope::Read] as &[Scope], 200, 403, 403, 403),
        (&[Scope::Notify], 404, 404, 201, 403),
        (&[Scope::Admin], 404, 404, 403, 201),
        (&[Scope::Read, Scope::Write], 200, 201, 403, 403),
    ] {
        let (api, _) = server.token("olga", scopes).await;
        api.get("/api/kbs/notes").await.expect(read);
        api.post("/api/kbs/notes/entries", entry.clone()).await.expect(write);
        api.post("/api/notifications", json!({"user": "olga", "title": "Hear"}))
            .await
            .expect(notify);
        api.post("/api/announcements", json!({"message": "Hear"})).await.expect(admin);
    }
    let held = owner
        .post(
            "/api/tokens",
            json!({"kb": "notes", "scopes": ["read", "write", "admin", "notify"]}),
        )
        .await
        .expect(201);
    let held = server.with_token(held.json["secret"].as_str().unwrap());
    held.post("/api/kbs/notes/entries", entry.clone()).await.expect(201);
    held.get("/api/kbs/other").await.expect_problem(404, "kb_not_found");
    let names: Vec<Value> = held.get("/api/kbs").await.expect(200).json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|kb| kb["name"].clone())
        .collect();
    assert_eq!(names, ["notes"]);
    held.get("/api/notifications").await.expect_problem(403, "forbidden");
    held.post("/api/users", json!({"user_id": "eve", "password": "correct horse battery"}))
        .await
        .expect_problem(403, "forbidden");
    let mut socket = held.listen("topics=").await;
    socket
        .send(json!({"type": "subscribe", "topics": ["kb:notes", "kb:other", "user:me", "system"]}))
        .await;
    assert_eq!(socket.answer().await["topics"], json!(["kb:notes"]));
}

#[tokio::test]
async fn what_one_may_not_read_does_not_exist_in_search_counts_links_and_events() {
    let server = TestServer::guarded().await;
    let owner = server.person("olga", Role::Owner).await;
    let bob = server.person("bob", Role::Member).await;
    owner.kb("notes").await;
    owner
        .post("/api/kbs", json!({"name": "vault", "members": "none"}))
        .await
        .expect(201);
    let secret = json!({"title": "Treasure", "id": "treasure", "body": "It is buried. [[notes:one]]"});
    owner.post("/api/kbs/vault/entries", secret).await.expect(201);
    let one = json!({"title": "One", "id": "one", "body": "See [[vault:treasure]] for the treasure."});
    owner.post("/api/kbs/notes/entries", one).await.expect(201);

    let kbs = bob.get("/api/kbs").await.expect(200).json;
    assert_eq!(kbs["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&kbs["items"][0]["name"], &kbs["items"][0]["level"]),
        (&json!("notes"), &json!("read"))
    );
    let found = bob.get("/api/search?q=treasure&limit=1").await.expect(200);
    assert_eq!(found.ids(), ["one"], "a hit that is hidden takes no place");
    let view = bob.get("/api/kbs/notes/entries/one/view").await.expect(200);
    assert_eq!(view.json["backlinks"], json!([]));
    assert!(
        !view.json["rendered"]["html"].as_str().unwrap().contains("Treasure"),
        "{}",
        view.text
    );
    assert!(owner.get("/api/kbs/notes/entries/one/view").await.text.contains("Treasure"));
    let topics: Vec<String> = bob
        .log(0)
        .await
        .iter()
        .map(|event| event["topic"].as_str().unwrap().to_owned())
        .collect();
    assert!(topics.iter().all(|topic| topic != "kb:vault"), "{topics:?}");
    assert!(topics.iter().any(|topic| topic == "kb:notes"), "{topics:?}");
    let home = bob
        .send(bob.request(Method::POST, "/api/pages/home").json(&json!({})))
        .await
        .expect(200);
    // What somebody wrote of it in an entry that all may read is all that is said of it.
    assert!(
        !home.text.contains("\"vault\",\"title") && !home.text.contains("kb:vault"),
        "{}",
        home.text
    );

    // One of the same name that comes later is another one.
    owner.delete("/api/kbs/vault").await.expect(204);
    owner.kb("vault").await;
    bob.get("/api/kbs/vault").await.expect(200);
    let kinds: Vec<Value> = bob
        .log(0)
        .await
        .into_iter()
        .filter(|event| event["topic"] == "kb:vault")
        .map(|event| event["type"].clone())
        .collect();
    assert_eq!(kinds, ["kb_created"]);
}

#[tokio::test]
async fn a_socket_of_somebody_else_is_refused() {
    let server = TestServer::guarded().await;
    let bob = server.person("bob", Role::Member).await;
    server.person("ada", Role::Owner).await;
    let upgrade = |path: &str| {
        bob.request(Method::GET, path)
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
    };
    bob.send(upgrade("/ws/notifications/ada")).await.expect_problem(403, "forbidden");
    for path in ["/ws/notifications/bob", "/ws/notifications/me", "/ws"] {
        let status = soon("an upgrade", upgrade(path).send()).await.unwrap().status();
        assert_eq!(status, 101, "{path}");
        // A page of another site cannot listen with somebody's credentials.
        bob.send(upgrade(path).header("origin", "https://evil.example"))
            .await
            .expect_problem(403, "foreign_origin");
    }
    let token = bob.token().unwrap().to_owned();
    let by_query = Client::connect(server.addr(), &format!("token={token}")).await;
    assert_eq!(by_query.ack["user_id"], "bob");
    let stream = tokio::net::TcpStream::connect(server.addr()).await.unwrap();
    let protocol = format!("bearer, {token}");
    let by_protocol = Client::over(stream, server.addr(), "", &[("sec-websocket-protocol", &protocol)])
        .await
        .unwrap();
    assert_eq!(by_protocol.ack["user_id"], "bob");
    // A browser that is not known is told so by the code with which its socket ends.
    let stream = tokio::net::TcpStream::connect(server.addr()).await.unwrap();
    let origin = format!("http://{}", server.addr());
    let headers = [("origin", origin.as_str()), ("cookie", "tidings=old")];
    let ended = Client::over(stream, server.addr(), "", &headers).await;
    assert!(
        matches!(ended, Err(tokio_tungstenite::tungstenite::Error::ConnectionClosed)),
        "it is upgraded, and ends without a greeting"
    );
    // In the query it counts for sockets and streams only.
    server
        .get(&format!("/api/me?token={token}"))
        .await
        .expect_problem(401, "unauthenticated");
}
