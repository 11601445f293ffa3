//! Slugs: the ids that titles become. Shared, so that a browser can guess the id of what it creates.

use super::ids::{EntryId, KbName};
use super::limits;

/// The longest slug made of a title, in bytes; long titles are cut at a word where that is possible.
const SLUG_BYTES: usize = 80;

/// The slug of a title: lower case, letters and digits of every script kept, everything else one `-`.
/// Empty when the title has no letter and no digit.
pub fn slug(title: &str) -> String {
    let mut out = String::with_capacity(title.len().min(SLUG_BYTES));
    let mut gap = false;
    for c in title.chars().flat_map(char::to_lowercase) {
        // An apostrophe joins ("Ada's" -> "adas"); everything else that is no letter separates.
        if matches!(c, '\'' | '’') {
            continue;
        }
        if c.is_alphanumeric() || (is_mark(c) && !out.is_empty() && !gap) {
            if gap && !out.is_empty() {
                out.push('-');
            }
            gap = false;
            out.push(c);
        } else {
            gap = true;
        }
    }
    if out.len() > SLUG_BYTES {
        let mut end = SLUG_BYTES;
        while !out.is_char_boundary(end) {
            end -= 1;
        }
        if !out[end..].starts_with('-')
            && let Some(word) = out[..end].rfind('-').filter(|&at| at > SLUG_BYTES / 2)
        {
            end = word;
        }
        out.truncate(end);
    }
    out
}

/// The id that an entry of this title gets where it is free: its slug, or `untitled`.
pub fn entry_id(title: &str) -> EntryId {
    EntryId::parse(&slug(title)).unwrap_or_else(|_| EntryId::parse("untitled").expect("a valid id"))
}

/// The `n`th choice for an id that is taken: `pdca-2`, `pdca-3` …
pub fn numbered(id: &EntryId, n: u32) -> EntryId {
    let suffix = format!("-{n}");
    let mut base = id.as_str();
    while base.len() + suffix.len() > limits::ENTRY_ID_BYTES {
        let last = base.char_indices().next_back().map_or(0, |(at, _)| at);
        base = &base[..last];
    }
    EntryId::parse(&format!("{base}{suffix}")).expect("an id with a number behind it is an id")
}

/// The name that a knowledge base of this title gets. `None` when the title has no letter and no digit.
pub fn kb_name(title: &str) -> Option<KbName> {
    let mut text = slug(title);
    while text.len() > limits::KB_NAME_BYTES {
        text.pop();
    }
    KbName::parse(text.trim_end_matches('-')).ok()
}

/// Whether `c` is a combining mark that a letter before it needs (Indic vowel signs, Arabic and Hebrew points, accents).
pub(super) fn is_mark(c: char) -> bool {
    matches!(u32::from(c),
        0x0300..=0x036F | 0x0483..=0x0487 | 0x0591..=0x05BD | 0x05BF | 0x05C1..=0x05C2 | 0x05C4..=0x05C5 | 0x05C7
        | 0x0610..=0x061A | 0x064B..=0x065F | 0x0670 | 0x06D6..=0x06DC | 0x06DF..=0x06E4 | 0x06E7..=0x06E8 | 0x06EA..=0x06ED
        | 0x0900..=0x0903 | 0x093A..=0x093C | 0x093E..=0x094F | 0x0951..=0x0957 | 0x0962..=0x0963
        | 0x0981..=0x0983 | 0x09BC | 0x09BE..=0x09CD | 0x0A01..=0x0A03 | 0x0A3C..=0x0A4D | 0x0A81..=0x0A83 | 0x0ABC..=0x0ACD
        | 0x0B01..=0x0B03 | 0x0B3C..=0x0B57 | 0x0B82 | 0x0BBE..=0x0BCD | 0x0C00..=0x0C04 | 0x0C3E..=0x0C56
        | 0x0C81..=0x0C83 | 0x0CBC..=0x0CD6 | 0x0D00..=0x0D03 | 0x0D3B..=0x0D4D | 0x0DCA..=0x0DDF
        | 0x0E31 | 0x0E34..=0x0E3A | 0x0E47..=0x0E4E | 0x0EB1 | 0x0EB4..=0x0EBC | 0x0EC8..=0x0ECD
        | 0x0F18..=0x0F19 | 0x0F35 | 0x0F37 | 0x0F39 | 0x0F3E..=0x0F3F | 0x0F71..=0x0F84 | 0x0F86..=0x0F87 | 0x0F8D..=0x0FBC
        | 0x102B..=0x103E | 0x1056..=0x1059 | 0x17B4..=0x17D3 | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF | 0x3099..=0x309A)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_slug_keeps_letters_of_every_script() {
        assert_eq!(slug("PDCA: Plan, Do & Check"), "pdca-plan-do-check");
        assert_eq!(slug("  Größe — Straße "), "größe-straße");
        assert_eq!(slug("日本語 の メモ"), "日本語-の-メモ");
        assert_eq!(slug("हिन्दी में"), "हिन्दी-में");
        assert_eq!(slug("Ada's note"), "adas-note");
        assert_eq!(slug("🎉 ?!"), "");
    }

    #[test]
    fn a_title_without_letters_still_gets_an_id() {
        assert_eq!(entry_id("🎉").as_str(), "untitled");
        assert_eq!(numbered(&entry_id("x"), 2).as_str(), "x-2");
    }

    proptest! {
        #[test]
        fn whatever_the_title_there_is_a_valid_id(title in ".{0,600}", n in 2u32..100_000) {
            let id = entry_id(&title);
            prop_assert!(EntryId::parse(id.as_str()).is_ok());
            prop_assert!(EntryId::parse(numbered(&id, n).as_str()).is_ok());
            let again = slug(id.as_str());
            prop_assert_eq!(slug(&again), again);
        }
    }
}
