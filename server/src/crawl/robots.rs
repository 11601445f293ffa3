//! `robots.txt` (RFC 9309): what a site lets crawlers ask for.

use super::failure::FetchError;
use super::fetch::{Ask, Fetched, Fetcher, Wanted};
use super::pace::Pace;
use reqwest::StatusCode;
use std::time::Duration;
use url::Url;

/// The name that groups of a `robots.txt` call the crawler by.
const AGENT: &str = "tidings";

/// Why a URL may not be asked for.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Disallowed {
    /// A rule says so.
    #[error("{url} is closed to crawlers: {robots} says “Disallow: {rule}”.")]
    Rule {
        /// Which.
        url: String,
        /// Where the rule stands.
        robots: String,
        /// What it says.
        rule: String,
    },
    /// The rules cannot be read, and so nothing is allowed (RFC 9309, 2.3.1.4).
    #[error("{url} was not read, because the rules for crawlers there cannot be read: {why} Try again when the site is well.")]
    Unknown {
        /// Which.
        url: String,
        /// What is the matter with them.
        why: FetchError,
    },
}

/// What a site lets this crawler ask for.
#[derive(Debug, Clone)]
pub struct Robots {
    place: String,
    rules: Result<robotxt::Robots, FetchError>,
}

impl Robots {
    /// Reads the rules of the site of a URL. Without any (4xx, or redirects without end) all is allowed; where they cannot
    /// be reached nothing is.
    pub async fn fetch(fetcher: &Fetcher, pace: &Pace, site: &Url) -> Self {
        let Ok(place) = site.join("/robots.txt") else {
            return Self::parse(site, b"");
        };
        let rules = match pace.get(fetcher, &place, &Ask::of(Wanted::Robots), |_| true).await {
            Ok(Fetched::Answer(answer)) => Ok(read(&answer.body)),
            Ok(Fetched::NotModified | Fetched::Elsewhere(_)) => Ok(robotxt::Robots::allow_all()),
            Err(error) if is_absent(&error) || is_nowhere(&error) => Ok(robotxt::Robots::allow_all()),
            Err(error) => Err(error),
        };
        Self {
            place: place.into(),
            rules,
        }
    }

    /// Rules as they stand in a file.
    pub fn parse(site: &Url, text: &[u8]) -> Self {
        Self {
            place: site.join("/robots.txt").unwrap_or_else(|_| site.clone()).into(),
            rules: Ok(read(text)),
        }
    }

    /// Whether a URL of the site may be asked for, and if not, why.
    pub fn check(&self, url: &Url) -> Result<(), Disallowed> {
        let rules = self.rules.as_ref().map_err(|why| Disallowed::Unknown {
            url: url.to_string(),
            why: why.clone(),
        })?;
        if rules.is_url_allowed(url) {
            return Ok(());
        }
        let rule = rules.matching_rule(&url[url::Position::BeforePath..url::Position::AfterQuery]);
        Err(Disallowed::Rule {
            url: url.to_string(),
            robots: self.place.clone(),
            rule: rule.map_or("/", robotxt::Rule::pattern).to_owned(),
        })
    }

    /// Whether a URL of the site may be asked for.
    pub fn allows(&self, url: &Url) -> bool {
        self.rules.as_ref().is_ok_and(|rules| rules.is_url_allowed(url))
    }

    /// How long to wait between two requests, for [`Pace::heed`].
    pub fn crawl_delay(&self) -> Option<Duration> {
        self.rules.as_ref().ok()?.crawl_delay()
    }

    /// The sitemaps that are named.
    pub fn sitemaps(&self) -> &[Url] {
        self.rules.as_ref().map_or(&[], robotxt::Robots::sitemaps)
    }
}

/// Most rules that are kept: each address is compared with all of them.
const RULES: usize = 1_000;
/// Most sitemaps that are taken up.
const SITEMAPS: usize = 500;

/// Reads rules, and no more than are of use: those for all crawlers and for this one.
fn read(text: &[u8]) -> robotxt::Robots {
    let text = String::from_utf8_lossy(text);
    let (mut kept, mut rules, mut sitemaps) = (String::new(), 0, 0);
    let (mut is_heading, mut is_ours) = (false, false);
    for line in text.trim_start_matches('\u{feff}').split(['\n', '\r']) {
        let Some((key, value)) = line.split_once(':') else { continue };
        let is_kept = match key.trim().to_ascii_lowercase().replace(['-', ' '], "").as_str() {
            "useragent" => {
                let agent = value.split('#').next().unwrap_or_default().trim().to_ascii_lowercase();
                let names_us = agent == "*" || agent.contains(AGENT);
                is_ours = names_us || (is_heading && is_ours);
                is_heading = true;
                names_us
            }
            "sitemap" => {
                sitemaps += 1;
                sitemaps <= SITEMAPS
            }
            "allow" | "disallow" | "crawldelay" => {
                is_heading = false;
                rules += usize::from(is_ours);
                is_ours && rules <= RULES
            }
            _ => false,
        };
        if is_kept {
            kept.extend([line, "\n"]);
        }
    }
    robotxt::Robots::parse(kept.as_bytes(), AGENT)
}

/// Whether the site itself cannot be had: then its pages fail in the same way, each in words of its own.
fn is_nowhere(error: &FetchError) -> bool {
    use FetchError::{Refused, Tls, Unresolved};
    matches!(error, Unresolved { .. } | Refused { .. } | Tls { .. })
}

/// Whether there are no rules, rather than rules that are out of reach. Who is asked too often (429) has some.
fn is_absent(error: &FetchError) -> bool {
    match error {
        FetchError::Status { status, .. } => !status.is_server_error() && *status != StatusCode::TOO_MANY_REQUESTS,
        FetchError::RedirectLoop { .. } | FetchError::TooManyRedirects { .. } => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn robots(text: &str) -> Robots {
        Robots::parse(&Url::parse("https://e.org/a/b").unwrap(), text.as_bytes())
    }

    fn allows(robots: &Robots, path: &str) -> bool {
        let url = Url::parse("https://e.org/").unwrap().join(path).unwrap();
        assert_eq!(robots.check(&url).is_ok(), robots.allows(&url));
        robots.allows(&url)
    }

    #[test]
    fn the_longest_rule_of_the_own_group_counts() {
        let robots = robots(
            "\u{feff}User-agent: *\nDisallow: /\n\nUser-agent: other\nuser-agent: TIDINGS # us\nDisallow: /private\nAllow: /private/open\n\
             Disallow: /*.pdf$\nCrawl-delay: 2.5\nSitemap: https://e.org/s.xml\nSitemap: nonsense",
        );
        for path in ["/", "/private/open/a", "/a.pdf?x", "/robots.txt"] {
            assert!(allows(&robots, path), "{path}");
        }
        for path in ["/private", "/private/a", "/x/a.pdf", "/priv%61te"] {
            assert!(!allows(&robots, path), "{path}");
        }
        assert_eq!(robots.crawl_delay(), Some(Duration::from_millis(2500)));
        assert_eq!(robots.sitemaps().len(), 1);
        let why = robots
            .check(&Url::parse("https://e.org/private/a").unwrap())
            .unwrap_err()
            .to_string();
        assert!(
            why.contains("Disallow: /private") && why.contains("https://e.org/robots.txt"),
            "{why}"
        );
    }

    #[test]
    fn rules_of_others_are_passed_over_and_of_too_many_the_first_count() {
        let others = "User-agent: other\nDisallow: /\n".repeat(5_000);
        let robots = robots(&format!("{others}User-agent: a\nUser-agent: *\nDisallow: /b\n"));
        assert!(allows(&robots, "/a") && !allows(&robots, "/b"));
        let many: String = (0..50_000).map(|n| format!("Disallow: /{n}$\n")).collect();
        let robots = self::robots(&format!("User-agent: *\n{many}"));
        assert!(!allows(&robots, "/999") && allows(&robots, "/1000"));
    }

    #[test]
    fn rules_that_are_none_allow_everything() {
        assert!(allows(&robots("<!doctype html><p>Disallow: /"), "/a"));
        assert!(allows(&robots("User-agent: *\nDisallow:\n"), "/a"));
    }

    #[test]
    fn rules_of_the_other_kinds_of_crawlers_do_not_count() {
        assert!(allows(&robots("User-agent: tidingsbot\nDisallow: /"), "/a"));
        assert!(!allows(&robots("User-agent: *\nDisallow: /*/a\n"), "/x/y/a"));
    }
}
