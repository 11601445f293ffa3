//! Pages under load: each is whole, and its own, however many are rendered at the same time.

use crate::common::{Api, TestServer};
use dom_query::Document;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::task::JoinSet;

const AT_ONCE: usize = 16;
/// Of each page. A browser test asks a release build for each of them 2,000 times.
const REQUESTS: usize = 50;

/// Each page, and how its title begins.
async fn stage(server: &TestServer) -> Vec<(String, String)> {
    let mut pages: Vec<(String, String)> = [
        ("/", "Tidings"),
        ("/search?q=plan", "plan · Search"),
        ("/notifications", "Notifications"),
        ("/jobs", "Jobs"),
        ("/logs", "Log"),
        ("/settings", "Settings"),
        ("/settings/people", "People"),
        ("/kb/nothing", "No such knowledge base"),
    ]
    .map(|(path, title)| (path.to_owned(), title.to_owned()))
    .into();
    for name in ["notes", "other"] {
        server
            .post("/api/kbs", json!({"name": name, "title": format!("The {name}")}))
            .await
            .expect(201);
        let entry = json!({"title": format!("Plan of {name}"), "id": "plan", "body": "# Plan\n\n[[do]]"});
        server.post(&format!("/api/kbs/{name}/entries"), entry).await.expect(201);
        for (path, title) in [
            ("", format!("The {name}")),
            ("/new", "New entry".into()),
            ("/access", format!("Access to {name}")),
            ("/trash", "Trash".into()),
            ("/e/plan", format!("Plan of {name}")),
            ("/e/plan/edit", format!("Edit Plan of {name}")),
            ("/e/plan/history", format!("History of Plan of {name}")),
        ] {
            pages.push((format!("/kb/{name}{path}"), title));
        }
    }
    pages
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_page_is_whole_and_has_its_own_title_however_many_are_asked_for() {
    let server = TestServer::start().await;
    let pages: Arc<Vec<(String, String)>> = stage(&server).await.into();
    let next = Arc::new(AtomicUsize::new(0));
    let mut clients = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (api, pages, next): (Api, _, _) = ((*server).clone(), Arc::clone(&pages), Arc::clone(&next));
        clients.spawn(async move {
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= REQUESTS * pages.len() {
                    return;
                }
                let (path, title) = &pages[n % pages.len()];
                let page = api.get(path).await;
                assert!(page.status == 200 || page.status == 404, "{path}: {} {}", page.status, page.text);
                assert!(
                    page.text.ends_with("</script>") || page.text.ends_with("</html>"),
                    "{path} was cut off"
                );
                let found = Document::from(page.text.as_str()).select("title").text();
                assert!(found.starts_with(title.as_str()), "{path} has the title {found:?}");
            }
        });
    }
    while let Some(client) = clients.join_next().await {
        client.expect("no client fails");
    }
}
