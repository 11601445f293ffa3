//! Who may do what in a knowledge base. For those who administer it.

use super::address;
use super::loaded::Loaded;
use super::route::InKb;
use crate::api::people::{load_access, set_members, set_right};
use crate::base;
use crate::protocol::people::{KbAccess, Level, Role};
use crate::protocol::{KbName, Problem, UserId};
use crate::sync::{LiveRead, live};
use crate::ui::{Badge, Each, PageTitle, Toasts};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::future::Future;

/// The page of a knowledge base's access.
#[component]
pub fn AccessPage() -> impl IntoView {
    view! { <InKb page=|kb| view! { <Shown kb/> }/> }
}

#[component]
fn Shown(kb: KbName) -> impl IntoView {
    let source = kb.clone();
    let read: LiveRead<KbAccess> = live(move || source.clone(), load_access);
    let kb = StoredValue::new(kb);
    view! {
        <div class="page page-narrow">
            <nav class="crumbs" aria-label="Breadcrumbs">
                <a href=base::at("/")>"Home"</a>
                <a href=address::kb(&kb.get_value())>{kb.get_value().to_string()}</a>
            </nav>
            <Loaded read page=true>
                <PageTitle text=format!("Access to {}", kb.get_value())/>
                <header class="page-head">
                    <h1>"Access"</h1>
                </header>
                <Members read kb/>
                <Persons read kb/>
            </Loaded>
        </div>
    }
}

/// What people call a level.
pub fn called(level: Level) -> &'static str {
    match level {
        Level::None => "Nothing",
        Level::Read => "Read",
        Level::Write => "Read and write",
        Level::Admin => "Everything",
    }
}

/// Sends a change; what the server holds then shows, also where it did not take it.
fn change(read: LiveRead<KbAccess>, toasts: Toasts, asking: impl Future<Output = Result<(), Problem>> + 'static) {
    spawn_local(async move {
        if let Err(problem) = asking.await {
            toasts.fail(format!("Not changed: {}", problem.detail));
        }
        read.refetch();
    });
}

#[component]
fn Members(read: LiveRead<KbAccess>, kb: StoredValue<KbName>) -> impl IntoView {
    let toasts = Toasts::expect();
    let now = Memo::new(move |_| read.with_data(|access| access.members).unwrap_or_default());
    let choose = move |ev| {
        let Some(level) = Level::parse(&event_target_value(&ev)) else {
            return;
        };
        read.update_local(|access| access.data.members = level);
        change(read, toasts, set_members(kb.get_value(), level));
    };
    let option = move |level: Level, name: &'static str| {
        view! { <option value=level.as_str() selected=move || now.get() == level>{name}</option> }.into_any()
    };
    view! {
        <section class="setting" aria-labelledby="members">
            <h2 id="members">"All members"</h2>
            <label class="choice">
                <span>"What members may do for whom nothing else is said below"</span>
                <select on:change=choose prop:value=move || now.get().as_str()>
                    {option(Level::None, "Nothing (private)")}
                    {option(Level::Read, called(Level::Read))}
                    {option(Level::Write, called(Level::Write))}
                </select>
            </label>
        </section>
    }
}

#[component]
fn Persons(read: LiveRead<KbAccess>, kb: StoredValue<KbName>) -> impl IntoView {
    let names = Memo::new(move |_| {
        read.with_data(|access| access.people.iter().map(|person| person.user_id.clone()).collect::<Vec<_>>())
            .unwrap_or_default()
    });
    view! {
        <section class="setting" aria-labelledby="persons">
            <h2 id="persons">"Each person"</h2>
            <ul class="things">
                <Each each=move || names.get() key=UserId::clone children=move |user| view! { <Line user read kb/> }.into_any()/>
            </ul>
        </section>
    }
}

#[component]
fn Line(user: UserId, read: LiveRead<KbAccess>, kb: StoredValue<KbName>) -> impl IntoView {
    let toasts = Toasts::expect();
    let name = user.to_string();
    let user = StoredValue::new(user);
    let is_owner = Memo::new(move |_| {
        let user = user.get_value();
        let owns = |access: &KbAccess| {
            access
                .people
                .iter()
                .any(|person| person.user_id == user && person.role == Role::Owner)
        };
        read.with_data(owns).unwrap_or_default()
    });
    let said = Memo::new(move |_| {
        let user = user.get_value();
        let said = |access: &KbAccess| access.rights.iter().find(|right| right.user_id == user).map(|right| right.level);
        read.with_data(said).flatten()
    });
    let members = Memo::new(move |_| read.with_data(|access| access.members).unwrap_or_default());
    let choose = move |ev| {
        let level = Level::parse(&event_target_value(&ev));
        change(read, toasts, set_right(kb.get_value(), user.get_value(), level));
    };
    let option = move |level: Level| {
        view! { <option value=level.as_str() selected=move || said.get() == Some(level)>{called(level)}</option> }.into_any()
    };
    let label = format!("What {name} may do");
    view! {
        <li class="thing" data-row=name>
            <div class="thing-what">
                <strong>{name.clone()}</strong>
            </div>
            {move || {
                if is_owner.get() {
                    return view! { <Badge tone="accent">"Owner: may do everything"</Badge> }.into_any();
                }
                view! {
                    <select aria-label=label.clone() on:change=choose prop:value=move || said.get().map_or("", Level::as_str)>
                        <option value="" selected=move || said.get().is_none()>{move || format!("As all members ({})", called(members.get()))}</option>
                        {Level::ALL.into_iter().map(option).collect_view()}
                    </select>
                }
                    .into_any()
            }}
        </li>
    }
}
