//! What pages ask of the browser beyond Leptos: storage, focus, clipboard. Only for effects and handlers: none of it
//! exists while a page is rendered on the server.

use crate::base;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, FocusOptions, HtmlElement, Storage};

/// Where something is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    /// For this browser, until it is removed.
    Local,
    /// For this tab, until it is closed.
    Session,
}

/// The browser does not keep what it was given: storage is full, or switched off.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this browser keeps nothing: its storage is full or switched off")]
pub struct NotKept;

impl Shelf {
    fn storage(self) -> Option<Storage> {
        let storage = match self {
            Shelf::Local => window().local_storage(),
            Shelf::Session => window().session_storage(),
        };
        storage.ok().flatten()
    }

    /// What was remembered under this key.
    pub fn read(self, key: &str) -> Option<String> {
        self.storage()?.get_item(key).ok().flatten()
    }

    /// Remembers a text.
    pub fn write(self, key: &str, value: &str) -> Result<(), NotKept> {
        self.storage().ok_or(NotKept)?.set_item(key, value).map_err(|_| NotKept)
    }

    /// Forgets what was remembered.
    pub fn remove(self, key: &str) {
        if let Some(storage) = self.storage() {
            // Nothing is left to do where even this is refused.
            let _ = storage.remove_item(key);
        }
    }
}

/// Milliseconds since 1970-01-01 UTC, by this browser's clock.
pub fn now_ms() -> i64 {
    js_sys::Date::now() as i64
}

/// Moves the focus to the first element that matches a selector; whether there is one.
pub fn focus(selector: &str) -> bool {
    let element = find(selector).and_then(|element| element.dyn_into::<HtmlElement>().ok());
    element.is_some_and(|element| element.focus().is_ok())
}

/// The same without scrolling there, for where the page is in its place already, and the element perhaps not yet.
pub fn focus_still(selector: &str) -> bool {
    let element = find(selector).and_then(|element| element.dyn_into::<HtmlElement>().ok());
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    element.is_some_and(|element| element.focus_with_options(&options).is_ok())
}

/// The first element that matches a selector.
pub fn find(selector: &str) -> Option<Element> {
    document().query_selector(selector).ok().flatten()
}

/// All elements that match a selector, in document order.
pub fn find_all(selector: &str) -> Vec<HtmlElement> {
    let Ok(found) = document().query_selector_all(selector) else {
        return Vec::new();
    };
    (0..found.length()).filter_map(|at| found.item(at)?.dyn_into().ok()).collect()
}

/// Scrolls there, unless it is on the screen.
pub fn bring_into_sight(element: &Element) {
    let options = web_sys::ScrollIntoViewOptions::new();
    options.set_block(web_sys::ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

/// The element that has the focus.
pub fn focused() -> Option<HtmlElement> {
    document().active_element()?.dyn_into().ok()
}

/// Whether keys that arrive at this element are text.
pub fn takes_text(element: &Element) -> bool {
    let field = matches!(element.tag_name().as_str(), "TEXTAREA" | "SELECT")
        || (element.tag_name() == "INPUT"
            && !matches!(
                element.get_attribute("type").as_deref(),
                Some("checkbox" | "radio" | "button" | "submit")
            ));
    field || element.dyn_ref::<HtmlElement>().is_some_and(HtmlElement::is_content_editable)
}

/// Path and query of this page, the key of what belongs to it.
pub fn here() -> String {
    let location = window().location();
    format!(
        "{}{}",
        location.pathname().unwrap_or_default(),
        location.search().unwrap_or_default()
    )
}

/// Where one logs in, and comes back here after.
pub fn login_address() -> String {
    // The server puts the prefix before it.
    let place = window().location().hash().unwrap_or_default();
    let next = String::from(js_sys::encode_uri_component(&format!("{}{place}", base::within(&here()))));
    base::at(&format!("/login?next={next}"))
}

/// Who is logged in, as the document says it; nobody where the server does not ask who one is.
pub fn viewer() -> Option<String> {
    document().document_element()?.get_attribute(crate::USER)
}

/// A link that others gave, if it leads to a page of this server or to another site.
pub fn safe_link(link: &str) -> Option<&str> {
    let here = link.starts_with('/') && !link.starts_with("//") && !link.starts_with("/\\");
    let elsewhere = ["http://", "https://"].iter().any(|scheme| link.starts_with(scheme));
    // A browser passes over line ends and tabs, and would see another address.
    ((here || elsewhere) && !link.contains(char::is_control)).then_some(link)
}

/// An address of this server with its host.
pub fn address(at: &str) -> String {
    format!("{}{at}", window().location().origin().unwrap_or_default())
}

/// Copies a text; whether that worked. Plain HTTP in a LAN has no clipboard, and a person may refuse it.
pub async fn copy(text: &str) -> bool {
    let navigator = window().navigator();
    if !js_sys::Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|clipboard| clipboard.is_object()) {
        return false;
    }
    JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok()
}

#[cfg(test)]
mod tests {
    use super::safe_link;

    #[test]
    fn a_link_leads_to_a_page_and_runs_nothing() {
        for good in ["/kb/notes", "https://example.org/a", "http://example.org"] {
            assert_eq!(safe_link(good), Some(good));
        }
        for bad in ["javascript:alert(1)", "//example.org", "/\\example.org", "data:text/html,x", ""] {
            assert_eq!(safe_link(bad), None, "{bad}");
        }
    }
}
