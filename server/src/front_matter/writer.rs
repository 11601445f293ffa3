//! Fields and JSON into YAML as a person would write it: block style, quotes only where a reader could take a text for
//! something else.

use super::looks_like_a_field;
use app::protocol::entry::Entry;
use serde_json::{Map, Value};
use std::fmt::Write;

/// The longest key that YAML reads without a `?` before it is 1024 characters.
const LONG_KEY_BYTES: usize = 500;

/// Appends all fields of an entry, each with its line end.
pub(super) fn push_fields(out: &mut String, entry: &Entry) {
    for (name, text) in [
        ("id", entry.entry_id.as_str()),
        ("title", &entry.title),
        ("type", &entry.entry_type),
    ] {
        out.push_str(name);
        out.push_str(": ");
        push_text(out, text);
        out.push('\n');
    }
    for (name, list) in [("tags", &entry.tags), ("aliases", &entry.aliases)] {
        if list.is_empty() {
            continue;
        }
        out.push_str(name);
        out.push_str(":\n");
        for text in list {
            out.push_str("- ");
            push_text(out, text);
            out.push('\n');
        }
    }
    for (name, value) in &entry.metadata {
        if looks_like_a_field(name) {
            push_member(out, &format!("_{name}"), value, 0);
        } else {
            push_member(out, name, value, 0);
        }
    }
}

/// Appends the members of a mapping. Where it stands behind a `- `, the first line is already indented.
fn push_mapping(out: &mut String, members: &Map<String, Value>, indent: usize, behind_dash: bool) {
    for (number, (name, value)) in members.iter().enumerate() {
        if number > 0 || !behind_dash {
            push_indent(out, indent);
        }
        push_member(out, name, value, indent);
    }
}

fn push_member(out: &mut String, name: &str, value: &Value, indent: usize) {
    let mut key = String::new();
    push_text(&mut key, name);
    let is_long = key.len() > LONG_KEY_BYTES;
    if is_long {
        out.push_str("? ");
        out.push_str(&key);
        out.push('\n');
        push_indent(out, indent);
    } else {
        out.push_str(&key);
    }
    out.push(':');
    match value {
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            push_list(out, items, if is_long { indent + 2 } else { indent }, false);
        }
        Value::Object(members) if !members.is_empty() => {
            out.push('\n');
            push_mapping(out, members, indent + 2, false);
        }
        _ => {
            out.push(' ');
            push_scalar(out, value);
        }
    }
}

fn push_list(out: &mut String, items: &[Value], indent: usize, behind_dash: bool) {
    for (number, item) in items.iter().enumerate() {
        if number > 0 || !behind_dash {
            push_indent(out, indent);
        }
        out.push_str("- ");
        match item {
            Value::Array(items) if !items.is_empty() => push_list(out, items, indent + 2, true),
            Value::Object(members) if !members.is_empty() => push_mapping(out, members, indent + 2, true),
            _ => push_scalar(out, item),
        }
    }
}

/// Appends a value without content of its own, and the line end.
fn push_scalar(out: &mut String, value: &Value) {
    match value {
        Value::String(text) => push_text(out, text),
        Value::Array(_) => out.push_str("[]"),
        Value::Object(_) => out.push_str("{}"),
        Value::Null | Value::Bool(_) | Value::Number(_) => write!(out, "{value}").expect("writing to a string cannot fail"),
    }
    out.push('\n');
}

fn push_indent(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

fn push_text(out: &mut String, text: &str) {
    if is_plain(text) {
        out.push_str(text);
        return;
    }
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            _ if is_visible(c) => out.push(c),
            _ => write!(out, "\\U{:08X}", u32::from(c)).expect("writing to a string cannot fail"),
        }
    }
    out.push('"');
}

/// Whether YAML of any version reads the text without quotes as this text.
fn is_plain(text: &str) -> bool {
    /// What some version of YAML takes for something else.
    const WORDS: [&str; 13] = [
        "null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf", "infinity", "t",
    ];
    text.trim_start_matches('_').starts_with(char::is_alphabetic)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && text.chars().all(is_visible)
        && !WORDS.contains(&text.to_lowercase().as_str())
}

/// Whether a character may stand in YAML as it is, and be seen.
fn is_visible(c: char) -> bool {
    let is_noncharacter = u32::from(c) & 0xFFFE == 0xFFFE;
    c == ' '
        || !(c.is_control()
            || c.is_whitespace()
            || is_noncharacter
            || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'))
}
