//! Below which path of its host this Tidings is, such as `/team/notes`; empty where it has the host for itself.
//!
//! Inside, an address is a path without it: routes of the server, what is stored, what pages compare. [`at`] makes of that
//! what a browser must ask for, and [`within`] is the way back. Both sides render the same, so the server says it in
//! the document, and the browser reads it there.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use std::borrow::Cow;

/// Names the attribute of `<html>` that tells the browser below which path it is.
#[cfg(feature = "hydrate")]
const BASE: &str = "data-base";

/// Below which path this Tidings is, without a slash at its end; the server says it in the context
/// of [`shell`](crate::shell).
#[cfg(not(feature = "hydrate"))]
#[derive(Debug, Clone)]
pub struct Base(std::sync::Arc<str>);

#[cfg(feature = "ssr")]
impl Base {
    /// Says so for what is rendered now. `wanted` is the path that was asked for, without the prefix; the page's router sees
    /// the whole address, as the browser's will, so that both render the same.
    pub fn provide(prefix: &std::sync::Arc<str>, wanted: &str) {
        use leptos_router::location::RequestUrl;

        provide_context(Self(prefix.clone()));
        if !prefix.is_empty() && use_context::<RequestUrl>().is_some() {
            // The host is any: what counts follows it.
            provide_context(RequestUrl::new(&format!("http://leptos.dev{prefix}{wanted}")));
        }
    }
}

/// That path; empty for none.
#[cfg(feature = "hydrate")]
pub fn prefix() -> Cow<'static, str> {
    // Handlers ask too, which have no context.
    static PREFIX: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    Cow::Borrowed(PREFIX.get_or_init(|| {
        let html = document().document_element();
        html.and_then(|html| html.get_attribute(BASE)).unwrap_or_default()
    }))
}

/// That path; empty for none.
#[cfg(not(feature = "hydrate"))]
pub fn prefix() -> Cow<'static, str> {
    use_context::<Base>().map_or(Cow::Borrowed(""), |Base(prefix)| Cow::Owned(prefix.to_string()))
}

/// The address of a path of this Tidings: `/team/notes/kb/x` for `/kb/x`.
pub fn at(path: &str) -> String {
    let mut address = prefix().into_owned();
    address.push_str(path);
    address
}

/// The path that an address names within this Tidings: `/kb/x` for `/team/notes/kb/x`. An address that is not below it
/// stays as it is.
pub fn within(address: &str) -> Cow<'_, str> {
    let prefix = prefix();
    let path = (!prefix.is_empty()).then(|| below(address, &prefix)).flatten();
    path.unwrap_or(Cow::Borrowed(address))
}

/// What follows the prefix in an address; none where the address is elsewhere, as `/notes2` is for `/notes`.
fn below<'a>(address: &'a str, prefix: &str) -> Option<Cow<'a, str>> {
    let rest = address.strip_prefix(prefix)?;
    match rest.chars().next() {
        Some('/') => Some(Cow::Borrowed(rest)),
        None | Some('?' | '#') => Some(Cow::Owned(format!("/{rest}"))),
        Some(_) => None,
    }
}

/// Leads to an address of this Tidings, such as [`at`] makes. The router's own would put the prefix before it again.
pub fn use_navigate() -> impl Fn(&str, NavigateOptions) + Clone {
    let navigate = leptos_router::hooks::use_navigate();
    move |to: &str, options: NavigateOptions| navigate(to, NavigateOptions { resolve: false, ..options })
}

/// Leaves links to neighbours whose path begins with the same letters, as `/notes2` does for `/notes`, to the browser:
/// the router would take them for its own. Once, in the browser.
pub fn leave_neighbours() {
    use wasm_bindgen::JsCast;
    use wasm_bindgen::closure::Closure;

    let prefix = prefix();
    if prefix.is_empty() {
        return;
    }
    let click = Closure::<dyn Fn(web_sys::Event)>::new(move |ev: web_sys::Event| {
        let link = ev
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .and_then(|element| element.closest("a[href]").ok().flatten())
            .and_then(|link| link.dyn_into::<web_sys::HtmlAnchorElement>().ok());
        let is_neighbour = link.is_some_and(|link| {
            let path = link.pathname();
            path.starts_with(&*prefix) && below(&path, &prefix).is_none()
        });
        if is_neighbour {
            // What the browser does with a click of its own accord, it does all the same.
            ev.stop_propagation();
        }
    });
    // Capturing, to be there before the router. Fails only for a listener that is none.
    let _ = window().add_event_listener_with_callback_and_bool("click", click.as_ref().unchecked_ref(), true);
    // It goes only with the tab.
    click.forget();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_base<T>(prefix: &str, test: impl FnOnce() -> T) -> T {
        Owner::new().with(|| {
            provide_context(Base(prefix.into()));
            test()
        })
    }

    #[test]
    fn an_address_begins_with_the_prefix_and_leads_back_to_its_path() {
        with_base("/team/notes", || {
            for path in ["/", "/kb/x", "/search?q=%2F", "/settings#notifications", "/?q=1"] {
                assert_eq!(at(path), format!("/team/notes{path}"));
                assert_eq!(within(&at(path)), path);
            }
            assert_eq!(within("/team/notes"), "/");
            assert_eq!(within("/team/notes?q=1"), "/?q=1");
        });
    }

    #[test]
    fn an_address_of_a_neighbour_stays_as_it_is() {
        with_base("/team/notes", || {
            for address in ["/team/notes2/kb/x", "/team/notesX", "/team", "/", "/kb/team/notes/x", ""] {
                assert_eq!(within(address), address);
            }
        });
    }

    #[test]
    fn without_a_prefix_an_address_is_its_path() {
        for path in ["/", "/kb/x", "/search?q=a"] {
            assert_eq!(at(path), path);
            assert_eq!(within(path), path);
            assert_eq!(with_base("", || at(path)), path);
            assert_eq!(with_base("", || within(path).into_owned()), path);
        }
    }
}
