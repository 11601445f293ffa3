//! Hosts that may be crawled although they are private.

use url::{Host, Url};

/// Why an entry of the list names no host.
#[derive(Debug, thiserror::Error)]
#[error("{0} names no host. Write a host, or a host and a port, such as wiki.internal or 10.0.0.5:8080.")]
pub struct NotAHost(pub String);

/// Hosts that may be crawled although they are private, with one port or with any.
#[derive(Debug, Clone, Default)]
pub struct Allowed(Vec<(Host, Option<u16>)>);

impl Allowed {
    /// Reads entries such as `wiki.internal`, `10.0.0.5:8080` or `[fd00::1]:80`. Case does not matter.
    pub fn parse<S: AsRef<str>>(entries: impl IntoIterator<Item = S>) -> Result<Self, NotAHost> {
        entries
            .into_iter()
            .map(|entry| host_and_port(entry.as_ref().trim()))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether the host of a URL, with its port, is among them.
    pub fn has(&self, url: &Url) -> bool {
        let Some(host) = url.host() else { return false };
        let host = without_dot(host.to_owned());
        let port = url.port_or_known_default();
        self.0
            .iter()
            .any(|(allowed, only)| *allowed == host && (only.is_none() || *only == port))
    }
}

fn host_and_port(entry: &str) -> Result<(Host, Option<u16>), NotAHost> {
    let bad = || NotAHost(format!("“{entry}”"));
    let (host, port) = match entry.rsplit_once(':') {
        Some((host, port)) if host.ends_with(']') || !host.contains(':') => (host, Some(port.parse().map_err(|_| bad())?)),
        _ => (entry, None),
    };
    let bare_v6 = host.contains(':') && !host.starts_with('[');
    let host = if bare_v6 {
        Host::parse(&format!("[{host}]"))
    } else {
        Host::parse(host)
    };
    Ok((without_dot(host.map_err(|_| bad())?), port))
}

fn without_dot(host: Host) -> Host {
    match host {
        Host::Domain(name) => Host::Domain(name.trim_end_matches('.').to_owned()),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_allowed_with_its_port_or_with_any() {
        let allowed = Allowed::parse(["Wiki.Internal", "10.0.0.5:8080", "[fd00::1]:80", "::1"]).unwrap();
        let has = |url: &str| allowed.has(&Url::parse(url).unwrap());
        for url in [
            "https://wiki.internal/",
            "http://WIKI.internal.:99/a",
            "http://10.5:8080/",
            "http://[fd00::1]/",
            "http://[0::1]:7/",
        ] {
            assert!(has(url), "{url}");
        }
        for url in ["http://10.0.0.5/", "http://a.wiki.internal/", "http://[fd00::1]:81/", "file:///x"] {
            assert!(!has(url), "{url}");
        }
    }

    #[test]
    fn what_names_no_host_is_refused() {
        for entry in ["", "a b", "a:b", "a:99999", "http://a", "a/b", ":80"] {
            assert!(Allowed::parse([entry]).is_err(), "{entry:?}");
        }
    }
}
