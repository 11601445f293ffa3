//! What an address names: its knowledge base, its entry. A name that cannot be one is "not found", not an error.

use super::not_found::NotFound;
use crate::base;
use crate::protocol::{EntryId, KbName};
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};

/// Renders a page of the knowledge base that the address names, and anew when it names another.
#[component]
pub fn InKb<F, V>(page: F) -> impl IntoView
where
    F: Fn(KbName) -> V + Send + 'static,
    V: IntoView + 'static,
{
    in_kb(Box::new(move |kb| page(kb).into_any()))
}

fn in_kb(page: Box<dyn Fn(KbName) -> AnyView + Send>) -> AnyView {
    let params = use_params_map();
    let kb = Memo::new(move |_| params.with(|params| params.get_str("kb").and_then(|kb| KbName::parse(kb).ok())));
    let shown = move || match kb.get() {
        Some(kb) => page(kb),
        None => view! { <NotFound/> }.into_any(),
    };
    shown.into_any()
}

/// Renders a page of the entry that the address names, and anew when it names another.
#[component]
pub fn AtEntry<F, V>(page: F) -> impl IntoView
where
    F: Fn(KbName, EntryId) -> V + Send + 'static,
    V: IntoView + 'static,
{
    at_entry(Box::new(move |kb, id| page(kb, id).into_any()))
}

fn at_entry(page: Box<dyn Fn(KbName, EntryId) -> AnyView + Send>) -> AnyView {
    let params = use_params_map();
    let named = Memo::new(move |_| {
        params.with(|params| {
            let kb = KbName::parse(params.get_str("kb")?).ok()?;
            let id = EntryId::parse(params.get_str("id")?).ok()?;
            Some((kb, id))
        })
    });
    let shown = move || match named.get() {
        Some((kb, id)) => page(kb, id),
        None => view! { <NotFound/> }.into_any(),
    };
    shown.into_any()
}

/// The knowledge base of the page that is open, for what stands around pages.
pub fn current_kb() -> Memo<Option<KbName>> {
    let path = use_location().pathname;
    Memo::new(move |_| {
        path.with(|path| {
            let path = base::within(path);
            let name = path.strip_prefix("/kb/")?.split('/').next()?;
            KbName::parse(&leptos_router::location::Url::unescape(name)).ok()
        })
    })
}
