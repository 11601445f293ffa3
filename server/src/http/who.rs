//! Who asks: recognised once for each request, before anything else looks at it. Whoever is not known gets no further than
//! the few addresses that are open to all.

use super::cookies::Cookies;
use super::problem::Failure;
use super::reach::Reach;
use super::ws;
use crate::config::Auth;
use crate::domain::Caller;
use crate::domain::caller::Credential;
use crate::domain::person::{self, Presented};
use crate::state::AppState;
use app::protocol::{Code, Problem, UserId};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;
use std::sync::Arc;

/// Writes a second that a caller may ask for in the long run, and how many at once.
const WRITES: NonZeroU32 = NonZeroU32::new(100).expect("not zero");
const WRITES_AT_ONCE: NonZeroU32 = NonZeroU32::new(1_000).expect("not zero");

/// Who is let in, and how.
#[derive(Debug, Clone)]
pub struct Door {
    /// Who may use the server.
    pub auth: Auth,
    /// How often somebody may try to log in.
    pub logins: person::Attempts,
    /// How often a caller may write.
    writes: Arc<DefaultKeyedRateLimiter<UserId>>,
    /// Below which path the server is.
    pub prefix: Arc<str>,
    /// Whether a proxy before the server says who asks.
    pub trust_proxy: bool,
}

impl Door {
    /// A door for a server below this path, perhaps behind a proxy.
    pub fn new(auth: Auth, prefix: &str, trust_proxy: bool) -> Self {
        Self {
            auth,
            logins: person::Attempts::default(),
            writes: Arc::new(RateLimiter::keyed(Quota::per_second(WRITES).allow_burst(WRITES_AT_ONCE))),
            prefix: prefix.into(),
            trust_proxy,
        }
    }

    /// Forgets who has not asked for a while.
    pub fn sweep(&self) {
        self.logins.sweep();
        self.writes.retain_recent();
    }

    fn may_write(&self, user: &UserId) -> Result<(), Problem> {
        let Err(not_until) = self.writes.check_key(user) else {
            return Ok(());
        };
        let seconds = not_until.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
        let detail =
            format!("You write more than {WRITES} times a second. Try again in {seconds} s, and send changes that belong together as one.");
        Err(Problem::new(Code::TooManyRequests, detail).with("retry_after", seconds))
    }

    /// A path of this server as its visitors write it.
    pub fn outside(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// The cookies of a browser that reached the server so.
    pub fn cookies(&self, reach: &Reach) -> Cookies {
        Cookies::new(&self.prefix, reach)
    }
}

/// What is open to all: the ways in, what pages are made of, and whether the server lives.
fn is_open(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    matches!(
        first,
        "login" | "claim" | "join" | "pkg" | "docs" | "healthz" | "readyz" | "favicon.svg" | "theme.js"
    ) || matches!(path, "/api/login" | "/api/openapi.json")
}

/// Whether a browser opens a page: it is shown the way in, and comes back.
fn is_page(method: &Method, path: &str) -> bool {
    method.is_safe() && !["/api/", "/ws", "/mcp", "/metrics"].iter().any(|other| path.starts_with(other))
}

/// Recognises who asks.
pub async fn who(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    if path.starts_with("/pkg/") {
        return next.run(request).await;
    }
    let reach = Reach::of(&request);
    let cookies = state.door.cookies(&reach);
    let (caller, secret) = match recognise(&state, &cookies, request.headers(), request.uri()).await {
        Ok(found) => found,
        Err(failure) => return failure.into_response(),
    };
    let opens_page = is_page(request.method(), &path);
    let Some(caller) = caller else {
        return if is_open(&path) {
            next.run(request).await
        } else if opens_page {
            let wanted = request.uri().path_and_query().map_or("/", |wanted| wanted.as_str());
            let to = format!("/login?next={}", escape(wanted));
            Redirect::to(&state.door.outside(&to)).into_response()
        } else if request.headers().contains_key(header::UPGRADE) && request.headers().contains_key(header::ORIGIN) {
            // A browser does not tell its pages why an upgrade failed; a close code it does.
            ws::log_in_again(request).await
        } else {
            unauthenticated(request.headers())
        };
    };
    if let Some(viewer) = request.headers().get(app::api::VIEWER)
        && viewer.as_bytes() != escape(caller.user().as_str()).as_bytes()
    {
        let detail = format!(
            "This page is somebody else's: you are logged in as {} by now. Reload it.",
            caller.user()
        );
        return Failure(Problem::new(Code::Unauthenticated, detail)).into_response();
    }
    if caller.credential() != Credential::Reach
        && !request.method().is_safe()
        && let Err(problem) = state.door.may_write(caller.user())
    {
        return Failure(problem).into_response();
    }
    request.extensions_mut().insert(caller);
    let mut response = next.run(request).await;
    if !is_open(&path) {
        // What somebody may read is not for those who use the same cache, or the same browser after them.
        let headers = response.headers_mut();
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    // A browser that is used stays logged in. Its cookie goes only where no cache keeps it for others.
    if let Some(secret) = secret.filter(|_| opens_page)
        && !response.headers().contains_key(header::SET_COOKIE)
        && is_kept_nowhere(response.headers())
    {
        response.headers_mut().append(header::SET_COOKIE, cookies.session(&secret));
    }
    response
}

/// Who it is, and by which cookie.
async fn recognise(
    state: &AppState,
    cookies: &Cookies,
    headers: &HeaderMap,
    uri: &Uri,
) -> Result<(Option<Caller>, Option<String>), Failure> {
    if state.door.auth == Auth::Off {
        return Ok((Some(Caller::owner()), None));
    }
    // What was said on purpose counts, and a cookie that a browser adds by itself does not make up for it.
    if let Some(token) = bearer(headers).or_else(|| in_upgrade(headers, uri)) {
        let caller = person::identify(&state.store, Presented::Bearer(&token), state.hub.issuer()).await?;
        return Ok((caller, None));
    }
    for secret in cookies.sessions(headers) {
        if let Some(caller) = person::identify(&state.store, Presented::Cookie(&secret), None).await? {
            return Ok((Some(caller), Some(secret)));
        }
    }
    Ok((None, None))
}

fn is_kept_nowhere(headers: &HeaderMap) -> bool {
    headers.get(header::CACHE_CONTROL).is_some_and(|value| value == "no-store")
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().unwrap_or_default();
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    // Another scheme is known to nobody.
    Some(if scheme.eq_ignore_ascii_case("bearer") {
        token.trim().to_owned()
    } else {
        String::new()
    })
}

/// Browsers cannot set headers on a socket or an event stream: the token comes as a subprotocol (`bearer, TOKEN`), or in the
/// query, which is taken nowhere else.
fn in_upgrade(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let protocols = headers.get(header::SEC_WEBSOCKET_PROTOCOL).and_then(|value| value.to_str().ok());
    if let Some(protocols) = protocols {
        let mut names = protocols.split(',').map(str::trim);
        if names.next().is_some_and(|first| first.eq_ignore_ascii_case("bearer")) {
            return Some(names.next().unwrap_or_default().to_owned());
        }
    }
    if !headers.contains_key(header::UPGRADE) && uri.path() != "/api/events/stream" {
        return None;
    }
    let query = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri).ok()?;
    query.0.into_iter().find(|(name, _)| name == "token").map(|(_, token)| token)
}

fn unauthenticated(headers: &HeaderMap) -> Response {
    let sent = headers.contains_key(header::AUTHORIZATION) || headers.contains_key(header::COOKIE);
    let detail = if sent {
        "The server does not know you by what you sent: it was taken back, has expired, or is wrong. Log in again, or send a good token."
    } else {
        "Log in, or send a token as Authorization: Bearer TOKEN; `tidings token create` makes one."
    };
    let mut response = Failure(Problem::new(Code::Unauthenticated, detail)).into_response();
    response
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

/// Percent-encodes what may not stand in a value of a query.
pub(super) fn escape(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => out.push(char::from(byte)),
            // Writing to a `String` cannot fail.
            _ => drop(write!(out, "%{byte:02X}")),
        }
        out
    })
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let caller = parts.extensions.get::<Caller>().cloned();
        caller.ok_or_else(|| Problem::new(Code::Unauthenticated, "Log in first.").into())
    }
}
