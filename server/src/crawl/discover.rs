//! Finds the pages that a site lists itself.

use super::address::{identity, same_site};
use super::failure::FetchError;
use super::fetch::{Answer, Ask, Fetched, Fetcher, Wanted};
use super::listed::{self, Listed};
use super::pace::Pace;
use super::page::LONGEST;
use super::robots::Robots;
use reqwest::StatusCode;
use std::collections::{HashSet, VecDeque};
use url::Url;

/// Most pages that are listed.
const MOST_PAGES: usize = 50_000;
/// Most sitemaps that are read.
const MOST_SITEMAPS: usize = 500;
/// How far sitemaps may name further ones.
const DEEPEST: usize = 3;
/// Most bytes that a sitemap unpacks to, where it is packed.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// What a URL that a crawl starts at is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// A page.
    Page,
    /// A sitemap: only what it lists is to be crawled.
    Sitemap,
    /// An `llms.txt`: only what it lists is to be crawled.
    LlmsTxt,
}

impl Start {
    /// Goes by the name of the file.
    pub fn of(url: &Url) -> Self {
        let name = url.path().rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        let is_xml = [".xml", ".xml.gz", ".txt", ".txt.gz"].iter().any(|end| name.ends_with(end));
        match name.as_str() {
            "llms.txt" => Self::LlmsTxt,
            name if is_xml && name.contains("sitemap") => Self::Sitemap,
            _ => Self::Page,
        }
    }
}

/// Why a list was not read.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ListingError {
    /// It was not fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// It is no sitemap.
    #[error("{url} is no sitemap: {why}.")]
    NoSitemap {
        /// Which.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// It lies too deep.
    #[error("{url} was left out: sitemaps may name others only {DEEPEST} deep.")]
    TooDeep {
        /// Which.
        url: String,
    },
}

/// What a site lists.
#[derive(Debug, Default)]
pub struct Listing {
    /// Its pages, each once, in the order in which they are listed. Only those of the same site.
    pub pages: Vec<Listed>,
    /// Lists that were named and could not be read.
    pub failures: Vec<ListingError>,
    /// More are listed than are read: 50,000 pages, 500 sitemaps.
    pub is_cut: bool,
}

/// Finds the pages that the site of `start` lists: in `start` itself where that is a list; else in the sitemaps that
/// `robots` names, or that are in the usual place, and in `llms.txt`.
pub async fn discover(fetcher: &Fetcher, pace: &Pace, start: &Url, robots: &Robots) -> Listing {
    let mut search = Search {
        fetcher,
        pace,
        start,
        robots,
        seen: HashSet::new(),
        listing: Listing::default(),
    };
    match Start::of(start) {
        Start::Sitemap => search.sitemaps(std::slice::from_ref(start), true).await,
        Start::LlmsTxt => search.llms_txt(start, true).await,
        Start::Page => {
            match robots.sitemaps() {
                [] => search.sitemaps(&usual_place(start, "/sitemap.xml"), false).await,
                named => search.sitemaps(named, true).await,
            }
            for place in usual_place(start, "/llms.txt") {
                search.llms_txt(&place, false).await;
            }
        }
    }
    search.listing
}

fn usual_place(start: &Url, path: &str) -> Vec<Url> {
    start.join(path).into_iter().collect()
}

struct Search<'a> {
    fetcher: &'a Fetcher,
    pace: &'a Pace,
    start: &'a Url,
    robots: &'a Robots,
    /// Identities of pages and of sitemaps.
    seen: HashSet<String>,
    listing: Listing,
}

impl Search<'_> {
    /// Reads sitemaps and those that they name. That one which is only guessed is absent says nothing.
    async fn sitemaps(&mut self, roots: &[Url], is_named: bool) {
        let mut queue: VecDeque<(Url, usize)> = roots.iter().map(|root| (root.clone(), 0)).collect();
        let mut read = 0;
        while let Some((place, depth)) = queue.pop_front() {
            if !self.seen.insert(format!("sitemap {}", identity(&place))) {
                continue;
            }
            if read == MOST_SITEMAPS || self.listing.pages.len() == MOST_PAGES {
                self.listing.is_cut = true;
                return;
            }
            read += 1;
            match self.sitemap(&place).await {
                Ok(named) if depth < DEEPEST => {
                    // One more than will be read, so that it is known that there are more.
                    let room = (MOST_SITEMAPS + 1 - read).saturating_sub(queue.len());
                    queue.extend(named.into_iter().take(room).map(|named| (named, depth + 1)));
                }
                Ok(named) => {
                    let too_deep = named.into_iter().map(|url| ListingError::TooDeep { url: url.into() });
                    self.listing.failures.extend(too_deep.take(1));
                }
                Err(error) if is_named || !is_absence(&error) => self.listing.failures.push(error),
                Err(_) => {}
            }
        }
    }

    /// Reads a sitemap, and says which others it names.
    async fn sitemap(&mut self, place: &Url) -> Result<Vec<Url>, ListingError> {
        let Some(answer) = self.fetch(place).await? else {
            return Ok(Vec::new());
        };
        let broken = |why: String| ListingError::NoSitemap {
            url: place.to_string(),
            why,
        };
        let body = listed::unpacked(answer.body, MOST_BYTES).ok_or_else(|| broken("it is packed, and cannot be unpacked".to_owned()))?;
        let found = listed::sitemap(&body, MOST_PAGES).map_err(broken)?;
        self.add(found.pages);
        // A sitemap may name those of its own host.
        Ok(found.sitemaps.into_iter().filter(|named| same_site(named, place)).collect())
    }

    async fn llms_txt(&mut self, place: &Url, is_named: bool) {
        match self.fetch(place).await {
            Ok(Some(answer)) => self.add(listed::llms_txt(&answer.body, &answer.url, MOST_PAGES)),
            Err(error) if is_named || !is_absence(&error) => self.listing.failures.push(error),
            Ok(None) | Err(_) => {}
        }
    }

    async fn fetch(&self, place: &Url) -> Result<Option<Answer>, ListingError> {
        // A file that is named in robots.txt may lie elsewhere, where its rules do not count.
        let may_ask = |url: &Url| !same_site(url, self.start) || self.robots.allows(url);
        if !may_ask(place) {
            return Ok(None);
        }
        let follow = |to: &Url| same_site(to, place) && may_ask(to);
        match self.pace.get(self.fetcher, place, &Ask::of(Wanted::List), follow).await? {
            Fetched::Answer(answer) => Ok(Some(answer)),
            Fetched::NotModified | Fetched::Elsewhere(_) => Ok(None),
        }
    }

    fn add(&mut self, pages: Vec<Listed>) {
        for page in pages {
            if page.url.as_str().len() > LONGEST || !same_site(&page.url, self.start) || self.seen.contains(&identity(&page.url)) {
                continue;
            }
            if self.listing.pages.len() == MOST_PAGES {
                self.listing.is_cut = true;
                return;
            }
            self.seen.insert(identity(&page.url));
            self.listing.pages.push(page);
        }
    }
}

/// Whether there is no such file; many sites answer with a page then.
fn is_absence(error: &ListingError) -> bool {
    match error {
        ListingError::Fetch(FetchError::Status { status, .. }) => status.is_client_error() && *status != StatusCode::TOO_MANY_REQUESTS,
        ListingError::Fetch(FetchError::WrongType { .. }) | ListingError::NoSitemap { .. } => true,
        _ => false,
    }
}
