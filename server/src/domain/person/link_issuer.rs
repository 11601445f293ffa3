//! Links an account to an outside issuer, whose tokens then speak for it.

use super::Issuer;
use crate::domain::mutation::{self, Request};
use crate::error::Error;
use crate::store::{Store, people};
use app::protocol::{Code, Problem, UserId};

/// Links the caller's account to the issuer of `token`, which must name the same user. Without this, and unless the server was
/// told otherwise, an issuer speaks only for accounts that it made: whoever controls the issuer could else become anybody.
pub async fn link_issuer(store: &Store, issuer: Option<&Issuer>, request: &Request, token: &str) -> Result<(), Error> {
    request.caller.must_administer_self()?;
    let Some(issuer) = issuer else {
        let detail = "This server accepts no tokens of other issuers; start it with --jwt-issuer.";
        return Err(Problem::new(Code::InvalidValue, detail).with("field", "token").into());
    };
    let user = request.caller.user();
    match issuer.verify(token) {
        Some(claims) if claims.sub == user.as_str() => set(store, request, user, Some(issuer.name().to_owned())).await,
        Some(_) => Err(refused(&format!("it is for another user, and you are {user}"))),
        None => Err(refused(&format!("it is no valid token of {}", issuer.name()))),
    }
}

/// Ends the link of the caller's account to an issuer. Tokens of the issuer no longer speak for it.
pub async fn unlink_issuer(store: &Store, request: &Request) -> Result<(), Error> {
    request.caller.must_administer_self()?;
    set(store, request, request.caller.user(), None).await
}

/// Links an account to an issuer, or to none, on behalf of its owner.
pub async fn set_issuer(store: &Store, request: &Request, user: &UserId, issuer: Option<String>) -> Result<(), Error> {
    request.caller.must_own()?;
    set(store, request, user, issuer).await
}

async fn set(store: &Store, request: &Request, user: &UserId, issuer: Option<String>) -> Result<(), Error> {
    let user = user.clone();
    mutation::once(store, request, "issuer.set", &(user.clone(), issuer.clone()), move |tx| {
        Box::pin(async move {
            people::role_of(tx.connection(), &user).await?;
            people::set_issuer(tx, &user, issuer.as_deref()).await
        })
    })
    .await
}

fn refused(why: &str) -> Error {
    Error::InvalidValue {
        field: "token",
        why: why.to_owned(),
    }
}
