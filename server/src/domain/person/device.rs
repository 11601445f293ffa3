//! The browsers in which somebody is logged in.

use crate::clock;
use crate::domain::Caller;
use crate::domain::caller::Credential;
use crate::domain::mutation::{self, Request};
use crate::error::Error;
use crate::store::{Store, devices};
use app::protocol::people::Device;
use app::protocol::{Code, Event, Problem};

/// The caller's browsers, last used first.
pub async fn devices(store: &Store, caller: &Caller) -> Result<Vec<Device>, Error> {
    caller.must_read_self()?;
    let mut tx = store.read().await?;
    devices::of(&mut tx, caller.user(), clock::now(), current(caller)).await
}

/// The browser that asks.
pub(super) fn current(caller: &Caller) -> Option<i64> {
    match caller.credential() {
        Credential::Device(id) => Some(id),
        _ => None,
    }
}

/// Logs a browser of the caller's out. Its sockets end.
pub async fn end_device(store: &Store, request: &Request, device_id: i64) -> Result<(), Error> {
    // A browser may always end itself.
    if current(&request.caller) != Some(device_id) {
        request.caller.must_administer_self()?;
    }
    let of = request.clone();
    mutation::once(store, request, "device.end", &device_id, move |tx| {
        Box::pin(async move {
            let user = of.caller.user().clone();
            if !devices::delete(tx, &user, device_id).await? {
                return Err(Problem::new(
                    Code::NotFound,
                    format!("You have no browser {device_id}; /api/devices lists yours."),
                )
                .into());
            }
            tx.emit(of.to(&user), Event::DeviceEnded { device_id })?;
            Ok(())
        })
    })
    .await
}
