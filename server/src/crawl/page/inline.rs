//! Writes what is within a line: text, emphasis, links, images and code.

use super::code;
use super::escape;
use dom_query::NodeRef;

/// Elements that are part of a line.
const INLINE: [&str; 44] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn", "em", "font", "i", "img", "input", "ins",
    "kbd", "label", "mark", "math", "nobr", "output", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub",
    "sup", "time", "tt", "u", "var", "wbr", "picture", "source",
];
/// What is raised without being a power.
const ORDINALS: [&str; 10] = ["st", "nd", "rd", "th", "er", "re", "e", "TM", "tm", "®"];
/// Deepest elements that are written as such; of what is below them only the text is.
const DEEPEST: usize = 250;

/// Whether an element is part of a line, and so is all within it.
pub(super) fn is_inline(node: &NodeRef) -> bool {
    let is_part = |node: &NodeRef| node.node_name().is_none_or(|name| INLINE.contains(&&*name) || name.contains('-'));
    // A link around a card is written as a link of its text.
    is_part(node) && (node.has_name("a") || node.descendants_it().filter(NodeRef::is_element).all(|inner| is_part(&inner)))
}

/// How text is to be written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Manner {
    /// In the cell of a table.
    is_cell: bool,
    /// On one line: breaks become spaces.
    is_line: bool,
    is_strong: bool,
    is_emphasised: bool,
    is_link: bool,
    depth: usize,
}

impl Manner {
    /// On one line: breaks become spaces.
    pub(super) fn line() -> Self {
        Self {
            is_line: true,
            ..Self::default()
        }
    }

    /// In the cell of a table.
    pub(super) fn cell() -> Self {
        Self {
            is_cell: true,
            ..Self::line()
        }
    }

    /// One level deeper.
    fn within(self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self
        }
    }
}

/// A line, or several with breaks between.
#[derive(Debug, Default)]
pub(super) struct Line {
    out: String,
    /// Space that is written when something follows.
    is_spaced: bool,
    /// The last mark that ended emphasis, and how long the line was then.
    ended: (&'static str, usize),
}

impl Line {
    /// What was written, without space at the ends.
    pub(super) fn finish(self) -> String {
        let out = self.out.trim_end_matches(['\n', ' ']);
        let out = out
            .strip_suffix('\\')
            .filter(|rest| self.out.len() > out.len() && !rest.ends_with('\\'))
            .unwrap_or(out);
        out.trim_end().to_owned()
    }

    /// Writes an element, or text.
    pub(super) fn node(&mut self, node: &NodeRef, manner: Manner) {
        if node.is_text() || manner.depth > DEEPEST {
            return self.text(&node.text(), manner);
        }
        let manner = manner.within();
        let Some(name) = node.node_name() else { return };
        match &*name {
            "br" if manner.is_line => self.is_spaced = true,
            "br" => self.line_break(),
            "wbr" | "script" | "style" | "rp" => {}
            "img" => self.image(node, manner),
            "input" => self.checkbox(node),
            "code" | "tt" | "kbd" | "samp" => self.code(node, manner),
            "pre" => self.atom(&code::span(&code::text(node)), manner),
            "strong" | "b" if !manner.is_strong => self.marked(node, "**", Manner { is_strong: true, ..manner }),
            "em" | "i" | "cite" | "var" | "dfn" if !manner.is_emphasised => self.marked(
                node,
                "*",
                Manner {
                    is_emphasised: true,
                    ..manner
                },
            ),
            "del" | "s" | "strike" => self.marked(node, "~~", manner),
            "a" => self.link(node, manner),
            "sup" => self.raised(node, manner),
            "q" => {
                self.text("“", manner);
                self.children(node, manner);
                self.text("”", manner);
            }
            _ if is_inline(node) => self.children(node, manner),
            _ => {
                self.is_spaced = true;
                self.children(node, manner);
                self.is_spaced = true;
            }
        }
    }

    pub(super) fn children(&mut self, node: &NodeRef, manner: Manner) {
        for child in node.children_it(false) {
            self.node(&child, manner);
        }
    }

    fn text(&mut self, text: &str, manner: Manner) {
        let mut words = text.split_ascii_whitespace().peekable();
        self.is_spaced |= text.starts_with(|c: char| c.is_ascii_whitespace());
        while let Some(word) = words.next() {
            self.space();
            escape::push(&mut self.out, word, manner.is_cell);
            self.is_spaced = words.peek().is_some();
        }
        self.is_spaced |= text.ends_with(|c: char| c.is_ascii_whitespace());
    }

    /// Writes the space that is due.
    fn space(&mut self) {
        if self.is_spaced && !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push(' ');
        }
        self.is_spaced = false;
    }

    /// Writes markdown that is whole.
    fn atom(&mut self, markdown: &str, manner: Manner) {
        if markdown.is_empty() {
            return;
        }
        self.space();
        if manner.is_cell {
            self.out.push_str(&markdown.replace('|', "\\|"));
        } else {
            self.out.push_str(markdown);
        }
    }

    fn line_break(&mut self) {
        self.is_spaced = false;
        if !self.out.is_empty() {
            self.out.push_str("\\\n");
        }
    }

    /// Code, with the link that all of it is.
    fn code(&mut self, node: &NodeRef, manner: Manner) {
        let text = code::text(node);
        let anchor = node
            .children_it(false)
            .find(|child| !child.is_text() || !child.text().trim().is_empty());
        let link = anchor.filter(|anchor| anchor.has_name("a") && !manner.is_link && anchor.text().trim() == text.trim());
        let destination = link.and_then(|link| escape::destination(&link.attr("href")?));
        let code = code::span(&text);
        self.is_spaced |= text.starts_with(|c: char| c.is_ascii_whitespace());
        match destination {
            Some(destination) if !code.is_empty() => self.atom(&format!("[{code}]({destination})"), manner),
            _ => self.atom(&code, manner),
        }
        self.is_spaced |= text.ends_with(|c: char| c.is_ascii_whitespace());
    }

    /// Writes children on their own: how they read, and whether there is space around them.
    fn inner(node: &NodeRef, manner: Manner) -> (String, bool, bool) {
        let mut inner = Self::default();
        inner.children(node, manner);
        let text = node.text();
        let starts = text.starts_with(|c: char| c.is_ascii_whitespace());
        let ends = inner.is_spaced;
        (inner.finish(), starts, ends)
    }

    /// Writes children between marks.
    fn marked(&mut self, node: &NodeRef, mark: &'static str, manner: Manner) {
        let (inner, starts, ends) = Self::inner(node, manner);
        self.is_spaced |= starts;
        if inner.is_empty() {
            self.is_spaced |= ends;
            return;
        }
        self.space();
        let before = self.out.chars().next_back();
        let after = node.next_sibling().filter(|_| !ends).and_then(|next| next.text().chars().next());
        let is_marked = is_flanking(before, &inner, after) && !inner.contains("\\\n");
        if is_marked && self.ended == (mark, self.out.len()) {
            // Two in a row are one.
            self.out.truncate(self.out.len() - mark.len());
        } else if is_marked {
            self.out.push_str(mark);
        }
        self.out.push_str(&inner);
        if is_marked {
            self.out.push_str(mark);
            self.ended = (mark, self.out.len());
        }
        self.is_spaced |= ends;
    }

    fn link(&mut self, node: &NodeRef, manner: Manner) {
        let destination = node
            .attr("href")
            .and_then(|href| escape::destination(&href))
            .filter(|_| !manner.is_link);
        let Some(destination) = destination else {
            return self.children(node, manner);
        };
        let (inner, starts, ends) = Self::inner(
            node,
            Manner {
                is_link: true,
                is_line: true,
                ..manner
            },
        );
        self.is_spaced |= starts;
        if !inner.is_empty() {
            self.space();
            if self.out.ends_with('!') {
                self.out.insert(self.out.len() - 1, '\\');
            }
            self.out.push_str(&format!("[{inner}]({destination})"));
        }
        self.is_spaced |= ends;
    }

    fn image(&mut self, node: &NodeRef, manner: Manner) {
        let Some(destination) = node.attr("src").and_then(|src| escape::destination(&src)) else {
            return;
        };
        let mut alt = String::new();
        escape::push(&mut alt, &super::one_line(&node.attr_or("alt", "")), manner.is_cell);
        self.space();
        self.out.push_str(&format!("![{alt}]({destination})"));
    }

    /// The box of a task.
    fn checkbox(&mut self, node: &NodeRef) {
        if node.attr_or("type", "").eq_ignore_ascii_case("checkbox") && self.out.is_empty() {
            self.out.push_str(if node.has_attr("checked") { "[x]" } else { "[ ]" });
            self.is_spaced = true;
        }
    }

    /// 10<sup>9</sup> is not 109.
    fn raised(&mut self, node: &NodeRef, manner: Manner) {
        let text = node.text();
        let text = text.trim();
        let is_power = self.out.ends_with(|c: char| c.is_alphanumeric() || c == ')') && !self.is_spaced;
        let is_reference = text.starts_with(['[', '*', '†', '‡']) || node.descendants_it().any(|inner| inner.has_name("a"));
        if is_power && !is_reference && !text.is_empty() && !ORDINALS.contains(&text) {
            let is_simple = text
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '-' | '+' | '−' | '?' | '*'));
            self.out.push_str(if is_simple { "^" } else { "^(" });
            self.children(node, manner);
            self.out.push_str(if is_simple { "" } else { ")" });
            return;
        }
        let is_footnote = is_reference && !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
        self.out.push_str(if is_footnote { "\\[" } else { "" });
        self.children(node, manner);
        self.out.push_str(if is_footnote { "\\]" } else { "" });
    }
}

/// Whether marks between these characters begin and end emphasis (CommonMark, 6.2).
fn is_flanking(before: Option<char>, inner: &str, after: Option<char>) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let opens = is_word(inner.chars().next()) || !is_word(before);
    let closes = is_word(inner.chars().next_back()) || !is_word(after);
    opens && closes
}
