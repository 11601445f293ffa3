//! Invitations: links by which somebody makes an account.

use crate::api::people::{invite, withdraw_invitation};
use crate::base;
use crate::pages::write::attempt;
use crate::protocol::people::{Invitation, NewInvitation, People, Role};
use crate::sync::LiveRead;
use crate::ui::time::date;
use crate::ui::{Asking, AskingEnd, Badge, Button, Dialog, Each, Glyph, Secret, Time, Tone, When, browser};
use leptos::html::{Input, Select};
use leptos::prelude::*;

/// The invitations that are still good, and the way to a new one.
#[component]
pub fn Invitations(read: LiveRead<People>) -> impl IntoView {
    let open = Memo::new(move |_| read.with_data(|people| people.invitations.clone()).unwrap_or_default());
    let none = Memo::new(move |_| open.with(Vec::is_empty));
    let inviting = RwSignal::new(false);
    view! {
        <section class="setting" aria-labelledby="invitations">
            <header class="setting-head">
                <h2 id="invitations">"Invitations"</h2>
                <Button icon=Glyph::Plus on:click=move |_| inviting.set(true)>"Invite somebody"</Button>
            </header>
            <When is=move || none.get()>
                <p class="muted">"No invitation is open."</p>
            </When>
            <ul class="things">
                <Each each=move || open.get() key=|invitation| invitation.id children=move |invitation| view! { <Line invitation read/> }.into_any()/>
            </ul>
        </section>
        <Dialog open=inviting title="Invite somebody">
            <Invite read open=inviting/>
        </Dialog>
    }
}

#[component]
fn Line(invitation: Invitation, read: LiveRead<People>) -> impl IntoView {
    let id = invitation.id;
    let withdraw = move |_| attempt("Not withdrawn", withdraw_invitation(id), move |()| read.refetch());
    view! {
        <li class="thing" data-row=id.to_string()>
            <div class="thing-what">
                <strong>{if invitation.role == Role::Owner { "For an owner" } else { "For a member" }}</strong>
                " "
                <Badge>{format!("until {}", date(invitation.expires_at))}</Badge>
                <p>"Made by " {invitation.created_by.to_string()} ", " <Time at=invitation.created_at/></p>
            </div>
            <Button on:click=withdraw>"Withdraw"</Button>
        </li>
    }
}

/// What stands in the dialog: the form, and then the link.
#[component]
fn Invite(read: LiveRead<People>, open: RwSignal<bool>) -> impl IntoView {
    let link = RwSignal::new(None::<String>);
    let asking = Asking::new();
    let (role, days) = (NodeRef::<Select>::new(), NodeRef::<Input>::new());
    let make = move |ev: web_sys::SubmitEvent| {
        ev.prevent_default();
        let new = NewInvitation {
            role: role.get_untracked().and_then(|role| Role::parse(&role.value())),
            expires_in_days: days.get_untracked().and_then(|days| days.value().parse().ok()),
        };
        asking.ask(invite(new), move |made| {
            read.refetch();
            link.try_set(Some(browser::address(&base::at(&made.path))));
        });
    };
    move || match link.get() {
        Some(value) => view! {
            <div class="form">
                <Secret label="The link" value note="Send it to one person: it makes one account, and will not be shown again."/>
                <div class="actions">
                    <Button tone=Tone::Primary on:click=move |_| open.set(false)>"Done"</Button>
                </div>
            </div>
        }
        .into_any(),
        None => view! {
            <form class="form" on:submit=make>
                <label class="field">
                    <span>"Role"</span>
                    <select node_ref=role>
                        <option value="member">"A member"</option>
                        <option value="owner">"An owner, who may do everything"</option>
                    </select>
                </label>
                <label class="field">
                    <span>"Expires after (days, at most 30)"</span>
                    <input node_ref=days type="number" required autofocus min="1" max="30" value="7"/>
                </label>
                <AskingEnd asking label="Make the link" working="Making…" open/>
            </form>
        }
        .into_any(),
    }
}
