//! Removes a person.

use crate::domain::mutation::{self, Request};
use crate::error::Error;
use crate::store::{Store, invitations, people};
use app::protocol::people::Role;
use app::protocol::{Code, Event, Problem, UserId};

/// Removes a person: their browsers are logged out, their tokens end. What they wrote stays.
pub async fn remove(store: &Store, request: &Request, user: UserId) -> Result<(), Error> {
    request.caller.must_own()?;
    let of = request.clone();
    mutation::once(store, request, "person.remove", &user.clone(), move |tx| {
        Box::pin(async move {
            if people::role_of(tx.connection(), &user).await? == Role::Owner && people::owners(tx.connection()).await? == 1 {
                return Err(last_owner(&user));
            }
            people::remove(tx, &user).await?;
            invitations::withdraw_of(tx, &user).await?;
            tx.emit(of.to_all(), Event::PersonRemoved { user_id: user })?;
            Ok(())
        })
    })
    .await
}

pub(super) fn last_owner(user: &UserId) -> Error {
    Problem::new(
        Code::LastOwner,
        format!("{user} is the only owner of this server. Make somebody else an owner first."),
    )
    .into()
}
