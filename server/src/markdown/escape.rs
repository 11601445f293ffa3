//! Text made safe for its place in HTML or in a URL.

use std::fmt::Write;

/// The longest value of an attribute in bytes. Writing out values takes quadratic time (see `sanitise`).
const ATTRIBUTE_BYTES: usize = 4 * 1024;

/// Appends an attribute, unless its value is longer than anybody needs.
pub(super) fn push_attribute(out: &mut String, name: &str, value: &str) {
    if value.len() <= ATTRIBUTE_BYTES {
        out.push(' ');
        out.push_str(name);
        out.push_str("=\"");
        push_text(out, value);
        out.push('"');
    }
}

/// Appends an attribute whose value already is HTML text.
pub(super) fn push_raw_attribute(out: &mut String, name: &str, value: &str) {
    if value.len() <= ATTRIBUTE_BYTES {
        out.push(' ');
        out.push_str(name);
        out.push_str("=\"");
        push_raw_text(out, value);
        out.push('"');
    }
}

/// Appends text so that it is text in an element and within a quoted attribute.
pub(super) fn push_text(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
}

/// Appends what already is HTML text (its entities stay) so that it can open no tag and close no attribute.
pub(super) fn push_raw_text(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
}

/// Appends a text as one segment of a path or as a fragment.
pub(super) fn push_segment(out: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("writing to a string cannot fail");
        }
    }
}

/// What browsers make of a URL before they look at it: no control characters and spaces around, no line ends within.
fn as_browsers_read(url: &str) -> String {
    url.trim_matches(|c: char| c <= ' ')
        .chars()
        .filter(|c| !matches!(c, '\t' | '\n' | '\r'))
        .collect()
}

/// Whether a URL stays on this server, whatever its path.
pub(super) fn is_local(url: &str) -> bool {
    let url = as_browsers_read(url).replace('\\', "/");
    let before_path = url.split(['/', '?', '#']).next().unwrap_or_default();
    !url.starts_with("//") && !before_path.contains(':')
}

/// Whether a URL is that of a picture on another host. It is not loaded, which would tell that host who reads; a link leads to it.
pub(super) fn is_remote_picture(url: &str) -> bool {
    let read = as_browsers_read(url).to_ascii_lowercase();
    ["http:", "https:", "//"].iter().any(|start| read.starts_with(start))
}

/// What a link to such a picture shows where its author says nothing of it: the name of its file, or its host.
pub(super) fn name_of_picture(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let name = path.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default();
    if name.is_empty() { "picture" } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_that_leaves_the_server_is_told_from_one_that_stays() {
        for url in ["/a", "a/b", "#x", "?q", "", ".", "../x:y", "a?x=http://b"] {
            assert!(is_local(url), "{url:?}");
        }
        for url in ["https://a", "//a", "\\\\a", "/\\a", "java\nscript:x", " //a", "/\t/a", "mailto:a@b"] {
            assert!(!is_local(url), "{url:?}");
        }
    }

    #[test]
    fn a_segment_can_hold_any_letter() {
        let mut out = String::new();
        push_segment(&mut out, "größe/?#%.x");
        assert_eq!(out, "gr%C3%B6%C3%9Fe%2F%3F%23%25.x");
    }
}
