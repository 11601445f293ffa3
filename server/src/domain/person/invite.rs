//! Invites somebody.

use super::days_after;
use crate::domain::mutation::{self, Answer, Request};
use crate::domain::secret::Secret;
use crate::error::Error;
use crate::store::{Store, WriteTx, invitations};
use app::protocol::people::{Invitation, MadeInvitation, NewInvitation, Role};
use app::protocol::{Code, Problem};

/// For how many days an invitation is good where nobody says.
const DAYS: u32 = 7;
/// The longest.
const MOST_DAYS: u32 = 30;
/// Invitations that are open at the same time.
const MOST: i64 = 100;

/// Makes a link by which somebody gets an account, once.
pub async fn invite(store: &Store, request: &Request, new: NewInvitation) -> Result<MadeInvitation, Error> {
    request.caller.must_own()?;
    let days = new.expires_in_days.unwrap_or(DAYS);
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(Error::InvalidValue {
            field: "expires_in_days",
            why: format!("1 to {MOST_DAYS} days are allowed"),
        });
    }
    let by = request.caller.user().clone();
    mutation::once(store, request, "invitation.make", &new.clone(), move |tx| {
        Box::pin(async move {
            let now = tx.now();
            if invitations::count(tx.connection(), now).await? >= MOST {
                let detail = format!("There are {MOST} open invitations. Withdraw some, or send one of them.");
                return Err(Problem::new(Code::LimitReached, detail).into());
            }
            let mut invitation = Invitation {
                id: 0,
                role: new.role.unwrap_or(Role::Member),
                created_by: by,
                created_at: tx.now(),
                expires_at: days_after(tx.now(), days),
            };
            let secret = Secret::generate("")?;
            invitation.id = invitations::insert(tx, &invitation, &secret.digest()).await?;
            Ok(made(invitation, &secret))
        })
    })
    .await
}

fn made(invitation: Invitation, secret: &Secret) -> MadeInvitation {
    MadeInvitation {
        invitation,
        path: format!("/join/{}", secret.expose()),
    }
}

/// A secret is stored nowhere, so the invitation gets another one.
impl Answer for MadeInvitation {
    type Kept = Invitation;

    async fn keep(&self, _: &mut WriteTx) -> Result<Invitation, Error> {
        Ok(self.invitation.clone())
    }

    async fn again(invitation: Invitation, tx: &mut WriteTx) -> Result<Self, Error> {
        let secret = Secret::generate("")?;
        if invitations::renew(tx, invitation.id, &secret.digest()).await? {
            return Ok(made(invitation, &secret));
        }
        let detail = "The invitation that this request made has been used or withdrawn since. Make another one.";
        Err(Problem::new(Code::IdempotencyKeyReused, detail).into())
    }
}

/// Takes an invitation back.
pub async fn withdraw_invitation(store: &Store, request: &Request, id: i64) -> Result<(), Error> {
    request.caller.must_own()?;
    mutation::once(store, request, "invitation.withdraw", &id, move |tx| {
        Box::pin(async move {
            if invitations::delete(tx, id).await? {
                Ok(())
            } else {
                Err(Problem::new(Code::NotFound, format!("There is no invitation {id}; /api/invitations lists them.")).into())
            }
        })
    })
    .await
}
