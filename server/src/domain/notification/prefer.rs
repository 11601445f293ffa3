//! How somebody wants to hear of what concerns them.

use crate::domain::Caller;
use crate::domain::mutation::{self, Request, Small};
use crate::error::Error;
use crate::store::{Store, preferences};
use app::protocol::Event;
use app::protocol::notification::{Delivery, Preferences};

impl Small for Preferences {}

/// The caller's preferences.
pub async fn preferences(store: &Store, caller: &Caller) -> Result<Preferences, Error> {
    caller.must_read_self()?;
    let mut tx = store.read().await?;
    preferences::of(tx.connection(), caller.user()).await
}

/// Most kinds about which a person can say something.
const KINDS: usize = 100;

/// Says how to tell of some kinds.
pub async fn prefer(store: &Store, request: &Request, wishes: Vec<(String, Delivery)>) -> Result<Preferences, Error> {
    request.caller.must_write_self()?;
    let too_many = || Error::InvalidValue {
        field: "type",
        why: format!("{KINDS} kinds of notifications can be told apart"),
    };
    if wishes.len() > KINDS {
        return Err(too_many());
    }
    for (kind, _) in &wishes {
        super::send::check_kind(kind)?;
    }
    let of = request.clone();
    mutation::once(store, request, "notification.prefer", &wishes.clone(), move |tx| {
        Box::pin(async move {
            let user = of.caller.user().clone();
            let before = preferences::of(tx.connection(), &user).await?;
            for (kind, delivery) in wishes {
                preferences::set(tx, &user, &kind, delivery).await?;
            }
            let after = preferences::of(tx.connection(), &user).await?;
            if after.0.len() > KINDS {
                return Err(too_many());
            }
            if after != before {
                tx.emit(of.to(&user), Event::PreferencesChanged(after.clone()))?;
            }
            Ok(after)
        })
    })
    .await
}
