//! `/api/search`: full-text search.

use crate::common::TestServer;
use serde_json::json;

async fn found(server: &TestServer, q: &str) -> Vec<String> {
    let url = reqwest::Url::parse_with_params(&server.url("/api/search"), [("q", q)]).unwrap();
    let answer = server.get(&format!("{}?{}", url.path(), url.query().unwrap())).await.expect(200);
    answer.ids().into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn words_are_found_in_titles_aliases_tags_and_texts_best_first() {
    let server = TestServer::with_notes().await;
    server
        .note(json!({"title": "Elsewhere", "id": "text", "body": "A long text that names the otter once among many other words."}))
        .await;
    server.note(json!({"title": "Otter", "id": "title"})).await;
    server.note(json!({"title": "Animals", "id": "tag", "tags": ["otter"]})).await;
    server.note(json!({"title": "Lutra", "id": "alias", "aliases": ["Otter"]})).await;
    server.note(json!({"title": "Stoat", "id": "none", "body": "no such animal"})).await;
    assert_eq!(found(&server, "otter").await, ["title", "alias", "tag", "text"]);
    let hit = server.get("/api/search?q=otter").await.json["items"][3].clone();
    assert_eq!(
        (&hit["kb_name"], &hit["kb_title"], &hit["title"], &hit["version"]),
        (&json!("notes"), &json!("notes"), &json!("Elsewhere"), &json!(1))
    );
    let snippet = hit["snippet"].as_array().unwrap();
    assert!(snippet.iter().any(|part| part["hit"] == true && part["text"] == "otter"));
    let text: String = snippet.iter().map(|part| part["text"].as_str().unwrap()).collect();
    assert!(text.contains("names the otter once among"), "{text}");
}

#[tokio::test]
async fn whatever_people_type_is_a_search_and_never_an_error() {
    let server = TestServer::with_notes().await;
    server
        .note(json!({"title": "Straße nach Köln", "id": "way", "body": "running quickly to the café; C++ and foo-bar_baz, don't!"}))
        .await;
    for q in [
        "strasse OR",
        "straße",
        "koln",
        "KÖLN",
        "run",
        "quick",
        "cafe",
        "caf",
        "\"to the café\"",
        "köln straße",
        "foo-bar_baz",
        "c++",
        "don't",
        "\"köln",
        "köln\"",
    ] {
        let expected: &[&str] = if q == "strasse OR" { &[] } else { &["way"] };
        assert_eq!(found(&server, q).await, expected, "{q}");
    }
    for q in ["\"the to café\"", "NEAR(köln nach)", "title:köln", "köln NOT straße", "köln UND"] {
        // Operators are words like others.
        assert!(found(&server, q).await.is_empty(), "{q}");
    }
    for q in ["*", "(", "\"", "''; DROP TABLE entries; --", "-", "^", ":", "\u{0}", "a\u{0}b", " "] {
        assert!(found(&server, q).await.is_empty(), "{q:?}");
    }
}

#[tokio::test]
async fn signs_and_scripts_without_spaces_are_found_where_they_stand() {
    let server = TestServer::with_notes().await;
    server
        .note(json!({"title": "日本語のタイトルと絵文字😀🎉", "id": "japan", "body": "むかしむかし、ある所に。"}))
        .await;
    server
        .note(json!({"title": "Languages", "id": "languages", "body": "C++ and C#, <b>bold</b>."}))
        .await;
    server.note(json!({"title": "Vitamin C", "id": "vitamin", "body": "b"})).await;
    for (q, expected) in [
        ("日本", &["japan"] as &[&str]),
        ("タイトル", &["japan"]),
        ("絵文字", &["japan"]),
        ("🎉", &["japan"]),
        ("ある所", &["japan"]),
        ("日本 タイトル", &["japan"]),
        ("日本 languages", &[]),
        ("c++", &["languages"]),
        ("C#", &["languages"]),
        ("<b>", &["languages"]),
        ("中国", &[]),
    ] {
        assert_eq!(found(&server, q).await, expected, "{q}");
        let list = reqwest::Url::parse_with_params(&server.url("/api/kbs/notes/entries"), [("q", q)]).unwrap();
        for sort in ["relevance", "title"] {
            let answer = server
                .get(&format!("{}?{}&sort={sort}", list.path(), list.query().unwrap()))
                .await
                .expect(200);
            assert_eq!(answer.ids(), expected, "{q} by {sort}");
            assert_eq!(answer.json["total"], expected.len(), "{q}");
        }
    }
    let hit = server.get("/api/search?q=%E3%81%82%E3%82%8B%E6%89%80").await.json["items"][0].clone();
    assert_eq!(
        hit["snippet"],
        json!([{"text": "むかしむかし、", "hit": false}, {"text": "ある所", "hit": true}, {"text": "に。", "hit": false}])
    );
}

#[tokio::test]
async fn the_index_follows_every_change() {
    let server = TestServer::with_notes().await;
    server.note(json!({"title": "One", "id": "one", "body": "apple"})).await;
    assert_eq!(found(&server, "apple").await, ["one"]);
    server
        .patch("/api/kbs/notes/entries/one", json!({"body": "pear"}))
        .await
        .expect(200);
    assert_eq!(
        (found(&server, "apple").await.len(), found(&server, "pear").await),
        (0, vec!["one".to_owned()])
    );
    server
        .patch("/api/kbs/notes/entries/one", json!({"id": "uno", "tags": ["fruit"]}))
        .await
        .expect(200);
    assert_eq!(
        (found(&server, "pear").await, found(&server, "fruit").await),
        (vec!["uno".to_owned()], vec!["uno".to_owned()])
    );
    let item = server.delete("/api/kbs/notes/entries/uno").await.expect(200).json["trash_id"].clone();
    assert!(found(&server, "pear").await.is_empty());
    server
        .post(&format!("/api/kbs/notes/trash/{item}/restore"), json!(null))
        .await
        .expect(200);
    assert_eq!(found(&server, "pear").await, ["uno"]);
    server
        .post("/api/kbs/notes/entries/uno/versions/1/restore", json!(null))
        .await
        .expect(200);
    assert_eq!(
        (found(&server, "apple").await, found(&server, "pear").await.len()),
        (vec!["uno".to_owned()], 0)
    );
    server.delete("/api/kbs/notes").await.expect(204);
    assert!(found(&server, "apple").await.is_empty());
}

#[tokio::test]
async fn a_search_keeps_to_its_knowledge_base_and_its_limit() {
    let server = TestServer::with_notes().await;
    server.kb("other").await;
    for n in 0..3 {
        server.note(json!({"title": format!("apple {n}")})).await;
        server
            .post("/api/kbs/other/entries", json!({"title": format!("apple {n}")}))
            .await
            .expect(201);
    }
    assert_eq!(server.get("/api/search?q=apple").await.expect(200).ids().len(), 6);
    let notes = server.get("/api/search?q=apple&kb=notes").await.expect(200).json;
    assert!(
        notes["items"].as_array().unwrap().iter().all(|hit| hit["kb_name"] == "notes") && notes["items"].as_array().unwrap().len() == 3
    );
    assert_eq!(server.get("/api/search?q=apple&limit=2").await.expect(200).ids().len(), 2);
    assert_eq!(notes["cursor"]["seq"], 8);
    server.get("/api/search?q=apple&kb=none").await.expect_problem(404, "kb_not_found");
    server.get("/api/search").await.expect_problem(400, "invalid_query");
    server
        .get(&format!("/api/search?q={}", "x".repeat(501)))
        .await
        .expect_problem(400, "invalid_query");
}

#[tokio::test]
async fn a_hit_in_a_long_text_leads_to_its_section() {
    let server = TestServer::with_notes().await;
    let filler = "Nothing of interest stands in this paragraph. ".repeat(20);
    let section = |name: &str, more: &str| format!("## {name}\n\n{filler}\n\n{more}\n\n{filler}\n\n");
    let body = [section("Plan", ""), section("Check", "The cafés measured it."), section("Act", "")].concat();
    server.note(json!({"title": "Cycle", "id": "cycle", "body": body})).await;
    server.note(json!({"title": "Short", "body": "## Check\n\nMeasured."})).await;
    let place = async |q: &str| {
        let found = server.get(&format!("/api/search?q={q}")).await.expect(200).json;
        let hit = found["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|hit| hit["entry_id"] == "cycle")
            .cloned();
        hit.map(|hit| (hit["anchor"].as_str().map(ToOwned::to_owned), hit["snippet"].to_string()))
    };
    let (anchor, snippet) = place("measured").await.unwrap();
    assert_eq!(anchor.as_deref(), Some("h-check"));
    assert!(snippet.contains("measured"), "{snippet}");
    // What stands between words keeps none of them from being marked.
    let (_, snippet) = place("caf%C3%A9s%20measured.").await.unwrap();
    for word in ["cafés", "measured"] {
        let marked = json!({"text": word, "hit": true}).to_string();
        assert!(snippet.contains(&marked), "{snippet}");
    }
    // By another form of the word, and without its accent.
    assert_eq!(place("cafe%20measuring").await.unwrap().0.as_deref(), Some("h-check"));
    assert_eq!(place("cycle").await.unwrap().0, None, "found by its title alone");
    // It follows the text.
    server
        .patch(
            "/api/kbs/notes/entries/cycle",
            json!({"body": section("Act", "It was measured.") + &section("Plan", "")}),
        )
        .await
        .expect(200);
    assert_eq!(place("measured").await.unwrap().0.as_deref(), Some("h-act"));
    let trash_id = server.delete("/api/kbs/notes/entries/cycle").await.expect(200).json["trash_id"].clone();
    assert_eq!(place("measured").await, None);
    server
        .post(&format!("/api/kbs/notes/trash/{trash_id}/restore"), json!({}))
        .await
        .expect(200);
    assert_eq!(place("measured").await.unwrap().0.as_deref(), Some("h-act"));
}
