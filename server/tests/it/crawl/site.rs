//! A whole crawl, and its politeness.

use super::{fetcher, patient, settings, url};
use crate::common::site::Site;
use futures_util::stream::{FuturesUnordered, StreamExt};
use server::crawl::{Allowed, Ask, Disallowed, Fetched, Fetcher, Listing, Pace, PaceSettings, Page, Robots, Start, address, discover};
use std::collections::{BTreeSet, HashSet};
use std::time::{Duration, Instant};
use url::Url;

/// Crawls as the caller of the engine would, and says which paths it would store.
async fn crawl(site: &Site) -> BTreeSet<String> {
    let fetcher = fetcher(site, Duration::from_secs(4));
    let pace = Pace::new(settings());
    let start = address::parse(&site.url()).unwrap();
    let robots = Robots::fetch(&fetcher, &pace, &start).await;
    pace.heed(robots.crawl_delay());
    let listing = discover(&fetcher, &pace, &start, &robots).await;
    let may = |to: &Url| address::same_site(to, &start) && robots.allows(to);

    let mut seen = HashSet::new();
    let (mut stored, mut stored_as) = (BTreeSet::new(), HashSet::new());
    let mut running = FuturesUnordered::new();
    let mut found: Vec<Url> = std::iter::once(start.clone())
        .chain(listing.pages.into_iter().map(|page| page.url))
        .collect();
    loop {
        for url in found.drain(..) {
            if may(&url) && seen.insert(address::identity(&url)) {
                let (fetcher, pace) = (&fetcher, &pace);
                running.push(async move { pace.get(fetcher, &url, &Ask::page(), may).await });
            }
        }
        let Some(fetched) = running.next().await else { return stored };
        let Ok(Fetched::Answer(answer)) = fetched else { continue };
        let page = Page::read(&answer.body, answer.content_type.as_deref(), &answer.url);
        found.extend(page.links.clone());
        let is_copy = page
            .canonical
            .as_ref()
            .is_some_and(|canonical| address::identity(canonical) != address::identity(&answer.url));
        if !answer.is_noindex && !page.is_noindex && !is_copy && stored_as.insert(address::identity(&answer.url)) {
            stored.insert(answer.url.path().to_owned());
        }
    }
}

#[tokio::test]
async fn a_crawl_stores_what_it_should_and_asks_for_nothing_else() {
    let site = Site::start().await;
    let stored = crawl(&site).await;
    assert_eq!(stored, Site::expected());
    let counts = site.counts();
    for forbidden in ["/private/secret", "/private/listed", "/nofollow/target", "other:/", "other:/moved"] {
        assert!(!counts.contains_key(forbidden), "{forbidden} was asked for");
    }
    assert!(
        !site
            .requests()
            .iter()
            .any(|asked| asked.contains("session") || asked.contains("utm_"))
    );
    assert!(site.max_in_flight() <= 4, "{} at once", site.max_in_flight());
    assert_eq!(counts["/robots.txt"], 1);
    assert_eq!(counts["/busy"], 3);
    assert_eq!(counts["/unavailable"], 4);
    // Once by its own address, once each by way of a redirect.
    assert!(
        counts.iter().all(|(path, count)| !path.starts_with("/docs/") || *count <= 2),
        "{counts:?}"
    );
}

#[tokio::test]
async fn no_more_than_four_are_asked_at_once() {
    let site = Site::start().await;
    let (fetcher, pace) = (patient(&site), Pace::new(settings()));
    let all = futures_util::future::join_all((1..=8).map(|n| {
        let (url, fetcher, pace) = (url(&site, &format!("/gate/{n}")), &fetcher, &pace);
        async move { pace.get(fetcher, &url, &Ask::page(), |_| true).await.is_ok() }
    }));
    let opened = async {
        site.wait_in_flight(4).await;
        site.open_gate();
    };
    let (answered, ()) = tokio::join!(all, opened);
    assert!(answered.iter().all(|is_answered| *is_answered));
    assert_eq!(site.max_in_flight(), 4);
}

#[tokio::test]
async fn a_site_is_asked_no_faster_than_it_wants() {
    let site = Site::start().await;
    let (fetcher, pace) = (patient(&site), Pace::new(settings()));
    pace.heed(Some(Duration::from_millis(60)));
    pace.heed(None);
    let begun = Instant::now();
    futures_util::future::join_all((0..4).map(|n| {
        let (url, fetcher, pace) = (url(&site, &format!("/docs/{n}")), &fetcher, &pace);
        async move { pace.get(fetcher, &url, &Ask::page(), |_| true).await.unwrap() }
    }))
    .await;
    assert!(begun.elapsed() >= Duration::from_millis(180), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_request_that_is_dropped_leaves_room_for_others() {
    let site = Site::start().await;
    let (fetcher, pace) = (patient(&site), Pace::new(PaceSettings { at_once: 1, ..settings() }));
    let (gate, ask) = (url(&site, "/gate/1"), Ask::page());
    tokio::select! {
        _ = pace.get(&fetcher, &gate, &ask, |_| true) => unreachable!("the gate is shut"),
        () = site.wait_in_flight(1) => {}
    }
    assert!(pace.get(&fetcher, &url(&site, "/docs/1"), &Ask::page(), |_| true).await.is_ok());
}

#[tokio::test]
async fn an_overloaded_site_is_left_alone_and_asked_again() {
    let site = Site::start().await;
    let (fetcher, pace) = (patient(&site), Pace::new(settings()));
    assert!(pace.get(&fetcher, &url(&site, "/busy"), &Ask::page(), |_| true).await.is_ok());
    let error = pace
        .get(&fetcher, &url(&site, "/unavailable"), &Ask::page(), |_| true)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("{}unavailable answered 503 Service Unavailable.", site.url())
    );
    assert!(error.is_worth_a_retry());
    assert_eq!(error.retry_after(), Some(Duration::ZERO));
    assert_eq!(site.counts()["/unavailable"], 4);
}

async fn discovered(site: &Site, path: &str) -> Listing {
    let (fetcher, pace) = (patient(site), Pace::new(settings()));
    let robots = Robots::fetch(&fetcher, &pace, &url(site, "/")).await;
    discover(&fetcher, &pace, &url(site, path), &robots).await
}

#[tokio::test]
async fn what_a_site_lists_is_found() {
    let site = Site::start().await;
    let listing = discovered(&site, "/").await;
    assert!(listing.failures.is_empty() && !listing.is_cut, "{:?}", listing.failures);
    let paths: Vec<_> = listing.pages.iter().map(|page| page.url.path()).collect();
    assert_eq!(
        paths,
        [
            "/hidden/0",
            "/hidden/1",
            "/hidden/2",
            "/hidden/3",
            "/hidden/4",
            "/private/listed",
            "/llms/guide.md",
            "/docs/0"
        ]
    );
    assert_eq!(listing.pages[0].lastmod.as_deref(), Some("2024-05-01"));

    assert_eq!(Start::of(&url(&site, "/llms.txt")), Start::LlmsTxt);
    let listing = discovered(&site, "/llms.txt").await;
    assert_eq!(listing.pages.len(), 2);

    assert_eq!(Start::of(&url(&site, "/sitemaps/deep-sitemap.xml")), Start::Sitemap);
    let listing = discovered(&site, "/sitemaps/deep-sitemap.xml").await;
    assert!(listing.pages.is_empty());
    assert!(listing.failures[0].to_string().contains("only 3 deep"), "{:?}", listing.failures);

    let listing = discovered(&site, "/missing/sitemap.xml").await;
    assert!(
        listing.failures[0].to_string().ends_with("answered 404 Not Found."),
        "{:?}",
        listing.failures
    );
}

#[tokio::test]
async fn rules_that_are_out_of_reach_close_a_site() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let fetcher = Fetcher::new(Allowed::parse([free.to_string()]).unwrap()).unwrap();
    let start = Url::parse(&format!("http://{free}/a")).unwrap();
    let robots = Robots::fetch(&fetcher, &Pace::new(settings()), &start).await;
    let error = robots.check(&start).unwrap_err();
    assert!(
        matches!(error, Disallowed::Unknown { .. }) && error.to_string().contains("cannot be read"),
        "{error}"
    );
}

/// A server that gives one answer to everything.
async fn answering(status: u16, body: String) -> Url {
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/a", socket.local_addr().unwrap())).unwrap();
    let status = axum::http::StatusCode::from_u16(status).unwrap();
    let app = axum::Router::new().fallback(move || std::future::ready((status, body)));
    tokio::spawn(async move { axum::serve(socket, app).await });
    url
}

#[tokio::test]
async fn a_site_without_rules_is_open_and_one_that_is_not_well_is_closed() {
    for (status, is_open) in [(404, true), (403, true), (410, true), (429, false), (500, false), (503, false)] {
        let start = answering(status, "User-agent: *\nDisallow: /".to_owned()).await;
        let fetcher = Fetcher::new(Allowed::parse(["127.0.0.1"]).unwrap()).unwrap();
        let robots = Robots::fetch(&fetcher, &Pace::new(settings()), &start).await;
        assert_eq!(robots.allows(&start), is_open, "{status}");
        if let Err(error) = robots.check(&start) {
            assert!(error.to_string().contains(&status.to_string()), "{error}");
        }
    }
}

#[tokio::test]
async fn of_long_rules_the_beginning_counts() {
    let rules = format!("User-agent: *\nDisallow: /a\n{}Disallow: /b\n", "# filler\n".repeat(64 * 1024));
    let start = answering(200, rules).await;
    let fetcher = Fetcher::new(Allowed::parse(["127.0.0.1"]).unwrap()).unwrap();
    let robots = Robots::fetch(&fetcher, &Pace::new(settings()), &start).await;
    assert!(!robots.allows(&start));
    assert!(robots.allows(&start.join("/b").unwrap()));
}

#[tokio::test]
async fn all_of_it_can_be_spawned() {
    let site = Site::start().await;
    let (fetcher, start) = (patient(&site), url(&site, "/llms.txt"));
    let spawned = tokio::spawn(async move {
        let pace = Pace::new(settings());
        let robots = Robots::fetch(&fetcher, &pace, &start).await;
        let listing = discover(&fetcher, &pace, &start, &robots).await;
        let may = |to: &Url| address::same_site(to, &start) && robots.allows(to);
        let fetched = pace.get(&fetcher, &listing.pages[0].url, &Ask::page(), may).await;
        let Ok(Fetched::Answer(answer)) = fetched else {
            panic!("{fetched:?}")
        };
        let read = move || Page::read(&answer.body, answer.content_type.as_deref(), &answer.url);
        tokio::task::spawn_blocking(read).await.unwrap().title
    });
    assert_eq!(spawned.await.unwrap(), "Guide");
}
