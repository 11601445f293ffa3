//! Takes away from a page what is no content, and brings code and links into the form in which they are written.

use super::code;
use dom_query::{Document, NodeRef};
use url::Url;

/// What is never content: what is run, drawn or filled in, what is not shown, and the tools that generators put between.
const NOISE: [&str; 6] = [
    "script, style, noscript, template, iframe, object, embed, canvas, svg, dialog, form input:not([type=checkbox]), select, textarea, button",
    "[hidden], [aria-hidden=true], [role=navigation], nav, .sr-only, .visually-hidden, .skip-link, .toc-backref",
    // mdBook
    ".boring, pre > .buttons, .nav-chapters, .nav-wrapper, #mdbook-menu-bar, #menu-bar, .rule-link",
    // rustdoc
    ".rustdoc .out-of-band, .rustdoc .src, .rustdoc .srclink, .rustdoc .hideme, rustdoc-toolbar, .rustdoc-breadcrumbs, #copy-path, .rustdoc a.tooltip, .rustdoc .since, .rustdoc .sub-heading, .rustdoc .rightside, .example-links, .more-examples-toggle",
    // Sphinx, MkDocs, Docusaurus and others
    ".headerlink, .viewcode-link, .linenos, .linenodiv, .gutter, .copybtn, .md-source-file, .md-content__button, .md-feedback, .hash-link, .header-anchor, .anchorjs-link, .prev-next-area, .related, .theme-doc-footer, .table-of-contents, .mw-editsection",
    ".sphinxsidebar, .rst-footer-buttons, footer.prev-next-footer",
];
/// Text of links beside headings that lead to the heading itself.
const MARKS: [&str; 6] = ["¶", "§", "#", "🔗", "", "permalink"];

/// Cleans a page. `base` is what its links are relative to.
pub(super) fn clean(document: &Document, base: &Url) {
    code::mark(document);
    // Before what is hidden is taken away: the readable form is hidden, as it is for screen readers.
    for formula in document.select(".mwe-math-element, .katex, math").nodes() {
        formula_as_code(document, formula);
    }
    for noise in NOISE {
        document.select(noise).remove();
    }
    document
        .select(r##"a[href^="#"]"##)
        .nodes()
        .iter()
        .filter(|anchor| is_mark(anchor))
        .for_each(NodeRef::remove_from_parent);
    document
        .select("h1 a, h2 a, h3 a, h4 a, h5 a, h6 a, dt a")
        .nodes()
        .iter()
        .for_each(free_of_anchor);
    for badge in document.select(".rustdoc .stab").nodes() {
        badge.insert_before(&document.tree.new_text(" "));
    }
    code::signatures(document);
    absolute(document, base);
}

/// Whether a link beside a heading leads to that heading, and says nothing.
fn is_mark(anchor: &NodeRef) -> bool {
    MARKS.contains(&anchor.text().trim().to_lowercase().as_str()) && anchor.first_element_child().is_none()
}

/// A formula is written twice, for the eye and as TeX. As TeX it can be read.
fn formula_as_code(document: &Document, formula: &NodeRef) {
    let Some(tex) = formula.descendants_it().find(|node| node.has_name("annotation")) else {
        return;
    };
    let code = document.tree.new_element("code");
    let text = tex.text();
    let text = text.trim();
    let bare = text
        .strip_prefix("{\\displaystyle")
        .and_then(|rest| rest.strip_suffix('}'))
        .unwrap_or(text);
    code.append_child(&document.tree.new_text(bare));
    formula.replace_with(&code);
}

/// A heading is no link to itself.
fn free_of_anchor(anchor: &NodeRef) {
    if anchor.attr("href").is_some_and(|href| href.starts_with('#')) {
        anchor.remove_attr("href");
    }
}

/// Makes links and images absolute. Those that lead nowhere are no links any more.
fn absolute(document: &Document, base: &Url) {
    for link in document.select("a[href]").nodes() {
        let target = base.join(link.attr_or("href", "").trim()).ok();
        match target.filter(|url| matches!(url.scheme(), "http" | "https" | "mailto")) {
            Some(url) => link.set_attr("href", url.as_str()),
            None => link.remove_attr("href"),
        }
    }
    for image in document.select("img").nodes() {
        // Pictures that are loaded late have a stand-in until then.
        let places = ["data-src", "data-original", "data-lazy-src", "src"];
        let given = places.iter().filter_map(|place| image.attr(place));
        let url = given
            .filter_map(|src| base.join(src.trim()).ok())
            .find(|url| matches!(url.scheme(), "http" | "https"));
        match url {
            Some(url) => image.set_attr("src", url.as_str()),
            None => image.remove_from_parent(),
        }
    }
}
