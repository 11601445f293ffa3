//! Puts the signs of a page together to lines.

use super::content::Sign;

/// A gap of so much of the size of the letters is a space.
const SPACE: f32 = 0.15;
/// A gap of so much of it parts the columns of a table.
const COLUMN: f32 = 1.8;

/// A line of text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    /// Columns are parted by tabs.
    pub(super) text: String,
    pub(super) left: f32,
    pub(super) right: f32,
    /// The base line, from below.
    pub(super) y: f32,
    pub(super) size: f32,
    pub(super) is_mono: bool,
    pub(super) page: usize,
}

/// A line that is not complete.
struct Open {
    line: Line,
    turn: u8,
    /// How many signs there are of each size.
    sizes: Vec<(f32, usize)>,
    mono: usize,
    signs: usize,
    last: (f32, String),
}

/// The lines of a page, in the order in which they were painted, unless that goes up rather than down.
pub(super) fn lines(signs: &[Sign], page: usize) -> Vec<Line> {
    let mut done: Vec<Open> = Vec::new();
    for sign in signs {
        let text = readable(&sign.text);
        if text.is_empty() || !sign.size.is_finite() || sign.size <= 0.0 {
            continue;
        }
        match done.last_mut() {
            Some(open) if open.takes(sign) => open.push(sign, &text),
            _ if text.trim().is_empty() => {}
            _ => done.push(Open::new(sign, &text, page)),
        }
    }
    let mut lines = main_direction(done);
    let moves = |up: bool| lines.windows(2).filter(|pair| (pair[1].y > pair[0].y) == up).count();
    if moves(true) > moves(false) {
        lines.sort_by(|a, b| b.y.total_cmp(&a.y));
    }
    lines
}

/// What runs across the text, like a stamp on the margin, is left out, unless there is much of it.
fn main_direction(lines: Vec<Open>) -> Vec<Line> {
    let mut signs = [0; 4];
    lines.iter().for_each(|open| signs[usize::from(open.turn)] += open.signs);
    let all: usize = signs.iter().sum();
    let mut turns: Vec<u8> = (0..4).filter(|&turn| signs[usize::from(turn)] * 5 >= all).collect();
    turns.sort_by_key(|&turn| usize::MAX - signs[usize::from(turn)]);
    let mut kept: Vec<(usize, Line)> = lines
        .into_iter()
        .filter_map(|open| Some((turns.iter().position(|&turn| turn == open.turn)?, open.finish()?)))
        .collect();
    kept.sort_by_key(|(place, _)| *place);
    kept.into_iter().map(|(_, line)| line).collect()
}

impl Open {
    fn new(sign: &Sign, text: &str, page: usize) -> Self {
        let mut open = Self {
            line: Line {
                text: String::new(),
                left: sign.x,
                right: sign.x,
                y: sign.y,
                size: sign.size,
                is_mono: false,
                page,
            },
            turn: sign.turn,
            sizes: Vec::new(),
            mono: 0,
            signs: 0,
            last: (f32::MIN, String::new()),
        };
        open.append(sign, text);
        open
    }

    /// Whether a sign stands on this line, perhaps raised or lowered, and not before its end.
    fn takes(&self, sign: &Sign) -> bool {
        let size = self.line.size.max(sign.size);
        let is_script = (sign.size - self.line.size).abs() > size * 0.12;
        let reach = if is_script { 0.6 } else { 0.3 };
        self.turn == sign.turn && (sign.y - self.line.y).abs() < size * reach && sign.x - self.line.right > -size * 0.6
    }

    fn push(&mut self, sign: &Sign, text: &str) {
        let gap = sign.x - self.line.right;
        // Bold letters are made by some programs by painting them twice.
        if (sign.x - self.last.0).abs() < sign.size * 0.1 && self.last.1 == text && !text.trim().is_empty() {
            return;
        }
        let size = sign.size.min(self.line.size);
        let is_apart = !self.line.text.ends_with([' ', '\t']) && !text.starts_with(' ');
        if gap > COLUMN * self.line.size.max(sign.size) && !sign.is_mono {
            self.line.text.truncate(self.line.text.trim_end().len());
            self.line.text.push('\t');
        } else if sign.is_mono && gap > sign.size * 0.3 {
            let spaces = (gap / (sign.size * 0.6)).round().clamp(1.0, 200.0);
            self.line.text.push_str(&" ".repeat(spaces as usize));
        } else if gap > SPACE * size && is_apart {
            self.line.text.push(' ');
        }
        // The line is where its large signs are.
        if sign.size > self.line.size * 1.12 {
            self.line.y = sign.y;
            self.line.size = sign.size;
        }
        self.append(sign, text);
    }

    fn append(&mut self, sign: &Sign, text: &str) {
        let is_blank = text.trim().is_empty();
        // Spaces at the end must not make a line look long.
        if !is_blank || sign.is_mono {
            self.line.right = self.line.right.max(sign.x + sign.width.max(0.0));
        }
        if !is_blank || sign.is_mono || !self.line.text.ends_with([' ', '\t']) {
            self.line.text.push_str(text);
        }
        if is_blank {
            return;
        }
        self.last = (sign.x, text.to_owned());
        self.signs += 1;
        self.mono += usize::from(sign.is_mono);
        match self.sizes.iter_mut().find(|(size, _)| (*size - sign.size).abs() < 0.05) {
            Some((_, count)) => *count += 1,
            None => self.sizes.push((sign.size, 1)),
        }
    }

    fn finish(mut self) -> Option<Line> {
        let main = self.sizes.iter().max_by_key(|(_, count)| *count)?;
        self.line.size = main.0;
        self.line.is_mono = self.mono * 10 >= self.signs * 9;
        let text = self.line.text.trim_end();
        let text = if self.line.is_mono { text } else { text.trim_start() };
        // The gap behind a bullet or number is no column.
        self.line.text = match text.split_once('\t') {
            Some((label, rest)) if is_label(label) => format!("{label} {rest}"),
            _ => text.to_owned(),
        };
        (!self.line.text.trim().is_empty()).then_some(self.line)
    }
}

/// A bullet, or a number like `1.`, `2.3` or `(a)`.
fn is_label(text: &str) -> bool {
    let text = text.trim();
    let short = text.chars().count() <= 8;
    let mut chars = text.chars();
    let is_bullet = chars.next().is_some_and(is_bullet) && chars.next().is_none();
    let is_number = text.contains(|c: char| c.is_ascii_digit() || matches!(c, '.' | ')'))
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '(' | ')'));
    short && (is_bullet || is_number)
}

/// What stands before the items of lists.
pub(super) fn is_bullet(c: char) -> bool {
    matches!(
        c,
        '•' | '◦'
            | '‣'
            | '⁃'
            | '▪'
            | '▫'
            | '■'
            | '□'
            | '●'
            | '○'
            | '–'
            | '—'
            | '-'
            | '*'
            | '➢'
            | '✓'
            | '❖'
            | '►'
            | '▶'
            | '\u{F0B7}'
            | '\u{F0A7}'
            | '\u{F0D8}'
    )
}

/// A sign as text is written: ligatures as letters, all spaces as one, no control characters.
fn readable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'ﬀ' => out.push_str("ff"),
            'ﬁ' => out.push_str("fi"),
            'ﬂ' => out.push_str("fl"),
            'ﬃ' => out.push_str("ffi"),
            'ﬄ' => out.push_str("ffl"),
            'ﬅ' | 'ﬆ' => out.push_str("st"),
            '\u{F0B7}' => out.push('•'),
            '\u{F0A7}' => out.push('▪'),
            '\u{F0D8}' => out.push('➢'),
            c if c.is_whitespace() => out.push(' '),
            c if c.is_control() || matches!(c, '\u{200B}' | '\u{FEFF}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}') => {}
            c => out.push(c),
        }
    }
    out
}
