//! What a page says about itself in its head.

use super::super::address::same_site;
use super::{name_of, one_line};
use dom_query::{Document, NodeRef, Selection};
use url::Url;

/// Between the title of a page and that of its site.
const SEPARATORS: [&str; 9] = [" - ", " | ", " — ", " – ", " · ", " :: ", " » ", " • ", " / "];

/// What the head says.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub(super) canonical: Option<Url>,
    pub(super) is_noindex: bool,
    pub(super) is_nofollow: bool,
    /// `og:title`, or else `<title>`.
    title: String,
    /// What names the site in the title.
    site: String,
}

pub(super) fn read(document: &Document, url: &Url, base: &Url) -> Head {
    let robots = directives(document);
    let says = |word: &str| robots.iter().any(|said| said == word || said == "none");
    let canonical = document.select(r#"link[rel~="canonical" i][href]"#).attr("href");
    let title = document.select("head > title, title");
    let title = title.nodes().first().map(NodeRef::text).unwrap_or_default();
    let named = [meta(document, "og:title"), one_line(&title)];
    Head {
        canonical: canonical
            .and_then(|href| base.join(href.trim()).ok())
            .filter(|canonical| same_site(canonical, url)),
        is_noindex: says("noindex"),
        is_nofollow: says("nofollow"),
        title: named.into_iter().find(|title| !title.is_empty()).unwrap_or_default(),
        site: site(document),
    }
}

/// What `<meta name="robots">` says, or the one for this crawler.
fn directives(document: &Document) -> Vec<String> {
    let metas = document.select(r#"meta[name="robots" i][content], meta[name="tidings" i][content]"#);
    let contents = metas.iter().map(|meta| meta.attr_or("content", "").to_ascii_lowercase());
    contents
        .flat_map(|content| content.split(',').map(|word| word.trim().to_owned()).collect::<Vec<_>>())
        .collect()
}

/// `og:site_name`, what rustdoc writes always, or the name of the book over every page of mdBook.
fn site(document: &Document) -> String {
    let named = meta(document, "og:site_name");
    if !named.is_empty() {
        return named;
    }
    if document.select("body.rustdoc").exists() {
        return "Rust".to_owned();
    }
    one_line(&document.select_single(".menu-title").text())
}

fn meta(document: &Document, property: &str) -> String {
    let selector = format!(r#"meta[property="{property}"][content]"#);
    one_line(&document.select(&selector).attr_or("content", ""))
}

impl Head {
    /// The title without what names the site: the heading, where the title plainly contains it.
    pub(super) fn title(&self, document: &Document, content: &NodeRef, url: &Url) -> String {
        let content = Selection::from(*content);
        let headings = [
            content.select_single("h1"),
            content.select_single("h2"),
            document.select_single("h1"),
        ];
        let headings: Vec<String> = headings.iter().map(|heading| one_line(&heading.text())).collect();
        if let Some(heading) = headings.iter().find(|heading| contains(&self.title, heading)) {
            return heading.clone();
        }
        if !self.site.is_empty()
            && let Some(bare) = SEPARATORS
                .iter()
                .find_map(|separator| self.title.strip_suffix(&format!("{separator}{}", self.site)))
        {
            return bare.to_owned();
        }
        let named = [&self.title].into_iter().chain(&headings).find(|title| !title.is_empty());
        named.cloned().unwrap_or_else(|| name_of(url))
    }
}

/// Whether the title is the heading, with the name of the site before or after it.
fn contains(title: &str, heading: &str) -> bool {
    if heading.is_empty() {
        return false;
    }
    let beside = |rest: &str, is_after: bool| {
        SEPARATORS.iter().any(|separator| {
            if is_after {
                rest.starts_with(separator)
            } else {
                rest.ends_with(separator)
            }
        })
    };
    title == heading
        || title.strip_prefix(heading).is_some_and(|rest| beside(rest, true))
        || title.strip_suffix(heading).is_some_and(|rest| beside(rest, false))
}
