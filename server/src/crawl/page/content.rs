//! Finds the main content of a page, beside menus, banners and footers.

use super::parse::DEEPEST;
use dom_query::{Document, NodeId, NodeRef};
use dom_smoothie::{Config, Readability};
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Where generators of documentation put the content, so that nothing needs to be guessed: rustdoc, mdBook, Sphinx and its
/// themes, MkDocs, Docusaurus, VitePress, Starlight, GitHub, and Doxygen.
const KNOWN: [&str; 12] = [
    "body.rustdoc #main-content",
    "#mdbook-content main, #content.content main",
    ".rst-content [itemprop=articleBody]",
    "article.bd-article",
    ".body[role=main], article[role=main], .documentwrapper div.body:not([role])",
    "article.md-content__inner",
    ".theme-doc-markdown",
    ".vp-doc",
    ".sl-markdown-content",
    "#furo-main-content",
    ".markdown-body",
    "#doc-content .contents",
];
/// Where to look where readability finds next to nothing.
const MARKED: [&str; 4] = ["main", "[role=main]", "article", "body"];
/// What is around the content of a whole page.
const AROUND: &str =
    "nav, header, footer, aside, [role=navigation], [role=banner], [role=contentinfo], [role=complementary], [role=search]";
/// Readability must find at least one part in so many of what is marked as content.
const SHARE: usize = 4;
/// That much is enough of a page where nothing is marked, as most of it may be menus. In characters.
const ENOUGH: usize = 250;
/// For pages with more elements readability takes too long.
const MOST_ELEMENTS: usize = 30_000;

/// The main content: part of the page, or of a document made from it.
pub(super) struct Content<'d> {
    document: Cow<'d, Document>,
    id: NodeId,
}

impl Content<'_> {
    pub(super) fn node(&self) -> NodeRef<'_> {
        self.document.tree.get_unchecked(&self.id)
    }
}

/// Finds the main content of a page that is cleaned. May take away from the page what is around it.
pub(super) fn content(document: &Document) -> Content<'_> {
    let known = KNOWN
        .iter()
        .find_map(|selector| only(document, selector))
        .filter(|known| size(known) > 0);
    if let Some(known) = known {
        return part(document, &known);
    }
    let marked = MARKED
        .iter()
        .find_map(|selector| only(document, selector))
        .unwrap_or_else(|| document.root());
    let is_whole = marked.has_name("body") || marked.is_document();
    let is_enough = |found: usize| found * SHARE >= size(&marked) || (is_whole && found >= ENOUGH);
    if let Some(made) = readable(document).filter(|made| is_enough(size(&made.root()))) {
        let id = made.root().id;
        return Content {
            document: Cow::Owned(made),
            id,
        };
    }
    if is_whole {
        // The heading of the page may be in its header.
        for around in document.select(AROUND).iter().filter(|around| !around.select("h1").exists()) {
            around.remove();
        }
    }
    part(document, &marked)
}

fn part<'d>(document: &'d Document, node: &NodeRef<'_>) -> Content<'d> {
    Content {
        document: Cow::Borrowed(document),
        id: node.id,
    }
}

/// The element, if there is one and no other.
fn only<'d>(document: &'d Document, selector: &str) -> Option<NodeRef<'d>> {
    match document.select(selector).nodes() {
        [node] => Some(*node),
        _ => None,
    }
}

/// How much text there is, in characters.
fn size(node: &NodeRef) -> usize {
    node.normalized_char_count()
}

/// What readability makes of a page. It is not asked about what it might take too long for, or overflow its stack with.
fn readable(document: &Document) -> Option<Document> {
    if document.tree.len() > MOST_ELEMENTS || is_deep(document) {
        return None;
    }
    let config = Config {
        keep_classes: true,
        disable_json_ld: true,
        ..Config::default()
    };
    let html = catch_unwind(AssertUnwindSafe(|| {
        let mut readability = Readability::with_document(document.clone(), None, Some(config)).ok()?;
        readability.parse().ok().map(|article| article.content)
    }));
    Some(Document::fragment(html.ok()??))
}

/// Whether elements lie deeper than the parser should have let them.
fn is_deep(document: &Document) -> bool {
    let mut depth = 0;
    let mut next = Some(document.root());
    while let Some(node) = next {
        if let Some(child) = node.first_child() {
            depth += 1;
            if depth > DEEPEST * 2 {
                return true;
            }
            next = Some(child);
            continue;
        }
        let mut here = Some(node);
        next = None;
        while let Some(node) = here {
            if let Some(sibling) = node.next_sibling() {
                next = Some(sibling);
                break;
            }
            depth = depth.saturating_sub(1);
            here = node.parent();
        }
    }
    false
}
