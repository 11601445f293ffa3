//! What shows only sometimes, and lists whose items keep their elements: `Show` and `For` of Leptos, compiled once and not
//! anew for each place.

use leptos::prelude::*;
use std::sync::Arc;

/// Shows its children while something is so.
#[component]
pub fn When<F>(is: F, children: ChildrenFn) -> impl IntoView
where
    F: Fn() -> bool + Send + Sync + 'static,
{
    when(Arc::new(is), children)
}

fn when(is: Arc<dyn Fn() -> bool + Send + Sync>, children: ChildrenFn) -> AnyView {
    let now = Memo::new(move |_| is());
    view! { {move || now.get().then(|| children())} }.into_any()
}

/// A list. An item whose key stays keeps what was made of it, and is not made again.
#[component]
pub fn Each<F, I, T, K, C>(
    /// The items as they are now.
    each: F,
    /// What tells them apart.
    key: fn(&T) -> K,
    /// Makes an item.
    children: C,
) -> impl IntoView
where
    F: Fn() -> I + Send + Sync + 'static,
    I: IntoIterator<Item = T> + 'static,
    T: Send + 'static,
    K: ToString + 'static,
    C: Fn(T) -> AnyView + Send + Sync + 'static,
{
    let children = Arc::new(children);
    let items = move || {
        let item = |item: T| {
            let children = children.clone();
            Item {
                key: key(&item).to_string(),
                make: Box::new(move || children(item)),
            }
        };
        each().into_iter().map(item).collect()
    };
    list(Arc::new(items))
}

struct Item {
    key: String,
    make: Box<dyn FnOnce() -> AnyView + Send>,
}

fn list(items: Arc<dyn Fn() -> Vec<Item> + Send + Sync>) -> AnyView {
    view! { <For each=move || items() key=|item| item.key.clone() children=|item| (item.make)()/> }.into_any()
}
