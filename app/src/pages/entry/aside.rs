//! What stands beside the text: its outline, who links to it, its other names, its metadata.

use crate::pages::address;
use crate::protocol::KbName;
use crate::protocol::entry::{EntryRef, EntryView, Heading, Metadata};
use crate::sync::LiveRead;
use crate::ui::Time;
use leptos::prelude::*;
use serde_json::Value;

/// What stands beside the text.
#[component]
pub fn Aside(read: LiveRead<EntryView>, kb: KbName) -> impl IntoView {
    let outline = Memo::new(move |_| read.with_data(|view| view.rendered.outline.clone()).unwrap_or_default());
    let backlinks = Memo::new(move |_| read.with_data(|view| view.backlinks.clone()).unwrap_or_default());
    let aliases = Memo::new(move |_| read.with_data(|view| view.entry.aliases.clone()).unwrap_or_default());
    let metadata = Memo::new(move |_| read.with_data(|view| view.entry.metadata.clone()).unwrap_or_default());
    let made = Memo::new(move |_| read.with_data(|view| (view.entry.created_at, view.entry.created_by.name().to_owned())));
    let kb = StoredValue::new(kb);
    view! {
        <aside class="entry-aside" aria-label="About this entry">
            {move || Some(outline.get()).filter(|headings| headings.len() > 1).map(outline_view)}
            <section>
                <h2>"Linked from"</h2>
                {move || backlinks_view(backlinks.get(), kb)}
            </section>
            {move || {
                Some(aliases.get())
                    .filter(|aliases| !aliases.is_empty())
                    .map(|aliases| view! { <section><h2>"Also known as"</h2><p>{aliases.join(", ")}</p></section> }.into_any())
            }}
            {move || Some(metadata.get()).filter(|metadata| !metadata.is_empty()).map(metadata_view)}
            {move || made.get().map(|(at, by)| view! { <p class="muted">"Created " <Time at/> " by " {by}</p> }.into_any())}
        </aside>
    }
}

fn outline_view(headings: Vec<Heading>) -> impl IntoView {
    let top = headings.iter().map(|heading| heading.level).min().unwrap_or(1);
    let link = move |heading: Heading| {
        let depth = heading.level - top;
        view! {
            <li>
                <a href=format!("#{}", heading.anchor) style=format!("--depth: {depth}")>{heading.text}</a>
            </li>
        }
    };
    view! {
        <nav aria-label="Outline">
            <h2>"On this page"</h2>
            <ul class="outline">{headings.into_iter().map(link).map(IntoAny::into_any).collect_view()}</ul>
        </nav>
    }
}

fn backlinks_view(links: Vec<EntryRef>, kb: StoredValue<KbName>) -> AnyView {
    if links.is_empty() {
        return view! { <p class="muted">"No entry links here yet."</p> }.into_any();
    }
    let link = move |link: EntryRef| {
        let elsewhere = (link.kb_name != kb.get_value()).then(|| format!(" in {}", link.kb_name));
        view! {
            <li>
                <a href=address::entry(&link.kb_name, &link.entry_id)>{link.title}</a>
                <span class="muted">{elsewhere}</span>
            </li>
        }
    };
    view! { <ul class="backlinks">{links.into_iter().map(link).map(IntoAny::into_any).collect_view()}</ul> }.into_any()
}

fn metadata_view(metadata: Metadata) -> impl IntoView {
    let pair = |(name, value): (String, Value)| {
        let value = match value {
            Value::String(text) if text.starts_with("https://") || text.starts_with("http://") => {
                let href = text.clone();
                view! { <a href=href rel="noopener noreferrer nofollow">{text}</a> }.into_any()
            }
            Value::String(text) => text.into_any(),
            other => other.to_string().into_any(),
        };
        view! { <dt>{name}</dt> <dd>{value}</dd> }
    };
    view! {
        <section>
            <h2>"Metadata"</h2>
            <dl>{metadata.into_iter().map(pair).map(IntoAny::into_any).collect_view()}</dl>
        </section>
    }
}
