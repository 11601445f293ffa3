//! Which entries the list shows, and in what order: all of it stands in the address.

use crate::base;
use crate::pages::address;
use crate::protocol::KbName;
use crate::protocol::entry::{EntryFilter, Facet, KbView, Sort};
use crate::sync::LiveRead;
use crate::ui::{Glyph, Icon, When};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_query_map;
use std::time::Duration;

/// How long typing rests before the list is asked for.
const PAUSE: Duration = Duration::from_millis(150);
/// How many tags show before "all".
const TAGS: usize = 24;

/// The filter that the address holds. What it holds and is no filter is passed over.
pub fn use_filter() -> Memo<EntryFilter> {
    let query = use_query_map();
    Memo::new(move |_| {
        query.with(|query| {
            let value = |name| {
                query
                    .get(name)
                    .map(|value| value.trim().to_owned())
                    .filter(|value| !value.is_empty())
            };
            let q = value("q");
            let sort = value("sort")
                .and_then(|sort| Sort::parse(&sort))
                .filter(|sort| *sort != Sort::Relevance || q.is_some());
            EntryFilter {
                entry_type: value("type"),
                tag: value("tag"),
                sort: sort.unwrap_or(address::default_sort(q.is_some())),
                q,
            }
        })
    })
}

/// Whether a filter leaves entries out.
pub fn leaves_out(filter: &EntryFilter) -> bool {
    filter.q.is_some() || filter.tag.is_some() || filter.entry_type.is_some()
}

/// Goes to a filter without leaving the page. While typing, the history keeps one step only.
fn go_to(replace: bool) -> impl Fn(&KbName, &EntryFilter) + Clone {
    let navigate = base::use_navigate();
    move |kb, filter| {
        let options = NavigateOptions {
            replace,
            scroll: false,
            ..Default::default()
        };
        navigate(&address::kb_with(kb, filter), options);
    }
}

/// Search and order. A form of its own before WebAssembly is there.
#[component]
pub fn Toolbar(kb: KbName, filter: Memo<EntryFilter>) -> impl IntoView {
    let kb = StoredValue::new(kb);
    let sort = {
        let go = go_to(false);
        move |ev| {
            let sort = Sort::parse(&event_target_value(&ev)).unwrap_or_default();
            go(
                &kb.get_value(),
                &EntryFilter {
                    sort,
                    ..filter.get_untracked()
                },
            );
        }
    };
    let hidden = move |name: &'static str, value: fn(&EntryFilter) -> Option<String>| {
        move || {
            filter
                .with(value)
                .map(|value| view! { <input type="hidden" name=name value=value/> }.into_any())
        }
    };
    view! {
        <form class="toolbar" role="search" method="get" action=address::kb(&kb.get_value()) on:submit=|ev| ev.prevent_default()>
            <SearchField kb=kb.get_value() filter/>
            {hidden("type", |filter| filter.entry_type.clone())}
            {hidden("tag", |filter| filter.tag.clone())}
            <label class="sort">
                <span>"Sort"</span>
                <select name="sort" on:change=sort prop:value=move || filter.with(|filter| filter.sort.as_str())>
                    <Orders filter/>
                </select>
            </label>
        </form>
    }
}

#[component]
fn Orders(filter: Memo<EntryFilter>) -> impl IntoView {
    let searching = Memo::new(move |_| filter.with(|filter| filter.q.is_some()));
    let order = move |sort: Sort, name: &'static str| {
        view! { <option value=sort.as_str() selected=move || filter.with(|filter| filter.sort == sort)>{name}</option> }.into_any()
    };
    view! {
        {move || searching.get().then(|| order(Sort::Relevance, "Best match"))}
        {order(Sort::Updated, "Last changed")}
        {order(Sort::Created, "Newest")}
        {order(Sort::Title, "Title")}
    }
}

#[component]
fn SearchField(kb: KbName, filter: Memo<EntryFilter>) -> impl IntoView {
    let field = NodeRef::<leptos::html::Input>::new();
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    // What this field brought the address to last.
    let asked = StoredValue::new(filter.with_untracked(|filter| filter.q.clone()));
    let kb = StoredValue::new(kb);
    let (first, next) = (go_to(false), go_to(true));
    let wait_no_longer = move || {
        if let Some(earlier) = waiting.try_update_value(Option::take).flatten() {
            earlier.clear();
        }
    };
    let typed = move |_| {
        wait_no_longer();
        let (first, next) = (first.clone(), next.clone());
        let ask = move || {
            let Some(text) = field.try_get_untracked().flatten().map(|field| field.value().trim().to_owned()) else {
                return;
            };
            let before = filter.get_untracked();
            let q = Some(text).filter(|text| !text.is_empty());
            if before.q == q {
                return;
            }
            let (began, ended) = (before.q.is_none(), q.is_none());
            let sort = if began || ended {
                address::default_sort(q.is_some())
            } else {
                before.sort
            };
            asked.set_value(q.clone());
            let wanted = EntryFilter { q, sort, ..before };
            if began {
                first(&kb.get_value(), &wanted);
            } else {
                next(&kb.get_value(), &wanted);
            }
        };
        waiting.set_value(set_timeout_with_handle(ask, PAUSE).ok());
    };
    // Back and links change the address without the field, and its text follows. The address that the field itself asked
    // for says nothing new, and may be older than what is being typed.
    Effect::new(move || {
        let q = filter.with(|filter| filter.q.clone());
        let Some(field) = field.get() else { return };
        if asked.with_value(|asked| *asked != q) {
            wait_no_longer();
            field.set_value(q.as_deref().unwrap_or_default());
            asked.set_value(q);
        }
    });
    view! {
        <label class="search-field">
            <Icon glyph=Glyph::Search/>
            <span class="visually-hidden">"Search in this knowledge base"</span>
            <input
                node_ref=field
                type="search"
                name="q"
                placeholder="Search in this knowledge base"
                autocomplete="off"
                maxlength="500"
                data-key="/"
                value=filter.with_untracked(|filter| filter.q.clone())
                on:input=typed
            />
        </label>
    }
}

/// The part of a filter that a facet narrows.
type Field = fn(&mut EntryFilter) -> &mut Option<String>;

/// Types and tags with how often each occurs, as links that narrow the list.
#[component]
pub fn Facets(about: LiveRead<KbView>, kb: KbName, filter: Memo<EntryFilter>) -> impl IntoView {
    let kb = StoredValue::new(kb);
    let types = Memo::new(move |_| about.with_data(|view| view.types.clone()).unwrap_or_default());
    let tags = Memo::new(move |_| about.with_data(|view| view.tags.clone()).unwrap_or_default());
    let all = RwSignal::new(false);
    let shown_tags = Memo::new(move |_| {
        let chosen = filter.with(|filter| filter.tag.clone());
        let limit = if all.get() { usize::MAX } else { TAGS };
        tags.with(|tags| {
            let kept = tags
                .iter()
                .enumerate()
                .filter(|(at, facet)| *at < limit || Some(&facet.value) == chosen.as_ref());
            kept.map(|(_, facet)| facet.clone()).collect::<Vec<_>>()
        })
    });
    let more = move || tags.with(Vec::len) > TAGS;
    let of_type: Field = |filter| &mut filter.entry_type;
    let of_tag: Field = |filter| &mut filter.tag;
    view! {
        <div class="facets">
            <When is=move || types.with(|types| !types.is_empty())>
                <nav aria-label="Filter by type">
                    <h2>"Type"</h2>
                    <ul>{move || types.get().into_iter().map(|facet| facet_link(kb, filter, facet, of_type).into_any()).collect_view()}</ul>
                </nav>
            </When>
            <When is=move || tags.with(|tags| !tags.is_empty())>
                <nav aria-label="Filter by tag">
                    <h2>"Tags"</h2>
                    <ul class="facet-tags">
                        {move || shown_tags.get().into_iter().map(|facet| facet_link(kb, filter, facet, of_tag).into_any()).collect_view()}
                    </ul>
                    <When is=more>
                        <button type="button" class="button button-small" on:click=move |_| all.update(|all| *all = !*all)>
                            {move || if all.get() { "Fewer" } else { "All tags" }}
                        </button>
                    </When>
                </nav>
            </When>
        </div>
    }
}

/// A link that narrows the list to a value, or, where it is narrowed to it already, lets it go.
fn facet_link(kb: StoredValue<KbName>, filter: Memo<EntryFilter>, facet: Facet, field: Field) -> impl IntoView {
    let value = StoredValue::new(facet.value.clone());
    let chosen = Memo::new(move |_| *field(&mut filter.get()) == Some(value.get_value()));
    let href = move || {
        let mut to = filter.get();
        let wanted = (!chosen.get()).then(|| value.get_value());
        *field(&mut to) = wanted;
        kb.with_value(|kb| address::kb_with(kb, &to))
    };
    view! {
        <li>
            <a class="facet" href=href aria-current=move || chosen.get().then_some("true")>
                <span>{facet.value}</span>
                <span class="count">{facet.count}</span>
            </a>
        </li>
    }
}
