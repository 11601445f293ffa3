//! The browsers in which one is logged in.

use crate::api::people::end_device;
use crate::pages::write::attempt;
use crate::protocol::people::{Account, Device};
use crate::sync::LiveRead;
use crate::ui::{Badge, Button, Each, Time};
use leptos::prelude::*;

/// The list of browsers; all but this one can be logged out here.
#[component]
pub fn Devices(read: LiveRead<Account>) -> impl IntoView {
    let devices = Memo::new(move |_| read.with_data(|account| account.devices.clone()).unwrap_or_default());
    view! {
        <section class="setting" aria-labelledby="devices">
            <h2 id="devices">"Browsers logged in"</h2>
            <ul class="things">
                <Each
                    each=move || devices.get()
                    // Anew when it was used: that is rare, and shows.
                    key=|device| format!("{} {}", device.id, device.last_used_at)
                    children=move |device| view! { <Line device read/> }.into_any()
                />
            </ul>
        </section>
    }
}

#[component]
fn Line(device: Device, read: LiveRead<Account>) -> impl IntoView {
    let id = device.id;
    let end = move |_| attempt("Not ended", end_device(id), move |()| read.refetch());
    view! {
        <li class="thing" data-row=id.to_string()>
            <div class="thing-what">
                <strong>{device.device.clone()}</strong>
                " "
                {device.current.then(|| view! { <Badge tone="accent">"This one"</Badge> }.into_any())}
                <p>"Used " <Time at=device.last_used_at/> ", logged in since " <Time at=device.created_at/></p>
            </div>
            {(!device.current).then(|| view! { <Button on:click=end attr:aria-label=format!("End {}", device.device)>"End"</Button> }.into_any())}
        </li>
    }
}
