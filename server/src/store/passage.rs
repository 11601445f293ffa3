//! Passages: the piece of a text that shows why it was found.

use app::protocol::entry::Fragment;

/// Marks around what was found; control characters that no entry's text needs.
pub(super) const HIT_BEGIN: char = '\u{2}';
pub(super) const HIT_END: char = '\u{3}';

/// A marked passage of markdown as it is sent.
pub(super) fn shown(marked: &str) -> Vec<Fragment> {
    fragments(&readable(marked))
}

/// A word that is looked for, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    /// It may go on.
    pub(super) unfinished: bool,
}

/// Words of a passage in all, and before the first that was found.
const WORDS: usize = 24;
const BEFORE: usize = 5;
/// Places that are looked at for the best passage.
const PLACES: usize = 200;

impl Word {
    /// This word, and no longer one.
    pub(super) fn whole(word: &str) -> Self {
        Self {
            text: word.to_lowercase(),
            unfinished: false,
        }
    }

    /// How the index would find this word by its letters alone. It finds more: by stems, and without accents.
    fn is(&self, word: &str) -> bool {
        let goes_on = |rest: &str| self.unfinished || matches!(rest, "" | "s" | "es" | "ed" | "ing" | "ly");
        if self.text.is_ascii() {
            let Some((head, rest)) = word.split_at_checked(self.text.len()) else {
                return false;
            };
            return head.eq_ignore_ascii_case(&self.text) && goes_on(rest);
        }
        !word.is_ascii() && word.to_lowercase().strip_prefix(&self.text).is_some_and(goes_on)
    }
}

/// The passage in which most of these words occur, marked. None where none does by its letters: then the index, which found
/// the text, must say where. It takes longer.
pub(super) fn around_words(body: &str, words: &[Word]) -> Option<String> {
    let mut tokens: Vec<(usize, usize)> = Vec::new();
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut begin = None;
    for (at, c) in body.char_indices().chain([(body.len(), ' ')]) {
        match (begin, c.is_alphanumeric()) {
            (None, true) => begin = Some(at),
            (Some(from), false) => {
                let word = words.iter().position(|word| word.is(&body[from..at]));
                found.extend(word.map(|word| (tokens.len(), word)));
                tokens.push((from, at));
                begin = None;
            }
            _ => {}
        }
        if found.len() == PLACES {
            break;
        }
    }
    let distinct = |&(first, _): &(usize, usize)| {
        let within = found.iter().filter(|(token, _)| (first..first + WORDS - BEFORE).contains(token));
        within.map(|(_, word)| word).collect::<std::collections::HashSet<_>>().len()
    };
    // Of equals the first.
    let (first, _) = found.iter().rev().max_by_key(|place| distinct(place))?;
    let from = first.saturating_sub(BEFORE);
    let upto = (from + WORDS).min(tokens.len()) - 1;
    let (mut at, end) = (if from == 0 { 0 } else { tokens[from].0 }, tokens[upto].1);
    let mut marked = String::from(if from == 0 { "" } else { "…" });
    for (token, _) in found.iter().filter(|(token, _)| (from..=upto).contains(token)) {
        let (begins, ends) = tokens[*token];
        marked.push_str(&body[at..begins]);
        marked.push(HIT_BEGIN);
        marked.push_str(&body[begins..ends]);
        marked.push(HIT_END);
        at = ends;
    }
    marked.push_str(&body[at..end]);
    // What ends the sentence belongs to it.
    let rest = &body[end..];
    marked.push_str(if rest.trim_end().chars().count() <= 1 { rest } else { "…" });
    Some(marked)
}

/// How a text begins, where nothing in it is to be marked.
pub(super) fn beginning(body: &str) -> String {
    let body = body.trim_start();
    let end = body.char_indices().nth(CHARS).map_or(body.len(), |(at, _)| at);
    if end == body.len() {
        return body.to_owned();
    }
    let end = body[..end].rfind(char::is_whitespace).unwrap_or(end);
    format!("{}…", &body[..end])
}

/// Characters of a passage before what was found, and in all.
const LEAD: usize = 30;
pub(super) const CHARS: usize = 140;

/// The passage around the first of these that occurs, marked like a snippet.
pub(super) fn around_literal(body: &str, literals: &[String]) -> String {
    let lower = body.to_ascii_lowercase();
    let Some((at, literal)) = literals.iter().filter_map(|literal| Some((lower.find(literal)?, literal))).min() else {
        return body.chars().take(CHARS).collect();
    };
    let (before, hit) = body.split_at(at);
    let (hit, after) = hit.split_at(literal.len());
    let from = before.char_indices().rev().take(LEAD).last().map_or(before.len(), |(at, _)| at);
    let cut = if from > 0 { "…" } else { "" };
    let rest: String = after.chars().take(CHARS).collect();
    let goes_on = if rest.len() < after.len() { "…" } else { "" };
    format!("{cut}{}{HIT_BEGIN}{hit}{HIT_END}{rest}{goes_on}", &before[from..])
}

/// Takes the marks of wikilinks, headings and emphasis out of a passage, which may begin or end within one.
fn readable(passage: &str) -> String {
    let mut out = String::with_capacity(passage.len());
    let mut rest = passage;
    while let Some(begin) = rest.find("[[") {
        let (before, link) = rest.split_at(begin);
        out.push_str(before);
        let link = &link[2..];
        let end = link.find("]]").unwrap_or(link.len());
        let shown = &link[..end];
        out.push_str(shown.rsplit_once('|').map_or(shown, |(_, label)| label));
        rest = link.get(end + 2..).unwrap_or_default();
    }
    out.push_str(rest);
    let heading = |line: &str| line.trim_start_matches('#').starts_with(' ');
    let lines: Vec<&str> = out
        .split('\n')
        .map(|line| if heading(line) { line.trim_start_matches('#') } else { line })
        .collect();
    lines.join("\n").replace("]]", "").replace("**", "").replace('`', "")
}

/// A marked passage of plain text as it is sent.
pub(super) fn fragments(marked: &str) -> Vec<Fragment> {
    let mut out: Vec<Fragment> = Vec::new();
    let mut push = |text: &str, hit| {
        if !text.is_empty() {
            out.push(Fragment {
                text: text.split_whitespace().collect::<Vec<_>>().join(" "),
                hit,
            });
            // Joining words drops the space at the seams; a hit stands between words.
            if let Some(last) = out.last_mut() {
                if text.starts_with(char::is_whitespace) {
                    last.text.insert(0, ' ');
                }
                if text.ends_with(char::is_whitespace) && !last.text.ends_with(' ') {
                    last.text.push(' ');
                }
            }
        }
    };
    for (index, part) in marked.split(HIT_BEGIN).enumerate() {
        match part.split_once(HIT_END) {
            Some((hit, rest)) if index > 0 => {
                push(hit, true);
                push(rest, false);
            }
            _ => push(part, false),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Word> {
        let last = text.split(' ').count();
        let word = |(at, text): (usize, &str)| Word {
            text: text.into(),
            unfinished: at + 1 == last,
        };
        text.split(' ').enumerate().map(word).collect()
    }

    #[test]
    fn a_passage_is_where_most_of_the_words_are() {
        let body = format!("A system. {}Quality of systems is planned.", "Nothing here but words. ".repeat(20));
        assert_eq!(
            around_words(&body, &words("system qual")).unwrap(),
            "…words. Nothing here but words. \u{2}Quality\u{3} of \u{2}systems\u{3} is planned."
        );
        assert_eq!(around_words("One two.", &words("two")).unwrap(), "One \u{2}two\u{3}.");
        let long = format!("Two {}", "x ".repeat(100));
        let passage = around_words(&long, &words("two")).unwrap();
        assert!(passage.starts_with("\u{2}Two\u{3} x") && passage.ends_with("x…"), "{passage}");
        assert_eq!(passage.split_whitespace().count(), WORDS);
    }

    #[test]
    fn what_only_the_index_finds_is_left_to_it() {
        assert_eq!(
            around_words("Running to the café.", &words("run")),
            Some("\u{2}Running\u{3} to the café.".into())
        );
        assert_eq!(around_words("He ran.", &words("run")), None);
        assert_eq!(around_words("Zum Café.", &words("cafe")), None);
        assert_eq!(around_words("Zum CAFÉ.", &words("café")), Some("Zum \u{2}CAFÉ\u{3}.".into()));
        assert_eq!(around_words("été", &words("x")), None);
        assert_eq!(around_words("", &words("x")), None);
    }

    #[test]
    fn a_passage_shows_what_was_found_with_its_neighbours() {
        let body = format!("{}始まりの日本語、そして続き。{}", "あ".repeat(100), "い".repeat(200));
        let passage = around_literal(&body, &["日本".into()]);
        assert!(
            passage.starts_with("…ああ") && passage.contains("の\u{2}日本\u{3}語") && passage.ends_with("い…"),
            "{passage}"
        );
        assert!(passage.chars().count() < LEAD + CHARS + 10);
    }

    #[test]
    fn a_passage_reads_without_the_marks_of_links() {
        assert_eq!(
            readable("See [[ford|\u{2}Ford\u{3}]] and [[pdca]], **now**."),
            "See \u{2}Ford\u{3} and pdca, now."
        );
        assert_eq!(readable("motor|Ford]] was [[cut-of"), "motor|Ford was cut-of");
        assert_eq!(readable("## Overview\nof #lean\n#tag"), " Overview\nof #lean\n#tag");
    }

    #[test]
    fn a_snippet_is_cut_at_its_marks() {
        let snippet = fragments("a\n\u{2}plan\u{3} b\u{2}c\u{3}");
        let shown: Vec<(&str, bool)> = snippet.iter().map(|f| (f.text.as_str(), f.hit)).collect();
        assert_eq!(shown, [("a ", false), ("plan", true), (" b", false), ("c", true)]);
    }
}
