//! Anchors of headings: unique in a page, and with a prefix that keeps them apart from the ids of the page itself.

use app::protocol::entry::{Heading, Rendered};
use app::protocol::slug::slug;
use std::collections::{HashMap, HashSet};

/// The deepest level of a heading.
const DEEPEST: u8 = 6;

/// The anchor of a heading with this text, where it is the first of its kind: what `[[id#text]]` points to.
pub(super) fn anchor(text: &str) -> String {
    let slug = slug(text);
    format!("h-{}", if slug.is_empty() { "section" } else { &slug })
}

/// Most headings of an outline; those behind them have an anchor all the same.
const HEADINGS: usize = 1_000;

/// Collects the headings of a page.
#[derive(Default)]
pub(super) struct Outline {
    headings: Vec<Heading>,
    taken: HashSet<String>,
    /// How often each anchor was asked for, so that a thousand equal headings do not each count from two.
    asked: HashMap<String, u32>,
}

impl Outline {
    /// Adds a heading and returns its anchor.
    pub(super) fn add(&mut self, level: u8, text: &str) -> String {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let base = anchor(&text);
        let count = self.asked.entry(base.clone()).or_insert(0);
        let anchor = loop {
            *count += 1;
            let anchor = if *count == 1 { base.clone() } else { format!("{base}-{count}") };
            if self.taken.insert(anchor.clone()) {
                break anchor;
            }
        };
        if self.headings.len() < HEADINGS {
            self.headings.push(Heading {
                level,
                anchor: anchor.clone(),
                text,
            });
        }
        anchor
    }

    /// The headings, in order.
    pub(super) fn into_headings(self) -> Vec<Heading> {
        self.headings
    }
}

/// Moves the headings of a sanitised text down by one where it has some of the first level: that one is the title's, and
/// a page has one. The sixth level has none below it and takes in the fifth.
pub(super) fn below_title(mut rendered: Rendered) -> Rendered {
    if !rendered.html.contains("<h1") {
        return rendered;
    }
    // In sanitised HTML a `<` begins a tag. From the deepest up, so that none is moved twice.
    for level in (1..DEEPEST).rev() {
        let below = level + 1;
        rendered.html = rendered
            .html
            .replace(&format!("<h{level}"), &format!("<h{below}"))
            .replace(&format!("</h{level}>"), &format!("</h{below}>"));
    }
    for heading in &mut rendered.outline {
        heading.level = (heading.level + 1).min(DEEPEST);
    }
    rendered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_unique_even_where_titles_look_numbered() {
        let mut outline = Outline::default();
        let anchors: Vec<_> = ["A", "a-2", "A", "A", "?", "!", "日本"]
            .iter()
            .map(|text| outline.add(2, text))
            .collect();
        assert_eq!(anchors, ["h-a", "h-a-2", "h-a-3", "h-a-4", "h-section", "h-section-2", "h-日本"]);
    }
}
