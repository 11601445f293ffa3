//! Names of uploaded files, made safe to show and to store.

/// Longest name in characters.
const CHARS: usize = 200;

/// The name of an uploaded file without folders, control characters and marks that turn the direction of text, at most
/// 200 characters long. What remains empty is called `file`.
pub fn safe_name(given: &str) -> String {
    let base = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = base.chars().filter(|&c| !c.is_control() && !is_unseen(c)).collect();
    // Windows drops spaces and dots at the end, so two names could become one.
    let trimmed = |name: &str| name.trim_end_matches(|c: char| c == '.' || c.is_whitespace()).to_owned();
    let short = trimmed(&shorten(&trimmed(clean.trim_start())));
    if short.is_empty() { "file".to_owned() } else { short }
}

/// Marks of direction, and what is shown as nothing. Joiners stay, for letters and emoji are joined by them.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{61C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// The ending stays, as it says what the file is.
fn shorten(name: &str) -> String {
    if name.chars().count() <= CHARS {
        return name.to_owned();
    }
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if ending.chars().count() <= 20 => (stem, format!(".{ending}")),
        _ => (name, String::new()),
    };
    let room = CHARS - ending.chars().count();
    stem.chars().take(room).chain(ending.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_but_a_plain_name_remains() {
        for (given, safe) in [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\a\\b.docx", "b.docx"),
            ("a\0b\n.txt", "ab.txt"),
            ("evil\u{202E}fdp.exe", "evilfdp.exe"),
            ("Größe 2.md", "Größe 2.md"),
            ("", "file"),
            ("..", "file"),
            ("a/", "file"),
            (" . ", "file"),
            ("name. .", "name"),
            ("A\u{A0}.", "A"),
        ] {
            assert_eq!(safe_name(given), safe, "{given:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let name = safe_name(&format!("{}.docx", "é".repeat(300)));
        assert_eq!(name.chars().count(), 200);
        assert!(name.ends_with("é.docx"));
        assert_eq!(safe_name(&"x".repeat(300)).len(), 200);
        let cut_before_dots = format!("{}{}{}", "x".repeat(199), ". .", "y".repeat(30));
        assert_eq!(safe_name(&cut_before_dots), "x".repeat(199));
    }

    proptest! {
        #[test]
        fn a_name_is_safe_whatever_was_given(given in any::<String>()) {
            let name = safe_name(&given);
            prop_assert!(!name.is_empty() && name != "." && name != ".." && name.chars().count() <= 200);
            let has_bad = name.contains(['/', '\\', '\0', '\u{202E}']);
            prop_assert!(!has_bad);
            prop_assert_eq!(safe_name(&name), name);
        }
    }
}
