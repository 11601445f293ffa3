//! Measures a text: how large its letters are, how far its lines lie apart, and where its columns end.

use super::lines::Line;
use std::collections::HashMap;

/// A line of letters that are so much larger than others is a heading.
const LARGER: f32 = 1.12;
/// Longest heading in characters, for each of its lines.
const HEADING_CHARS: usize = 120;
/// How many lines before and after one show where their column ends.
const NEIGHBOURS: usize = 30;

pub(super) struct Measure {
    /// From line to line, in parts of the size of the letters.
    pub(super) spacing: f32,
    /// Sizes of headings, largest first.
    headings: Vec<f32>,
    /// Where the column of each line ends.
    rights: Vec<f32>,
}

impl Measure {
    pub(super) fn of(lines: &[Line]) -> Self {
        let body = most_frequent(
            lines.iter().filter(|line| !line.is_mono).map(|line| (line.size, line.text.len())),
            2.0,
        )
        .unwrap_or(10.0);
        let drops = lines
            .windows(2)
            .filter(|pair| pair[0].page == pair[1].page && (pair[0].size - pair[1].size).abs() < 0.5);
        let drops = drops
            .map(|pair| ((pair[0].y - pair[1].y) / pair[1].size, 1))
            .filter(|(drop, _)| (0.8..2.5).contains(drop));
        Self {
            spacing: most_frequent(drops, 20.0).unwrap_or(1.2),
            headings: headings(lines, body),
            rights: (0..lines.len()).map(|index| right(lines, index)).collect(),
        }
    }

    /// The rank of a heading, from 1.
    pub(super) fn heading(&self, line: &Line) -> Option<usize> {
        if line.text.chars().count() > HEADING_CHARS || !line.text.contains(char::is_alphabetic) {
            return None;
        }
        let rank = self.headings.iter().position(|size| (size - line.size).abs() <= 0.5)?;
        Some((rank + 1).min(4))
    }

    /// Where the column of a line ends.
    pub(super) fn right_of(&self, index: usize, line: &Line) -> f32 {
        self.rights.get(index).copied().unwrap_or(line.right)
    }

    /// About how wide the first word of a line is.
    pub(super) fn first_word(&self, line: &Line) -> f32 {
        let all = line.text.chars().count().max(1) as f32;
        let word = line.text.split_whitespace().next().unwrap_or_default().chars().count() as f32;
        (line.right - line.left) * word / all
    }
}

/// The sizes of headings. Where there are many sizes, the smaller ones are of one rank.
fn headings(lines: &[Line], body: f32) -> Vec<f32> {
    let large = lines
        .iter()
        .filter(|line| line.size > body * LARGER && line.text.chars().count() <= HEADING_CHARS);
    let mut sizes: Vec<f32> = large
        .filter(|line| line.text.contains(char::is_alphabetic))
        .map(|line| line.size)
        .collect();
    sizes.sort_by(|a, b| b.total_cmp(a));
    sizes.dedup_by(|a, b| (*a - *b).abs() <= 0.5);
    sizes
}

/// The value with the most weight, when values are taken together that round to the same.
fn most_frequent(values: impl Iterator<Item = (f32, usize)>, steps: f32) -> Option<f32> {
    let mut weights: HashMap<i32, usize> = HashMap::new();
    for (value, weight) in values {
        *weights.entry((value * steps).round() as i32).or_default() += weight;
    }
    let (step, _) = weights.into_iter().max_by_key(|&(step, weight)| (weight, step))?;
    Some(step as f32 / steps)
}

fn right(lines: &[Line], index: usize) -> f32 {
    let line = &lines[index];
    let near = &lines[index.saturating_sub(NEIGHBOURS)..lines.len().min(index + NEIGHBOURS)];
    let alike = |other: &&Line| {
        other.page == line.page && (other.left - line.left).abs() < line.size * 2.0 && (other.size - line.size).abs() <= line.size * 0.12
    };
    near.iter().filter(alike).map(|other| other.right).fold(line.right, f32::max)
}
