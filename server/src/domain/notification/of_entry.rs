//! Tells those whom a change concerns: who is mentioned in it, and who watches.

use super::tell::{News, tell_in};
use crate::domain::caller::Credential;
use crate::domain::mutation::{Manner, Request};
use crate::error::Error;
use crate::markdown;
use crate::store::entries::Stored;
use crate::store::{WriteTx, people, watches};
use app::protocol::entry::Entry;
use app::protocol::notification::kinds;
use app::protocol::{Actor, KbName, UserId};
use serde_json::{Map, json};

/// What happened to an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// It is new.
    Created,
    /// It was written again.
    Updated,
    /// It went to the trash.
    Deleted,
    /// It came back from there.
    Restored,
}

impl Happened {
    fn verb(self) -> &'static str {
        match self {
            Happened::Created => "created",
            Happened::Updated => "changed",
            Happened::Deleted => "deleted",
            Happened::Restored => "restored",
        }
    }
}

/// The person who did it by themselves; a program of theirs is somebody else.
fn doer(request: &Request) -> Option<&UserId> {
    match request.caller.actor() {
        Actor::User(user) => Some(user),
        Actor::Agent(_) | Actor::System => None,
    }
}

/// Tells whom a change of an entry concerns. `before` is the entry as it was. The author of a new one watches it.
pub async fn entry_changed_in(
    tx: &mut WriteTx,
    request: &Request,
    happened: Happened,
    after: &Stored,
    before: Option<&Entry>,
) -> Result<(), Error> {
    let entry = &after.entry;
    if happened == Happened::Created
        && request.manner == Manner::Alone
        && request.caller.credential() != Credential::Reach
        && let Some(author) = doer(request)
    {
        watches::set(tx, &entry.kb_name, after.uid, author, true).await?;
    }
    let told = match happened {
        Happened::Deleted => vec![],
        _ if request.manner == Manner::Import => vec![],
        _ => mentions_in(tx, request, entry, before).await?,
    };
    // Who writes many says at the end what they did, once.
    if request.manner != Manner::Alone {
        return Ok(());
    }
    let but = doer(request).cloned();
    for user in watches::watchers(tx, &entry.kb_name, after.uid, but.as_ref()).await? {
        if told.contains(&user) {
            continue;
        }
        let link = match happened {
            Happened::Deleted => format!("/kb/{}/trash", entry.kb_name),
            _ => link(entry),
        };
        let news = News {
            kind: kinds::WATCHED.into(),
            title: format!("{} {} “{}”", request.caller.actor().name(), happened.verb(), entry.title),
            message: String::new(),
            link: Some(link),
            data: place(entry),
            about: format!("entry:{}", after.uid),
        };
        tell_in(tx, request, &user, news).await?;
    }
    Ok(())
}

/// Tells those who are mentioned in an entry and were not before. Returns whom.
pub async fn mentions_in(tx: &mut WriteTx, request: &Request, entry: &Entry, before: Option<&Entry>) -> Result<Vec<UserId>, Error> {
    if !entry.body.contains('@') {
        return Ok(vec![]);
    }
    let mut names = markdown::mentions(&entry.body);
    if let Some(before) = before {
        let known = markdown::mentions(&before.body);
        names.retain(|name| !known.contains(name));
    }
    let but = doer(request).cloned();
    names.retain(|name| Some(name) != but.as_ref());
    if names.is_empty() {
        return Ok(vec![]);
    }
    let mentioned = people::readers_among(tx.connection(), &entry.kb_name, &names).await?;
    let mut told = vec![];
    for user in mentioned {
        let news = News {
            kind: kinds::MENTION.into(),
            title: format!("{} mentioned you in “{}”", request.caller.actor().name(), entry.title),
            message: markdown::line_with(&entry.body, &format!("@{user}")),
            link: Some(link(entry)),
            data: place(entry),
            about: String::new(),
        };
        // Who does not want to hear of mentions may watch it all the same.
        if tell_in(tx, request, &user, news).await?.is_some() {
            told.push(user);
        }
    }
    Ok(told)
}

/// Tells those who watch a knowledge base what happened to it, in a few words that follow who did it.
pub async fn kb_changed_in(tx: &mut WriteTx, request: &Request, kb: &KbName, deed: &str, is_there: bool) -> Result<(), Error> {
    let but = doer(request).cloned();
    for user in watches::watchers(tx, kb, watches::WHOLE_KB, but.as_ref()).await? {
        let news = News {
            kind: kinds::WATCHED.into(),
            title: format!("{} {deed}", request.caller.actor().name()),
            message: String::new(),
            link: is_there.then(|| format!("/kb/{kb}")),
            data: Map::from_iter([("kb_name".to_owned(), json!(kb))]),
            about: String::new(),
        };
        tell_in(tx, request, &user, news).await?;
    }
    Ok(())
}

fn link(entry: &Entry) -> String {
    format!("/kb/{}/e/{}", entry.kb_name, entry.entry_id)
}

fn place(entry: &Entry) -> Map<String, serde_json::Value> {
    Map::from_iter([
        ("kb_name".to_owned(), json!(entry.kb_name)),
        ("entry_id".to_owned(), json!(entry.entry_id)),
    ])
}
