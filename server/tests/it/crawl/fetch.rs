//! What the fetcher brings, and why it does not.

use super::{fetcher, patient, url};
use crate::common::site::Site;
use server::crawl::{Allowed, Ask, FetchError, Fetched, Fetcher, Validators, address};
use std::time::Duration;
use url::Url;

async fn failure(site: &Site, path: &str) -> FetchError {
    patient(site).get(&url(site, path), &Ask::page(), |_| true).await.unwrap_err()
}

#[tokio::test]
async fn failures_are_told_apart() {
    let site = Site::start().await;
    for (path, is_worth_a_retry, text) in [
        ("/missing", false, "answered 404 Not Found."),
        ("/500", true, "answered 500 Internal Server Error."),
        ("/redirect/nowhere", false, "answered 302 Found."),
        ("/huge", false, "larger than 5120 KiB"),
        ("/endless", false, "larger than 5120 KiB"),
        ("/bomb", false, "larger than 5120 KiB"),
        ("/binary", false, "called text/html, yet binary"),
        ("/image", false, "is image/png"),
        ("/redirect/loop-a", false, "in a circle"),
        ("/redirect/self", false, "in a circle"),
        ("/redirect/many/0", false, "more than 10 times"),
        ("/redirect/private", false, "169.254.169.254 is not a public address"),
        ("/redirect/file", false, "file address"),
    ] {
        let error = failure(&site, path).await;
        assert!(error.to_string().contains(text), "{path}: {error}");
        assert_eq!(error.is_worth_a_retry(), is_worth_a_retry, "{path}: {error}");
    }
    assert_eq!(site.counts()["/redirect/many/10"], 1);
    assert!(!site.counts().contains_key("/redirect/many/11"));
}

#[tokio::test]
async fn what_takes_too_long_is_given_up() {
    let site = Site::start().await;
    let hasty = fetcher(&site, Duration::from_millis(300));
    for path in ["/never", "/drip"] {
        let error = hasty.get(&url(&site, path), &Ask::page(), |_| true).await.unwrap_err();
        assert!(matches!(error, FetchError::TimedOut { .. }), "{path}: {error}");
    }
}

#[tokio::test]
async fn redirects_are_followed_where_the_caller_says_so() {
    let site = Site::start().await;
    let start = url(&site, "/");
    let fetcher = patient(&site);
    for (from, to) in [
        ("/redirect/absolute", "/docs/1"),
        ("/redirect/relative", "/docs/2"),
        ("/tracked", "/tracked?utm_source=x"),
    ] {
        let fetched = fetcher
            .get(&url(&site, from), &Ask::page(), |to| address::same_site(to, &start))
            .await
            .unwrap();
        let Fetched::Answer(answer) = fetched else { panic!("{fetched:?}") };
        assert_eq!(answer.url, url(&site, to));
    }
    for from in ["/redirect/other", "/redirect/private"] {
        let fetched = fetcher
            .get(&url(&site, from), &Ask::page(), |to| address::same_site(to, &start))
            .await
            .unwrap();
        assert!(matches!(fetched, Fetched::Elsewhere(_)), "{fetched:?}");
    }
}

#[tokio::test]
async fn an_answer_that_is_known_is_not_sent_again() {
    let site = Site::start().await;
    let fetcher = patient(&site);
    for path in ["/etag", "/modified"] {
        let Fetched::Answer(answer) = fetcher.get(&url(&site, path), &Ask::page(), |_| true).await.unwrap() else {
            panic!("{path} was not answered");
        };
        let again = fetcher
            .get(&url(&site, path), &Ask::page_unless(answer.validators), |_| true)
            .await
            .unwrap();
        assert_eq!(again, Fetched::NotModified);
        let other = Validators {
            etag: Some("\"two\"".to_owned()),
            last_modified: Some("\n".to_owned()),
        };
        let again = fetcher.get(&url(&site, path), &Ask::page_unless(other), |_| true).await.unwrap();
        assert!(matches!(again, Fetched::Answer(_)));
    }
}

#[tokio::test]
async fn addresses_that_lead_inside_are_refused() {
    let site = Site::start().await;
    let port = url(&site, "/").port().unwrap();
    let strict = Fetcher::new(Allowed::default()).unwrap();
    for host in [
        "127.0.0.1",
        "localhost",
        "0x7f.1",
        "2130706433",
        "017700000001",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "LOCALHOST",
    ] {
        let url = Url::parse(&format!("http://{host}:{port}/")).unwrap();
        let error = strict.get(&url, &Ask::page(), |_| true).await.unwrap_err();
        assert!(matches!(error, FetchError::Refused { .. }), "{host}: {error:?}");
        assert!(error.to_string().contains("--crawl-allow"), "{error}");
    }
    // Another port of the same host is not allowed.
    let elsewhere = Fetcher::new(Allowed::parse([site.other_host()]).unwrap()).unwrap();
    assert!(matches!(
        elsewhere.get(&url(&site, "/"), &Ask::page(), |_| true).await,
        Err(FetchError::Refused { .. })
    ));
    assert!(site.requests().is_empty());
}

#[tokio::test]
async fn failures_to_connect_are_told_apart() {
    let site = Site::start().await;
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let fetcher = Fetcher::new(Allowed::parse([site.host(), free.to_string()]).unwrap()).unwrap();
    let get = async |url: String| fetcher.get(&Url::parse(&url).unwrap(), &Ask::page(), |_| true).await.unwrap_err();
    let error = get(format!("http://{free}/")).await;
    assert!(
        matches!(error, FetchError::Connection { .. }) && error.is_worth_a_retry(),
        "{error:?}"
    );
    let error = get(format!("https://{}/", site.host())).await;
    assert!(matches!(error, FetchError::Tls { .. }) && !error.is_worth_a_retry(), "{error:?}");
    let error = get("http://nowhere.invalid/".to_owned()).await;
    assert!(matches!(error, FetchError::Unresolved { .. }), "{error:?}");
    let error = get("ftp://example.org/".to_owned()).await;
    assert!(matches!(error, FetchError::Scheme { .. }), "{error:?}");
}
