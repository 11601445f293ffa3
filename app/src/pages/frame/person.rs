//! The menu of the person who is logged in.

use crate::base;
use crate::pages::desk::AtDesk;
use crate::protocol::Code;
use crate::protocol::people::{KnownBy, Me, Role};
use crate::ui::{Glyph, Icon, Initial, LogIn};
use leptos::html::Details;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Node};

/// Who one is, and the ways to what is one's own. It opens and logs out without WebAssembly too.
#[component]
pub fn PersonMenu() -> impl IntoView {
    let read = AtDesk::expect().read();
    let me = Memo::new(move |_| read.with_data(|desk| desk.me.clone()));
    let unknown = Memo::new(move |_| {
        read.with(|answer| matches!(answer, Err(problem) if problem.code == Code::Unauthenticated))
            .unwrap_or_default()
    });
    move || match me.get() {
        Some(me) => view! { <Menu me/> }.into_any(),
        None if unknown.get() => view! { <LogIn/> }.into_any(),
        None => ().into_any(),
    }
}

#[component]
fn Menu(me: Me) -> impl IntoView {
    let node = NodeRef::<Details>::new();
    let close = move || {
        if let Some(menu) = node.try_get_untracked().flatten() {
            // An attribute of this name is always allowed.
            drop(menu.remove_attribute("open"));
        }
    };
    let holds = move |target: Option<web_sys::EventTarget>| {
        let target = target.and_then(|target| target.dyn_into::<Node>().ok());
        node.try_get_untracked()
            .flatten()
            .is_some_and(|menu| menu.contains(target.as_ref()))
    };
    Effect::new(move || {
        // A choice closes it, and so does whatever is pressed beside it.
        let clicked = window_event_listener(leptos::ev::click, move |ev| {
            let of_summary = ev.target().and_then(|target| target.dyn_into::<Element>().ok());
            let of_summary = of_summary.is_some_and(|target| target.closest("summary").ok().flatten().is_some());
            if !of_summary || !holds(ev.target()) {
                close();
            }
        });
        on_cleanup(move || clicked.remove());
    });
    let is_owner = me.role == Role::Owner;
    let is_known = me.known_by != KnownBy::Nothing;
    let name = if is_known { me.user_id.to_string() } else { "owner".to_owned() };
    let role = match (is_known, is_owner) {
        (false, _) => "No log-in is asked for",
        (true, true) => "Owner",
        (true, false) => "Member",
    };
    view! {
        <details
            class="menu"
            node_ref=node
            on:keydown=move |ev| {
                if ev.key() == "Escape" {
                    close();
                    crate::ui::browser::focus(".menu > summary");
                }
            }
            on:focusout=move |ev| {
                if ev.related_target().is_some() && !holds(ev.related_target()) {
                    close();
                }
            }
        >
            <summary class="button button-ghost button-icon" aria-label=format!("{name}, your menu") title=name.clone()>
                <Initial name=name.clone()/>
            </summary>
            <div class="menu-body">
                <p class="menu-name"><strong>{name}</strong><span class="muted">{role}</span></p>
                <a href=base::at("/jobs")><Icon glyph=Glyph::Jobs/>"Jobs"</a>
                <a href=base::at("/settings")><Icon glyph=Glyph::Key/>"Settings"</a>
                {is_owner
                    .then(|| {
                        view! {
                            <a href=base::at("/settings/people")><Icon glyph=Glyph::People/>"People"</a>
                            <a href=base::at("/logs")><Icon glyph=Glyph::Log/>"Log"</a>
                        }
                            .into_any()
                    })}
                {is_known
                    .then(|| {
                        view! {
                            <form method="post" action=base::at("/logout")>
                                <button type="submit"><Icon glyph=Glyph::Leave/>"Log out"</button>
                            </form>
                        }
                            .into_any()
                    })}
            </div>
        </details>
        {is_owner.then(|| view! { <a class="visually-hidden" tabindex="-1" aria-hidden="true" data-key="g l" href=base::at("/logs")></a> }.into_any())}
    }
}
