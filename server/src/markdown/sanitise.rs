//! The last word over rendered HTML: elements, attributes, classes and URL schemes that are not on the list go.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

/// The elements that a page may hold.
#[rustfmt::skip]
pub(super) const ELEMENTS: [&str; 62] = [
    "a", "abbr", "b", "bdi", "bdo", "blockquote", "br", "caption", "cite", "code", "dd", "del", "details", "dfn", "div", "dl", "dt", "em",
    "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "input", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "rp",
    "rt", "ruby", "s", "samp", "section", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead",
    "time", "tr", "u", "ul", "var", "wbr",
];

/// The attributes that an element may have, beside `title`, `lang` and `dir`.
#[rustfmt::skip]
pub(super) const ATTRIBUTES: [(&str, &[&str]); 29] = [
    ("a", &["href", "class", "id", "rel", "data-kb", "data-entry", "aria-label"]),
    ("code", &["class"]), ("del", &["datetime"]), ("details", &["open"]),
    ("div", &["class", "align", "tabindex", "role", "aria-label"]),
    ("h1", &["id", "align"]), ("h2", &["id", "align"]), ("h3", &["id", "align"]),
    ("h4", &["id", "align"]), ("h5", &["id", "align"]), ("h6", &["id", "align"]),
    ("img", &["src", "alt", "width", "height", "align", "loading"]),
    ("input", &["type", "disabled", "checked", "aria-label"]),
    ("ins", &["datetime"]), ("li", &["id"]), ("ol", &["start", "type", "reversed"]), ("p", &["align"]), ("pre", &["tabindex"]),
    ("section", &["class", "aria-label"]), ("sup", &["class"]), ("table", &["align"]),
    ("tbody", &[]), ("td", &["align", "colspan", "rowspan"]), ("tfoot", &[]),
    ("th", &["align", "colspan", "rowspan", "scope"]), ("thead", &[]), ("time", &["datetime"]), ("tr", &["align"]), ("ul", &[]),
];

/// The schemes that a URL may have, beside none at all.
pub(super) const SCHEMES: [&str; 3] = ["http", "https", "mailto"];

static POLICY: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut builder = ammonia::Builder::new();
    builder
        .tags(HashSet::from(ELEMENTS))
        .tag_attributes(
            ATTRIBUTES
                .iter()
                .map(|(element, names)| (*element, names.iter().copied().collect()))
                .collect(),
        )
        .generic_attributes(HashSet::from(["title", "lang", "dir"]))
        .url_schemes(HashSet::from(SCHEMES))
        .link_rel(None)
        .attribute_filter(filter);
    builder
});

/// Cleans a page.
pub(super) fn sanitise(html: &str) -> String {
    POLICY.clean(&broken_up(html)).to_string()
}

/// How long a run of text may be. For each `&` in a run, html5ever's serialiser searches the rest of the run for a `<`
/// (its `write_escaped`), so that a long run of `&` takes quadratic time.
const RUN_BYTES: usize = 4 * 1024;

/// The same page with comments in long runs of text, which the sanitiser takes out again, but which leave their parts apart.
fn broken_up(html: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let (mut copied, mut run) = (0, 0);
    let mut in_tag = false;
    for (at, c) in html.char_indices() {
        match c {
            '<' => in_tag = true,
            '>' => (in_tag, run) = (false, at),
            // Not within an entity, unless there is no other place.
            _ if !in_tag && (at - run > RUN_BYTES && matches!(c, '&' | ' ' | '\n') || at - run > 2 * RUN_BYTES) => {
                out.push_str(&html[copied..at]);
                out.push_str("<!---->");
                (copied, run) = (at, at);
            }
            _ => {}
        }
    }
    if copied == 0 {
        return Cow::Borrowed(html);
    }
    out.push_str(&html[copied..]);
    Cow::Owned(out)
}

/// What remains of the value of an attribute.
fn filter<'v>(element: &str, attribute: &str, value: &'v str) -> Option<Cow<'v, str>> {
    let fits = match (element, attribute) {
        ("code", "class") => is_language(value),
        (_, "class") => value.split(' ').all(|class| is_class(element, class)),
        // Only ids with these prefixes, so that none can stand for an element of the page around.
        (_, "id") => ["h-", "fn-", "fnref-"].iter().any(|prefix| value.starts_with(prefix)),
        ("img", "src") => super::escape::is_local(value),
        ("input", "type") => value == "checkbox",
        (_, "rel") => value == "noopener noreferrer nofollow",
        (_, "align") => matches!(value, "left" | "center" | "right"),
        (_, "dir") => matches!(value, "ltr" | "rtl" | "auto"),
        (_, "tabindex") => value == "0",
        (_, "role") => value == "region",
        (_, "loading") => value == "lazy",
        (_, "colspan" | "rowspan" | "width" | "height" | "start") => is_number(value),
        _ => true,
    };
    fits.then_some(Cow::Borrowed(value))
}

fn is_class(element: &str, class: &str) -> bool {
    matches!(
        (element, class),
        ("a", "wikilink" | "wanted" | "footnote-back" | "remote-picture")
            | ("div", "table-scroll")
            | ("section", "footnotes")
            | ("sup", "footnote-reference")
    )
}

/// Whether a class is one of a code block: `language-rust`.
pub(super) fn is_language(class: &str) -> bool {
    class
        .strip_prefix("language-")
        .is_some_and(|name| !name.is_empty() && name.len() <= 40 && name.chars().all(|c| c.is_alphanumeric() || "-_+#.".contains(c)))
}

fn is_number(value: &str) -> bool {
    (1..=5).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'%')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_of_text_stays_whole_to_the_reader() {
        for unit in ["&amp;", "&copy;x", "©", "word ", "&lt;&"] {
            let text = unit.repeat(10_000);
            assert_eq!(
                sanitise(&format!("<p title=\"a\">{text}</p>")),
                POLICY.clean(&format!("<p title=\"a\">{text}</p>")).to_string()
            );
        }
    }
}
