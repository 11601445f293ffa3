//! Notifications of the browser, for a page at which nobody looks. A person switches them on, for this browser.

use super::browser::Shelf;
use crate::base;
use crate::protocol::notification::Notification as News;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Notification, NotificationOptions, NotificationPermission};

const KEY: &str = "tidings:notify";

/// Whether this browser shows notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// It cannot: it has no notifications, or has them on HTTPS only.
    Missing,
    /// Its user does not want them from here, and has to change that in the browser itself.
    Denied,
    /// They can be switched on.
    Off,
    /// They show.
    On,
}

/// How it is now.
pub fn permission() -> Permission {
    let exists = js_sys::Reflect::get(&window(), &"Notification".into()).is_ok_and(|api| api.is_function());
    if !exists || !window().is_secure_context() {
        return Permission::Missing;
    }
    match Notification::permission() {
        NotificationPermission::Denied => Permission::Denied,
        NotificationPermission::Granted if Shelf::Local.read(KEY).as_deref() == Some("on") => Permission::On,
        _ => Permission::Off,
    }
}

/// Switches them on; asks for the permission first. Only in answer to a click, or browsers refuse.
pub async fn switch_on() -> Permission {
    if let Ok(asking) = Notification::request_permission() {
        // What was answered is asked for below.
        drop(JsFuture::from(asking).await);
    }
    if Notification::permission() == NotificationPermission::Granted {
        // Where nothing is kept, they stay off.
        drop(Shelf::Local.write(KEY, "on"));
    }
    permission()
}

/// Switches them off, for this browser.
pub fn switch_off() -> Permission {
    Shelf::Local.remove(KEY);
    permission()
}

/// Shows one, where they are on. Of several tabs that show the same, one is seen.
pub fn show(news: &News) {
    if permission() != Permission::On {
        return;
    }
    let options = NotificationOptions::new();
    options.set_body(&news.message);
    options.set_tag(&format!("tidings-{}", news.id));
    options.set_icon(&base::at("/favicon.svg"));
    // Some browsers have them for service workers only; the bell tells it too.
    if let Ok(shown) = Notification::new_with_options(&news.title, &options) {
        let click = Closure::once_into_js(move || drop(window().focus()));
        shown.set_onclick(click.dyn_ref());
    }
}
