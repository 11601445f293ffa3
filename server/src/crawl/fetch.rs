//! Asks a server for something, and follows where it redirects to; each hop is checked like the first.

use super::address::{bare, check_scheme};
use super::allowed::Allowed;
use super::body;
use super::failure::FetchError;
use super::guard::is_public;
use super::resolve::Resolver;
use reqwest::header::{
    ACCEPT, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION, RETRY_AFTER,
};
use reqwest::{Client, Response, StatusCode, redirect};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use url::{Host, Url};

/// As whom the crawler introduces itself.
pub const USER_AGENT: &str = concat!("Tidings/", env!("CARGO_PKG_VERSION"), " (+robots.txt agent: Tidings)");
/// How long to agree on a connection.
const CONNECT: Duration = Duration::from_secs(10);

/// Why there is no fetcher.
#[derive(Debug, thiserror::Error)]
#[error("the crawler cannot make connections: {0}. Check that the system's certificates can be read.")]
pub struct SetUpError(#[from] reqwest::Error);

/// What an answer may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For the whole answer, redirects and all.
    pub time: Duration,
    /// Most bytes of a page, after decompression.
    pub page_bytes: usize,
    /// Most bytes of a sitemap, after decompression.
    pub list_bytes: usize,
    /// Most bytes of a `robots.txt` that are read (RFC 9309, 2.5).
    pub robots_bytes: usize,
    /// Most redirects in a row.
    pub redirects: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(30),
            page_bytes: 5 * 1024 * 1024,
            list_bytes: 16 * 1024 * 1024,
            robots_bytes: 500 * 1024,
            redirects: 10,
        }
    }
}

/// What tells whether an answer is still the same (RFC 9110, 8.8).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// As it was sent, quotes and all.
    pub etag: Option<String>,
    /// As it was sent.
    pub last_modified: Option<String>,
}

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// HTML, plain text or markdown.
    Page,
    /// A sitemap or `llms.txt`.
    List,
    /// `robots.txt`, whatever type it claims to have.
    Robots,
}

/// What to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    pub(super) wanted: Wanted,
    validators: Validators,
}

impl Ask {
    /// A page: HTML, plain text or markdown.
    pub fn page() -> Self {
        Self::of(Wanted::Page)
    }

    /// A page, unless it is still the one with these validators.
    pub fn page_unless(validators: Validators) -> Self {
        Self {
            validators,
            ..Self::page()
        }
    }

    pub(super) fn of(wanted: Wanted) -> Self {
        Self {
            wanted,
            validators: Validators::default(),
        }
    }

    fn headers(&self) -> HeaderMap {
        let accept = match self.wanted {
            Wanted::Page => "text/html, application/xhtml+xml, text/markdown;q=0.9, text/plain;q=0.8",
            Wanted::List => "application/xml, text/xml, text/plain, text/markdown, application/gzip;q=0.9",
            Wanted::Robots => "text/plain, */*;q=0.1",
        };
        let mut headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]);
        for (name, value) in [
            (IF_NONE_MATCH, &self.validators.etag),
            (IF_MODIFIED_SINCE, &self.validators.last_modified),
        ] {
            // What cannot be sent is not: the page comes anew.
            if let Some(value) = value.as_deref().and_then(|value| HeaderValue::from_str(value).ok()) {
                headers.insert(name, value);
            }
        }
        headers
    }
}

/// What came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// What was asked for.
    Answer(Answer),
    /// It is still the same.
    NotModified,
    /// A redirect leads to where the caller does not follow.
    Elsewhere(Url),
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Where it was found, after all redirects.
    pub url: Url,
    /// The value of `Content-Type`.
    pub content_type: Option<String>,
    /// It does not want to be kept (`X-Robots-Tag`).
    pub is_noindex: bool,
    /// To be asked with next time.
    pub validators: Validators,
    /// Decompressed, not decoded.
    pub body: Vec<u8>,
}

/// Fetches from public addresses, and from those that are allowed besides. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Fetcher(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    allowed: Allowed,
    limits: Limits,
    /// Refuses addresses that are not public.
    guarded: Client,
    /// For allowed hosts.
    trusting: Client,
}

impl Fetcher {
    /// A fetcher for the public web and `allowed` hosts.
    pub fn new(allowed: Allowed) -> Result<Self, SetUpError> {
        Self::with_limits(allowed, Limits::default())
    }

    /// A fetcher with other limits than the usual ones.
    pub fn with_limits(allowed: Allowed, limits: Limits) -> Result<Self, SetUpError> {
        Ok(Self(Arc::new(Inner {
            allowed,
            limits,
            guarded: client(true)?,
            trusting: client(false)?,
        })))
    }

    /// Asks for `url`. A redirect is followed where `may_follow` says so of its target; the caller looks there whether it is
    /// on the same site, say, and allowed by `robots.txt`.
    pub async fn get(&self, url: &Url, ask: &Ask, may_follow: impl Fn(&Url) -> bool) -> Result<Fetched, FetchError> {
        let after = self.0.limits.time;
        match tokio::time::timeout(after, self.follow(bare(url), ask, may_follow)).await {
            Ok(fetched) => fetched,
            Err(_) => Err(FetchError::TimedOut {
                url: url.to_string(),
                after,
            }),
        }
    }

    async fn follow(&self, start: Url, ask: &Ask, may_follow: impl Fn(&Url) -> bool) -> Result<Fetched, FetchError> {
        let mut seen = vec![start.clone()];
        let mut url = start;
        loop {
            let response = self.ask(&url, ask).await?;
            let Some(target) = redirected(&url, &response) else {
                return self.answered(url, response, ask).await;
            };
            if seen.contains(&target) {
                return Err(FetchError::RedirectLoop { url: target.to_string() });
            }
            if seen.len() > self.0.limits.redirects {
                return Err(FetchError::TooManyRedirects {
                    url: seen[0].to_string(),
                    most: self.0.limits.redirects,
                });
            }
            check_scheme(&target)?;
            if !may_follow(&target) {
                return Ok(Fetched::Elsewhere(target));
            }
            seen.push(target.clone());
            url = target;
        }
    }

    async fn ask(&self, url: &Url, ask: &Ask) -> Result<Response, FetchError> {
        check_scheme(url)?;
        let client = if self.0.allowed.has(url) {
            &self.0.trusting
        } else {
            check_address(url)?;
            &self.0.guarded
        };
        let sent = client.get(url.clone()).headers(ask.headers()).send().await;
        sent.map_err(|error| FetchError::of(url.as_str(), &error))
    }

    async fn answered(&self, url: Url, response: Response, ask: &Ask) -> Result<Fetched, FetchError> {
        let status = response.status();
        if status == StatusCode::NOT_MODIFIED && ask.validators != Validators::default() {
            return Ok(Fetched::NotModified);
        }
        if !status.is_success() {
            return Err(FetchError::Status {
                url: url.to_string(),
                status,
                retry_after: response.headers().get(RETRY_AFTER).and_then(retry_after),
            });
        }
        let most = match ask.wanted {
            Wanted::Page => self.0.limits.page_bytes,
            Wanted::List => self.0.limits.list_bytes,
            Wanted::Robots => self.0.limits.robots_bytes,
        };
        Ok(Fetched::Answer(Answer {
            content_type: body::content_type(&response),
            is_noindex: response.headers().get_all("x-robots-tag").iter().any(forbids_keeping),
            validators: Validators {
                etag: text_of(&response, ETAG),
                last_modified: text_of(&response, LAST_MODIFIED),
            },
            body: body::read(response, ask.wanted, most).await?,
            url,
        }))
    }
}

fn client(is_guarded: bool) -> Result<Client, reqwest::Error> {
    Client::builder()
        .user_agent(USER_AGENT)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(CONNECT)
        .pool_max_idle_per_host(4)
        .dns_resolver(Resolver { is_guarded })
        .build()
}

/// Addresses in URLs are connected to without being resolved.
fn check_address(url: &Url) -> Result<(), FetchError> {
    let address = match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => IpAddr::V6(address),
        _ => return Ok(()),
    };
    if is_public(address) {
        return Ok(());
    }
    Err(FetchError::Refused {
        host: url.host_str().unwrap_or_default().to_owned(),
        address,
    })
}

/// Where a redirect leads. One that does not say so is no redirect.
fn redirected(url: &Url, response: &Response) -> Option<Url> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = response.headers().get(LOCATION)?;
    let target = url.join(&String::from_utf8_lossy(location.as_bytes())).ok()?;
    // Tracking parameters stay: a redirect may add them to the same address.
    Some(bare(&target))
}

fn text_of(response: &Response, name: HeaderName) -> Option<String> {
    response.headers().get(name)?.to_str().ok().map(ToOwned::to_owned)
}

/// Whether `X-Robots-Tag` forbids this crawler to keep the answer. It may name one crawler that it is for.
fn forbids_keeping(value: &HeaderValue) -> bool {
    let text = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
    let rules = match text.split_once(':') {
        Some((agent, rules)) if agent.trim() == "tidings" => rules,
        Some(_) => return false,
        None => &text,
    };
    rules.split(',').any(|rule| matches!(rule.trim(), "noindex" | "none"))
}

/// `Retry-After`: seconds, or a date (RFC 9110, 10.2.3).
fn retry_after(value: &HeaderValue) -> Option<Duration> {
    let text = value.to_str().ok()?.trim();
    match text.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        // A date that has passed asks for no wait.
        Err(_) => Some(
            httpdate::parse_http_date(text)
                .ok()?
                .duration_since(SystemTime::now())
                .unwrap_or_default(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_may_want_to_be_left_out() {
        let forbids = |text: &str| forbids_keeping(&HeaderValue::from_str(text).unwrap());
        assert!(forbids("NoIndex") && forbids("nofollow, none") && forbids("Tidings: noindex"));
        assert!(!forbids("googlebot: noindex") && !forbids("nofollow") && !forbids("noindexer"));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let read = |text: &str| retry_after(&HeaderValue::from_str(text).unwrap());
        assert_eq!(read(" 120 "), Some(Duration::from_secs(120)));
        assert_eq!(read("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        let soon = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(90));
        assert!(read(&soon).is_some_and(|wait| wait > Duration::from_secs(80) && wait <= Duration::from_secs(90)));
        assert_eq!(read("soon"), None);
        assert_eq!(read("-5"), None);
    }
}
