//! Below a path of a host that others share: everything leads to where it is, whether the proxy strips the path or not.

use crate::common::{Api, Client, TestServer, soon};
use reqwest::Method;
use serde_json::json;
use tokio::net::TcpStream;

const PREFIX: &str = "/team/notes";
/// What a request begins with where the proxy leaves the prefix in it, and where it does not.
const BOTH: [&str; 2] = [PREFIX, ""];

/// A server below the prefix, with the entry `plan` in `notes`, and another that it was renamed from.
async fn server() -> TestServer {
    let server = TestServer::below(PREFIX).await;
    server.kb("notes").await;
    server.note(json!({"title": "Do", "tags": ["work"], "entry_type": "step"})).await;
    server.note(json!({"title": "Plan", "id": "first"})).await;
    let body = "# Head\n\nSee [[do]], [[Wanted One]], [trash](/kb/notes/trash) and [away](https://example.org/).";
    server
        .patch("/api/kbs/notes/entries/first", json!({"id": "plan", "body": body}))
        .await
        .expect(200);
    let news = json!({"user": "owner", "type": "task", "title": "Ready", "link": "/kb/notes/e/plan"});
    server.post("/api/notifications", news).await.expect(201);
    server
}

/// The values of the attributes of a page that hold addresses.
fn addresses(html: &str) -> Vec<&str> {
    [" href=\"", " src=\"", " action=\""]
        .into_iter()
        .flat_map(|attribute| html.split(attribute).skip(1))
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

async fn page(server: &Api, path: &str, status: u16) -> String {
    let browser = server.request(Method::GET, path).header("accept", "text/html");
    let answer = server.send(browser).await;
    assert_eq!(answer.status, status, "{path}: {}", answer.text);
    answer.text
}

#[tokio::test]
async fn every_address_in_a_page_begins_with_the_prefix() {
    let server = server().await;
    for (path, status) in [
        ("/", 200),
        ("/search?q=plan", 200),
        ("/notifications", 200),
        ("/settings", 200),
        ("/settings/people", 200),
        ("/kb/notes", 200),
        ("/kb/notes?tag=work", 200),
        ("/kb/notes/new", 200),
        ("/kb/notes/access", 200),
        ("/kb/notes/trash", 200),
        ("/kb/notes/e/plan", 200),
        ("/kb/notes/e/plan/edit", 200),
        ("/kb/notes/e/plan/history", 200),
        ("/kb/notes/e/nowhere", 404),
        ("/nowhere", 404),
        ("/docs", 200),
    ] {
        let html = page(&server, &format!("{PREFIX}{path}"), status).await;
        let found = addresses(&html);
        assert!(found.len() > 2, "{path}: {html}");
        for address in found {
            let is_elsewhere = address.starts_with('#') || address.starts_with("https://");
            assert!(is_elsewhere || address.starts_with("/team/notes/"), "{address} in {path}");
        }
        assert!(!html.contains(&format!("{PREFIX}{PREFIX}")), "twice in {path}: {html}");
    }
}

#[tokio::test]
async fn a_page_tells_the_browser_below_which_path_it_is() {
    let server = server().await;
    for before in BOTH {
        let html = page(&server, &format!("{before}/kb/notes"), 200).await;
        assert!(html.contains("data-base=\"/team/notes\""), "{html}");
        // The files of this build, in the document and where the module itself names them.
        assert!(html.contains("\"/pkg/tidings.js\":\"/team/notes/pkg/"), "{html}");
        assert!(html.contains("(\"/team/notes\", \"pkg/"), "{html}");
        assert!(html.contains("src=\"/team/notes/theme.js\""), "{html}");
    }
    let without = TestServer::with_notes().await;
    let html = page(&without, "/kb/notes", 200).await;
    assert!(!html.contains("data-base"), "{html}");
    assert!(html.contains("(\"\", \"pkg/"), "{html}");
    assert!(html.contains("\"/pkg/tidings.js\":\"/pkg/"), "{html}");
    assert!(addresses(&html).contains(&"/kb/notes/trash"), "{html}");
}

#[tokio::test]
async fn the_same_page_comes_whether_the_proxy_strips_the_prefix_or_not() {
    let server = server().await;
    for path in ["/", "/kb/notes", "/kb/notes/e/plan"] {
        let links = |html: String| addresses(&html).into_iter().map(str::to_owned).collect::<Vec<_>>();
        let whole = links(page(&server, &format!("{PREFIX}{path}"), 200).await);
        assert_eq!(whole, links(page(&server, path, 200).await), "{path}");
    }
    let home = page(&server, PREFIX, 200).await;
    assert!(home.contains("href=\"/team/notes/kb/notes\""), "{home}");
    page(&server, "/team/notes2", 404).await;
}

#[tokio::test]
async fn links_in_bodies_and_of_notifications_lead_below_the_prefix() {
    let server = server().await;
    let html = page(&server, "/team/notes/kb/notes/e/plan", 200).await;
    for link in ["/kb/notes/e/do", "/kb/notes/e/wanted-one", "/kb/notes/trash"] {
        assert!(html.contains(&format!("<a href=\"{PREFIX}{link}\"")), "{link} in {html}");
    }
    assert!(html.contains("<a href=\"https://example.org/\""), "{html}");
    let inbox = page(&server, "/team/notes/notifications", 200).await;
    assert!(addresses(&inbox).contains(&"/team/notes/kb/notes/e/plan"), "{inbox}");
    // What is stored knows nothing of it.
    let stored = server.get("/api/notifications").await.expect(200).json;
    assert_eq!(stored["items"][0]["link"], "/kb/notes/e/plan");
}

#[tokio::test]
async fn an_address_that_was_given_up_leads_on_below_the_prefix() {
    let server = server().await;
    let browser = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    for before in BOTH {
        let url = server.url(&format!("{before}/kb/notes/e/first"));
        let answer = soon("an answer", browser.get(url).send()).await.unwrap();
        assert_eq!(answer.status(), 302);
        assert_eq!(answer.headers()["location"], "/team/notes/kb/notes/e/plan");
    }
}

#[tokio::test]
async fn functions_sockets_and_streams_answer_with_the_prefix_and_without() {
    let server = server().await;
    for before in BOTH {
        let entry = server
            .post(&format!("{before}/api/pages/entry"), json!({"kb": "notes", "id": "plan"}))
            .await
            .expect(200);
        assert!(entry.text.contains("/team/notes/kb/notes/e/do"), "{}", entry.text);
        let preview = json!({"kb": "notes", "markdown": "[[do]]"});
        let preview = server.post(&format!("{before}/api/pages/preview"), preview).await.expect(200);
        assert!(preview.text.contains("/team/notes/kb/notes/e/do"), "{}", preview.text);

        let stream = TcpStream::connect(server.addr()).await.unwrap();
        let base = format!("{}{before}", server.addr());
        let mut socket = Client::over(stream, base, "", &[]).await.unwrap();
        let request = server.request(Method::GET, &format!("{before}/api/events/stream"));
        let mut events = soon("the stream", request.send()).await.unwrap();
        assert_eq!(events.status(), 200);
        assert_eq!(events.headers()["x-accel-buffering"], "no");
        server.settled().await;
        server.note(json!({"title": "News"})).await;
        assert_eq!(socket.event().await["type"], "entry_created");
        let mut read = String::new();
        while !read.contains("entry_created") {
            let chunk = soon("an event", events.chunk()).await.unwrap().unwrap();
            read.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}

#[tokio::test]
async fn an_invitation_has_the_prefix_once() {
    let server = server().await;
    let invitation = json!({"role": "member"});
    let over_rest = server.post("/api/invitations", invitation.clone()).await.expect(201);
    let path = over_rest.json["path"].as_str().expect("a path");
    assert!(path.starts_with("/team/notes/join/"), "{path}");
    // The page writes its own host and prefix before it.
    let for_the_page = server.post("/api/pages/invite", json!({"new": invitation})).await.expect(200);
    let path = for_the_page.json["path"].as_str().expect("a path");
    assert!(path.starts_with("/join/"), "{path}");
}

#[tokio::test]
async fn a_malformed_call_of_a_page_is_refused_as_such() {
    let server = server().await;
    let refused = server.post("/api/pages/announce", json!({"new": "b"})).await.expect(400);
    assert!(refused.text.contains("invalid_json"), "{}", refused.text);
}
