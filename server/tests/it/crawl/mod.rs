//! The crawl engine against a site full of traps, over real sockets.

mod fetch;
mod site;

use crate::common::site::Site;
use server::crawl::{Allowed, Fetcher, Limits, PaceSettings};
use std::time::Duration;
use url::Url;

/// Waits for as little as can be.
fn settings() -> PaceSettings {
    PaceSettings {
        delay: Duration::ZERO,
        first_wait: Duration::from_millis(1),
        longest_wait: Duration::from_millis(20),
        ..PaceSettings::default()
    }
}

/// A fetcher for the site and the other one, which gives each answer so much time.
fn fetcher(site: &Site, time: Duration) -> Fetcher {
    let allowed = Allowed::parse([site.host(), site.other_host()]).unwrap();
    Fetcher::with_limits(allowed, Limits { time, ..Limits::default() }).unwrap()
}

/// A fetcher that never gives up in these tests.
fn patient(site: &Site) -> Fetcher {
    fetcher(site, Duration::from_secs(30))
}

/// A page of the site.
fn url(site: &Site, path: &str) -> Url {
    Url::parse(&site.url()).unwrap().join(path).unwrap()
}
