//! One's own account: password, browsers, tokens of programs, and what one wants to hear of.

mod devices;
mod hearing;
mod new_token;
mod password;
mod tokens;

use super::loaded::Loaded;
use crate::api::people::load_account;
use crate::base;
use crate::protocol::people::{Account, KnownBy, Me, Role};
use crate::sync::{LiveRead, live};
use crate::ui::{Badge, PageTitle, When};
use devices::Devices;
use hearing::Hearing;
use leptos::prelude::*;
use password::Password;
use tokens::Tokens;

/// The page of one's own account.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let read: LiveRead<Account> = live(|| (), |()| load_account());
    view! {
        <PageTitle text="Settings"/>
        <div class="page page-narrow">
            <header class="page-head">
                <h1>"Settings"</h1>
            </header>
            <Loaded read>
                <Shown read/>
            </Loaded>
        </div>
    }
}

#[component]
fn Shown(read: LiveRead<Account>) -> impl IntoView {
    let me = Memo::new(move |_| read.with_data(|account| account.me.clone()));
    let has_password = Memo::new(move |_| read.with_data(|account| account.has_password).unwrap_or_default());
    let has_devices = Memo::new(move |_| read.with_data(|account| !account.devices.is_empty()).unwrap_or_default());
    view! {
        {move || me.get().map(|me| view! { <Who me/> }.into_any())}
        <When is=move || has_password.get()>
            <Password/>
        </When>
        <When is=move || has_devices.get()>
            <Devices read/>
        </When>
        <Tokens read/>
        <Hearing read/>
    }
}

#[component]
fn Who(me: Me) -> impl IntoView {
    let is_known = me.known_by != KnownBy::Nothing;
    let is_owner = me.role == Role::Owner;
    let text = match (is_known, is_owner) {
        (false, _) => "This server asks nobody who they are: everybody who reaches it is its owner.",
        (true, true) => "You may do everything on this server.",
        (true, false) => "You may do what each knowledge base lets you.",
    };
    view! {
        <section class="setting" aria-labelledby="who">
            <h2 id="who">
                {if is_known { me.user_id.to_string() } else { "owner".to_owned() }}
                " "
                <Badge tone="accent">{if is_owner { "Owner" } else { "Member" }}</Badge>
            </h2>
            <p class="muted">{text}</p>
            {is_owner.then(|| view! { <p><a href=base::at("/settings/people")>"People of this server"</a></p> }.into_any())}
        </section>
    }
}
