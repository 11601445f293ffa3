//! Writes a tree as markdown: paragraphs, headings, lists, quotes, and what is in them.

use super::code;
use super::escape;
use super::inline::{Line, Manner, is_inline};
use super::table;
use dom_query::NodeRef;

/// Deepest lists and quotes within each other. Deeper ones are written as if they were this deep.
const DEEPEST_LISTS: usize = 12;
/// Deepest elements. Of deeper ones only the text is written.
const DEEPEST: usize = 250;

/// The tree below a node as markdown.
pub(super) fn markdown(node: &NodeRef) -> String {
    let mut blocks = Blocks::default();
    blocks.children(node);
    blocks.finish().join("\n\n")
}

/// Blocks, and the paragraph that is being written.
#[derive(Debug, Default)]
struct Blocks {
    done: Vec<String>,
    line: Line,
    depth: usize,
    lists: usize,
}

impl Blocks {
    /// Blocks within a list or quote of this one.
    fn inner(&self) -> Self {
        Self {
            depth: self.depth,
            lists: self.lists + 1,
            ..Self::default()
        }
    }

    fn finish(mut self) -> Vec<String> {
        self.end_paragraph();
        self.done
    }

    fn end_paragraph(&mut self) {
        let text = std::mem::take(&mut self.line).finish();
        if !text.is_empty() {
            let is_task = text.starts_with("[x] ") || text.starts_with("[ ] ");
            self.done.push(if is_task { text } else { escape::paragraph(&text) });
        }
    }

    fn push(&mut self, block: String) {
        self.end_paragraph();
        if !block.is_empty() {
            self.done.push(block);
        }
    }

    fn children(&mut self, node: &NodeRef) {
        for child in node.children_it(false) {
            self.node(&child);
        }
    }

    fn node(&mut self, node: &NodeRef) {
        if node.is_text() || self.depth > DEEPEST {
            return self.line.node(node, Manner::default());
        }
        let Some(name) = node.node_name() else { return };
        self.depth += 1;
        match &*name {
            "script" | "style" | "head" | "template" => {}
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.heading(node, usize::from(name.as_bytes()[1] - b'0')),
            "ul" | "ol" | "menu" if self.lists < DEEPEST_LISTS => self.list(node, &name == "ol"),
            "dl" if self.lists < DEEPEST_LISTS => self.terms(node),
            "blockquote" if self.lists < DEEPEST_LISTS => self.quote(node),
            "pre" => self.push(code::block(node).unwrap_or_default()),
            "hr" => self.push("---".to_owned()),
            "table" => match table::table(node) {
                Some(blocks) => blocks.into_iter().for_each(|block| self.push(block)),
                None => self.part(node),
            },
            "summary" if is_all_inline(node) => self.bold(node),
            _ if is_admonition(node) && self.lists < DEEPEST_LISTS => self.quote(node),
            _ if has_class_word(node, "admonition-title") => self.bold(node),
            _ if is_inline(node) => self.line.node(node, Manner::default()),
            _ => self.part(node),
        }
        self.depth -= 1;
    }

    /// A part of the page, which is no paragraph with what is around it.
    fn part(&mut self, node: &NodeRef) {
        self.end_paragraph();
        self.children(node);
        self.end_paragraph();
    }

    fn heading(&mut self, node: &NodeRef, level: usize) {
        let text = line_of(node);
        if !text.is_empty() {
            self.push(format!("{} {text}", "#".repeat(level)));
        }
    }

    fn bold(&mut self, node: &NodeRef) {
        let text = line_of(node);
        if !text.is_empty() {
            self.push(bold(&text));
        }
    }

    fn quote(&mut self, node: &NodeRef) {
        let mut inner = self.inner();
        inner.children(node);
        let text = inner.finish().join("\n\n");
        if !text.is_empty() {
            self.push(prefixed(&text, "> ", "> "));
        }
    }

    fn list(&mut self, node: &NodeRef, is_ordered: bool) {
        let mut number: u32 = node.attr_or("start", "1").trim().parse().unwrap_or(1).min(999_999);
        let mut items = Vec::new();
        for item in node.children_it(false).filter(NodeRef::is_element) {
            let mut inner = self.inner();
            if item.has_name("li") {
                inner.children(&item);
            } else {
                inner.node(&item);
            }
            let blocks = inner.finish();
            if !blocks.is_empty() {
                items.push((if is_ordered { format!("{number}.") } else { "-".to_owned() }, blocks));
                number += 1;
            }
        }
        self.items(items);
    }

    /// Terms and what they mean, as a list: `- **term** — meaning`.
    fn terms(&mut self, node: &NodeRef) {
        let mut items: Vec<Vec<String>> = Vec::new();
        let mut is_fresh = false;
        for part in parts(node) {
            if part.has_name("dt") {
                let term = line_of(&part);
                let term = if term.contains(['[', '`', '*']) { term } else { bold(&term) };
                match items.last_mut().and_then(|item| item.first_mut()) {
                    // Several terms may mean the same.
                    Some(before) if is_fresh => *before = format!("{before}, {term}"),
                    _ => items.push(vec![term]),
                }
                is_fresh = true;
                continue;
            }
            let mut inner = self.inner();
            inner.children(&part);
            let meaning = inner.finish();
            if items.is_empty() {
                items.push(Vec::new());
            }
            let Some(item) = items.last_mut() else { continue };
            match (item.as_mut_slice(), meaning.as_slice()) {
                ([term], [only]) if is_fresh && is_paragraph(only) => {
                    let meaning = only
                        .strip_prefix('\\')
                        .filter(|rest| rest.starts_with(['-', '+', '>', '#']))
                        .unwrap_or(only);
                    *term = format!("{term} — {meaning}");
                }
                _ => item.extend(meaning),
            }
            is_fresh = false;
        }
        self.items(items.into_iter().map(|item| ("-".to_owned(), item)).collect());
    }

    fn items(&mut self, items: Vec<(String, Vec<String>)>) {
        self.end_paragraph();
        let is_tight = items.iter().all(|(_, blocks)| blocks.iter().skip(1).all(|block| is_list(block)));
        let between = if is_tight { "\n" } else { "\n\n" };
        // Another list right after one would be part of it.
        let is_second = self.done.last().is_some_and(|before| is_list(before));
        let written: Vec<String> = items
            .iter()
            .filter(|(_, blocks)| blocks.iter().any(|block| !block.is_empty()))
            .map(|(marker, blocks)| {
                let marker = match marker.strip_suffix('.') {
                    Some(number) if is_second => format!("{number}) "),
                    None if is_second => "* ".to_owned(),
                    _ => format!("{marker} "),
                };
                prefixed(&blocks.join(between), &marker, &" ".repeat(marker.len()))
            })
            .collect();
        if !written.is_empty() {
            self.done.push(written.join(between));
        }
    }
}

/// `<dt>` and `<dd>`, which may be grouped.
fn parts<'a>(node: &NodeRef<'a>) -> Vec<NodeRef<'a>> {
    let mut parts = Vec::new();
    for child in node.children_it(false).filter(NodeRef::is_element) {
        if child.has_name("div") {
            parts.extend(child.children_it(false).filter(NodeRef::is_element));
        } else {
            parts.push(child);
        }
    }
    parts
}

fn line_of(node: &NodeRef) -> String {
    let mut line = Line::default();
    line.children(node, Manner::line());
    line.finish()
}

fn bold(text: &str) -> String {
    if text.is_empty() || text.contains("**") {
        return text.to_owned();
    }
    format!("**{text}**")
}

fn is_all_inline(node: &NodeRef) -> bool {
    node.children_it(false).filter(NodeRef::is_element).all(|child| is_inline(&child))
}

/// Notes and warnings of Sphinx, MkDocs, mdBook, Docusaurus, VitePress and GitHub.
fn is_admonition(node: &NodeRef) -> bool {
    let is_part = node.has_name("div") || node.has_name("aside") || node.has_name("section");
    let words = [
        "admonition",
        "theme-admonition",
        "custom-block",
        "starlight-aside",
        "markdown-alert",
        "warning",
        "note",
    ];
    is_part && words.iter().any(|word| has_class_word(node, word))
}

fn has_class_word(node: &NodeRef, word: &str) -> bool {
    node.is_element() && node.has_class(word)
}

fn is_list(block: &str) -> bool {
    let marker = block.trim_start_matches(|c: char| c.is_ascii_digit());
    ["- ", "* "].iter().any(|bullet| block.starts_with(bullet))
        || (marker.len() < block.len() && [". ", ") "].iter().any(|end| marker.starts_with(end)))
}

fn is_paragraph(block: &str) -> bool {
    !is_list(block) && !block.starts_with(['#', '|', '>', '`']) && !block.contains("\n\n")
}

/// Puts `first` before the first line and `other` before the others.
fn prefixed(text: &str, first: &str, other: &str) -> String {
    let mut out = String::with_capacity(text.len() + first.len());
    for (index, line) in text.lines().enumerate() {
        let prefix = if index == 0 { first } else { other };
        if index > 0 {
            out.push('\n');
        }
        out.push_str(if line.is_empty() { prefix.trim_end() } else { prefix });
        out.push_str(line);
    }
    out
}
