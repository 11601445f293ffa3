//! Changes one's password.

use crate::api::people::change_password;
use crate::pages::desk::AtDesk;
use crate::protocol::limits::PASSWORD_CHARS;
use crate::ui::{Asking, AskingEnd, Toasts, Tone};
use leptos::prelude::*;

/// The form that changes one's password.
#[component]
pub fn Password() -> impl IntoView {
    let toasts = Toasts::expect();
    let me = AtDesk::expect().me();
    let name = move || me.with(|me| me.as_ref().map(|me| me.user_id.to_string()));
    let (old, new) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let asking = Asking::new();
    let change = move |ev: web_sys::SubmitEvent| {
        ev.prevent_default();
        asking.ask(change_password(old.get_untracked(), new.get_untracked()), move |()| {
            old.try_set(String::new());
            new.try_set(String::new());
            toasts.say("Your password is changed. All other browsers are logged out.");
        });
    };
    view! {
        <section class="setting" aria-labelledby="password">
            <h2 id="password">"Password"</h2>
            // Before WebAssembly is there it must not go into an address.
            <form class="form" method="post" on:submit=change>
                // For the browser, which keeps passwords by name.
                <input type="text" class="hidden" name="username" autocomplete="username" readonly tabindex="-1" aria-hidden="true" prop:value=name/>
                <label class="field">
                    <span>"Current password"</span>
                    <input type="password" required autocomplete="current-password" bind:value=old/>
                </label>
                <label class="field">
                    <span>"New password"</span>
                    <input
                        type="password"
                        required
                        minlength=PASSWORD_CHARS.to_string()
                        autocomplete="new-password"
                        aria-describedby="password-rule"
                        bind:value=new
                    />
                </label>
                <p id="password-rule" class="muted">
                    {format!("At least {PASSWORD_CHARS} characters; not your name, and not a password that many people have.")}
                </p>
                <AskingEnd asking label="Change password" working="Changing…" tone=Tone::Plain/>
            </form>
        </section>
    }
}
