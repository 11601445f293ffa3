//! Code: finds out in which language it is, however the generator of the page says so.

use super::parse::DEEPEST;
use dom_query::{Document, NodeRef, Selection};

/// Set on `<pre>`: the language.
pub(super) const LANGUAGE: &str = "data-tidings-language";
/// What generators write for code that is in no language.
const NONE: [&str; 8] = ["none", "text", "plaintext", "plain", "default", "txt", "nohighlight", "code"];
/// What generators put before the name of a language, in classes.
const PREFIXES: [&str; 5] = ["language-", "lang-", "highlight-source-", "highlight-text-", "sourceCode-"];

/// Languages that are told by the mere name, as highlight.js, Rouge and rustdoc write it, on the block itself.
const BARE: [&str; 30] = [
    "rust",
    "javascript",
    "js",
    "typescript",
    "ts",
    "python",
    "bash",
    "sh",
    "shell",
    "console",
    "json",
    "yaml",
    "toml",
    "xml",
    "html",
    "css",
    "sql",
    "c",
    "cpp",
    "java",
    "kotlin",
    "go",
    "ruby",
    "php",
    "swift",
    "haskell",
    "diff",
    "markdown",
    "dockerfile",
    "makefile",
];
/// Elements that are put around code to show it, also with the numbers of its lines beside it.
const AROUND: [&str; 7] = ["div", "figure", "td", "tr", "tbody", "table", "span"];
/// Elements within code that each are a line.
const LINES: [&str; 4] = ["div", "li", "p", "tr"];
/// Not languages, but parts of how code is shown.
const PARTS: [&str; 6] = ["wrapper", "container", "box", "block", "area", "inner"];

/// Notes on each block of code in which language it is, before what says so is taken away.
pub(super) fn mark(document: &Document) {
    for pre in document.select("pre").nodes() {
        pre.remove_attr(LANGUAGE);
        if let Some(language) = language(pre) {
            pre.set_attr(LANGUAGE, &language);
        }
    }
}

/// Makes code of signatures that generators write as headings and terms: what they link to is not worth the noise.
pub(super) fn signatures(document: &Document) {
    for signature in document.select(".code-header, dt.sig, dt.descname").nodes() {
        let text = text(signature);
        if text.trim().is_empty() {
            continue;
        }
        let code = document.tree.new_element("code");
        code.append_child(&document.tree.new_text(text));
        signature.remove_children();
        signature.append_child(&code);
    }
}

/// The language of a `<pre>`: the block or its code says it, or what is around it.
fn language(pre: &NodeRef) -> Option<String> {
    let code = Selection::from(*pre).select_single("code");
    let code = code.nodes().first().copied();
    let around = pre
        .ancestors_it(Some(8))
        .take_while(|node| AROUND.iter().any(|name| node.has_name(name)))
        .enumerate()
        // What is further away is about the code only where it says so.
        .filter_map(|(distance, node)| (distance < 3 || node.has_class("highlight")).then_some(node));
    let said = code.into_iter().chain([*pre]).chain(around).find_map(|node| named(&node));
    if said.is_some() {
        return said.filter(|said| !said.is_empty());
    }
    let classes = [Some(*pre), code].into_iter().flatten().filter_map(|node| node.class());
    let words: Vec<String> = classes
        .flat_map(|class| class.split_ascii_whitespace().map(str::to_lowercase).collect::<Vec<_>>())
        .collect();
    words.into_iter().find(|word| BARE.contains(&word.as_str()))
}

/// The language that an element names; empty where it says that there is none.
fn named(node: &NodeRef) -> Option<String> {
    let attributes = ["data-lang", "data-language", "lang-name"]
        .iter()
        .filter_map(|name| node.attr(name))
        .map(|value| value.to_string());
    let class = node.class().unwrap_or_default();
    let classes = class.split_ascii_whitespace().filter_map(|class| {
        let prefixed = PREFIXES.iter().find_map(|prefix| class.strip_prefix(prefix));
        // Sphinx: `highlight-python notranslate`.
        let said = prefixed.or_else(|| class.strip_prefix("highlight-"))?;
        (!PARTS.contains(&said)).then(|| said.to_owned())
    });
    let brush = class
        .split_once("brush:")
        .and_then(|(_, rest)| rest.split_ascii_whitespace().next())
        .map(|brush| brush.trim_end_matches(';').to_owned());
    let said = attributes.chain(classes).chain(brush).next()?.to_ascii_lowercase();
    let word: String = said
        .chars()
        .take_while(|c| c.is_alphanumeric() || matches!(c, '+' | '#' | '-' | '_' | '.'))
        .collect();
    Some(if NONE.contains(&word.as_str()) { String::new() } else { word })
}

/// What code says, as it stands on its lines.
pub(super) fn text(node: &NodeRef) -> String {
    let mut lines = Lines::default();
    lines.node(node, 0);
    lines.out
}

#[derive(Default)]
struct Lines {
    out: String,
    /// An element ended that is a line of its own.
    is_over: bool,
}

impl Lines {
    fn node(&mut self, node: &NodeRef, depth: usize) {
        if node.is_text() || depth > DEEPEST {
            let text = node.text();
            if self.is_over && !text.is_empty() && !text.starts_with('\n') {
                self.begin_line();
            }
            self.is_over &= text.is_empty();
            return self.out.push_str(&text);
        }
        let is_line = LINES.iter().any(|name| node.has_name(name));
        if is_line {
            self.begin_line();
        }
        if node.has_name("br") {
            self.out.push('\n');
        }
        for child in node.children_it(false) {
            self.node(&child, depth + 1);
        }
        self.is_over |= is_line;
    }

    fn begin_line(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
        self.is_over = false;
    }
}

/// A fenced block of code, with its whitespace.
pub(super) fn block(pre: &NodeRef) -> Option<String> {
    let text = text(pre);
    let text = text.trim_end().trim_start_matches('\n');
    if text.is_empty() {
        return None;
    }
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    let language = pre.attr_or(LANGUAGE, "");
    Some(format!("{fence}{language}\n{text}\n{fence}"))
}

/// Code within a line.
pub(super) fn span(text: &str) -> String {
    let text = super::one_line(text);
    if text.is_empty() {
        return text;
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    // Backticks at the ends would belong to the fence.
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}
