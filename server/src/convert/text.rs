//! Markdown and plain text: finds the encoding, and brings lines and signs into order.

use super::{Converted, Unfit, escape};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Longest first line that is taken for a title, in characters.
const TITLE_CHARS: usize = 80;

/// Longest front matter that is recognised, in bytes.
const FRONT_MATTER_BYTES: usize = 1024 * 1024;

/// Markdown as it is. Its title is that of its first heading.
pub(super) fn markdown(bytes: &[u8]) -> Result<Converted, Unfit> {
    let (markdown, warnings) = decode(bytes)?;
    Ok(Converted {
        title: first_heading(&markdown[front_matter_bytes(&markdown)..]),
        markdown,
        warnings,
    })
}

/// Text whose lines make paragraphs. Its title is its first line, if that is short.
pub(super) fn prose(bytes: &[u8]) -> Result<Converted, Unfit> {
    let (text, warnings) = decode(bytes)?;
    let first = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let is_title = first.chars().count() <= TITLE_CHARS && first.chars().any(char::is_alphanumeric);
    Ok(Converted {
        title: is_title.then(|| first.trim_start_matches('#').trim().to_owned()),
        markdown: escape::tags(&text),
        warnings,
    })
}

/// Text whose lines stand for themselves. The fences come when it is split.
pub(super) fn lines(bytes: &[u8]) -> Result<Converted, Unfit> {
    let (markdown, warnings) = decode(bytes)?;
    Ok(Converted {
        title: None,
        markdown,
        warnings,
    })
}

/// The length of the front matter of a markdown text, with its marks; 0 where it has none.
pub(super) fn front_matter_bytes(text: &str) -> usize {
    let mut lines = text.split_inclusive('\n');
    let Some(first) = lines.next().filter(|line| line.trim_end() == "---") else {
        return 0;
    };
    let mut at = first.len();
    for line in lines {
        at += line.len();
        if matches!(line.trim_end(), "---" | "...") {
            return at;
        }
        if at > FRONT_MATTER_BYTES {
            break;
        }
    }
    0
}

/// Whether bytes, perhaps cut off, are text in some encoding.
pub(super) fn looks_like_text(bytes: &[u8]) -> bool {
    if Encoding::for_bom(bytes).is_some() || utf16_without_mark(bytes).is_some() {
        return true;
    }
    let odd = bytes.iter().filter(|&&b| is_odd(char::from(b))).count();
    !bytes.contains(&0) && odd * 50 <= bytes.len()
}

/// The text, and a warning where the encoding was a guess.
fn decode(bytes: &[u8]) -> Result<(String, Vec<String>), Unfit> {
    if !looks_like_text(bytes) {
        return Err(Unfit::Binary);
    }
    let unmarked = || utf16_without_mark(bytes).map(|encoding| (encoding, 0));
    let (text, warnings) = match Encoding::for_bom(bytes).or_else(unmarked) {
        Some((encoding, mark)) => (encoding.decode_without_bom_handling(&bytes[mark..]).0.into_owned(), Vec::new()),
        None => match str::from_utf8(bytes) {
            Ok(text) => (text.to_owned(), Vec::new()),
            Err(_) => guess(bytes),
        },
    };
    let odd = text.chars().filter(|&c| is_odd(c)).count();
    if text.contains('\0') || odd * 50 > text.chars().count() {
        return Err(Unfit::Binary);
    }
    Ok((tidy(&text), warnings))
}

fn guess(bytes: &[u8]) -> (String, Vec<String>) {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    let encoding = detector.guess(None, Utf8Detection::Deny);
    let (text, _, lossy) = encoding.decode(bytes);
    // UTF-8 with a few wrong bytes is read as that rather than as a jumble.
    let (utf8, _, _) = UTF_8.decode(bytes);
    let wrong = utf8.chars().filter(|&c| c == char::REPLACEMENT_CHARACTER).count();
    let right = utf8.chars().filter(|c| !c.is_ascii()).count() - wrong;
    if lossy || right > wrong * 8 {
        let warning = "It is not wholly in one encoding: some signs are replaced by \u{FFFD}. Save it as UTF-8.".to_owned();
        return (utf8.into_owned(), vec![warning]);
    }
    let warning = format!(
        "It is not UTF-8: its encoding was taken for {}. Look at its special signs.",
        encoding.name()
    );
    (text.into_owned(), vec![warning])
}

/// Western text in UTF-16 has a zero in nearly every second byte.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(4096)];
    let zeros = |from: usize| sample.iter().skip(from).step_by(2).filter(|&&b| b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let enough = sample.len() / 4;
    match (even, odd) {
        _ if sample.len() < 8 => None,
        (0, odd) if odd > enough => Some(UTF_16LE),
        (even, 0) if even > enough => Some(UTF_16BE),
        _ => None,
    }
}

/// Control characters that text does not have. Form feeds and the escapes of terminals it may have.
fn is_odd(c: char) -> bool {
    matches!(c, '\0'..='\x07' | '\x0e'..='\x1a' | '\x1c'..='\x1f' | '\x7f')
}

/// One kind of line end, no control characters, no mark of byte order.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                out.push('\n');
            }
            '\x1b' => skip_escape(&mut chars),
            '\n' | '\t' => out.push(c),
            '\u{FEFF}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Colours in the log of a terminal: `ESC [ 31 m`.
fn skip_escape(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    if chars.next_if_eq(&'[').is_some() {
        while chars.next_if(|c| matches!(c, '0'..='9' | ';' | '?')).is_some() {}
        chars.next_if(char::is_ascii_alphabetic);
    }
}

/// The first heading that is marked with `#`, outside of code.
fn first_heading(markdown: &str) -> Option<String> {
    let mut fence = None;
    for line in markdown.lines() {
        if let Some(mark) = super::split::fence(line) {
            fence = match fence {
                None => Some(mark),
                Some(open) if mark.closes(open) => None,
                open => open,
            };
        } else if fence.is_none()
            && let Some(rest) = line.strip_prefix('#')
        {
            let heading = rest.trim_start_matches('#');
            let clean = heading.trim().trim_end_matches('#').trim();
            if heading.starts_with([' ', '\t']) && !clean.is_empty() {
                return Some(clean.to_owned());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(bytes: &[u8]) -> String {
        decode(bytes).unwrap().0
    }

    #[test]
    fn text_is_read_in_its_encoding() {
        assert_eq!(text_of("\u{feff}Größe\r\n".as_bytes()), "Größe\n");
        assert_eq!(text_of(b"\xff\xfeG\0r\0\xf6\0"), "Grö");
        assert_eq!(text_of(b"\xfe\xff\0G\0r\0\xf6"), "Grö");
        assert_eq!(text_of(b"p\0l\0a\0i\0n\0 \0t\0e\0x\0t\0"), "plain text");
        let latin = b"Die Gr\xf6\xdfe der \xdcbung ist f\xfcr alle gleich, sch\xf6n w\xe4r's.";
        assert_eq!(text_of(latin), "Die Größe der Übung ist für alle gleich, schön wär's.");
        assert_eq!(decode(latin).unwrap().1.len(), 1);
        let (cyrillic, _, _) = encoding_rs::WINDOWS_1251.encode("Привет, как дела? Это обычный русский текст.");
        assert_eq!(text_of(&cyrillic), "Привет, как дела? Это обычный русский текст.");
        let (japanese, _, _) = encoding_rs::SHIFT_JIS.encode("これは日本語の文章です。文字コードを確かめます。");
        assert_eq!(text_of(&japanese), "これは日本語の文章です。文字コードを確かめます。");
    }

    #[test]
    fn utf8_with_a_wrong_byte_stays_utf8() {
        let mut bytes = "Größe, Übung, schön, für, über, möglich, ähnlich".repeat(2).into_bytes();
        bytes.push(0xff);
        assert!(text_of(&bytes).starts_with("Größe, Übung"));
    }

    #[test]
    fn binary_data_are_refused() {
        assert_eq!(decode(b"abc\0def").unwrap_err(), Unfit::Binary);
        assert_eq!(decode(&[1, 2, 3, 4, 5, 6].repeat(20)).unwrap_err(), Unfit::Binary);
        assert_eq!(decode(b"\xff\xfe\0\0\0\0").unwrap_err(), Unfit::Binary);
    }

    #[test]
    fn lines_and_signs_are_put_in_order() {
        assert_eq!(text_of(b"a\r\nb\rc\n"), "a\nb\nc\n");
        assert_eq!(text_of(b"\x1b[31mred\x1b[0m and plain\x0c"), "red and plain");
    }

    #[test]
    fn titles_are_found() {
        let title = |bytes: &[u8]| markdown(bytes).unwrap().title;
        assert_eq!(
            title(b"---\ntags: [a]\n# no: heading\n---\n```\n# code\n```\n## Real ##\n").as_deref(),
            Some("Real")
        );
        assert_eq!(title(b"#tag\n\nText"), None);
        assert_eq!(prose(b"\n  A title\n\nText").unwrap().title.as_deref(), Some("A title"));
        assert_eq!(prose("x".repeat(100).as_bytes()).unwrap().title, None);
        assert_eq!(lines(b"a;b").unwrap().title, None);
    }

    #[test]
    fn front_matter_is_left_alone() {
        assert_eq!(front_matter_bytes("---\na: b\n---\ntext"), 13);
        assert_eq!(front_matter_bytes("---\na: b\n"), 0);
        assert_eq!(front_matter_bytes("text"), 0);
        assert_eq!(markdown(b"---\r\na: b\r\n---\r\ntext").unwrap().markdown, "---\na: b\n---\ntext");
    }
}
