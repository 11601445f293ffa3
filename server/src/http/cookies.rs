//! The cookies of a browser: one by which it is known, and one by which its next login is told from a stranger's.
//!
//! Browsers send cookies to every port of a host, and other servers there can set them. So their names have the port in them; by
//! TLS they begin with `__Host-`, which browsers let nobody set but this host itself, by TLS.

use super::reach::Reach;
use axum::http::{HeaderMap, HeaderValue, header};
use cookie::{Cookie, SameSite, time};

/// Name of the session's cookie in earlier versions, which is still read.
const OLD: &str = "tidings";
/// Cookies of the same name that are looked at: one may be somebody else's.
const MOST: usize = 4;
/// For how many days a browser keeps the session's cookie, and that of its next login.
const SESSION_DAYS: i64 = 30;
const KNOWN_DAYS: i64 = 400;

/// Which cookies a server uses towards a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookies {
    name: String,
    path: String,
    is_secure: bool,
}

impl Cookies {
    /// Those of a server below `prefix` that was reached so.
    pub fn new(prefix: &str, reach: &Reach) -> Self {
        let below = prefix.replace('/', "-");
        let (name, path) = if reach.is_secure {
            // Which must have this path.
            (format!("__Host-tidings{below}"), "/")
        } else {
            (
                format!("tidings{below}-{}", port_of(reach)),
                if prefix.is_empty() { "/" } else { prefix },
            )
        };
        Self {
            name,
            path: path.to_owned(),
            is_secure: reach.is_secure,
        }
    }

    fn known_name(&self) -> String {
        format!("{}-known", self.name)
    }

    /// What may be the secret of this browser's session.
    pub fn sessions(&self, headers: &HeaderMap) -> Vec<String> {
        let mut found = values(headers, &self.name);
        found.extend(values(headers, OLD));
        found.truncate(MOST);
        found
    }

    /// What the browser kept of an earlier login.
    pub fn known(&self, headers: &HeaderMap) -> Option<String> {
        values(headers, &self.known_name()).into_iter().next()
    }

    /// The cookie that the browser shall send from now on.
    pub fn session(&self, secret: &str) -> HeaderValue {
        self.set(&self.name, secret, &self.path, SESSION_DAYS)
    }

    /// The cookie that it shall send with its next login, and nowhere else.
    pub fn keep(&self, known: &str) -> HeaderValue {
        let path = match self.is_secure {
            true => "/".to_owned(),
            false => format!("{}/login", self.path.trim_end_matches('/')),
        };
        self.set(&self.known_name(), known, &path, KNOWN_DAYS)
    }

    /// Ends the session in the browser.
    pub fn end(&self) -> HeaderValue {
        self.set(&self.name, "", &self.path, 0)
    }

    fn set(&self, name: &str, value: &str, path: &str, days: i64) -> HeaderValue {
        let cookie = Cookie::build((name, value))
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.is_secure)
            .path(path)
            .max_age(time::Duration::days(days))
            .build();
        HeaderValue::from_str(&cookie.to_string()).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

/// The port that the browser has written, or that of its scheme.
fn port_of(reach: &Reach) -> u16 {
    let host = reach.host.as_deref().unwrap_or_default();
    let port = host.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
    port.unwrap_or(80)
}

fn values(headers: &HeaderMap, name: &str) -> Vec<String> {
    let all = headers.get_all(header::COOKIE);
    all.iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .flatten()
        .filter(|cookie| cookie.name() == name && !cookie.value().is_empty())
        .map(|cookie| cookie.value().to_owned())
        .take(MOST)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookies(prefix: &str, host: &str, is_secure: bool) -> Cookies {
        let reach = Reach {
            host: Some(host.into()),
            is_secure,
            ..Reach::default()
        };
        Cookies::new(prefix, &reach)
    }

    #[test]
    fn each_server_of_a_host_has_names_of_its_own() {
        for (prefix, host, is_secure, set) in [
            (
                "",
                "127.0.0.1:3000",
                false,
                "tidings-3000=x; HttpOnly; SameSite=Lax; Path=/; Max-Age=2592000",
            ),
            (
                "/kb",
                "[::1]:3000",
                false,
                "tidings-kb-3000=x; HttpOnly; SameSite=Lax; Path=/kb; Max-Age=2592000",
            ),
            (
                "",
                "notes.example",
                false,
                "tidings-80=x; HttpOnly; SameSite=Lax; Path=/; Max-Age=2592000",
            ),
            (
                "/kb",
                "notes.example:8443",
                true,
                "__Host-tidings-kb=x; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=2592000",
            ),
        ] {
            assert_eq!(cookies(prefix, host, is_secure).session("x"), set);
        }
        assert_eq!(
            cookies("/kb", "a:1", false).keep("x"),
            "tidings-kb-1-known=x; HttpOnly; SameSite=Lax; Path=/kb/login; Max-Age=34560000"
        );
    }

    #[test]
    fn a_cookie_of_somebody_else_does_not_hide_the_right_one() {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::COOKIE,
            HeaderValue::from_static("tidings-1=planted; x=y; tidings-1=right; tidings=old; tidings-2=other"),
        );
        assert_eq!(cookies("", "a:1", false).sessions(&headers), ["planted", "right", "old"]);
    }
}
