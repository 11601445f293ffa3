//! Which URLs mean the same page, and which the same site.

use super::FetchError;
use std::fmt::Write as _;
use url::Url;

/// Parameters that say where a reader came from, and change nothing about the page.
const TRACKING: [&str; 8] = ["gclid", "fbclid", "dclid", "msclkid", "yclid", "igshid", "mc_cid", "mc_eid"];
/// What a server gives for the folder itself.
const INDEX: [&str; 3] = ["index.html", "index.htm", "index.xhtml"];

/// Reads what a person wrote as a URL to crawl: absolute, HTTP or HTTPS. See [`tidy`] for what it loses.
pub fn parse(text: &str) -> Result<Url, FetchError> {
    let url = Url::parse(text.trim()).map_err(|why| FetchError::NotAUrl {
        text: text.trim().to_owned(),
        why: why.to_string(),
    })?;
    check_scheme(&url)?;
    Ok(tidy(&url))
}

pub(super) fn check_scheme(url: &Url) -> Result<(), FetchError> {
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(()),
        scheme => Err(FetchError::Scheme {
            url: url.to_string(),
            scheme: scheme.to_owned(),
        }),
    }
}

/// Without what is not for the server: the fragment, and credentials, which must not go where a link leads.
pub(super) fn bare(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_fragment(None);
    // They fail for URLs that cannot have credentials, which then have none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

/// The URL to ask for: without fragment, credentials, and tracking parameters.
pub fn tidy(url: &Url) -> Url {
    let mut url = bare(url);
    if let Some(query) = url.query() {
        let kept = without_tracking(query);
        url.set_query(Some(kept.as_str()).filter(|query| !query.is_empty()));
    }
    url
}

/// What tells a page from others, for comparing only: two URLs with the same identity are one page.
///
/// Besides what [`tidy`] drops, the scheme, `index.html`, slashes at the end, and the manner of percent-encoding
/// (RFC 3986, 6.2.2) do not matter.
pub fn identity(url: &Url) -> String {
    let url = tidy(url);
    let mut identity = url.host_str().unwrap_or_default().trim_end_matches('.').to_owned();
    if let Some(port) = url.port() {
        let _ = write!(identity, ":{port}");
    }
    let path = url.path();
    let folder = match path.rsplit_once('/') {
        Some((folder, name)) if INDEX.contains(&name) => folder,
        _ => path.trim_end_matches('/'),
    };
    identity.push_str(&normalise(folder.trim_end_matches('/')));
    if let Some(query) = url.query() {
        identity.push('?');
        identity.push_str(&normalise(query));
    }
    identity
}

/// Whether both are on the same host and port. `www.` makes another site; HTTP and HTTPS on their usual ports do not.
pub fn same_site(a: &Url, b: &Url) -> bool {
    let host = |url: &Url| url.host_str().map(|host| host.trim_end_matches('.').to_owned());
    a.port() == b.port() && a.has_host() && host(a) == host(b)
}

fn without_tracking(query: &str) -> String {
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
            !pair.is_empty() && !name.starts_with("utm_") && !TRACKING.contains(&name.as_str())
        })
        .collect();
    kept.join("&")
}

/// Decodes what need not be encoded, and writes the rest with capitals.
fn normalise(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let Some(byte) = encoded(rest.as_bytes()) else {
            out.push('%');
            rest = &rest[1..];
            continue;
        };
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        rest = &rest[3..];
    }
    out.push_str(rest);
    out
}

/// The text of which a path is the encoded form.
pub(super) fn decoded(path: &str) -> String {
    let mut rest = path.as_bytes();
    let mut bytes = Vec::with_capacity(rest.len());
    while let Some((first, after)) = rest.split_first() {
        if let Some(byte) = encoded(rest) {
            bytes.push(byte);
            rest = &rest[3..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The byte that `%xx` at the beginning stands for.
fn encoded(text: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = text else { return None };
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn one_page_has_one_identity() {
        for (a, b) in [
            ("https://e.org/docs/", "https://e.org/docs"),
            ("https://e.org/docs/index.html", "https://e.org/docs/"),
            ("https://e.org", "https://e.org/index.htm"),
            ("https://e.org/a#b", "https://E.ORG:443/a"),
            ("http://e.org/a", "https://e.org./a"),
            ("https://e.org/%7eme/%c3%b6", "https://e.org/~me/ö"),
            ("https://e.org/a?utm_source=x&b=1&gclid=2", "https://e.org/a?b=1"),
            ("https://e.org/a?", "https://e.org/a"),
            ("https://me:secret@e.org/a", "https://e.org/a"),
        ] {
            assert_eq!(identity(&url(a)), identity(&url(b)), "{a} {b}");
        }
    }

    #[test]
    fn other_pages_have_other_identities() {
        for (a, b) in [
            ("https://e.org/a?b=1", "https://e.org/a?b=2"),
            ("https://e.org/a?b=1", "https://e.org/a"),
            ("https://e.org/a%2Fb", "https://e.org/a/b"),
            ("https://e.org/A", "https://e.org/a"),
            ("https://e.org:8443/a", "https://e.org/a"),
            ("https://www.e.org/", "https://e.org/"),
            ("https://e.org/myindex.html", "https://e.org/"),
        ] {
            assert_ne!(identity(&url(a)), identity(&url(b)), "{a} {b}");
        }
    }

    #[test]
    fn a_site_is_a_host_and_a_port() {
        assert!(same_site(&url("http://e.org/a"), &url("https://E.org/b")));
        assert!(!same_site(&url("http://e.org/"), &url("http://www.e.org/")));
        assert!(!same_site(&url("http://e.org/"), &url("http://e.org:8080/")));
        assert!(!same_site(&url("mailto:a@b"), &url("mailto:a@b")));
    }

    #[test]
    fn what_is_no_web_address_is_refused_with_the_reason() {
        let why = |text| parse(text).unwrap_err().to_string();
        assert!(why("docs").contains("https://"), "{}", why("docs"));
        assert!(why("file:///etc/passwd").contains("file"), "{}", why("file:///etc/passwd"));
        assert_eq!(parse(" https://u:p@e.org/a?utm_campaign=1#x ").unwrap().as_str(), "https://e.org/a");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(https?://)?\\PC{0,40}") {
            if let Ok(url) = parse(&text) {
                prop_assert_eq!(identity(&url), identity(&tidy(&url)));
                prop_assert!(same_site(&url, &url));
                let again = Url::parse(&format!("https://{}", identity(&url)));
                if let Ok(again) = again {
                    prop_assert_eq!(identity(&again), identity(&url));
                }
                decoded(url.path());
            }
        }
    }
}
