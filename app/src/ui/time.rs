//! Points in time as people say them. The server writes the UTC date, which is the same everywhere; after hydration one
//! clock for the whole page turns it into "5 min ago", and touches only the texts that change.

use super::browser;
use crate::protocol::Timestamp;
use leptos::prelude::*;
use std::time::Duration;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// What time it is, in steps; nothing until the page is alive.
#[derive(Clone, Copy)]
pub struct Clock(RwSignal<Option<i64>>);

impl Clock {
    /// Puts a clock in the context and starts it in the browser.
    pub fn provide() {
        let clock = Self(RwSignal::new(None));
        provide_context(clock);
        Effect::new(move || {
            clock.0.set(Some(browser::now_ms()));
            let ticking = set_interval_with_handle(move || clock.0.set(Some(browser::now_ms())), Duration::from_secs(10));
            if let Ok(ticking) = ticking {
                on_cleanup(move || ticking.clear());
            }
        });
    }

    /// Milliseconds since 1970, to within some seconds.
    pub fn now(self) -> Option<i64> {
        self.0.get()
    }
}

/// When something happened.
#[component]
pub fn Time(#[prop(into)] at: Signal<Timestamp>) -> impl IntoView {
    let clock = expect_context::<Clock>();
    let text = Memo::new(move |_| match clock.now() {
        Some(now) => relative(at.get(), now),
        None => date(at.get()),
    });
    let title = move || match clock.now() {
        Some(_) => local(at.get()),
        None => utc(at.get()),
    };
    view! { <time datetime=move || at.get().to_string() title=title>{text}</time> }
}

/// `2026-11-20`
pub fn date(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}

/// `2026-11-20 17:00 UTC`
pub fn utc(at: Timestamp) -> String {
    let text = at.to_string();
    format!("{} {} UTC", &text[..10], &text[11..16])
}

fn local(at: Timestamp) -> String {
    let date = js_sys::Date::new(&(at.millis() as f64).into());
    String::from(date.to_locale_string("default", &js_sys::Object::new()))
}

/// "just now", "5 min ago", "3 h ago", "2 days ago", then the date.
fn relative(at: Timestamp, now: i64) -> String {
    match now - at.millis() {
        ..MINUTE => "just now".to_owned(),
        age @ MINUTE..HOUR => format!("{} min ago", age / MINUTE),
        age @ HOUR..DAY => format!("{} h ago", age / HOUR),
        age if age < 2 * DAY => "yesterday".to_owned(),
        age if age < 14 * DAY => format!("{} days ago", age / DAY),
        _ => date(at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_said_relative_to_now_until_it_is_two_weeks_old() {
        let at = Timestamp::from_millis(1_700_000_000_000);
        let said = |age| relative(at, at.millis() + age);
        assert_eq!(said(-5_000), "just now");
        assert_eq!(said(59_999), "just now");
        assert_eq!(said(MINUTE), "1 min ago");
        assert_eq!(said(5 * HOUR), "5 h ago");
        assert_eq!(said(30 * HOUR), "yesterday");
        assert_eq!(said(3 * DAY), "3 days ago");
        assert_eq!(said(20 * DAY), "2023-11-14");
        assert_eq!(utc(at), "2023-11-14 22:13 UTC");
    }
}
