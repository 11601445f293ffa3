//! Time and dice of the browser. None of it is called on the server.

use futures_channel::oneshot;
use leptos::leptos_dom::helpers::{TimeoutHandle, set_timeout_with_handle};
use leptos::prelude::document;
use std::time::Duration;

/// Milliseconds since 1970.
pub(super) fn now_ms() -> f64 {
    js_sys::Date::now()
}

/// A number from 0 to 1.
pub(super) fn dice() -> f64 {
    js_sys::Math::random()
}

/// Whether nobody can see the page; its timers are slow then.
pub(super) fn is_hidden() -> bool {
    document().hidden()
}

/// Calls `f` after so many milliseconds. None where the browser refuses.
pub(super) fn after(millis: f64, f: impl FnOnce() + 'static) -> Option<TimeoutHandle> {
    set_timeout_with_handle(f, Duration::from_millis(millis.max(0.0) as u64)).ok()
}

/// Lets so many milliseconds pass.
pub(super) async fn pause(millis: f64) {
    let (over, wait) = oneshot::channel::<()>();
    after(millis, move || drop(over));
    let _ = wait.await;
}
