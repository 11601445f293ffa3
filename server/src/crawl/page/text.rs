//! Pages that are text already.

use super::{Page, name_of, one_line};
use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use std::collections::HashSet;
use url::Url;

/// Markdown stays as it is.
pub(super) fn markdown(source: &str, url: &Url) -> Page {
    let mut seen = HashSet::new();
    let links = super::super::link_targets(source).into_iter().filter_map(|target| {
        let url = super::tidy(&url.join(&target).ok()?);
        matches!(url.scheme(), "http" | "https").then_some(url)
    });
    Page {
        title: heading(source).unwrap_or_else(|| name_of(url)),
        links: links.filter(|url| seen.insert(url.clone())).collect(),
        markdown: source.to_owned(),
        ..Page::default()
    }
}

/// Plain text stays as it is too: a browser shows it with its line breaks, and so does a block of code.
pub(super) fn plain(source: &str, url: &Url) -> Page {
    if url.path().to_ascii_lowercase().ends_with(".md") {
        return markdown(source, url);
    }
    Page {
        title: heading(source).unwrap_or_else(|| name_of(url)),
        markdown: source.to_owned(),
        ..Page::default()
    }
}

/// The text of the first heading.
fn heading(source: &str) -> Option<String> {
    let mut events = Parser::new(source).skip_while(|event| !matches!(event, Event::Start(Tag::Heading { .. })));
    let within = events.by_ref().take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
    let text: String = within
        .filter_map(|event| match event {
            Event::Text(text) | Event::Code(text) => Some(text.into_string()),
            Event::SoftBreak => Some(" ".to_owned()),
            _ => None,
        })
        .collect();
    Some(one_line(&text)).filter(|text| !text.is_empty())
}
