//! Where a page links to.

use super::super::address::tidy;
use dom_query::Document;
use std::collections::HashSet;
use url::Url;

/// Longest address that is followed, in bytes. Longer ones are made by machines that never end.
pub const LONGEST: usize = 2048;
/// Most links of one page.
const MOST: usize = 10_000;
/// Most bytes of their addresses.
const MOST_BYTES: usize = 1024 * 1024;

/// What the links of a page are relative to (HTML, 4.2.3).
pub(super) fn base(document: &Document, url: &Url) -> Url {
    let href = document.select("base[href]").attr("href");
    let base = href.and_then(|href| url.join(href.trim()).ok());
    base.filter(|base| matches!(base.scheme(), "http" | "https"))
        .unwrap_or_else(|| url.clone())
}

/// Pages that a page links to and lets crawlers follow.
pub(super) fn links(document: &Document, base: &Url) -> Vec<Url> {
    let mut seen = HashSet::new();
    let anchors = document.select("a[href], area[href]");
    let refresh = refresh(document).and_then(|target| base.join(&target).ok()).map(|url| tidy(&url));
    let links = anchors.iter().filter_map(|anchor| {
        let rel = anchor.attr_or("rel", "").to_ascii_lowercase();
        if rel.split_ascii_whitespace().any(|word| word == "nofollow") || anchor.has_attr("download") {
            return None;
        }
        Some(tidy(&base.join(anchor.attr("href")?.trim()).ok()?))
    });
    let mut bytes = 0;
    let mut has_room = |url: &Url| {
        bytes += url.as_str().len();
        bytes <= MOST_BYTES
    };
    let is_page = |url: &Url| matches!(url.scheme(), "http" | "https") && url.as_str().len() <= LONGEST;
    refresh
        .into_iter()
        .chain(links)
        .filter(is_page)
        .filter(|url| seen.insert(url.clone()))
        .take(MOST)
        .take_while(|url| has_room(url))
        .collect()
}

/// Where a page sends its reader by itself: `<meta http-equiv="refresh" content="0; url=…">`.
fn refresh(document: &Document) -> Option<String> {
    let content = document.select(r#"meta[http-equiv="refresh" i][content]"#).attr("content")?;
    let (_, target) = content.split_once(';')?.1.split_once('=')?;
    Some(target.trim().trim_matches(['"', '\'']).to_owned()).filter(|target| !target.is_empty())
}
