//! Programs' tokens.

use super::identify::TOKEN_PREFIX;
use super::{days_after, is_reserved};
use crate::domain::Caller;
use crate::domain::mutation::{self, Answer, Request};
use crate::domain::secret::Secret;
use crate::error::Error;
use crate::store::{Store, WriteTx, kbs, people, tokens};
use app::protocol::people::{MadeToken, NewToken, Scope, Token};
use app::protocol::{Code, Event, KbName, Problem, UserId};

/// What a token may be used for where nobody says.
const SCOPES: [Scope; 2] = [Scope::Read, Scope::Write];
/// The longest life of a token that has an end, in days.
const DAYS: u32 = 3_660;
/// Tokens of one person.
const MOST: i64 = 100;

/// The caller's tokens, last made first.
pub async fn tokens(store: &Store, caller: &Caller) -> Result<Vec<Token>, Error> {
    caller.must_read_self()?;
    let mut tx = store.read().await?;
    tokens::of(&mut tx, Some(caller.user())).await
}

/// Everybody's tokens, last made first.
pub async fn all_tokens(store: &Store, caller: &Caller) -> Result<Vec<Token>, Error> {
    caller.must_own()?;
    let mut tx = store.read().await?;
    tokens::of(&mut tx, None).await
}

fn scopes(given: Option<&[String]>) -> Result<Vec<Scope>, Error> {
    let Some(given) = given else { return Ok(SCOPES.to_vec()) };
    let refused = |why: String| Error::InvalidValue { field: "scopes", why };
    let mut scopes = given
        .iter()
        .map(|text| {
            Scope::parse(text).ok_or_else(|| {
                let text: String = text.chars().take(80).collect();
                refused(format!("{text:?} is no scope; there are read, write, notify and admin"))
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.contains(&Scope::Write) && !scopes.contains(&Scope::Read) {
        return Err(refused("who writes must read too: give it read and write".into()));
    }
    if scopes.is_empty() {
        return Err(refused("give it at least one of read, write, notify and admin".into()));
    }
    Ok(scopes)
}

/// Makes a token. Only owners make them for others.
pub async fn make_token(store: &Store, request: &Request, new: NewToken) -> Result<MadeToken, Error> {
    let caller = &request.caller;
    caller.must_administer_self()?;
    let user = match &new.user {
        None => caller.user().clone(),
        Some(name) => super::name(name)?,
    };
    if user != *caller.user() {
        caller.must_own()?;
    }
    let name = match new.name.as_deref().map(str::trim).filter(|name| !name.is_empty()) {
        None => user.clone(),
        Some(name) => UserId::parse(name)?,
    };
    let scopes = scopes(new.scopes.as_deref())?;
    // A program cannot make itself another that may do more.
    if let Some(more) = scopes.iter().find(|scope| !caller.identity().scopes.contains(scope)) {
        let detail = format!("You have not the scope {:?} yourself, so you cannot give it.", more.as_str());
        return Err(Problem::new(Code::Forbidden, detail).into());
    }
    let kb_name = new.kb.as_deref().filter(|kb| !kb.is_empty()).map(KbName::parse).transpose()?;
    if let Some(kb) = &kb_name {
        caller.must_read(kb)?;
    }
    if new.expires_in_days.is_some_and(|days| !(1..=DAYS).contains(&days)) {
        return Err(Error::InvalidValue {
            field: "expires_in_days",
            why: format!("1 to {DAYS} days are allowed; leave it out for a token without an end"),
        });
    }
    let of = request.clone();
    mutation::once(store, request, "token.make", &new.clone(), move |tx| {
        Box::pin(async move {
            people::role_of(tx.connection(), &user).await?;
            check_name(tx, &name, &user).await?;
            if tokens::count(tx.connection(), &user).await? >= MOST {
                let detail = format!("{user} has {MOST} tokens. Revoke those that are not used.");
                return Err(Problem::new(Code::LimitReached, detail).into());
            }
            if let Some(kb) = &kb_name {
                kbs::expect(tx.connection(), kb).await?;
            }
            let mut token = Token {
                id: 0,
                user_id: user.clone(),
                name,
                scopes,
                kb_name,
                created_at: tx.now(),
                expires_at: new.expires_in_days.map(|days| days_after(tx.now(), days)),
                last_used_at: None,
            };
            let secret = Secret::generate(TOKEN_PREFIX)?;
            token.id = tokens::insert(tx, &token, &secret.digest()).await?;
            tx.emit(of.to(&user), Event::TokenMade { token_id: token.id })?;
            Ok(made(token, &secret))
        })
    })
    .await
}

fn made(token: Token, secret: &Secret) -> MadeToken {
    MadeToken {
        token,
        secret: secret.expose().to_owned(),
    }
}

/// A secret is stored nowhere, so the token gets another one, unless somebody has the first.
impl Answer for MadeToken {
    type Kept = i64;

    async fn keep(&self, _: &mut WriteTx) -> Result<i64, Error> {
        Ok(self.token.id)
    }

    async fn again(id: i64, tx: &mut WriteTx) -> Result<Self, Error> {
        let secret = Secret::generate(TOKEN_PREFIX)?;
        match tokens::renew(tx, id, &secret.digest()).await? {
            Some(token) => Ok(made(token, &secret)),
            None => Err(Problem::new(
                Code::IdempotencyKeyReused,
                "The token that this request made has been used or revoked since, so its secret cannot be shown again. Make another one.",
            )
            .into()),
        }
    }
}

/// A program that is called as somebody else is would be taken for them.
async fn check_name(tx: &mut WriteTx, name: &UserId, user: &UserId) -> Result<(), Error> {
    let refused = |why: String| Error::InvalidValue { field: "name", why };
    if name == user {
        return Ok(());
    }
    if !name.as_str().is_ascii() {
        let why = "the name of a program must be of the letters a to z, digits, '-', '_', '.' and '@'";
        return Err(refused(why.into()));
    }
    let as_person = name.as_str().to_ascii_lowercase();
    if is_reserved(&as_person) || people::find(tx.connection(), &UserId::parse(&as_person)?).await?.is_some() {
        return Err(refused(format!(
            "there is, or was, somebody called {as_person}; choose another name for the program"
        )));
    }
    Ok(())
}

/// Takes a token back: one's own, or as an owner anybody's. Its sockets end.
pub async fn revoke_token(store: &Store, request: &Request, token_id: i64) -> Result<(), Error> {
    request.caller.must_administer_self()?;
    let of = request.clone();
    mutation::once(store, request, "token.revoke", &token_id, move |tx| {
        Box::pin(async move {
            let user = tokens::owner(tx.connection(), token_id).await?;
            // Whether others have such a token is nobody's business.
            let user = user
                .filter(|user| user == of.caller.user() || of.caller.must_own().is_ok())
                .ok_or_else(|| {
                    Error::from(Problem::new(
                        Code::NotFound,
                        format!("There is no token {token_id}; /api/tokens lists yours."),
                    ))
                })?;
            tokens::delete(tx, token_id).await?;
            tx.emit(of.to(&user), Event::TokenRevoked { token_id })?;
            Ok(())
        })
    })
    .await
}
