//! Reads an answer as a page: its text as markdown, its title, and where it links to.

mod blocks;
mod charset;
mod clean;
mod code;
mod content;
pub(super) mod escape;
mod head;
mod inline;
mod links;
mod parse;
mod table;
mod text;

use super::address::tidy;
pub(super) use links::LONGEST;
use url::Url;

/// A page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// What it is called, on one line. Never empty.
    pub title: String,
    /// Its main content. Links and images are absolute.
    pub markdown: String,
    /// Pages that it links to and lets crawlers follow: absolute, tidy, each once.
    pub links: Vec<Url>,
    /// Where it says that it belongs, on its own site.
    pub canonical: Option<Url>,
    /// It does not want to be kept (`<meta name="robots">`). Its links may be followed all the same, unless it leaves them out.
    pub is_noindex: bool,
    /// It is so large that the rest of it was left out.
    pub is_cut: bool,
}

impl Page {
    /// Reads the answer that `url` gave. Never fails: of what is broken, as much is read as there is. Takes a while for large
    /// pages, so call it where blocking is allowed.
    pub fn read(body: &[u8], content_type: Option<&str>, url: &Url) -> Self {
        let source = charset::decode(body, content_type);
        let essence = content_type
            .unwrap_or_default()
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        match essence.as_str() {
            "text/markdown" | "text/x-markdown" => text::markdown(&source, url),
            "text/plain" => text::plain(&source, url),
            "" if !source.trim_start().starts_with('<') => text::plain(&source, url),
            _ => html(&source, url),
        }
    }
}

fn html(source: &str, url: &Url) -> Page {
    let (document, is_cut) = parse::parse(source);
    let base = links::base(&document, url);
    let head = head::read(&document, url, &base);
    let links = if head.is_nofollow {
        Vec::new()
    } else {
        links::links(&document, &base)
    };
    clean::clean(&document, &base);
    let content = content::content(&document);
    Page {
        title: head.title(&document, &content.node(), url),
        markdown: blocks::markdown(&content.node()),
        links,
        canonical: head.canonical.map(|url| tidy(&url)),
        is_noindex: head.is_noindex,
        is_cut,
    }
}

/// Text on one line, without spaces around it.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What to call a page that says nothing: its file, or its site.
fn name_of(url: &Url) -> String {
    let decoded = super::address::decoded(url.path());
    let name = decoded.rsplit('/').find(|name| !name.trim().is_empty()).map(one_line);
    name.unwrap_or_else(|| url.host_str().unwrap_or("page").to_owned())
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
