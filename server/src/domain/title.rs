//! What a title may be, of an entry and of a knowledge base.

use crate::error::Error;
use app::protocol::limits;

/// Characters that are shown as nothing, besides white space and control characters: `Default_Ignorable_Code_Point` of
/// Unicode 16 (DerivedCoreProperties.txt), and those format characters and blanks that it leaves out.
const INVISIBLE: &[(char, char)] = &[
    ('\u{00AD}', '\u{00AD}'),   // soft hyphen
    ('\u{034F}', '\u{034F}'),   // combining grapheme joiner
    ('\u{061C}', '\u{061C}'),   // Arabic letter mark
    ('\u{115F}', '\u{1160}'),   // Hangul fillers
    ('\u{17B4}', '\u{17B5}'),   // Khmer inherent vowels
    ('\u{180B}', '\u{180F}'),   // Mongolian variation selectors and vowel separator
    ('\u{200B}', '\u{200F}'),   // zero-width space and joiners, direction marks
    ('\u{202A}', '\u{202E}'),   // embeddings and overrides of direction
    ('\u{2060}', '\u{206F}'),   // word joiner, invisible operators, isolates of direction
    ('\u{2800}', '\u{2800}'),   // braille pattern blank: a letter by its category
    ('\u{3164}', '\u{3164}'),   // Hangul filler
    ('\u{FE00}', '\u{FE0F}'),   // variation selectors
    ('\u{FEFF}', '\u{FEFF}'),   // byte order mark
    ('\u{FFA0}', '\u{FFA0}'),   // halfwidth Hangul filler
    ('\u{FFF0}', '\u{FFFB}'),   // reserved ones, and marks of annotations
    ('\u{13430}', '\u{1343F}'), // joiners of hieroglyphs
    ('\u{1BCA0}', '\u{1BCA3}'), // controls of shorthand
    ('\u{1D159}', '\u{1D159}'), // musical null notehead
    ('\u{1D173}', '\u{1D17A}'), // musical beams, ties, slurs and phrases
    ('\u{E0000}', '\u{E0FFF}'), // tags, and further variation selectors
];

fn is_visible(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !INVISIBLE.iter().any(|&(first, last)| (first..=last).contains(&c))
}

/// A title as one clean line; none where nothing of it can be seen.
pub(super) fn clean(given: &str) -> Result<Option<String>, Error> {
    if !given.chars().any(is_visible) {
        return Ok(None);
    }
    // What separates lines or controls a terminal separates words. Format characters stay, for letters are joined by them;
    // but those that turn the direction of what follows would turn what stands beside the title.
    let turns = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let title = given
        .replace(turns, "")
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    match title.chars().count() {
        n if n > limits::TITLE_CHARS => Err(Error::TitleTooLong(n)),
        _ => Ok(Some(title)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_becomes_one_clean_line() {
        assert_eq!(clean("  a\n\tb\u{0} ").unwrap().as_deref(), Some("a b"));
        assert_eq!(clean("\u{202E}eman\u{202C} \u{2067}x\u{2069}").unwrap().as_deref(), Some("eman x"));
        assert!(clean(&"é".repeat(500)).is_ok());
        assert!(matches!(clean(&"é".repeat(501)), Err(Error::TitleTooLong(501))));
    }

    #[test]
    fn a_title_of_which_nothing_can_be_seen_is_none() {
        for invisible in [
            "",
            " \n\t\u{0}",
            "\u{a0}\u{3000}",
            "\u{200b}",
            "\u{200d}\u{feff} \u{2060}",
            "\u{202e}\u{2066}\u{61c}",
            "\u{ad}",
            "\u{fe0f}",
            "\u{e0041}\u{e007f}",
            "\u{3164}\u{115f}\u{ffa0}",
            "\u{2800}",
            "\u{180e}\u{34f}",
        ] {
            assert_eq!(clean(invisible).unwrap(), None, "{invisible:?}");
        }
        // Joiners and selectors of what can be seen stay.
        for visible in [
            "👩\u{200d}💻",
            "❤\u{fe0f}",
            "می\u{200c}خواهم",
            "a\u{ad}b",
            "\u{200b}x",
            "⠁",
            "·",
            "🏴\u{e0067}\u{e007f}",
        ] {
            assert_eq!(clean(visible).unwrap().as_deref(), Some(visible));
        }
    }

    #[test]
    fn the_table_is_in_order() {
        assert!(INVISIBLE.iter().all(|(first, last)| first <= last));
        assert!(INVISIBLE.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }
}
