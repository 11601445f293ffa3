//! `/api/kbs/{kb}/entries`: reading and writing entries.

use crate::common::{Answer, TestServer, key};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashSet;
use tokio_util::sync::CancellationToken;

const NOTE: &str = "/api/kbs/notes/entries/one";

async fn send(server: &TestServer, method: Method, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
    let request = headers
        .iter()
        .fold(server.request(method, path), |request, (name, value)| request.header(*name, *value));
    server.send(if body.is_null() { request } else { request.json(&body) }).await
}

#[tokio::test]
async fn an_entry_is_made_with_defaults_and_can_be_read_where_its_location_says() {
    let server = TestServer::with_notes().await;
    let made = server
        .post("/api/kbs/notes/entries", json!({"title": "  Plan,\n Do & Check "}))
        .await
        .expect(201);
    assert_eq!(
        (made.header("location"), made.header("etag")),
        ("/api/kbs/notes/entries/plan-do-check", "\"1\"")
    );
    let expected = json!({
        "kb_name": "notes", "entry_id": "plan-do-check", "title": "Plan, Do & Check", "entry_type": "note", "body": "", "tags": [], "aliases": [],
        "metadata": {}, "version": 1, "created_at": made.json["created_at"], "updated_at": made.json["created_at"], "created_by": "user:owner", "updated_by": "user:owner"
    });
    assert_eq!(made.json, expected);
    let read = server.get(made.header("location")).await.expect(200);
    assert_eq!(
        (&read.json, read.header("etag"), read.header("content-type")),
        (&expected, "\"1\"", "application/json")
    );
    assert_eq!(server.get("/api/kbs/notes/entries").await.expect(200).ids(), ["plan-do-check"]);
}

#[tokio::test]
async fn an_id_is_made_of_the_title_and_counted_on_where_it_is_taken() {
    let server = TestServer::with_notes().await;
    for id in ["pdca", "pdca-2", "pdca-3"] {
        assert_eq!(server.note(json!({"title": "PDCA"})).await["entry_id"], id);
    }
    assert_eq!(server.note(json!({"title": "🎉"})).await["entry_id"], "untitled");
    assert_eq!(server.note(json!({"title": "🎉🎉"})).await["entry_id"], "untitled-2");
    assert_eq!(server.note(json!({"title": "x", "id": "v1.2_x"})).await["entry_id"], "v1.2_x");
    let exists = server
        .post("/api/kbs/notes/entries", json!({"title": "x", "id": "pdca"}))
        .await
        .expect_problem(409, "entry_exists");
    assert_eq!(
        exists.json["detail"], "There is an entry pdca in notes already. Choose another id.",
        "right for whoever makes one, and for whoever renames one"
    );
    let long = server.note(json!({"title": "ä".repeat(500)})).await;
    assert_eq!(long["title"].as_str().unwrap().chars().count(), 500);
    let again = server.note(json!({"title": "ä".repeat(500)})).await;
    assert_eq!(again["entry_id"], format!("{}-2", long["entry_id"].as_str().unwrap()));
}

#[tokio::test]
async fn put_writes_all_anew_and_what_it_leaves_out_gets_its_default_but_the_id() {
    let server = TestServer::with_notes().await;
    server.note(json!({"title": "One", "id": "one", "body": "text", "entry_type": "concept", "tags": ["x"], "aliases": ["Uno"], "metadata": {"a": 1}})).await;
    let put = server.put(NOTE, json!({"title": "New"})).await.expect(200);
    assert_eq!((put.header("etag"), &put.json["entry_id"]), ("\"2\"", &json!("one")));
    for (member, default) in [
        ("title", json!("New")),
        ("body", json!("")),
        ("entry_type", json!("note")),
        ("tags", json!([])),
        ("aliases", json!([])),
        ("metadata", json!({})),
    ] {
        assert_eq!(put.json[member], default, "{member}");
    }
    server
        .put(NOTE, json!({"body": "no title"}))
        .await
        .expect_problem(422, "title_empty");
    server
        .put("/api/kbs/notes/entries/none", json!({"title": "x"}))
        .await
        .expect_problem(404, "entry_not_found");
}

#[tokio::test]
async fn patch_is_a_merge_patch() {
    let server = TestServer::with_notes().await;
    let made = server.note(json!({"title": "One", "id": "one", "body": "text", "entry_type": "concept", "tags": ["x"], "metadata": {"a": 1, "b": {"c": 2, "d": 3}}})).await;
    let patch = json!({"tags": ["y", "z"], "entry_type": null, "metadata": {"a": null, "b": {"c": null, "e": [4]}}});
    let patched = send(
        &server,
        Method::PATCH,
        NOTE,
        &[("content-type", "application/merge-patch+json")],
        patch,
    )
    .await
    .expect(200)
    .json;
    assert_eq!(
        (&patched["title"], &patched["body"], &patched["created_at"]),
        (&made["title"], &made["body"], &made["created_at"]),
        "what is absent stays"
    );
    assert_eq!((&patched["tags"], &patched["entry_type"]), (&json!(["y", "z"]), &json!("note")));
    assert_eq!(patched["metadata"], json!({"b": {"d": 3, "e": [4]}}));
    assert_eq!(patched["version"], 2);
    server.patch(NOTE, json!({"title": null})).await.expect_problem(422, "title_empty");
    server
        .patch(NOTE, json!({"colour": "red"}))
        .await
        .expect_problem(422, "invalid_value");
    server.patch(NOTE, json!(["title"])).await.expect_problem(400, "invalid_json");
    assert_eq!(server.get(NOTE).await.json, patched);
}

#[tokio::test]
async fn a_stale_version_is_refused_with_the_current_entry() {
    let server = TestServer::with_notes().await;
    server.note(json!({"title": "One", "id": "one"})).await;
    let current = send(&server, Method::PATCH, NOTE, &[("if-match", "\"1\"")], json!({"title": "Two"}))
        .await
        .expect(200)
        .json;
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        let answer = send(&server, method, NOTE, &[("if-match", "\"1\"")], json!({"title": "Three"}))
            .await
            .expect_problem(412, "stale_version");
        assert_eq!(answer.json["current"], current);
    }
    assert_eq!(server.head().await, 3);
    send(&server, Method::PUT, NOTE, &[("if-match", "*")], json!({"title": "Three"}))
        .await
        .expect(200);
    send(&server, Method::PATCH, NOTE, &[], json!({"title": "Four"})).await.expect(200);
    send(&server, Method::DELETE, NOTE, &[("if-match", "\"4\"")], Value::Null)
        .await
        .expect(200);
}

#[tokio::test]
async fn of_writers_that_saw_the_same_version_one_succeeds() {
    let server = TestServer::with_notes().await;
    server.note(json!({"title": "One", "id": "one"})).await;
    let writers: Vec<_> = (0..20)
        .map(|n| {
            let api = server.clone();
            tokio::spawn(async move {
                api.send(
                    api.request(Method::PATCH, NOTE)
                        .header("if-match", "\"1\"")
                        .json(&json!({"title": format!("T{n}")})),
                )
                .await
                .status
            })
        })
        .collect();
    let mut statuses = vec![];
    for writer in writers {
        statuses.push(writer.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200);
    assert!(statuses[1..].iter().all(|&status| status == 412), "{statuses:?}");
}

#[tokio::test]
async fn who_has_the_version_already_is_not_sent_it_again() {
    let server = TestServer::with_notes().await;
    server.note(json!({"title": "One", "id": "one"})).await;
    let same = send(&server, Method::GET, NOTE, &[("if-none-match", "\"1\"")], Value::Null)
        .await
        .expect(304);
    assert_eq!((same.text.as_str(), same.header("etag")), ("", "\"1\""));
    server.patch(NOTE, json!({"title": "Two"})).await.expect(200);
    assert_eq!(
        send(&server, Method::GET, NOTE, &[("if-none-match", "\"1\"")], Value::Null)
            .await
            .expect(200)
            .json["title"],
        "Two"
    );
}

#[tokio::test]
async fn the_same_key_gets_the_same_answer_and_one_event_also_after_a_restart() {
    let mut server = TestServer::with_notes().await;
    let keys: Vec<String> = (0..4).map(|_| key()).collect();
    let mut rounds = vec![];
    for round in 0..3 {
        let with = |n: usize| [("idempotency-key", keys[n].as_str())];
        rounds.push([
            send(
                &server,
                Method::POST,
                "/api/kbs/notes/entries",
                &with(0),
                json!({"title": "One", "id": "one"}),
            )
            .await
            .expect(201)
            .json,
            send(&server, Method::PATCH, NOTE, &with(1), json!({"title": "Two"}))
                .await
                .expect(200)
                .json,
            send(&server, Method::PUT, NOTE, &with(2), json!({"title": "Three"}))
                .await
                .expect(200)
                .json,
            send(&server, Method::DELETE, NOTE, &with(3), Value::Null).await.expect(200).json,
        ]);
        assert_eq!(server.head().await, 5);
        if round == 0 {
            server.restart().await;
        }
    }
    assert!(rounds.iter().all(|answers| *answers == rounds[0]));
    send(
        &server,
        Method::POST,
        "/api/kbs/notes/entries",
        &[("idempotency-key", &keys[0])],
        json!({"title": "Other"}),
    )
    .await
    .expect_problem(422, "idempotency_key_reused");
    send(
        &server,
        Method::PATCH,
        NOTE,
        &[("idempotency-key", &keys[0])],
        json!({"title": "One"}),
    )
    .await
    .expect_problem(422, "idempotency_key_reused");
    // A key that failed was not used: the mended request may have it.
    let fresh = key();
    send(
        &server,
        Method::POST,
        "/api/kbs/notes/entries",
        &[("idempotency-key", &fresh)],
        json!({"title": ""}),
    )
    .await
    .expect_problem(422, "title_empty");
    send(
        &server,
        Method::POST,
        "/api/kbs/notes/entries",
        &[("idempotency-key", &fresh)],
        json!({"title": "x"}),
    )
    .await
    .expect(201);
}

#[tokio::test]
async fn the_same_key_at_the_same_time_writes_once() {
    let server = TestServer::with_notes().await;
    let key = key();
    let requests: Vec<_> = (0..20)
        .map(|_| {
            let (api, key) = (server.clone(), key.clone());
            tokio::spawn(async move {
                api.send(
                    api.request(Method::POST, "/api/kbs/notes/entries")
                        .header("idempotency-key", key)
                        .json(&json!({"title": "One"})),
                )
                .await
                .expect(201)
                .json
            })
        })
        .collect();
    for request in requests {
        assert_eq!(request.await.unwrap()["entry_id"], "one");
    }
    assert_eq!(server.head().await, 2);
}

#[tokio::test]
async fn a_list_is_sorted_as_asked() {
    let server = TestServer::with_notes().await;
    for title in ["beta", "Äpfel", "Alpha", "zeta"] {
        server.note(json!({"title": title})).await;
        tick(&server).await;
    }
    server
        .patch("/api/kbs/notes/entries/beta", json!({"tags": ["x"]}))
        .await
        .expect(200);
    for (sort, order) in [
        ("", ["beta", "zeta", "alpha", "äpfel"]),
        ("updated", ["beta", "zeta", "alpha", "äpfel"]),
        ("created", ["zeta", "alpha", "äpfel", "beta"]),
        ("title", ["alpha", "beta", "zeta", "äpfel"]),
    ] {
        assert_eq!(
            server.get(&format!("/api/kbs/notes/entries?sort={sort}")).await.expect(200).ids(),
            order,
            "{sort}"
        );
    }
}

/// Waits until the server's clock has moved on, so that what follows is later.
async fn tick(server: &TestServer) {
    let now = || {
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_millis()
    };
    let before = now();
    while now() == before {
        server.head().await;
    }
}

#[tokio::test]
async fn a_list_is_filtered_by_type_tag_and_words_and_says_how_many_there_are() {
    let server = TestServer::with_notes().await;
    for (id, entry_type, tags, body) in [
        ("a", "concept", json!(["x", "Größe"]), "apples"),
        ("b", "concept", json!(["y"]), "apples and pears"),
        ("c", "note", json!(["x"]), "pears"),
    ] {
        server
            .note(json!({"title": id, "id": id, "entry_type": entry_type, "tags": tags, "body": body}))
            .await;
    }
    for (query, ids) in [
        ("type=concept", vec!["a", "b"]),
        ("tag=x", vec!["a", "c"]),
        ("tag=Gr%C3%B6%C3%9Fe", vec!["a"]),
        ("tag=X", vec![]),
        ("type=concept&tag=x", vec!["a"]),
        ("q=apples", vec!["a", "b"]),
        ("q=apples&tag=y", vec!["b"]),
        ("q=pears&type=note&tag=x", vec!["c"]),
        ("q=nothing", vec![]),
        ("type=&tag=&q=", vec!["a", "b", "c"]),
    ] {
        let list = server.get(&format!("/api/kbs/notes/entries?{query}")).await.expect(200);
        let mut found = list.ids();
        found.sort_unstable();
        assert_eq!(found, ids, "{query}");
        assert_eq!(list.json["total"], ids.len(), "{query}");
    }
    let found = server.get("/api/kbs/notes/entries?q=apples").await.json;
    assert!(
        found["items"][0]["snippet"]
            .as_array()
            .unwrap()
            .iter()
            .any(|part| part["hit"] == true && part["text"] == "apples")
    );
    assert_eq!(server.get("/api/kbs/notes/entries").await.json["items"][0].get("snippet"), None);
}

/// All ids of a list, a piece at a time.
async fn page_through(server: &TestServer, query: &str, limit: usize) -> Vec<String> {
    let (mut all, mut after) = (vec![], String::new());
    loop {
        let url = reqwest::Url::parse_with_params(
            &server.url("/api/kbs/notes/entries"),
            [("limit", &limit.to_string()), ("after", &after)],
        )
        .unwrap();
        let piece = server
            .get(&format!("{}?{}&{query}", url.path(), url.query().unwrap()))
            .await
            .expect(200);
        assert!(piece.ids().len() <= limit);
        all.extend(piece.ids().into_iter().map(str::to_owned));
        match piece.json["next"].as_str() {
            Some(next) => {
                assert!(all.len() < 10_000, "the list has no end");
                after = next.to_owned();
            }
            None => return all,
        }
    }
}

#[tokio::test]
async fn a_list_read_in_pieces_is_the_list() {
    let server = TestServer::with_notes().await;
    for n in 0..25 {
        // Some titles are equal: the id decides between them.
        server
            .note(json!({"title": format!("Title: {} é&=", n % 7), "id": format!("n{n}"), "body": "words"}))
            .await;
    }
    for query in ["sort=updated", "sort=created", "sort=title", "q=words", "q=words&sort=title"] {
        let whole: Vec<String> = server
            .get(&format!("/api/kbs/notes/entries?limit=1000&{query}"))
            .await
            .ids()
            .into_iter()
            .map(str::to_owned)
            .collect();
        assert_eq!(whole.len(), 25);
        for limit in [1, 7, 25] {
            assert_eq!(page_through(&server, query, limit).await, whole, "{query} by {limit}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pieces_of_a_list_that_changes_meanwhile_have_all_that_stayed_and_nothing_twice() {
    let server = TestServer::with_notes().await;
    for n in 0..60 {
        server
            .note(json!({"title": format!("Stays {n:03}"), "id": format!("stays-{n}")}))
            .await;
    }
    let stop = CancellationToken::new();
    let (api, stopped) = (server.clone(), stop.clone());
    let writing = tokio::spawn(async move {
        for n in 0.. {
            if stopped.is_cancelled() {
                return;
            }
            let id = format!("comes-{n}");
            api.note(json!({"title": format!("Stays {:03}b", n % 60), "id": id})).await;
            if n % 2 == 0 {
                api.delete(&format!("/api/kbs/notes/entries/{id}")).await.expect(200);
            }
        }
    });
    for sort in ["title", "created", "updated"] {
        for _ in 0..3 {
            let all = page_through(&server, &format!("sort={sort}"), 7).await;
            assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len(), "nothing twice by {sort}");
            assert_eq!(
                all.iter().filter(|id| id.starts_with("stays")).count(),
                60,
                "all that stayed by {sort}"
            );
        }
    }
    stop.cancel();
    writing.await.unwrap();
}

#[tokio::test]
async fn a_page_of_an_entry_has_its_html_outline_and_links() {
    let server = TestServer::with_notes().await;
    server.note(json!({"title": "Target"})).await;
    server
        .note(json!({"title": "One", "id": "one", "body": "# Head\n\n[[Target]] and [[wanted]] <script>alert(1)</script>"}))
        .await;
    let view = server.get("/api/kbs/notes/entries/one/view").await.expect(200).json;
    assert_eq!(view["entry"], server.get(NOTE).await.json);
    let html = view["rendered"]["html"].as_str().unwrap();
    assert!(html.contains("<a ") && !html.contains("<script"), "{html}");
    assert_eq!(view["rendered"]["outline"][0]["text"], "Head");
    assert_eq!(
        view["links"],
        json!([{"kb_name": "notes", "entry_id": "target"}, {"kb_name": "notes", "entry_id": "wanted"}])
    );
    let target = server.get("/api/kbs/notes/entries/target/view").await.expect(200).json;
    assert_eq!(
        target["backlinks"],
        json!([{"kb_name": "notes", "entry_id": "one", "title": "One"}])
    );
}

#[tokio::test]
async fn what_get_answers_can_be_put_back() {
    let server = TestServer::with_notes().await;
    let at = "/api/kbs/notes/entries/plan";
    let draft = json!({"title": "Plan", "entry_id": "plan", "body": "Do.", "tags": ["a"], "aliases": ["P"], "metadata": {"x": 1}});
    let made = server.note(draft).await;
    let head = server.head().await;
    let read = server.get(at).await.expect(200).json;
    assert_eq!(read, made);
    assert_eq!(server.put(at, read.clone()).await.expect(200).json, read);
    assert_eq!(server.patch(at, read.clone()).await.expect(200).json, read);
    assert_eq!(server.head().await, head, "nothing has changed");

    // Its version says what was read, unless a header does.
    let mut changed = read.clone();
    changed["body"] = json!("Do it.");
    let second = server.put(at, changed.clone()).await.expect(200).json;
    assert_eq!(second["version"], 2);
    changed["body"] = json!("Don't.");
    for method in [Method::PUT, Method::PATCH] {
        let stale = server.send(server.request(method.clone(), at).json(&changed)).await;
        let current = server.get(at).await.expect(200).json;
        assert_eq!(stale.expect_problem(412, "stale_version").json["current"], current);
        let over = server.request(method, at).header("if-match", "*").json(&changed);
        server.send(over).await.expect(200);
    }
    // In another knowledge base it is another entry.
    server.kb("others").await;
    let copy = server.post("/api/kbs/others/entries", changed.clone()).await.expect(201).json;
    assert_eq!(
        (&copy["kb_name"], &copy["entry_id"], &copy["version"]),
        (&json!("others"), &json!("plan"), &json!(1))
    );

    // What nobody knows is still refused by its name, and one thing has one name.
    for (member, value) in [("titel", json!("x")), ("version", json!("two"))] {
        let mut wrong = json!({"title": "Plan"});
        wrong[member] = value;
        for method in [Method::PUT, Method::PATCH] {
            let refused = server.send(server.request(method, at).json(&wrong)).await;
            assert!(
                (400..500).contains(&refused.status) && refused.text.contains(member),
                "{}",
                refused.text
            );
        }
    }
    let twice = json!({"title": "Plan", "id": "plan", "entry_id": "plan"});
    for method in [Method::PUT, Method::PATCH] {
        let refused = server.send(server.request(method, at).json(&twice)).await;
        assert!((400..500).contains(&refused.status), "{}", refused.text);
    }
    server.patch(at, json!({"id": "renamed"})).await.expect(200);
    server.get("/api/kbs/notes/entries/renamed").await.expect(200);
}
