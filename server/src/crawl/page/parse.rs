//! Parses HTML within bounds. The parser itself looks through all open elements at every tag, and so would take hours for a
//! page of nothing but `<div>`s; and what walks the tree afterwards would overflow its stack.

use dom_query::{Document, NodeId};
use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{LocalName, TokenizerResult, interface::TreeSink, local_name};
use std::cell::RefCell;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Most elements within each other. Tags of further ones are left out; what they hold stays.
pub(super) const DEEPEST: usize = 200;
/// Most nodes. The rest of the page is left out.
const MOST_NODES: usize = 400_000;
/// Longest time. The rest of the page is left out. Only pages that are made to take long come near it.
const LONGEST: Duration = Duration::from_secs(5);
/// The time is looked at after this many bytes.
const PIECE: usize = 4096;

const VOID: [&str; 19] = [
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input", "keygen", "link", "meta", "param",
    "source", "track", "wbr", "image",
];
/// What they hold is no markup, so that they cannot be within each other.
const RAW: [&str; 8] = ["script", "style", "textarea", "title", "xmp", "iframe", "noframes", "plaintext"];
/// They end when the next one begins.
const IMPLIED: [&str; 15] = [
    "p", "li", "dd", "dt", "option", "optgroup", "rp", "rt", "td", "th", "tr", "thead", "tbody", "tfoot", "colgroup",
];
/// They begin again in the next block, until they are closed.
const FORMATTING: [&str; 14] = [
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
];
/// When they end, the formatting within them ends too.
const SCOPES: [&str; 10] = ["table", "tr", "td", "th", "caption", "tbody", "template", "object", "body", "html"];

/// Parses a page, and says whether the rest of it was left out.
pub(super) fn parse(source: &str) -> (Document, bool) {
    let options = TreeBuilderOpts {
        scripting_enabled: false,
        ..TreeBuilderOpts::default()
    };
    let sink = Bounded {
        builder: TreeBuilder::new(Document::default(), options),
        open: RefCell::default(),
        left_out: RefCell::default(),
    };
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let (queue, begun) = (BufferQueue::default(), Instant::now());
    let mut rest = source;
    while !rest.is_empty() && begun.elapsed() < LONGEST && !tokenizer.sink.is_full() {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE.min(rest.len())));
        rest = after;
        queue.push_back(StrTendril::from_slice(piece));
        // It stops after each script, which is not run here.
        while !matches!(tokenizer.feed(&queue), TokenizerResult::Done) {}
    }
    tokenizer.end();
    (tokenizer.sink.builder.sink.finish(), !rest.is_empty())
}

/// Hands the tags on to the builder as long as they are within bounds.
struct Bounded {
    builder: TreeBuilder<NodeId, Document>,
    /// Names of the elements that are open, about.
    open: RefCell<Vec<LocalName>>,
    /// How many elements of each name are open whose tags were left out.
    left_out: RefCell<HashMap<LocalName, usize>>,
}

impl Bounded {
    fn is_full(&self) -> bool {
        self.builder.sink.tree.len() >= MOST_NODES
    }

    fn leaves_out(&self, tag: &Tag) -> bool {
        let name = &*tag.name;
        if VOID.contains(&name) || RAW.contains(&name) {
            return false;
        }
        match tag.kind {
            TagKind::StartTag => self.leaves_out_start(tag),
            TagKind::EndTag => self.leaves_out_end(&tag.name),
        }
    }

    fn leaves_out_start(&self, tag: &Tag) -> bool {
        let name = &*tag.name;
        let mut open = self.open.borrow_mut();
        let is_foreign = open.iter().any(|open| *open == local_name!("svg") || *open == local_name!("math"));
        if is_foreign && tag.self_closing {
            return false;
        }
        if !is_foreign && IMPLIED.contains(&name) {
            let ended = open.iter().rev().take_while(|open| IMPLIED.contains(&&***open)).count();
            let kept = open.len() - ended;
            open.truncate(kept);
        }
        if matches!(name, "td" | "th" | "tr")
            && let Some(cell) = open.iter().rposition(|open| matches!(&**open, "td" | "th" | "table"))
        {
            let is_table = &*open[cell] == "table";
            open.truncate(if is_table { cell + 1 } else { cell });
        }
        if matches!(name, "a" | "nobr")
            && let Some(before) = open.iter().rposition(|open| **open == *name)
        {
            open.remove(before);
        }
        if open.len() < DEEPEST {
            open.push(tag.name.clone());
            return false;
        }
        *self.left_out.borrow_mut().entry(tag.name.clone()).or_default() += 1;
        true
    }

    fn leaves_out_end(&self, name: &LocalName) -> bool {
        if let Some(count) = self.left_out.borrow_mut().get_mut(name)
            && *count > 0
        {
            *count -= 1;
            return true;
        }
        let mut open = self.open.borrow_mut();
        let Some(from) = open.iter().rposition(|open| open == name) else {
            return false;
        };
        let ends_formatting = SCOPES.contains(&&**name);
        let mut index = 0;
        open.retain(|open| {
            index += 1;
            index <= from || (index > from + 1 && !ends_formatting && FORMATTING.contains(&&**open))
        });
        false
    }
}

impl TokenSink for Bounded {
    type Handle = NodeId;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<NodeId> {
        match &token {
            Token::TagToken(tag) if self.leaves_out(tag) => TokenSinkResult::Continue,
            // They are of no use, and an error is kept for each.
            Token::ParseError(_) | Token::CommentToken(_) => TokenSinkResult::Continue,
            _ => self.builder.process_token(token, line),
        }
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}
