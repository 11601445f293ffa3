//! What people write is text wherever a page shows it: no title, tag, name or search becomes markup.

use crate::common::TestServer;
use dom_query::Document;
use serde_json::json;
use server::http::addresses;

/// Ends a title, an attribute and an element, and then begins one of its own.
const HOSTILE: &str = r#"</title></textarea>"'><img src=x onerror=alert(1)>&lt;&amp;"#;

/// The addresses of all pages, filled in for what [`stage`] has made.
fn pages() -> Vec<String> {
    let mut pages: Vec<String> = addresses()
        .iter()
        .filter_map(|address| address.strip_prefix("page "))
        .map(|path| path.replace(":kb", "notes").replace(":id", "hostile"))
        .collect();
    let query = "%3C/title%3E%22'%3E%3Cimg%20src=x%20onerror=alert(1)%3E";
    pages.extend([
        format!("/search?q={query}"),
        format!("/kb/notes?q={query}&tag={query}&type={query}"),
        format!("/kb/notes/new?title={query}"),
        format!("/kb/notes/e/{query}"),
        format!("/kb/{query}"),
        format!("/{query}"),
    ]);
    pages
}

async fn stage(server: &TestServer) {
    server
        .post("/api/kbs", json!({"name": "notes", "title": HOSTILE, "description": HOSTILE}))
        .await
        .expect(201);
    let draft = json!({
        "title": HOSTILE, "body": format!("{HOSTILE}\n\n[[wanted|{HOSTILE}]]"), "entry_type": HOSTILE,
        "tags": [HOSTILE], "aliases": [HOSTILE], "metadata": {HOSTILE: HOSTILE},
    });
    let with_id = |id: &str| {
        let mut draft = draft.clone();
        draft["id"] = id.into();
        draft
    };
    server.note(with_id("hostile")).await;
    server
        .patch("/api/kbs/notes/entries/hostile", json!({"body": "changed"}))
        .await
        .expect(200);
    server
        .patch("/api/kbs/notes/entries/hostile", json!({"body": HOSTILE}))
        .await
        .expect(200);
    server.note(with_id("gone")).await;
    server.delete("/api/kbs/notes/entries/gone").await.expect(200);
    server.post("/api/announcements", json!({"message": HOSTILE})).await.expect(201);
    server
        .post("/api/notifications", json!({"user": "owner", "title": HOSTILE, "message": HOSTILE}))
        .await
        .expect(201);
    let url = format!("http://127.0.0.1:9/?{HOSTILE}");
    server.post("/api/jobs/crawl", json!({"kb": "notes", "url": url})).await.expect(202);
}

#[tokio::test]
async fn no_text_becomes_markup_on_any_page() {
    let server = TestServer::start().await;
    stage(&server).await;
    let pages = pages();
    assert!(pages.len() > 15, "{pages:?}");
    for path in pages {
        let page = server.get(&path).await;
        if (300..400).contains(&page.status) {
            continue;
        }
        assert!(page.header("content-type").starts_with("text/html"), "{path}: {}", page.text);
        let document = Document::from(page.text.as_str());
        assert_eq!(
            document.select("[onerror]").length(),
            0,
            "{path} has markup of its text: {}",
            page.text
        );
        let titles = document.select("title");
        assert_eq!(titles.length(), 1, "{path}");
        assert!(titles.text().ends_with("Tidings"), "{path}: {}", titles.text());
    }
    let page = server.get("/kb/notes/e/hostile").await.expect(200);
    let title = Document::from(page.text.as_str()).select("title").text();
    assert_eq!(title.to_string(), format!("{HOSTILE} · Tidings"), "it is shown as it was written");
}
