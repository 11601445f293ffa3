//! What somebody sees of their own account.

use super::device::current;
use crate::clock;
use crate::domain::Caller;
use crate::error::Error;
use crate::store::{Store, devices, people, preferences, tokens};
use app::protocol::Snapshot;
use app::protocol::people::Account;

/// The caller's account.
pub async fn account(store: &Store, caller: &Caller) -> Result<Snapshot<Account>, Error> {
    caller.must_read_self()?;
    let mut tx = store.read().await?;
    let user = caller.user();
    let has_password = people::find(tx.connection(), user)
        .await?
        .is_some_and(|person| person.password.is_some());
    Ok(Snapshot {
        cursor: tx.cursor(),
        data: Account {
            me: caller.me(),
            has_password,
            devices: devices::of(&mut tx, user, clock::now(), current(caller)).await?,
            tokens: tokens::of(&mut tx, Some(user)).await?,
            preferences: preferences::of(tx.connection(), user).await?,
        },
    })
}
