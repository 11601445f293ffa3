//! What a body says beside its text. It is read once, before the body is written: a transaction in which everybody waits is no
//! place for parsing.

use super::{Passage, links, mentions, passages};
use app::protocol::entry::LinkTarget;
use app::protocol::{KbName, UserId};
use std::collections::HashSet;

/// Most targets of links that are kept of a body; those behind them lead nowhere.
pub const TARGETS: usize = 2_000;

/// What a body says beside its text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// Where its wikilinks lead, each target once, in the order of the text.
    pub targets: Vec<LinkTarget>,
    /// Whom it mentions, each once.
    pub mentions: Vec<UserId>,
    /// Its passages; together they are the whole body.
    pub passages: Vec<Passage>,
}

/// Reads a body that is in `kb`.
pub fn read(body: &str, kb: &KbName) -> Reading {
    Reading {
        targets: targets(body, kb),
        mentions: mentions(body),
        passages: passages(body),
    }
}

/// Where the wikilinks of a body lead, each target once, in the order of the text; at most [`TARGETS`].
pub fn targets(body: &str, kb: &KbName) -> Vec<LinkTarget> {
    // Most texts of a sync have none, and need not be parsed for that.
    if !body.contains("[[") {
        return vec![];
    }
    let mut known = HashSet::new();
    let distinct = links(body, kb)
        .into_iter()
        .map(|link| link.target)
        .filter(|target| known.insert(target.clone()));
    distinct.take(TARGETS).collect()
}
