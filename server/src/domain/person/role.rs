//! Makes somebody owner or member.

use super::remove::last_owner;
use crate::domain::mutation::{self, Request};
use crate::error::Error;
use crate::store::{Store, invitations, people};
use app::protocol::people::Role;
use app::protocol::{Event, UserId};

/// Makes somebody owner or member.
pub async fn set_role(store: &Store, request: &Request, user: UserId, role: Role) -> Result<(), Error> {
    request.caller.must_own()?;
    let of = request.clone();
    mutation::once(store, request, "person.set_role", &(user.clone(), role), move |tx| {
        Box::pin(async move {
            let before = people::role_of(tx.connection(), &user).await?;
            if before == role {
                return Ok(());
            }
            if before == Role::Owner && people::owners(tx.connection()).await? == 1 {
                return Err(last_owner(&user));
            }
            people::set_role(tx, &user, role).await?;
            // A member makes no owners, nor do the links of somebody who was one.
            invitations::withdraw_of(tx, &user).await?;
            tx.emit(of.to_all(), Event::RoleChanged { user_id: user, role })?;
            Ok(())
        })
    })
    .await
}
