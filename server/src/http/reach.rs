//! How a request reached the server: from which address, to which host, and whether by TLS. A proxy's word counts only where
//! it is trusted (`--trust-proxy`); else whoever connected is who asks.

use axum::extract::connect_info::ConnectInfo;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Once;

/// How a request reached the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// From where.
    pub address: IpAddr,
    /// To which host, as its visitor wrote it; none where that was not said, or more than once.
    pub host: Option<String>,
    /// Whether nobody on the way could read it.
    pub is_secure: bool,
}

/// What is known of the connection itself.
#[derive(Debug, Clone, Copy)]
pub struct Peer {
    /// Who connected.
    pub address: IpAddr,
    /// Whether by TLS.
    pub is_secure: bool,
}

impl Default for Reach {
    fn default() -> Self {
        Self {
            address: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            host: None,
            is_secure: false,
        }
    }
}

impl Reach {
    /// How this request reached the server, as [`reach`] found out.
    pub fn of(request: &Request) -> Self {
        request.extensions().get::<Reach>().cloned().unwrap_or_default()
    }
}

/// The one value of a header; none where it is absent, there twice, or no text.
fn only<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// What the nearest proxy said: it adds to the end of what came before it, which anybody can have made up.
fn last<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let value = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    Some(value.rsplit(',').next().unwrap_or(value).trim()).filter(|value| !value.is_empty())
}

fn find_out(peer: Option<Peer>, headers: &HeaderMap, uri: &Uri, trust_proxy: bool) -> Reach {
    let mut reach = Reach::default();
    if let Some(peer) = peer {
        reach.address = peer.address;
        reach.is_secure = peer.is_secure;
    }
    reach.host = match headers.contains_key(header::HOST) {
        true => only(headers, "host").map(ToOwned::to_owned),
        // HTTP/2 names it in the URI.
        false => uri.authority().map(ToString::to_string),
    };
    if trust_proxy {
        if let Some(address) = last(headers, "x-forwarded-for").and_then(|text| text.parse().ok()) {
            reach.address = address;
        }
        if let Some(scheme) = last(headers, "x-forwarded-proto") {
            reach.is_secure = scheme.eq_ignore_ascii_case("https");
        }
        if let Some(host) = last(headers, "x-forwarded-host") {
            reach.host = Some(host.to_owned());
        }
    }
    reach
}

/// Says once that there seems to be a proxy.
static UNTRUSTED: Once = Once::new();

/// Finds out how each request reached the server, for all that come after.
pub async fn reach(State(trust_proxy): State<bool>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<Peer>>().map(|info| info.0);
    let reach = find_out(peer, request.headers(), request.uri(), trust_proxy);
    if !trust_proxy && request.headers().contains_key("x-forwarded-for") {
        UNTRUSTED.call_once(|| {
            tracing::warn!(
                address = %reach.address,
                "a request says that it came through a proxy (X-Forwarded-For), which is not believed: all visitors count as one. \
                 If there is a proxy, start the server with --trust-proxy"
            );
        });
    }
    let is_secure = reach.is_secure;
    request.extensions_mut().insert(reach);
    let mut response = next.run(request).await;
    if is_secure {
        // From now on, by TLS only. Not for other names of the domain, which are somebody else's business.
        let headers = response.headers_mut();
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

impl<S: Sync> FromRequestParts<S> for Reach {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Reach>().cloned().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(given: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    const PEER: Peer = Peer {
        address: IpAddr::V4(Ipv4Addr::new(10, 0, 0, 7)),
        is_secure: false,
    };

    #[test]
    fn a_forwarded_header_counts_only_where_a_proxy_is_trusted_and_only_its_end() {
        let given = headers(&[
            ("host", "127.0.0.1:3000"),
            ("x-forwarded-for", "6.6.6.6, 192.0.2.1"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "notes.example"),
        ]);
        let uri = Uri::from_static("/");
        let plain = find_out(Some(PEER), &given, &uri, false);
        assert_eq!((plain.address, plain.is_secure), (PEER.address, false));
        assert_eq!(plain.host.as_deref(), Some("127.0.0.1:3000"));
        let proxied = find_out(Some(PEER), &given, &uri, true);
        assert_eq!(proxied.address.to_string(), "192.0.2.1");
        assert_eq!((proxied.host.as_deref(), proxied.is_secure), (Some("notes.example"), true));
    }

    #[test]
    fn a_host_that_is_said_twice_is_none() {
        let given = headers(&[("host", "a"), ("host", "b")]);
        assert_eq!(find_out(None, &given, &Uri::from_static("/"), false).host, None);
    }
}
