//! What one wants to hear of, and how.

use crate::api::people::prefer_delivery;
use crate::protocol::notification::{Delivery, kinds};
use crate::protocol::people::Account;
use crate::sync::LiveRead;
use crate::ui::notify::{self, Permission};
use crate::ui::{Button, Glyph, Toasts};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// One choice for each kind of notification, and whether the browser shows them too.
#[component]
pub fn Hearing(read: LiveRead<Account>) -> impl IntoView {
    view! {
        <section class="setting" id="notifications" aria-labelledby="hearing">
            <h2 id="hearing">"Notifications"</h2>
            {kinds::ALL.into_iter().map(|kind| view! { <Kind kind read/> }.into_any()).collect_view()}
            <InBrowser/>
        </section>
    }
}

#[component]
fn Kind(kind: &'static str, read: LiveRead<Account>) -> impl IntoView {
    let now = Memo::new(move |_| read.with_data(|account| account.preferences.of(kind)).unwrap_or(Delivery::Toast));
    let toasts = Toasts::expect();
    let choose = move |ev| {
        let Some(delivery) = Delivery::parse(&event_target_value(&ev)) else {
            return;
        };
        read.update_local(|account| {
            account.data.preferences.0.insert(kind.to_owned(), delivery);
        });
        spawn_local(async move {
            if let Err(problem) = prefer_delivery(kind.to_owned(), delivery).await {
                toasts.fail(format!("Not changed: {}", problem.detail));
            }
            // Shows what the server holds, also where it did not take it.
            read.refetch();
        });
    };
    let option = move |delivery: Delivery, name: &'static str| {
        view! { <option value=delivery.as_str() selected=move || now.get() == delivery>{name}</option> }.into_any()
    };
    view! {
        <label class="choice">
            <span>{about(kind)}</span>
            <select on:change=choose prop:value=move || now.get().as_str()>
                {option(Delivery::Off, "Off")}
                {option(Delivery::Inbox, "Inbox")}
                {option(Delivery::Toast, "Inbox and toast")}
            </select>
        </label>
    }
}

fn about(kind: &str) -> &'static str {
    match kind {
        kinds::MENTION => "Someone mentions you (@name)",
        kinds::WATCHED => "Something you watch changes",
        kinds::JOB => "One of your jobs ends",
        kinds::ACCESS => "Your permissions change",
        _ => "Messages from programs and people, and everything else",
    }
}

#[component]
fn InBrowser() -> impl IntoView {
    // Known in the browser only.
    let permission = RwSignal::new(None::<Permission>);
    Effect::new(move || permission.set(Some(notify::permission())));
    let switch = move |_| {
        if permission.get_untracked() == Some(Permission::On) {
            permission.set(Some(notify::switch_off()));
        } else {
            spawn_local(async move {
                let now = notify::switch_on().await;
                permission.try_set(Some(now));
            });
        }
    };
    let text = move || match permission.get() {
        None => "",
        Some(Permission::Missing) => "This browser shows no notifications here: it has none, or allows them over HTTPS only.",
        Some(Permission::Denied) => "This browser was told not to show notifications of this site. Its settings can change that.",
        Some(Permission::Off) => "The browser can show them while you look at something else.",
        Some(Permission::On) => "The browser shows them while you look at something else.",
    };
    view! {
        <div class="choice">
            <span role="status">{text}</span>
            {move || {
                let label = match permission.get()? {
                    Permission::Missing | Permission::Denied => return None,
                    Permission::Off => "Show them in this browser",
                    Permission::On => "Show them no longer",
                };
                Some(view! { <Button icon=Glyph::Bell on:click=switch>{label}</Button> }.into_any())
            }}
        </div>
    }
}
