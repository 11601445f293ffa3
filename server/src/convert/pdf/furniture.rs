//! Finds what is repeated at the top and foot of pages: headers, footers, numbers of pages.

use super::lines::Line;
use std::collections::{HashMap, HashSet};

/// How many lines at each end of a page may be such.
const DEPTH: usize = 3;
/// By how much their places may differ from page to page.
const DRIFT: f32 = 12.0;
/// Nobody repeats more than that, in characters.
const LONGEST: usize = 160;

/// Takes headers and footers out of the pages.
pub(super) fn remove(pages: &mut [Vec<Line>]) {
    let seen = Seen::of(pages);
    let removed: Vec<HashSet<usize>> = pages.iter().map(|page| repeated(page, &seen)).collect();
    // Where nothing else would be left, what is repeated is the text.
    let empty = pages
        .iter()
        .zip(&removed)
        .filter(|(page, removed)| !page.is_empty() && removed.len() == page.len())
        .count();
    if empty * 2 > pages.len() {
        return;
    }
    let places = Places::of(pages, &removed);
    for (page, removed) in pages.iter_mut().zip(removed) {
        let stray = places.strays(page);
        let mut index = 0;
        page.retain(|_| {
            index += 1;
            !removed.contains(&(index - 1)) && !stray.contains(&(index - 1))
        });
    }
}

/// Which lines are repeated on other pages at the same place.
fn repeated(page: &[Line], seen: &Seen) -> HashSet<usize> {
    let ends = ends(page).into_iter();
    ends.filter(|&(is_top, index)| seen.is_repeated(is_top, &page[index]))
        .map(|(_, index)| index)
        .collect()
}

/// Where on pages there are which patterns.
struct Seen {
    places: HashMap<(bool, String), Vec<f32>>,
    pages: usize,
}

impl Seen {
    fn of(pages: &[Vec<Line>]) -> Self {
        let mut places: HashMap<(bool, String), Vec<f32>> = HashMap::new();
        for page in pages {
            let mut counted = HashSet::new();
            for (is_top, index) in ends(page) {
                let key = (is_top, pattern(&page[index].text));
                if counted.insert(key.clone()) {
                    places.entry(key).or_default().push(page[index].y);
                }
            }
        }
        Self {
            places,
            pages: pages.len(),
        }
    }

    fn is_repeated(&self, is_top: bool, line: &Line) -> bool {
        let key = (is_top, pattern(&line.text));
        let is_number = key.1.chars().all(|c| "#-–— /".contains(c));
        let needed = if is_number { 2 } else { self.pages.clamp(2, 3) };
        let near = |places: &Vec<f32>| places.iter().filter(|place| (**place - line.y).abs() < DRIFT).count();
        self.places.get(&key).is_some_and(|places| near(places) >= needed)
    }
}

/// Where headers and footers stand. Those of a short chapter are not repeated, but stand there as well.
struct Places(HashMap<(bool, i32), usize>);

impl Places {
    fn of(pages: &[Vec<Line>], removed: &[HashSet<usize>]) -> Self {
        let mut places = HashMap::new();
        for (page, removed) in pages.iter().zip(removed) {
            for end in outermost(page).into_iter().filter(|(_, index)| removed.contains(index)) {
                *places.entry(Self::place(page, end)).or_default() += 1;
            }
        }
        Self(places)
    }

    /// Outermost lines at such a place that have the number of a page.
    fn strays(&self, page: &[Line]) -> Vec<usize> {
        let ends = outermost(page).into_iter();
        ends.filter(|&end| self.0.get(&Self::place(page, end)).is_some_and(|&count| count >= 3))
            .map(|(_, index)| index)
            .filter(|&index| {
                let pattern = pattern(&page[index].text);
                pattern.starts_with('#') || pattern.ends_with('#')
            })
            .collect()
    }

    fn place(page: &[Line], (is_top, index): (bool, usize)) -> (bool, i32) {
        (is_top, page[index].y.round() as i32)
    }
}

/// The first and the last of the outermost lines.
fn outermost(page: &[Line]) -> Vec<(bool, usize)> {
    let mut ends = ends(page);
    ends.dedup_by_key(|(is_top, _)| *is_top);
    ends
}

/// The outermost lines, with whether they are at the top.
fn ends(page: &[Line]) -> Vec<(bool, usize)> {
    let mut order: Vec<usize> = (0..page.len()).collect();
    order.sort_by(|&a, &b| page[b].y.total_cmp(&page[a].y));
    let top = order.iter().take(DEPTH).map(|&index| (true, index));
    let foot = order.iter().rev().take(DEPTH).map(|&index| (false, index));
    top.chain(foot)
        .filter(|&(_, index)| page[index].text.chars().count() <= LONGEST)
        .collect()
}

/// The text with its numbers left open, be they Arabic or Roman.
fn pattern(text: &str) -> String {
    let text = text.trim().to_lowercase();
    if text.len() <= 8 && text.bytes().all(|byte| b"ivxlc".contains(&byte)) {
        return "#".to_owned();
    }
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '0'..='9' if pattern.ends_with('#') => {}
            '0'..='9' => pattern.push('#'),
            c => pattern.push(c),
        }
    }
    pattern
}
