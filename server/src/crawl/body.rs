//! Reads the body of an answer: only of types that are wanted, and no more of it than is allowed.

use super::failure::FetchError;
use super::fetch::Wanted;
use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE};

/// So many bytes at the beginning tell whether it is text.
const LOOKED_AT: usize = 8 * 1024;
/// How binary files begin that servers like to call text.
const MAGIC: [&[u8]; 8] = [
    b"%PDF-",
    b"\x89PNG",
    b"\xFF\xD8\xFF",
    b"GIF8",
    b"PK\x03\x04",
    b"\x1F\x8B",
    b"\x7FELF",
    b"wOF",
];

const PAGES: [&str; 5] = [
    "text/html",
    "application/xhtml+xml",
    "text/plain",
    "text/markdown",
    "text/x-markdown",
];
const LISTS: [&str; 8] = [
    "application/xml",
    "text/xml",
    "text/plain",
    "text/markdown",
    "text/x-markdown",
    "application/gzip",
    "application/x-gzip",
    "application/octet-stream",
];

/// The type that the answer claims to have, as it is written.
pub(super) fn content_type(response: &Response) -> Option<String> {
    let value = response.headers().get(CONTENT_TYPE)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// Reads a body. `most` bytes of it are allowed; of a `robots.txt` what follows is left out, all else is refused.
pub(super) async fn read(mut response: Response, wanted: Wanted, most: usize) -> Result<Vec<u8>, FetchError> {
    let url = response.url().to_string();
    let claimed = content_type(&response);
    check_type(&url, claimed.as_deref(), wanted)?;
    // The client has taken the header away where it can decode.
    if let Some(encoding) = response.headers().get(CONTENT_ENCODING).filter(|encoding| *encoding != "identity") {
        let found = format!(
            "compressed as {}, which was not asked for",
            String::from_utf8_lossy(encoding.as_bytes())
        );
        return Err(FetchError::WrongType { url, found });
    }
    let too_big = || FetchError::TooBig { url: url.clone(), most };
    let length = response.content_length().and_then(|length| usize::try_from(length).ok());
    if length.is_some_and(|length| length > most) && wanted != Wanted::Robots {
        return Err(too_big());
    }
    let mut body = Vec::with_capacity(length.unwrap_or(0).min(most));
    while let Some(chunk) = response.chunk().await.map_err(|error| FetchError::of(&url, &error))? {
        let room = most - body.len();
        if chunk.len() > room && wanted != Wanted::Robots {
            return Err(too_big());
        }
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == most && wanted == Wanted::Robots {
            break;
        }
    }
    if wanted == Wanted::Page && is_binary(&body, claimed.as_deref()) {
        let found = format!("called {}, yet binary", claimed.as_deref().unwrap_or("nothing"));
        return Err(FetchError::WrongType { url, found });
    }
    Ok(body)
}

fn check_type(url: &str, claimed: Option<&str>, wanted: Wanted) -> Result<(), FetchError> {
    let Some(claimed) = claimed else { return Ok(()) };
    let essence = claimed.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let fits = match wanted {
        Wanted::Page => PAGES.contains(&essence.as_str()),
        Wanted::List => LISTS.contains(&essence.as_str()),
        Wanted::Robots => true,
    };
    if fits {
        Ok(())
    } else {
        let found = if essence.is_empty() { "of no type".to_owned() } else { essence };
        Err(FetchError::WrongType {
            url: url.to_owned(),
            found,
        })
    }
}

/// Whether it can be no text: it begins like a known file, or holds bytes that no text has.
fn is_binary(body: &[u8], claimed: Option<&str>) -> bool {
    let has_wide_units = body.starts_with(b"\xFF\xFE")
        || body.starts_with(b"\xFE\xFF")
        || claimed.is_some_and(|claimed| claimed.to_ascii_lowercase().contains("utf-16"));
    if has_wide_units {
        return false;
    }
    let start = &body[..body.len().min(LOOKED_AT)];
    // ESC changes the alphabet in ISO-2022-JP.
    let control = |byte: &&u8| matches!(**byte, 1..=8 | 14..=26 | 28..=31);
    MAGIC.iter().any(|magic| body.starts_with(magic)) || start.contains(&0) || start.iter().filter(control).count() * 50 > start.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_any_charset_is_no_binary() {
        assert!(!is_binary("Привет, <b>Größe</b>\r\n\t".as_bytes(), None));
        assert!(!is_binary(b"\xFF\xFEa\0b\0", Some("text/html")));
        assert!(!is_binary(b"a\0b\0", Some("text/html; charset=UTF-16LE")));
        assert!(!is_binary(b"\x1B$B$3$s\x1B(B", None));
        assert!(!is_binary(b"", None));
    }

    #[test]
    fn binary_files_are() {
        for body in [&b"<html>\0"[..], b"%PDF-1.7 ...", b"PK\x03\x04...", b"a\x01\x02\x03"] {
            assert!(is_binary(body, Some("text/html")), "{body:?}");
        }
    }
}
