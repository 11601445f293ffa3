//! Crawling a site that is served by the test, with every trap that is known of.

use super::*;
use std::collections::{BTreeSet, HashMap};

/// All entries of `notes`, by the path of the page that they are.
async fn stored(api: &Api) -> HashMap<String, Value> {
    let mut all = HashMap::new();
    let mut after = String::new();
    loop {
        let page = api
            .get(&format!("/api/kbs/notes/entries?limit=1000&sort=title{after}"))
            .await
            .expect(200);
        for id in page.ids() {
            let entry = api.get(&format!("/api/kbs/notes/entries/{id}")).await.expect(200).json;
            let source = entry["metadata"]["source_url"].as_str().unwrap();
            let path = url::Url::parse(source).unwrap().path().to_owned();
            assert!(all.insert(path.clone(), entry).is_none(), "{path} is there twice");
        }
        match page.json["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return all,
        }
    }
}

#[tokio::test]
async fn a_site_full_of_traps_becomes_exactly_its_pages() {
    let site = Site::start().await;
    let server = beside(&site).await;
    let asked = crawl(&server, &site.url(), json!({"max_pages": 1000, "max_depth": 50})).await;
    assert_eq!((asked.status, asked.counts.total), (JobStatus::Queued, 0));
    let done = ended(&server, &asked, JobStatus::Completed).await;
    let entries = stored(&server).await;
    let paths: BTreeSet<String> = entries.keys().cloned().collect();
    assert_eq!(paths, Site::expected());
    assert_eq!((done.result.added, done.counts.done), (paths.len() as u64, paths.len() as u64));
    assert!(done.result.words > 1_000 && done.result.passages >= done.result.added, "{done:#?}");
    assert!(site.max_in_flight() <= 4);
    let asked_for = site.requests();
    assert!(
        !asked_for.iter().any(|path| path.starts_with("/private/")),
        "robots.txt was not honoured"
    );

    let entry = &entries["/docs/0"];
    assert_eq!(entry["entry_type"], "page");
    assert!(entry["metadata"]["fetched_at"].is_string());
    let body = entry["body"].as_str().unwrap();
    assert!(
        body.contains("[[") && !body.contains(&site.host()),
        "links to crawled pages are wikilinks: {body}"
    );
    assert_eq!(entries["/etag"]["metadata"]["etag"], "\"one\"");

    // What came of the others is told.
    let items = items(&server, &done).await;
    let why = |path: &str| {
        let url = format!("{}{}", site.url(), &path[1..]);
        let item = items
            .iter()
            .find(|(name, ..)| *name == url)
            .unwrap_or_else(|| panic!("no item {url}: {items:#?}"));
        (item.1.as_str(), item.2.clone())
    };
    for (path, outcome, text) in [
        ("/missing", "failed", "404"),
        ("/500", "failed", "500"),
        ("/unavailable", "failed", "503"),
        ("/never", "failed", "4 s"),
        ("/huge", "failed", "5120 KiB"),
        ("/bomb", "failed", "5120 KiB"),
        ("/binary", "failed", "text"),
        ("/image", "failed", "image/png"),
        ("/redirect/loop-a", "failed", "redirect"),
        ("/redirect/other", "skipped", "another site"),
        ("/copy", "skipped", "/docs/3"),
        ("/noindex", "skipped", "noindex"),
        ("/private/secret", "skipped", "Disallow"),
    ] {
        let (became, reason) = why(path);
        assert_eq!(became, outcome, "{path}: {reason}");
        assert!(reason.contains(text), "{path}: {reason}");
    }
}

#[tokio::test]
async fn a_second_crawl_writes_nothing_again_and_a_third_what_has_changed() {
    let site = Site::start().await;
    let server = beside(&site).await;
    let more = json!({"max_pages": 1000, "max_depth": 50});
    let first = crawl(&server, &site.url(), more.clone()).await;
    let first = ended(&server, &first, JobStatus::Completed).await;
    let before = stored(&server).await;
    let second = crawl(&server, &site.url(), more.clone()).await;
    let second = ended(&server, &second, JobStatus::Completed).await;
    assert_eq!((second.result.added, second.result.updated), (0, 0), "{second:#?}");
    assert_eq!(second.result.unchanged, first.result.added);
    let after = stored(&server).await;
    for (path, entry) in &after {
        assert_eq!(entry["version"], before[path]["version"], "{path}");
    }
    assert!(site.counts()["/etag"] == 2 && second.result.words == 0);
    // A page that somebody has written to stays as it is, as long as the site's is the same; and is written when it is not.
    let id = before["/etag"]["entry_id"].as_str().unwrap();
    let path = format!("/api/kbs/notes/entries/{id}");
    server.patch(&path, json!({"body": "Mine."})).await.expect(200);
    let third = crawl(&server, &site.url(), more).await;
    ended(&server, &third, JobStatus::Completed).await;
    assert_eq!(server.get(&path).await.json["body"], "Mine.");
}

#[tokio::test]
async fn what_people_wrote_into_a_page_is_brought_together_with_what_the_site_changes() {
    let site = Site::start().await;
    let server = beside(&site).await;
    let again = async |status| {
        let asked = crawl(&server, &format!("{}changing", site.url()), json!({"max_depth": 0})).await;
        ended(&server, &asked, status).await
    };
    let body = async || server.get("/api/kbs/notes/entries/changing").await.expect(200).json["body"].clone();
    let edit = async |from: &str, to: &str| {
        let text = body().await.as_str().unwrap().replace(from, to);
        server
            .patch("/api/kbs/notes/entries/changing", json!({ "body": text }))
            .await
            .expect(200);
    };
    again(JobStatus::Completed).await;
    assert_eq!(body().await, "It is the first.\n\nIt is number 1.");
    edit("first", "first, says Ada").await;
    let updated = again(JobStatus::Completed).await;
    assert_eq!(
        (updated.result.updated, body().await),
        (1, json!("It is the first, says Ada.\n\nIt is number 2."))
    );
    again(JobStatus::Completed).await;
    assert_eq!(body().await, "It is the first, says Ada.\n\nIt is number 3.");
    edit("number", "my number").await;
    let refused = again(JobStatus::Failed).await;
    assert_eq!(
        (refused.counts.skipped, body().await),
        (1, json!("It is the first, says Ada.\n\nIt is my number 3."))
    );
    assert!(refused.error.unwrap().contains("changed here"));
}

#[tokio::test]
async fn a_list_of_pages_is_crawled_as_it_is() {
    let site = Site::start().await;
    let server = beside(&site).await;
    let asked = crawl(
        &server,
        &format!("{}sitemap.xml", site.url()),
        json!({"max_depth": 0, "max_pages": 5}),
    )
    .await;
    let done = ended(&server, &asked, JobStatus::Completed).await;
    assert_eq!(done.counts.done, 5, "{done:#?}");
    let asked = crawl(&server, &format!("{}llms.txt", site.url()), json!({"max_depth": 0})).await;
    let done = ended(&server, &asked, JobStatus::Completed).await;
    assert!(
        done.counts.done > 0 && stored(&server).await.contains_key("/llms/guide.md"),
        "{done:#?}"
    );
}

#[tokio::test]
async fn patterns_depth_and_number_keep_a_crawl_within_bounds() {
    let site = Site::start().await;
    let server = beside(&site).await;
    let asked = crawl(&server, &site.url(), json!({"max_depth": 0})).await;
    assert_eq!(ended(&server, &asked, JobStatus::Completed).await.counts.total, 1);
    let asked = crawl(
        &server,
        &site.url(),
        json!({"include": ["/docs/**"], "exclude": ["/docs/1*"], "max_pages": 7, "max_depth": 50}),
    )
    .await;
    let done = ended(&server, &asked, JobStatus::Completed).await;
    assert_eq!(done.counts.settled() - done.counts.skipped, 7, "{done:#?}");
    assert!(done.log.iter().any(|line| line.contains("not followed")), "{done:#?}");
    let paths = stored(&server).await;
    assert!(
        paths
            .keys()
            .all(|path| path == "/" || (path.starts_with("/docs/") && !path.starts_with("/docs/1")))
    );
}

#[tokio::test]
async fn a_site_that_is_elsewhere_now_is_crawled_there() {
    let site = Site::start().await;
    let server = beside_hosts(&site, &[site.host(), site.other_host()]).await;
    let asked = crawl(&server, &format!("{}redirect/other", site.url()), json!({})).await;
    let done = ended(&server, &asked, JobStatus::Completed).await;
    assert_eq!((done.counts.done, done.counts.skipped, done.counts.total), (1, 1, 2), "{done:#?}");
    let moved = format!("http://{}/moved", site.other_host());
    assert!(done.log.iter().any(|line| line.contains(&moved)), "{done:#?}");
    assert_eq!(stored(&server).await["/moved"]["metadata"]["source_url"], moved);
    assert!(
        site.requests()
            .iter()
            .all(|path| path.starts_with("other:") || path == "/robots.txt" || path == "/redirect/other")
    );
}

#[tokio::test]
async fn what_cannot_be_crawled_says_why() {
    let site = Site::start().await;
    let server = beside(&site).await;
    for (url, text) in [
        (format!("{}missing", site.url()), "404"),
        (format!("{}500", site.url()), "500"),
        (format!("{}never", site.url()), "4 s"),
        (format!("{}redirect/self", site.url()), "redirect"),
        (format!("{}private/secret", site.url()), "Disallow"),
        (format!("{}redirect/private", site.url()), "--crawl-allow"),
        (format!("{}redirect/other", site.url()), "--crawl-allow"),
        (format!("http://{}/", site.other_host()), "is not a public address"),
        ("http://169.254.169.254/latest/".to_owned(), "--crawl-allow"),
        ("http://nothing.invalid/".to_owned(), "nothing.invalid"),
    ] {
        let asked = crawl(&server, &url, json!({})).await;
        let failed = ended(&server, &asked, JobStatus::Failed).await;
        let error = failed.error.clone().unwrap_or_default();
        assert!(error.contains(text), "{url}: {error}");
        assert_eq!(failed.counts.done, 0);
        // What is closed was left out, and the rest did not work.
        assert_eq!((failed.counts.failed == 0), text == "Disallow", "{failed:#?}");
    }
    for (body, field) in [
        (json!({"url": "not a url"}), "url"),
        (json!({"url": "file:///etc/passwd"}), "url"),
        (json!({"url": "http://a.example/", "max_pages": 0}), "max_pages"),
        (json!({"url": "http://a.example/", "max_depth": 51}), "max_depth"),
        (json!({"url": "http://a.example/", "include": ["["]}), "include"),
    ] {
        let mut body = body;
        body["kb"] = "notes".into();
        let refused = server.post("/api/jobs/crawl", body).await.expect_problem(422, "invalid_value");
        assert_eq!(refused.json["field"], field, "{}", refused.text);
    }
    let nowhere = json!({"kb": "nothing", "url": site.url()});
    server.post("/api/jobs/crawl", nowhere).await.expect_problem(404, "kb_not_found");
}
