//! Is the request from this site? Other sites' pages can send requests to a server on loopback: their `Origin`, or a
//! `Host` that was pointed at it (DNS rebinding), gives them away.
//!
//! Two barriers behind that one stop forms that somebody manages to place on a page of this site. A body must have a type that
//! no HTML form can send, and a request that a browser authenticates by itself must say where it comes from.

use super::problem::Failure;
use super::reach::Reach;
use crate::config;
use app::protocol::{Code, Problem};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::IpAddr;
use std::sync::Arc;

/// Which sites are this one.
#[derive(Debug, Clone)]
pub struct Sites {
    /// Origins that may send besides the server's own, such as `https://notes.example`.
    pub allowed_origins: Arc<[String]>,
    /// Whether the server listens for this machine only.
    pub only_loopback: bool,
}

/// Refuses requests whose `Host` is not this machine, and unsafe ones and socket upgrades whose `Origin` is another site.
pub async fn guard(State(sites): State<Sites>, request: Request, next: Next) -> Response {
    let (method, path, headers) = (request.method(), request.uri().path(), request.headers());
    let checked = check(&sites, method, &Reach::of(&request), headers)
        .and_then(|()| check_source(method, path, headers))
        .and_then(|()| check_body(method, path, headers));
    match checked {
        Ok(()) => next.run(request).await,
        Err(problem) => Failure(problem).into_response(),
    }
}

/// The server functions, which only pages call.
const PAGES: &str = "/api/pages/";

/// Whether a form without a script posts to this address.
fn takes_form(path: &str) -> bool {
    matches!(path, "/login" | "/logout") || path.starts_with("/claim/") || path.starts_with("/join/")
}

/// Refuses what a browser sends with its cookie, or calls as a page, without saying which site made it. Browsers name the
/// `Origin` of every unsafe request; a program that sends none authenticates by a token.
fn check_source(method: &Method, path: &str, headers: &HeaderMap) -> Result<(), Problem> {
    let by_cookie = headers.contains_key(header::COOKIE) && !headers.contains_key(header::AUTHORIZATION);
    if method.is_safe() || takes_form(path) || !(by_cookie || path.starts_with(PAGES)) {
        return Ok(());
    }
    if headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site") {
        // Which `check` has found to be this site's.
        return Ok(());
    }
    let detail = "A request from a page needs the header Origin with this server's own address. A program uses /api with a token, sent as \
                  Authorization: Bearer TOKEN, and no cookie.";
    Err(Problem::new(Code::ForeignOrigin, detail))
}

/// Refuses a body that a form can send: as JSON it would be accepted by whoever does not look at its type.
fn check_body(method: &Method, path: &str, headers: &HeaderMap) -> Result<(), Problem> {
    if method.is_safe() || takes_form(path) {
        return Ok(());
    }
    let has_body = headers.contains_key(header::TRANSFER_ENCODING)
        || headers.get(header::CONTENT_LENGTH).is_some_and(|length| length.as_bytes() != b"0");
    if !has_body && !headers.contains_key(header::CONTENT_TYPE) {
        return Ok(());
    }
    let media_type = media_type(headers);
    let (fits, wanted) = match path {
        UPLOAD => (
            media_type == "multipart/form-data",
            "a form: send it with Content-Type: multipart/form-data",
        ),
        _ => (is_json(&media_type), "JSON: send it with Content-Type: application/json"),
    };
    if fits {
        return Ok(());
    }
    let media_type: String = media_type.chars().take(80).collect();
    let detail = format!("The body must be {wanted} (it came as {media_type:?}).");
    Err(Problem::new(Code::UnsupportedMediaType, detail))
}

/// Where files are uploaded, by a form.
const UPLOAD: &str = "/api/jobs/upload";

/// The type of a body without its parameters; empty where there is none.
fn media_type(headers: &HeaderMap) -> String {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// `application/json`, or a type that is made of it, such as `application/merge-patch+json`.
fn is_json(media_type: &str) -> bool {
    media_type == "application/json" || (media_type.starts_with("application/") && media_type.ends_with("+json"))
}

fn check(sites: &Sites, method: &Method, reach: &Reach, headers: &HeaderMap) -> Result<(), Problem> {
    let refuse = |detail: String| Err(Problem::new(Code::ForeignOrigin, detail));
    let Some(host) = reach.host.as_deref() else {
        return refuse("The request has no Host header, or several; send one that names this server.".into());
    };
    let listed = sites.allowed_origins.iter().any(|origin| authority_of(origin) == Some(host));
    if !listed && !is_ours(host, sites.only_loopback) {
        let host: String = host.chars().take(200).collect();
        return refuse(format!(
            "The Host {host:?} is not known as this server's. Open it by its address, or as localhost on its own machine, or start it with \
             --allow-origin https://{}.",
            name_of(&host)
        ));
    }
    let upgrade = headers.get(header::UPGRADE).is_some();
    if method.is_safe() && !upgrade {
        return Ok(());
    }
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let Some(origin) = origins.next() else {
        // Programs send none. Browsers do, and where not, they say here that the request crosses sites.
        return match headers.get("sec-fetch-site").map(axum::http::HeaderValue::as_bytes) {
            None | Some(b"same-origin" | b"none") => Ok(()),
            Some(_) => refuse("The request comes from a page of another site.".into()),
        };
    };
    let Ok(origin) = origin.to_str() else {
        return refuse("The Origin is not understood.".into());
    };
    if origins.next().is_some() {
        return refuse("The request has several Origin headers.".into());
    }
    // Whoever is on the way can make a page of http://, but not of https://. Behind a proxy that does not say so the server cannot
    // know that it was reached by TLS.
    let is_here = authority_of(origin) == Some(host) && !(reach.is_secure && origin.starts_with("http:"));
    if is_here || sites.allowed_origins.iter().any(|allowed| allowed == origin) {
        return Ok(());
    }
    // `null` is that of sandboxed pages and of files, whoever made them, and cannot be allowed.
    match config::origin(origin) {
        Ok(origin) => refuse(format!(
            "A page of {origin} may not write here. If it should, start the server with --allow-origin {origin}."
        )),
        Err(_) => refuse(format!(
            "A page whose Origin is {origin:?} may not write here. Open it from an address that begins with http:// or https://."
        )),
    }
}

/// `host:port` of an origin, the port only where it is not the scheme's own: as browsers send `Host`.
fn authority_of(origin: &str) -> Option<&str> {
    let (scheme, authority) = origin.split_once("://")?;
    let own = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return None,
    };
    Some(authority.strip_suffix(own).unwrap_or(authority))
}

/// The host without its port.
fn name_of(host: &str) -> &str {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name)
}

/// Whether a host can only be this server. Names that anybody can register can be pointed at any address (DNS rebinding);
/// addresses and names of a local network cannot.
fn is_ours(host: &str, only_loopback: bool) -> bool {
    let name = name_of(host).to_ascii_lowercase();
    if name == "localhost" || name.ends_with(".localhost") {
        return true;
    }
    if let Ok(address) = name.parse::<IpAddr>() {
        return !only_loopback || address.is_loopback();
    }
    const LOCAL: [&str; 5] = [".local", ".lan", ".home.arpa", ".internal", ".home"];
    let is_plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    !only_loopback && is_plain && (!name.contains('.') || LOCAL.iter().any(|end| name.ends_with(end)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;

    fn verdict(method: Method, given: &[(&str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
        }
        let sites = Sites {
            allowed_origins: Arc::new(["https://notes.example".to_owned()]),
            only_loopback: true,
        };
        let reach = Reach {
            host: headers.get("host").and_then(|host| host.to_str().ok()).map(str::to_owned),
            is_secure: given.contains(&SECURE),
            ..Reach::default()
        };
        check(&sites, &method, &reach, &headers).is_ok()
    }

    const SECURE: (&str, &str) = ("x-secure", "yes");

    #[test]
    fn by_tls_a_page_without_it_is_another_site() {
        let here = ("host", "127.0.0.1:3000");
        for (scheme, secure) in [("http", false), ("https", true)] {
            let origin = format!("{scheme}://127.0.0.1:3000");
            assert!(verdict(Method::POST, &[here, SECURE, ("origin", &origin)]) == secure, "{scheme}");
            assert!(verdict(Method::POST, &[here, ("origin", &origin)]), "{scheme}");
        }
    }

    #[test]
    fn on_a_network_it_has_addresses_and_local_names() {
        for host in ["10.0.0.1:3000", "[fe80::1]", "nas", "nas:3000", "nas.local", "localhost"] {
            assert!(is_ours(host, false), "{host}");
        }
        for host in [
            "evil.example",
            "10.0.0.1.evil.example",
            "nas.local.evil.example",
            "",
            "a b",
            "nas/x",
        ] {
            assert!(!is_ours(host, false), "{host}");
        }
        assert!(!is_ours("nas", true) && !is_ours("10.0.0.1", true));
    }

    #[test]
    fn a_foreign_host_is_refused_even_for_reading() {
        for host in [
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example:3000",
            "10.0.0.1",
            "evil.example:127.0.0.1",
        ] {
            assert!(!verdict(Method::GET, &[("host", host)]), "{host}");
        }
        for host in [
            "127.0.0.1:3000",
            "localhost",
            "[::1]:3000",
            "127.8.8.8",
            "tidings.localhost:3000",
            "notes.example",
        ] {
            assert!(verdict(Method::GET, &[("host", host)]), "{host}");
        }
        assert!(!verdict(Method::GET, &[]));
    }

    #[test]
    fn a_foreign_page_may_neither_write_nor_listen() {
        let here = ("host", "127.0.0.1:3000");
        assert!(verdict(Method::POST, &[here, ("origin", "http://127.0.0.1:3000")]));
        assert!(verdict(Method::POST, &[here, ("origin", "https://notes.example")]));
        assert!(verdict(Method::POST, &[here]));
        for origin in [
            "http://127.0.0.1:4000",
            "http://evil.example",
            "null",
            "http://localhost:3000",
            "file://",
            "https://notes.example.evil",
        ] {
            assert!(!verdict(Method::POST, &[here, ("origin", origin)]), "{origin}");
            assert!(
                !verdict(Method::GET, &[here, ("origin", origin), ("upgrade", "websocket")]),
                "{origin}"
            );
        }
        assert!(
            verdict(Method::GET, &[here, ("origin", "http://evil.example")]),
            "reading is what CORS is for"
        );
        assert!(!verdict(Method::POST, &[here, ("sec-fetch-site", "cross-site")]));
    }
}
