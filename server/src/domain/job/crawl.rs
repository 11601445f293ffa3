//! Asks for a site to be crawled.

use super::start::{New, start_in};
use crate::crawl::{Patterns, address};
use crate::domain::mutation::{self, Request};
use crate::error::Error;
use crate::store::Store;
use app::protocol::job::{Job, JobKind, NewCrawl};
use app::protocol::{KbName, limits};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// What a crawl keeps to, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Where it begins.
    pub url: String,
    /// Most pages that are fetched.
    pub max_pages: u64,
    /// How many links a page may be away from the first.
    pub max_depth: u32,
    /// Only pages whose path matches one of these; all where empty.
    pub include: Vec<String>,
    /// No pages whose path matches one of these.
    pub exclude: Vec<String>,
}

/// Has the pages of a site brought into a knowledge base.
pub async fn crawl(store: &Store, request: &Request, new: NewCrawl) -> Result<Job, Error> {
    let kb = KbName::parse(&new.kb)?;
    // Whether they may comes first: what is wrong with the rest is nobody else's business.
    request.caller.must_write(&kb)?;
    let plan = check(&new)?;
    let params = serde_json::to_value(&plan)?;
    let of = request.clone();
    mutation::once(store, request, "job.crawl", &new, move |tx| {
        Box::pin(async move { start_in(tx, &of, New::of(&kb, JobKind::Crawl, plan.url, params)).await })
    })
    .await
}

fn check(new: &NewCrawl) -> Result<Plan, Error> {
    let invalid = |field, why: String| Error::InvalidValue { field, why };
    if new.url.len() > limits::URL_BYTES {
        let why = format!("the address has {} bytes; {} are allowed", new.url.len(), limits::URL_BYTES);
        return Err(invalid("url", why));
    }
    let url = address::parse(&new.url).map_err(|why| invalid("url", why.to_string()))?;
    for (field, patterns) in [("include", &new.include), ("exclude", &new.exclude)] {
        if patterns.len() > limits::CRAWL_PATTERNS {
            return Err(invalid(
                field,
                format!("there are {}; {} are allowed", patterns.len(), limits::CRAWL_PATTERNS),
            ));
        }
        if let Some(long) = patterns.iter().find(|pattern| pattern.len() > limits::CRAWL_PATTERN_BYTES) {
            let why = format!("a pattern has {} bytes; {} are allowed", long.len(), limits::CRAWL_PATTERN_BYTES);
            return Err(invalid(field, why));
        }
        Patterns::new(patterns, &[]).map_err(|why| invalid(field, why.to_string()))?;
    }
    Ok(Plan {
        url: url.into(),
        max_pages: within("max_pages", new.max_pages, limits::CRAWL_PAGES_DEFAULT, 1..=limits::CRAWL_PAGES)?,
        max_depth: within("max_depth", new.max_depth, limits::CRAWL_DEPTH_DEFAULT, 0..=limits::CRAWL_DEPTH)?,
        include: new.include.clone(),
        exclude: new.exclude.clone(),
    })
}

fn within<N: PartialOrd + std::fmt::Display>(
    field: &'static str,
    given: Option<N>,
    otherwise: N,
    allowed: RangeInclusive<N>,
) -> Result<N, Error> {
    match given {
        None => Ok(otherwise),
        Some(number) if allowed.contains(&number) => Ok(number),
        Some(number) => Err(Error::InvalidValue {
            field,
            why: format!("{number} is not between {} and {}", allowed.start(), allowed.end()),
        }),
    }
}
