//! The addresses of pages, below the prefix where there is one.

use crate::base;
use crate::protocol::entry::EntryFilter;
use crate::protocol::entry::Sort;
use crate::protocol::{EntryId, KbName, Version};
use std::fmt::Write;

/// `/kb/notes`
pub fn kb(kb: &KbName) -> String {
    base::at(&format!("/kb/{kb}"))
}

/// `/kb/notes?q=plan&type=concept`
pub fn kb_with(kb: &KbName, filter: &EntryFilter) -> String {
    let sort = (filter.sort != default_sort(filter.q.is_some())).then(|| filter.sort.as_str().to_owned());
    let pairs = [
        ("q", filter.q.clone()),
        ("type", filter.entry_type.clone()),
        ("tag", filter.tag.clone()),
        ("sort", sort),
    ];
    let query: Vec<_> = pairs
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name}={}", escape(&value?))))
        .collect();
    if query.is_empty() {
        self::kb(kb)
    } else {
        base::at(&format!("/kb/{kb}?{}", query.join("&")))
    }
}

/// The order in which a list comes where its address does not say: the best match first in a search, else the last change.
pub fn default_sort(searching: bool) -> Sort {
    if searching { Sort::Relevance } else { Sort::Updated }
}

/// `/kb/notes/new`, or with a title to begin with
pub fn new_entry(kb: &KbName, title: &str) -> String {
    if title.is_empty() {
        base::at(&format!("/kb/{kb}/new"))
    } else {
        base::at(&format!("/kb/{kb}/new?title={}", escape(title)))
    }
}

/// `/kb/notes/access`
pub fn access(kb: &KbName) -> String {
    base::at(&format!("/kb/{kb}/access"))
}

/// `/kb/notes/trash`
pub fn trash(kb: &KbName) -> String {
    base::at(&format!("/kb/{kb}/trash"))
}

/// `/kb/notes/e/pdca`
pub fn entry(kb: &KbName, id: &EntryId) -> String {
    base::at(&format!("/kb/{kb}/e/{id}"))
}

/// `/kb/notes/e/pdca`, and where in it the passage stands that a search found: `/kb/notes/e/pdca#h-act`
pub fn passage(kb: &KbName, id: &EntryId, anchor: Option<&str>) -> String {
    let anchor = anchor.map(|anchor| format!("#{anchor}")).unwrap_or_default();
    entry(kb, id) + &anchor
}

/// `/kb/notes/e/pdca/edit`
pub fn edit(kb: &KbName, id: &EntryId) -> String {
    base::at(&format!("/kb/{kb}/e/{id}/edit"))
}

/// `/kb/notes/e/pdca/history`
pub fn history(kb: &KbName, id: &EntryId) -> String {
    base::at(&format!("/kb/{kb}/e/{id}/history"))
}

/// `/kb/notes/e/pdca/history?v=7`
pub fn version(kb: &KbName, id: &EntryId, version: Version) -> String {
    base::at(&format!("/kb/{kb}/e/{id}/history?v={version}"))
}

/// `/search?q=plan`
pub fn search(q: &str) -> String {
    base::at(&format!("/search?q={}", escape(q)))
}

/// Percent-encodes a value of a query, the same on both sides.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            // Writing to a `String` cannot fail.
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

/// An address as a header may hold it.
#[cfg(feature = "ssr")]
pub fn in_ascii(address: &str) -> String {
    address.bytes().fold(String::with_capacity(address.len()), |mut out, byte| {
        match byte {
            b'!'..=b'~' => out.push(char::from(byte)),
            // Writing to a `String` cannot fail.
            _ => drop(write!(out, "%{byte:02X}")),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_the_filter_and_leaves_out_what_goes_without_saying() {
        let notes = KbName::parse("notes").unwrap();
        let filter = EntryFilter {
            q: Some("plan & do".into()),
            tag: Some("größe".into()),
            entry_type: None,
            sort: Sort::Relevance,
        };
        assert_eq!(kb_with(&notes, &filter), "/kb/notes?q=plan%20%26%20do&tag=gr%C3%B6%C3%9Fe");
        assert_eq!(kb_with(&notes, &EntryFilter::default()), "/kb/notes");
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn a_header_holds_any_address() {
        assert_eq!(in_ascii("/kb/notes/e/größe-2?v=7"), "/kb/notes/e/gr%C3%B6%C3%9Fe-2?v=7");
    }
}
