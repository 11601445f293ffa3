//! Which records show: it stands in the address.

use crate::base;
use crate::protocol::log::{LogFilter, LogLevel};
use crate::ui::{Glyph, Icon, browser};
use leptos::html::Input;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_query_map;
use std::time::Duration;

/// How long typing rests before the log is searched.
const PAUSE: Duration = Duration::from_millis(150);

/// The filter that the address holds.
pub fn use_filter() -> Memo<LogFilter> {
    let query = use_query_map();
    Memo::new(move |_| {
        query.with(|query| LogFilter {
            level: query.get_str("level").and_then(LogLevel::parse),
            text: query
                .get_str("q")
                .map(|text| text.trim().to_owned())
                .filter(|text| !text.is_empty()),
        })
    })
}

/// `/logs?level=WARN&q=crawl`
fn address(filter: &LogFilter) -> String {
    let level = filter.level.map(|level| format!("level={}", level.as_str()));
    let text = filter
        .text
        .as_deref()
        .map(|text| format!("q={}", crate::pages::address::escape(text)));
    let query: Vec<_> = [level, text].into_iter().flatten().collect();
    match query.is_empty() {
        true => base::at("/logs"),
        false => base::at(&format!("/logs?{}", query.join("&"))),
    }
}

/// The fields. A form of its own before WebAssembly is there.
#[component]
pub fn Filters(filter: Memo<LogFilter>) -> impl IntoView {
    let text = NodeRef::<Input>::new();
    let navigate = base::use_navigate();
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let go = move |level: Option<LogLevel>, text: Option<String>| {
        let wanted = LogFilter { level, text };
        if filter.with_untracked(|now| *now != wanted) {
            let options = NavigateOptions {
                replace: true,
                scroll: false,
                ..Default::default()
            };
            navigate(&address(&wanted), options);
        }
    };
    let typed = {
        let go = go.clone();
        move |_| {
            let go = go.clone();
            let search = move || {
                if let Some(field) = text.try_get_untracked().flatten() {
                    let wanted = Some(field.value().trim().to_owned()).filter(|text| !text.is_empty());
                    go(filter.with_untracked(|filter| filter.level), wanted);
                }
            };
            if let Some(earlier) = waiting.try_update_value(Option::take).flatten() {
                earlier.clear();
            }
            waiting.set_value(set_timeout_with_handle(search, PAUSE).ok());
        }
    };
    let chosen = move |ev| {
        go(
            LogLevel::parse(&event_target_value(&ev)),
            filter.with_untracked(|filter| filter.text.clone()),
        );
    };
    // Back and links change the address without the field, and its text follows; not while somebody types in it.
    Effect::new(move || {
        let wanted = filter.with(|filter| filter.text.clone()).unwrap_or_default();
        if let Some(field) = text.get()
            && field.value().trim() != wanted
            && browser::find("input[name=q]:focus").is_none()
        {
            field.set_value(&wanted);
        }
    });
    let option = move |of: Option<LogLevel>, name: &'static str| {
        let value = of.map_or("", LogLevel::as_str);
        view! { <option value=value selected=move || filter.with(|filter| filter.level == of)>{name}</option> }.into_any()
    };
    view! {
        <form class="toolbar" role="search" method="get" action=base::at("/logs") on:submit=|ev| ev.prevent_default()>
            <label class="search-field">
                <Icon glyph=Glyph::Search/>
                <span class="visually-hidden">"Search in the log"</span>
                <input
                    node_ref=text
                    type="search"
                    name="q"
                    placeholder="Search in the log"
                    autocomplete="off"
                    maxlength="500"
                    data-key="/"
                    value=filter.with_untracked(|filter| filter.text.clone())
                    on:input=typed
                />
            </label>
            <label class="sort">
                <span>"Level"</span>
                <select
                    name="level"
                    on:change=chosen
                    prop:value=move || filter.with(|filter| filter.level.map_or("", LogLevel::as_str))
                >
                    {option(None, "All levels")}
                    {option(Some(LogLevel::Error), "Errors only")}
                    {option(Some(LogLevel::Warn), "Warnings up")}
                    {option(Some(LogLevel::Info), "Info up")}
                    {option(Some(LogLevel::Debug), "Debug up")}
                </select>
            </label>
        </form>
    }
}
