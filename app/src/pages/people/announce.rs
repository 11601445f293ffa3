//! Announcements: what everybody is told.

use crate::api::people::{announce, withdraw_announcement};
use crate::pages::write::attempt;
use crate::protocol::Timestamp;
use crate::protocol::limits::NOTIFICATION_CHARS;
use crate::protocol::notification::{Announcement, NewAnnouncement, Weight};
use crate::protocol::people::People;
use crate::sync::LiveRead;
use crate::ui::time::date;
use crate::ui::{Asking, AskingEnd, Badge, Button, Dialog, Each, Glyph, Time, When, browser};
use leptos::html::{Input, Select};
use leptos::prelude::*;

const HOUR: i64 = 3_600_000;

/// The announcements that have not expired, and the way to a new one.
#[component]
pub fn Announcements(read: LiveRead<People>) -> impl IntoView {
    let made = Memo::new(move |_| read.with_data(|people| people.announcements.clone()).unwrap_or_default());
    let none = Memo::new(move |_| made.with(Vec::is_empty));
    let making = RwSignal::new(false);
    view! {
        <section class="setting" aria-labelledby="announcements">
            <header class="setting-head">
                <h2 id="announcements">"Announcements"</h2>
                <Button icon=Glyph::Announce on:click=move |_| making.set(true)>"Announce something"</Button>
            </header>
            <p class="muted">"Everybody sees them above every page, until they dismiss them."</p>
            <When is=move || none.get()>
                <p class="muted">"Nothing is announced."</p>
            </When>
            <ul class="things">
                <Each each=move || made.get() key=|made| made.id children=move |made| view! { <Line made read/> }.into_any()/>
            </ul>
        </section>
        <Dialog open=making title="Announce something">
            <Announce read open=making/>
        </Dialog>
    }
}

#[component]
fn Line(made: Announcement, read: LiveRead<People>) -> impl IntoView {
    let id = made.id;
    let withdraw = move |_| attempt("Not withdrawn", withdraw_announcement(id), move |()| read.refetch());
    let (tone, name) = match made.level {
        Weight::Info => ("accent", "Info"),
        Weight::Warning => ("warn", "Warning"),
        Weight::Critical => ("bad", "Critical"),
    };
    view! {
        <li class="thing" data-row=id.to_string()>
            <div class="thing-what">
                <Badge tone>{name}</Badge>
                " "
                <strong>{made.message}</strong>
                <p>
                    "By " {made.created_by.name().to_owned()} ", " <Time at=made.created_at/>
                    {made.expires_at.map(|at| format!(", until {}", date(at)))}
                </p>
            </div>
            <Button on:click=withdraw>"Withdraw"</Button>
        </li>
    }
}

/// What stands in the dialog.
#[component]
fn Announce(read: LiveRead<People>, open: RwSignal<bool>) -> impl IntoView {
    let message = RwSignal::new(String::new());
    let lasts = RwSignal::new("day".to_owned());
    let asking = Asking::new();
    let (level, last_day) = (NodeRef::<Select>::new(), NodeRef::<Input>::new());
    let own = Memo::new(move |_| lasts.with(|lasts| lasts == "date"));
    let make = move |ev: web_sys::SubmitEvent| {
        ev.prevent_default();
        let chosen = last_day.get_untracked().map(|day| day.value()).unwrap_or_default();
        let new = NewAnnouncement {
            message: message.get_untracked(),
            level: level.get_untracked().and_then(|level| Weight::parse(&level.value())),
            expires_at: lasts.with_untracked(|lasts| end(lasts, &chosen, browser::now_ms())),
        };
        if own.get_untracked() && new.expires_at.is_none() {
            asking.refuse("Say until which day it shows.");
            return;
        }
        asking.ask(announce(new), move |_| {
            read.refetch();
            open.try_set(false);
        });
    };
    view! {
        <form class="form" on:submit=make>
            <label class="field">
                <span>"What everybody is told"</span>
                <textarea rows="3" required autofocus maxlength=NOTIFICATION_CHARS.to_string() bind:value=message></textarea>
            </label>
            <label class="field">
                <span>"How much it weighs"</span>
                <select node_ref=level>
                    <option value="info">"Info: good to know"</option>
                    <option value="warning">"Warning: something will not be as usual"</option>
                    <option value="critical">"Critical: something is wrong"</option>
                </select>
            </label>
            <label class="field">
                <span>"Until when it shows"</span>
                <select prop:value=lasts on:change=move |ev| lasts.set(event_target_value(&ev))>
                    <option value="hour">"One hour"</option>
                    <option value="day" selected>"One day"</option>
                    <option value="week">"One week"</option>
                    <option value="date">"Until a day of your choice"</option>
                    <option value="">"Until it is withdrawn"</option>
                </select>
            </label>
            <When is=move || own.get()>
                <label class="field">
                    <span>"The last day"</span>
                    <input node_ref=last_day type="date"/>
                </label>
            </When>
            <AskingEnd asking label="Announce" working="Announcing…" open/>
        </form>
    }
}

/// When an announcement ends; `last_day` is one at whose end by this browser's clock it does.
fn end(lasts: &str, last_day: &str, now: i64) -> Option<Timestamp> {
    let hours = match lasts {
        "hour" => 1,
        "day" => 24,
        "week" => 7 * 24,
        "date" => return end_of(last_day),
        _ => return None,
    };
    Some(Timestamp::from_millis(now + hours * HOUR))
}

fn end_of(day: &str) -> Option<Timestamp> {
    let at = js_sys::Date::new(&format!("{day}T23:59:59").into()).get_time();
    at.is_finite().then(|| Timestamp::from_millis(at as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_announcement_lasts_as_long_as_was_chosen() {
        assert_eq!(end("hour", "", 0), Some(Timestamp::from_millis(HOUR)));
        assert_eq!(end("week", "", 0), Some(Timestamp::from_millis(168 * HOUR)));
        assert_eq!(end("", "", 0), None);
    }
}
