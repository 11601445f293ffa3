//! Finds out how a page is encoded, as browsers do (HTML, 13.2.3.2): a byte order mark, the header, what the page says at its
//! beginning, and else what its bytes look like.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252, X_USER_DEFINED};

/// What a page says about itself counts if it says so within this many bytes.
const PRESCAN: usize = 1024;

/// The text of a page. What cannot be decoded becomes U+FFFD.
pub(super) fn decode(body: &[u8], content_type: Option<&str>) -> String {
    let encoding = content_type
        .and_then(charset)
        .filter(|claimed| fits(claimed, body))
        .or_else(|| declared(body))
        .unwrap_or_else(|| guess(body));
    // A byte order mark counts more than all.
    encoding.decode(body).0.into_owned()
}

/// Servers that call everything UTF-8 are often wrong, and UTF-8 shows when it is none.
fn fits(claimed: &&'static Encoding, body: &[u8]) -> bool {
    *claimed != UTF_8 || std::str::from_utf8(body).map_or_else(|why| why.error_len().is_none(), |_| true)
}

/// The charset that a content type or such names.
fn charset(text: &str) -> Option<&'static Encoding> {
    let lower = text.to_ascii_lowercase();
    let (_, rest) = lower.split_once("charset")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let label = match rest.strip_prefix(['"', '\'']) {
        Some(quoted) => quoted.split(['"', '\'']).next(),
        None => rest
            .split(|c: char| c.is_ascii_whitespace() || matches!(c, ';' | ',' | '"' | '\'' | '>' | '/'))
            .next(),
    };
    Encoding::for_label(label?.as_bytes())
}

/// What `<meta charset>`, `<meta http-equiv>` or `<?xml encoding?>` at the beginning says.
fn declared(body: &[u8]) -> Option<&'static Encoding> {
    let start = String::from_utf8_lossy(&body[..body.len().min(PRESCAN)]).to_ascii_lowercase();
    let xml = start.trim_start().strip_prefix("<?xml").and_then(|rest| rest.split("?>").next());
    if let Some(encoding) = xml
        .and_then(|rest| rest.split_once("encoding"))
        .and_then(|(_, rest)| charset(&format!("charset{rest}")))
    {
        return Some(readable(encoding));
    }
    let mut rest = start.as_str();
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->")?.1;
            continue;
        }
        let tag = rest.split('>').next().unwrap_or(rest);
        if tag.starts_with("<meta")
            && let Some(encoding) = charset(tag)
        {
            return Some(readable(encoding));
        }
        rest = &rest[1..];
    }
    None
}

/// What was read as ASCII cannot be UTF-16 (HTML, 13.2.3.2, step 15).
fn readable(encoding: &'static Encoding) -> &'static Encoding {
    match encoding {
        wide if !wide.is_ascii_compatible() => UTF_8,
        custom if custom == X_USER_DEFINED => WINDOWS_1252,
        other => other,
    }
}

fn guess(body: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(body, true);
    detector.guess(None, Utf8Detection::Allow)
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{SHIFT_JIS, WINDOWS_1251};
    use proptest::prelude::*;

    const RUSSIAN: &str = "<p>Съешь ещё этих мягких французских булок, да выпей чаю.</p>";
    const JAPANESE: &str = "<p>いろはにほへと ちりぬるを わかよたれそ つねならむ</p>";

    fn bytes(encoding: &'static Encoding, text: &str) -> Vec<u8> {
        encoding.encode(text).0.into_owned()
    }

    #[test]
    fn the_header_is_believed_unless_it_is_plainly_wrong() {
        let russian = bytes(WINDOWS_1251, RUSSIAN);
        assert_eq!(decode(&russian, Some("text/html; charset=windows-1251")), RUSSIAN);
        assert_eq!(decode(&russian, Some("text/html;CHARSET=\"cp1251\"")), RUSSIAN);
        assert_eq!(decode(&russian, Some("text/html; charset=utf-8")), RUSSIAN);
        assert_eq!(decode(&russian, Some("text/html; charset=nonsense")), RUSSIAN);
        assert_eq!(decode(&bytes(SHIFT_JIS, JAPANESE), Some("text/html; charset=Shift_JIS")), JAPANESE);
    }

    #[test]
    fn a_page_says_how_it_is_encoded() {
        for meta in [
            "<meta charset=windows-1251>",
            "<META CHARSET = 'windows-1251' />",
            "<!-- <meta charset=utf-8> --><meta http-equiv=Content-Type content='text/html; charset=windows-1251'>",
            "<?xml version='1.0' encoding='windows-1251'?>",
        ] {
            let text = format!("{meta}<p>ёЁ</p>");
            assert_eq!(decode(&bytes(WINDOWS_1251, &text), Some("text/html")), text);
        }
        assert_eq!(decode("<meta charset=utf-16>ö".as_bytes(), None), "<meta charset=utf-16>ö");
    }

    #[test]
    fn a_byte_order_mark_counts_more_than_all() {
        let wide: Vec<u8> = "\u{feff}<p>Größe".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&wide, Some("text/html; charset=windows-1251")), "<p>Größe");
        assert_eq!(decode("\u{feff}ö".as_bytes(), Some("text/html; charset=windows-1251")), "ö");
    }

    #[test]
    fn what_is_not_said_is_guessed() {
        assert_eq!(decode(&bytes(WINDOWS_1251, RUSSIAN), None), RUSSIAN);
        assert_eq!(decode(&bytes(SHIFT_JIS, JAPANESE), None), JAPANESE);
        assert_eq!(decode("Größe".as_bytes(), None), "Größe");
    }

    proptest! {
        #[test]
        fn any_bytes_are_decoded(bytes in proptest::collection::vec(any::<u8>(), 0..80), claimed in "(text/html;)?(charset)?=?\\PC{0,12}") {
            decode(&bytes, Some(&claimed));
            decode(claimed.as_bytes(), None);
        }
    }
}
