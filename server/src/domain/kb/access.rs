//! Who may do what in a knowledge base.

use crate::domain::mutation::{self, Request};
use crate::domain::notification::{News, tell_in};
use crate::domain::{Caller, person};
use crate::error::Error;
use crate::store::{Store, WriteTx, access as rights, kbs, notifications, people};
use app::protocol::notification::kinds;
use app::protocol::people::{KbAccess, Level};
use app::protocol::{Event, KbName, Snapshot, UserId};
use serde_json::{Map, json};

/// Who may do what in a knowledge base.
pub async fn access(store: &Store, caller: &Caller, kb: &KbName) -> Result<Snapshot<KbAccess>, Error> {
    caller.must_give(kb)?;
    let mut tx = store.read().await?;
    let mut people = people::all(&mut tx).await?;
    person::see(&mut people, caller);
    Ok(Snapshot {
        cursor: tx.cursor(),
        data: KbAccess {
            members: rights::members(tx.connection(), kb).await?,
            rights: rights::rights(&mut tx, kb).await?,
            people,
            kb_name: kb.clone(),
        },
    })
}

/// What all members may do can be nothing, reading or writing; who rules is said by name.
pub(super) fn check_members(members: Level) -> Result<Level, Error> {
    if members == Level::Admin {
        return Err(Error::InvalidValue {
            field: "members",
            why: "all members together may have none, read or write; make single people admins".into(),
        });
    }
    Ok(members)
}

/// Says what all members may do in a knowledge base.
pub async fn set_members(store: &Store, request: &Request, kb: KbName, members: Level) -> Result<(), Error> {
    request.caller.must_give(&kb)?;
    let members = check_members(members)?;
    let of = request.clone();
    mutation::once(store, request, "kb.set_members", &(kb.clone(), members), move |tx| {
        Box::pin(async move {
            if rights::members(tx.connection(), &kb).await? != members {
                rights::set_members(tx, &kb, members).await?;
                tx.emit(of.subject(&kb, None), Event::KbAccessChanged { members })?;
            }
            Ok(())
        })
    })
    .await
}

/// Says what one person may do; none lets them do what all members may. They are told.
pub async fn set_right(store: &Store, request: &Request, kb: KbName, user: UserId, level: Option<Level>) -> Result<(), Error> {
    request.caller.must_give(&kb)?;
    let of = request.clone();
    mutation::once(store, request, "kb.set_right", &(kb.clone(), user.clone(), level), move |tx| {
        Box::pin(async move {
            people::role_of(tx.connection(), &user).await?;
            let members = rights::members(tx.connection(), &kb).await?;
            let before = rights::right(tx.connection(), &kb, &user).await?;
            if before == level {
                return Ok(());
            }
            give_in(tx, &of, &kb, &user, level).await?;
            let (was, is) = (before.unwrap_or(members), level.unwrap_or(members));
            if is == Level::None {
                notifications::withdraw(tx, &user, &kb).await?;
            }
            if was != is && user != *of.caller.user() {
                tell_right(tx, &of, &kb, &user, (was, is)).await?;
            }
            Ok(())
        })
    })
    .await
}

/// Says what one person may do, as part of a larger change.
pub(super) async fn give_in(tx: &mut WriteTx, request: &Request, kb: &KbName, user: &UserId, level: Option<Level>) -> Result<(), Error> {
    let members = rights::members(tx.connection(), kb).await?;
    let before = rights::right(tx.connection(), kb, user).await?.unwrap_or(members);
    rights::set_right(tx, kb, user, level).await?;
    if before == Level::None && level.unwrap_or(members) == Level::None {
        // Whoever could not read it does not learn of it; those who rule it see the change.
        tx.emit(request.subject(kb, None), Event::KbAccessChanged { members })?;
        return Ok(());
    }
    let mut subject = request.to(user);
    subject.kb_name = Some(kb.clone());
    tx.emit(subject, Event::AccessChanged { level })?;
    Ok(())
}

async fn tell_right(tx: &mut WriteTx, request: &Request, kb: &KbName, user: &UserId, (was, level): (Level, Level)) -> Result<(), Error> {
    let title = kbs::get(tx.connection(), kb).await?.title;
    let may = match level {
        Level::None => "no longer read",
        Level::Read if was > level => "now only read",
        Level::Write if was > level => "now read and write in, but no longer administer",
        Level::Read => "now read",
        Level::Write => "now write in",
        Level::Admin => "now administer",
    };
    let news = News {
        kind: kinds::ACCESS.into(),
        title: format!("You may {may} “{title}”"),
        message: String::new(),
        link: (level > Level::None).then(|| format!("/kb/{kb}")),
        data: Map::from_iter([("kb_name".to_owned(), json!(kb)), ("level".to_owned(), json!(level))]),
        about: String::new(),
        // That it may no longer be read is told all the same.
        kb: (level > Level::None).then(|| kb.clone()),
        uid: None,
    };
    tell_in(tx, request, user, news).await?;
    Ok(())
}
