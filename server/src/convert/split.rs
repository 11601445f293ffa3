//! Splits long markdown: at headings, else at paragraphs, at lines, at words.

use super::escape;

/// The mark of a fenced block of code.
#[derive(Clone, Copy)]
pub(super) struct Fence {
    mark: u8,
    length: usize,
    is_bare: bool,
}

impl Fence {
    /// Whether it closes the block that the other opened.
    pub(super) fn closes(self, open: Self) -> bool {
        self.is_bare && self.mark == open.mark && self.length >= open.length
    }
}

/// The fence that a line is.
pub(super) fn fence(line: &str) -> Option<Fence> {
    let text = line.trim_start_matches(' ');
    let mark = text.bytes().next().filter(|mark| matches!(mark, b'`' | b'~'))?;
    let length = text.bytes().take_while(|&byte| byte == mark).count();
    (length >= 3 && line.len() - text.len() <= 3).then(|| Fence {
        mark,
        length,
        is_bare: text[length..].trim().is_empty(),
    })
}

/// Splits markdown into parts of at most `most` bytes. Its first `head` bytes do not count, and stay with the first part.
pub(super) fn markdown(text: &str, head: usize, most: usize) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = &text[head..];
    while rest.len() > most {
        let at = cut(rest, most);
        parts.push(rest[..at].trim_end().to_owned());
        rest = rest[at..].trim_start_matches('\n');
    }
    if !rest.trim().is_empty() || parts.is_empty() {
        parts.push(rest.to_owned());
    }
    if let Some(first) = parts.first_mut() {
        first.insert_str(0, &text[..head]);
    }
    parts
}

/// Splits plain lines, and puts each part into a block of code.
pub(super) fn fenced(text: &str, most: usize) -> Vec<String> {
    let fence = escape::fence(text);
    // A text that is made of backticks would leave no room.
    let fence = if fence.len() > most / 4 { "~~~".to_owned() } else { fence };
    let room = most - 2 * (fence.len() + 1);
    let mut parts = Vec::new();
    let mut rest = text.trim_end();
    while !rest.is_empty() {
        let at = if rest.len() > room { line_or_word(rest, room) } else { rest.len() };
        let (part, after) = rest.split_at(at);
        parts.push(format!("{fence}\n{}\n{fence}", part.strip_suffix('\n').unwrap_or(part)));
        rest = after;
    }
    parts
}

/// Where to cut a text that is longer than `most`: rather late, and at a place that is good.
fn cut(text: &str, most: usize) -> usize {
    let (mut heading, mut paragraph) = (0, 0);
    let mut open: Option<Fence> = None;
    let mut at = 0;
    let mut is_after_blank = true;
    for line in text.split_inclusive('\n') {
        if at > most {
            break;
        }
        if is_after_blank && open.is_none() && !line.trim().is_empty() {
            paragraph = at;
        }
        if let Some(mark) = fence(line) {
            open = match open {
                None => Some(mark),
                Some(start) if mark.closes(start) => None,
                start => start,
            };
        } else if open.is_none() && line.starts_with('#') {
            heading = at;
        }
        is_after_blank = line.trim().is_empty();
        at += line.len();
    }
    // A part of less than half the size is no better for beginning with a heading.
    [heading, paragraph]
        .into_iter()
        .find(|&at| at > most / 2)
        .unwrap_or_else(|| line_or_word(text, most))
}

fn line_or_word(text: &str, most: usize) -> usize {
    let window = &text[..text.floor_char_boundary(most)];
    let after = |c: char| window.rfind(c).map(|at| at + 1).filter(|&at| at > most / 2);
    after('\n').or_else(|| after(' ')).unwrap_or(window.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_short_text_stays_whole() {
        assert_eq!(markdown("a\n\nb\n", 0, 100), ["a\n\nb\n"]);
        assert_eq!(fenced("a\nb\n", 100), ["```\na\nb\n```"]);
    }

    #[test]
    fn a_long_text_is_cut_at_headings_then_at_paragraphs() {
        assert_eq!(
            markdown("# A\n\none two three\n\n# B\n\nfour\n\nfive", 0, 30),
            ["# A\n\none two three", "# B\n\nfour\n\nfive"]
        );
        assert_eq!(
            markdown("one two three\n\nfour five six\n\nseven", 0, 19),
            ["one two three", "four five six", "seven"]
        );
        assert_eq!(markdown("one two three four five six", 0, 20), ["one two three four", "five six"]);
    }

    #[test]
    fn a_block_of_code_is_not_cut_while_there_is_another_place() {
        let parts = markdown("first paragraph\n\n```\na\n\n# b\n\nc\n```\n\nlast", 0, 28);
        assert_eq!(parts, ["first paragraph", "```\na\n\n# b\n\nc\n```\n\nlast"]);
    }

    #[test]
    fn the_head_does_not_count() {
        let parts = markdown("---\ntitle: long title\n---\none two three\n\nfour", 26, 15);
        assert_eq!(parts, ["---\ntitle: long title\n---\none two three", "four"]);
    }

    proptest! {
        #[test]
        fn nothing_but_white_space_is_lost(text in "([a-c#` \n]|é){0,200}", most in 8usize..40) {
            let parts = markdown(&text, 0, most);
            prop_assert!(parts.iter().all(|part| part.len() <= most));
            let squeeze = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(squeeze(&parts.concat()), squeeze(&text));
        }
    }
}
