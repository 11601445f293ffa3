//! The people of the server, how others get in, and what everybody is told. For owners.

mod announce;
mod invite;

use super::desk::AtDesk;
use super::loaded::Loaded;
use super::write::attempt;
use crate::api::people::{load_people, remove_person, set_role};
use crate::base;
use crate::protocol::UserId;
use crate::protocol::people::{People, Person, Role};
use crate::sync::{LiveRead, live};
use crate::ui::{Badge, Button, Confirm, Each, PageTitle, Time, Toasts, Tone};
use announce::Announcements;
use invite::Invitations;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The page of the server's people.
#[component]
pub fn PeoplePage() -> impl IntoView {
    let read: LiveRead<People> = live(|| (), |()| load_people());
    view! {
        <div class="page page-narrow">
            <nav class="crumbs" aria-label="Breadcrumbs">
                <a href=base::at("/")>"Home"</a>
                <a href=base::at("/settings")>"Settings"</a>
            </nav>
            <Loaded read page=true>
                <Shown read/>
            </Loaded>
        </div>
    }
}

#[component]
fn Shown(read: LiveRead<People>) -> impl IntoView {
    let version = Memo::new(move |_| read.with_data(|people| people.version.clone()).unwrap_or_default());
    view! {
        <PageTitle text="People"/>
        <header class="page-head">
            <h1>"People"</h1>
        </header>
        <Persons read/>
        <Invitations read/>
        <Announcements read/>
        <section class="setting" aria-labelledby="server">
            <h2 id="server">"Server"</h2>
            <p class="muted">"Tidings " {version}</p>
        </section>
    }
}

#[component]
fn Persons(read: LiveRead<People>) -> impl IntoView {
    let names = Memo::new(move |_| {
        read.with_data(|people| people.people.iter().map(|person| person.user_id.clone()).collect::<Vec<_>>())
            .unwrap_or_default()
    });
    let doomed = RwSignal::new(None::<UserId>);
    let remove = move |user: UserId| attempt("Not removed", remove_person(user), move |()| read.refetch());
    let warning = |user: &UserId| {
        format!(
            "{user} will be logged out everywhere, and the tokens of their programs will be refused. What they wrote stays, under their name."
        )
    };
    view! {
        <section class="setting" aria-label="People">
            <ul class="things">
                <Each each=move || names.get() key=UserId::clone children=move |user| view! { <Line user read doomed/> }.into_any()/>
            </ul>
        </section>
        <Confirm about=doomed title="Remove this person?" text=warning label="Remove" act=Callback::new(remove)/>
    }
}

#[component]
fn Line(user: UserId, read: LiveRead<People>, doomed: RwSignal<Option<UserId>>) -> impl IntoView {
    let (toasts, me) = (Toasts::expect(), AtDesk::expect().me());
    let name = user.to_string();
    let user = StoredValue::new(user);
    let person = Memo::new(move |before: Option<&Option<Person>>| {
        let user = user.get_value();
        let found = read.with_data(|people| people.people.iter().find(|person| person.user_id == user).cloned());
        found.flatten().or_else(|| before.cloned().flatten())
    });
    let role = Memo::new(move |_| person.with(|person| person.as_ref().map_or(Role::Member, |person| person.role)));
    let seen = Memo::new(move |_| person.with(|person| person.as_ref().and_then(|person| person.last_seen_at)));
    let is_me = Memo::new(move |_| me.with(|me| user.with_value(|user| me.as_ref().is_some_and(|me| me.user_id == *user))));
    let choose = move |ev| {
        let Some(role) = Role::parse(&event_target_value(&ev)) else {
            return;
        };
        let user = user.get_value();
        read.update_local(|people| {
            let people = &mut people.data.people;
            people
                .iter_mut()
                .filter(|person| person.user_id == user)
                .for_each(|person| person.role = role);
        });
        spawn_local(async move {
            if let Err(problem) = set_role(user, role).await {
                toasts.fail(format!("Not changed: {}", problem.detail));
            }
            // Shows what the server holds, also where it did not take it.
            read.refetch();
        });
    };
    let option = move |of: Role, name: &'static str| {
        view! { <option value=of.as_str() selected=move || role.get() == of>{name}</option> }.into_any()
    };
    view! {
        <li class="thing" data-row=name.clone()>
            <div class="thing-what">
                <strong>{name.clone()}</strong>
                " "
                {move || is_me.get().then(|| view! { <Badge tone="accent">"You"</Badge> }.into_any())}
                <p>
                    {move || match seen.get() {
                        Some(at) => view! { "Seen " <Time at/> }.into_any(),
                        None => view! { "Not seen yet" }.into_any(),
                    }}
                </p>
            </div>
            <div class="actions">
                <select aria-label=format!("What {name} is on this server") on:change=choose prop:value=move || role.get().as_str()>
                    {option(Role::Owner, "Owner")}
                    {option(Role::Member, "Member")}
                </select>
                <Button
                    tone=Tone::Danger
                    disabled=is_me
                    on:click=move |_| doomed.set(Some(user.get_value()))
                    attr:aria-label=format!("Remove {name}")
                >
                    "Remove"
                </Button>
            </div>
        </li>
    }
}
