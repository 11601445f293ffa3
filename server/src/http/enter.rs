//! The ways in, and out: login, the first owner's link, invitations, logout. Plain forms, which need no script.

use super::extract::{is_late, late};
use super::problem::Failure;
use super::reach::Reach;
use crate::config::Auth;
use crate::domain::Caller;
use crate::domain::person::{self, Entrance, Login};
use crate::error::Error;
use crate::state::AppState;
use app::protocol::people::{NewPerson, Role};
use app::protocol::{Code, Problem, limits};
use axum::extract::{Form, FromRequest, Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

/// Which way in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Login,
    Claim,
    Join(Role),
}

/// Where somebody wanted to go.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    next: String,
}

/// What was filled in. It has no `Debug`: a password has no place in a log.
#[derive(Default, Deserialize)]
pub struct Given {
    #[serde(default)]
    user: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

/// Bytes of a form that are read: those who are not known yet fill it in.
pub(super) const FORM_BYTES: usize = 16 * 1024;

/// A form that came whole, or the page that says why it did not.
pub struct Filled(Given);

impl FromRequest<AppState> for Filled {
    type Rejection = Response;
    async fn from_request(request: Request, state: &AppState) -> Result<Self, Response> {
        let rejection = match Form::from_request(request, state).await {
            Ok(Form(given)) => return Ok(Self(given)),
            Err(rejection) => rejection,
        };
        let problem = if is_late(&rejection) {
            late()
        } else if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Problem::new(Code::BodyTooLarge, format!("A form here has at most {FORM_BYTES} bytes."))
        } else {
            Problem::new(Code::InvalidForm, format!("The form could not be read: {rejection}."))
        };
        Err(refused(state, problem))
    }
}

/// Longest name and path that are shown again.
const SHOWN_CHARS: usize = 2_000;

/// A path of this server and nothing else: a link to the login must not lead elsewhere.
fn inside(next: &str) -> &str {
    let fits = next.len() <= SHOWN_CHARS
        && next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.chars().any(char::is_control);
    if fits { next } else { "/" }
}

/// The form to log in; who is known already is led on.
pub async fn show_login(State(state): State<AppState>, caller: Option<axum::Extension<Caller>>, Query(asked): Query<Asked>) -> Response {
    let next = inside(&asked.next);
    if caller.is_some() {
        return Redirect::to(&state.door.outside(next)).into_response();
    }
    page(&state, Way::Login, next, "", None)
}

pub async fn login(State(state): State<AppState>, reach: Reach, headers: HeaderMap, Filled(given): Filled) -> Response {
    if state.door.auth == Auth::Off {
        return Redirect::to(&state.door.outside("/")).into_response();
    }
    let next = inside(&given.next);
    let known = state.door.cookies(&reach).known(&headers);
    let attempt = Login {
        user: &given.user,
        password: given.password,
        device: device(&headers),
        address: reach.address,
        known: known.as_deref(),
    };
    match person::login(&state.store, &state.door.logins, attempt).await {
        Ok(entrance) => let_in(&state, &reach, &entrance, next),
        Err(error) => page(&state, Way::Login, next, &given.user, Some(error)),
    }
}

/// Logs out.
pub async fn logout(State(state): State<AppState>, reach: Reach, caller: Caller) -> Response {
    if let Err(error) = person::log_out(&state.store, &caller).await {
        return Failure::from(error).into_response();
    }
    let mut response = see_other(&state.door.outside("/login"));
    response.headers_mut().append(header::SET_COOKIE, state.door.cookies(&reach).end());
    response
}

/// The form of the first owner.
pub async fn show_claim(State(state): State<AppState>, Path(secret): Path<String>) -> Response {
    show(&state, &secret, true).await
}

/// The form of who was invited.
pub async fn show_join(State(state): State<AppState>, Path(secret): Path<String>) -> Response {
    show(&state, &secret, false).await
}

async fn show(state: &AppState, secret: &str, claim: bool) -> Response {
    match person::link(&state.store, secret, claim).await {
        Ok(role) => page(state, if claim { Way::Claim } else { Way::Join(role) }, "/", "", None),
        Err(error) => refused(state, Failure::from(error).0),
    }
}

/// Makes the first owner.
pub async fn claim(state: State<AppState>, reach: Reach, secret: Path<String>, headers: HeaderMap, form: Filled) -> Response {
    by_link(state, reach, secret, headers, form, Way::Claim).await
}

/// Makes an account for who was invited.
pub async fn join(state: State<AppState>, reach: Reach, secret: Path<String>, headers: HeaderMap, form: Filled) -> Response {
    by_link(state, reach, secret, headers, form, Way::Join(Role::Member)).await
}

async fn by_link(
    State(state): State<AppState>,
    reach: Reach,
    Path(secret): Path<String>,
    headers: HeaderMap,
    Filled(given): Filled,
    way: Way,
) -> Response {
    let new = NewPerson {
        user_id: given.user.clone(),
        password: given.password,
        role: None,
    };
    let entered = match way {
        Way::Claim => person::claim(&state.store, &secret, new, device(&headers)).await,
        _ => person::join(&state.store, &secret, new, device(&headers)).await,
    };
    answer(&state, &reach, entered, way, &given.user)
}

fn answer(state: &AppState, reach: &Reach, entered: Result<Entrance, Error>, way: Way, user: &str) -> Response {
    match entered {
        Ok(entrance) => let_in(state, reach, &entrance, "/"),
        Err(Error::Problem(problem)) if problem.code == Code::LinkGone => refused(state, *problem),
        Err(error) => page(state, way, "/", user, Some(error)),
    }
}

fn see_other(to: &str) -> Response {
    Redirect::to(to).into_response()
}

/// What a browser that was let in keeps.
pub(super) fn set_cookies(state: &AppState, reach: &Reach, entrance: &Entrance) -> [HeaderValue; 2] {
    let cookies = state.door.cookies(reach);
    [cookies.session(entrance.secret.expose()), cookies.keep(entrance.known.expose())]
}

fn let_in(state: &AppState, reach: &Reach, entrance: &Entrance, next: &str) -> Response {
    let mut response = see_other(&state.door.outside(next));
    for cookie in set_cookies(state, reach, entrance) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// What a browser says it is, in a few words: `Firefox on Linux`.
pub(super) fn device(headers: &HeaderMap) -> String {
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let first = |names: &[(&'static str, &'static str)]| names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    // The order matters: each says that it is those behind it too.
    let browser = first(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) if agent.is_empty() => "A program".to_owned(),
        (None, None) => agent.chars().filter(|c| !c.is_control()).take(60).collect(),
    }
}

/// The pages have no scripts but the one that chooses light or dark.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn document(state: &AppState, status: StatusCode, title: &str, main: &str) -> Response {
    let at = |path: &str| state.door.outside(path);
    let css = at(&format!("/pkg/{}/tidings.css", super::assets_build()));
    let text = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><meta name=\"robots\" content=\"noindex\"><title>{title} · Tidings</title>\
         <script src=\"{theme}\"></script><link rel=\"stylesheet\" href=\"{css}\"><link rel=\"icon\" href=\"{icon}\" type=\"image/svg+xml\"></head>\
         <body class=\"door\"><main class=\"door-card\"><p class=\"door-brand\"><img src=\"{icon}\" alt=\"\" width=\"28\" height=\"28\"> Tidings</p>{main}</main></body></html>",
        theme = at("/theme.js"),
        icon = at("/favicon.svg"),
    );
    let headers = [
        ("content-security-policy", POLICY),
        ("cache-control", "no-store"),
        // A link that lets somebody in must not be told to where they go next.
        ("referrer-policy", "same-origin"),
    ];
    (status, headers, Html(text)).into_response()
}

/// The form, with what was wrong with it.
fn page(state: &AppState, way: Way, next: &str, user: &str, error: Option<Error>) -> Response {
    let failed = error.map(|error| Failure::from(error).0);
    let status = failed
        .as_ref()
        .and_then(|problem| StatusCode::from_u16(problem.status).ok())
        .unwrap_or(StatusCode::OK);
    let retry = failed.as_ref().and_then(|problem| problem.extra.get("retry_after")?.as_u64());
    let (title, lead, button) = match way {
        Way::Login => ("Log in", String::new(), "Log in"),
        Way::Claim => (
            "Make this Tidings yours",
            "You are the first here, and will be its owner: you may do everything, and invite others.".to_owned(),
            "Make the account",
        ),
        Way::Join(role) => (
            "Join this Tidings",
            format!(
                "You were invited as {}. Choose a name and a password.",
                if role == Role::Owner { "an owner" } else { "a member" }
            ),
            "Make the account",
        ),
    };
    let is_new = way != Way::Login;
    let problem = failed.as_ref().map_or(String::new(), |problem| {
        format!(
            "<p class=\"field-error\" role=\"alert\" id=\"problem\">{}</p>",
            html(&problem.detail)
        )
    });
    let described = if failed.is_some() {
        " aria-describedby=\"problem\" aria-invalid=\"true\""
    } else {
        ""
    };
    let hint = if is_new {
        "<p class=\"muted\">At least 10 characters. A few unrelated words work well.</p>"
    } else {
        ""
    };
    let name_hint = if is_new {
        "<p class=\"muted\">Lower-case letters, digits, “-”, “_” and “.”. Others see it, and mention you by it.</p>"
    } else {
        ""
    };
    let action = match way {
        Way::Login => format!(" action=\"{}\"", html(&state.door.outside("/login"))),
        // The address of the page itself, with its secret.
        Way::Claim | Way::Join(_) => String::new(),
    };
    let main = format!(
        "<h1>{title}</h1>{lead}<form class=\"form\" method=\"post\"{action}>{problem}\
         <label class=\"field\"><span>Name</span><input type=\"text\" name=\"user\" value=\"{user}\" required maxlength=\"120\" autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\"{focus_name}{described}></label>{name_hint}\
         <label class=\"field\"><span>Password</span><input type=\"password\" name=\"password\" required maxlength=\"1024\" autocomplete=\"{complete}\"{focus_password}{described}></label>{hint}\
         <input type=\"hidden\" name=\"next\" value=\"{next}\"><div class=\"actions\"><button type=\"submit\" class=\"button button-primary\">{button}</button></div></form>",
        lead = if lead.is_empty() {
            String::new()
        } else {
            format!("<p>{}</p>", html(&lead))
        },
        user = html(&user.chars().take(limits::USER_ID_BYTES).collect::<String>()),
        focus_name = if user.is_empty() { " autofocus" } else { "" },
        focus_password = if user.is_empty() { "" } else { " autofocus" },
        complete = if is_new { "new-password" } else { "current-password" },
        next = html(next),
    );
    let mut response = document(state, status, title, &main);
    if let Some(seconds) = retry {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn refused(state: &AppState, problem: Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_REQUEST);
    let main = format!(
        "<h1>{}</h1><p role=\"alert\">{}</p><p><a href=\"{}\">Log in</a></p>",
        html(&problem.title),
        html(&problem.detail),
        html(&state.door.outside("/login"))
    );
    document(state, status, &problem.title, &main)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_the_login_nobody_is_led_elsewhere() {
        for next in ["/", "/kb/notes?q=a%20b", "/kb/notes/e/x#y"] {
            assert_eq!(inside(next), next);
        }
        for next in [
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "evil",
            "/\nx",
            "javascript:1",
        ] {
            assert_eq!(inside(next), "/", "{next}");
        }
    }

    #[test]
    fn a_browser_is_told_in_a_few_words() {
        let of = |agent: &'static str| device(&HeaderMap::from_iter([(header::USER_AGENT, HeaderValue::from_static(agent))]));
        assert_eq!(
            of("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"),
            "Chrome on Linux"
        );
        assert_eq!(
            of("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"),
            "Firefox on Windows"
        );
        assert_eq!(of("curl/8.0"), "curl/8.0");
    }
}
