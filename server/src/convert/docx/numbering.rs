//! The lists of a document: which are numbered, and from where.

use super::super::Unfit;
use super::styles::ListPlace;
use super::xml::{self, Tag, Visitor};
use std::collections::HashMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Bullet,
    Number,
    Nothing,
}

#[derive(Debug, Clone, Copy)]
struct Level {
    mark: Mark,
    start: u32,
}

#[derive(Debug, Default)]
pub(super) struct Numbering {
    /// The levels of the kinds of lists.
    levels: HashMap<(String, u8), Level>,
    /// The kind of each list.
    kinds: HashMap<String, String>,
    /// Where lists do not begin where their kind does.
    starts: HashMap<(String, u8), u32>,
}

/// How far the lists of a document are.
#[derive(Debug, Default)]
pub(super) struct Counters {
    counts: HashMap<(String, u8), u32>,
}

/// What stands before an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ItemMark {
    Bullet,
    Number(u32),
}

impl Numbering {
    pub(super) fn read(text: &str) -> Result<Self, Unfit> {
        let mut reader = Reader::default();
        xml::walk(text, &mut reader)?;
        Ok(reader.numbering)
    }

    /// What stands before the next item at a place; none where it is no list to the eye.
    pub(super) fn mark(&self, place: &ListPlace, counters: &mut Counters) -> Option<ItemMark> {
        if place.list == "0" {
            return None;
        }
        let kind = self.kinds.get(&place.list);
        let level = kind.and_then(|kind| self.levels.get(&(kind.clone(), place.level)));
        match level.map_or(Mark::Bullet, |level| level.mark) {
            Mark::Nothing => None,
            Mark::Bullet => Some(ItemMark::Bullet),
            Mark::Number => {
                let key = (place.list.clone(), place.level);
                let start = self.starts.get(&key).copied().or(level.map(|level| level.start)).unwrap_or(1);
                Some(ItemMark::Number(counters.next(key, start)))
            }
        }
    }
}

impl Counters {
    fn next(&mut self, key: (String, u8), start: u32) -> u32 {
        // What is deeper begins anew below each item.
        self.counts.retain(|(list, level), _| *list != key.0 || *level <= key.1);
        let count = self
            .counts
            .entry(key)
            .and_modify(|count| *count = count.saturating_add(1))
            .or_insert(start);
        // Markdown knows no number of more than nine digits.
        *count = (*count).min(999_999_999);
        *count
    }
}

#[derive(Default)]
struct Reader {
    numbering: Numbering,
    kind: String,
    list: String,
    level: u8,
}

impl Visitor for Reader {
    fn open(&mut self, tag: &Tag<'_>) {
        let level = |name| tag.get(name).and_then(|level| level.parse().ok()).unwrap_or(0);
        match tag.name {
            "abstractNum" => self.kind = tag.get("abstractNumId").unwrap_or_default(),
            "num" => {
                self.list = tag.get("numId").unwrap_or_default();
                self.kind.clear();
            }
            "abstractNumId" => {
                let kind = tag.val().unwrap_or_default();
                self.numbering.kinds.insert(self.list.clone(), kind);
            }
            "lvl" | "lvlOverride" => self.level = level("ilvl"),
            "start" => self.level_mut().start = tag.val().and_then(|start| start.parse().ok()).unwrap_or(1),
            "startOverride" => {
                let start = tag.val().and_then(|start| start.parse().ok()).unwrap_or(1);
                self.numbering.starts.insert((self.list.clone(), self.level), start);
            }
            "numFmt" => {
                self.level_mut().mark = match tag.val().as_deref() {
                    Some("bullet") => Mark::Bullet,
                    Some("none") => Mark::Nothing,
                    _ => Mark::Number,
                }
            }
            _ => {}
        }
    }
}

impl Reader {
    fn level_mut(&mut self) -> &mut Level {
        let key = (self.kind.clone(), self.level);
        self.numbering.levels.entry(key).or_insert(Level {
            mark: Mark::Number,
            start: 1,
        })
    }
}
