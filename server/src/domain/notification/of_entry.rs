//! Tells those whom a change concerns: who is mentioned in it, and who watches.

use super::tell::{News, tell_all_in};
use crate::domain::caller::Credential;
use crate::domain::mutation::{Manner, Request};
use crate::error::Error;
use crate::markdown;
use crate::store::entries::Stored;
use crate::store::{WriteTx, people, watches};
use app::protocol::entry::Entry;
use app::protocol::notification::{Notification, kinds};
use app::protocol::{Actor, KbName, UserId};
use serde_json::{Map, json};
use std::collections::HashMap;

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

/// Tells whom a change of an entry concerns: those whom it mentions (`mentions`: those whom the entry did not mention before), and
/// those who watch it. The author of a new one watches it.
pub async fn entry_changed_in(
    tx: &mut WriteTx,
    request: &Request,
    happened: Happened,
    after: &Stored,
    mentions: &[UserId],
) -> Result<(), Error> {
    let entry = &after.entry;
    if happened == Happened::Created
        && request.manner == Manner::Alone
        && request.caller.credential() != Credential::Reach
        && let Some(author) = doer(request)
    {
        watches::set(tx, &entry.kb_name, after.uid, author, true).await?;
    }
    let told = match request.manner {
        Manner::Import => HashMap::new(),
        _ => tell_mentioned(tx, request, after, mentions).await?,
    };
    // Who writes many says at the end what they did, once.
    if request.manner != Manner::Alone {
        return Ok(());
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
        kb: Some(entry.kb_name.clone()),
        uid: Some(after.uid),
    };
    let watchers = watches::watchers(tx, &entry.kb_name, after.uid, doer(request)).await?;
    let others = watchers.into_iter().filter(|user| !told.contains_key(user));
    tell_all_in(tx, request, others.map(|user| (user, news.clone())).collect()).await?;
    Ok(())
}

/// Tells those of these people who may read the entry, and have not written it themselves, that it mentions them.
async fn tell_mentioned(
    tx: &mut WriteTx,
    request: &Request,
    stored: &Stored,
    mentions: &[UserId],
) -> Result<HashMap<UserId, Notification>, Error> {
    let entry = &stored.entry;
    let doer = doer(request);
    let others: Vec<UserId> = mentions.iter().filter(|user| Some(*user) != doer).cloned().collect();
    if others.is_empty() {
        return Ok(HashMap::new());
    }
    let mentioned = people::readers_among(tx.connection(), &entry.kb_name, &others).await?;
    let mut lines: HashMap<UserId, String> = markdown::lines_with(&entry.body, &mentioned)
        .into_iter()
        .map(|(user, line)| (user.clone(), line))
        .collect();
    let news = mentioned.into_iter().map(|user| {
        let news = News {
            kind: kinds::MENTION.into(),
            title: format!("{} mentioned you in “{}”", request.caller.actor().name(), entry.title),
            message: lines.remove(&user).unwrap_or_default(),
            link: Some(link(entry)),
            data: place(entry),
            about: String::new(),
            kb: Some(entry.kb_name.clone()),
            uid: Some(stored.uid),
        };
        (user, news)
    });
    // Who does not want to hear of mentions may watch it all the same.
    tell_all_in(tx, request, news.collect()).await
}

/// Tells those who watch a knowledge base what happened to it, in a few words that follow who did it.
pub async fn kb_changed_in(tx: &mut WriteTx, request: &Request, kb: &KbName, deed: &str, is_there: bool) -> Result<(), Error> {
    let news = News {
        kind: kinds::WATCHED.into(),
        title: format!("{} {deed}", request.caller.actor().name()),
        message: String::new(),
        link: is_there.then(|| format!("/kb/{kb}")),
        data: Map::from_iter([("kb_name".to_owned(), json!(kb))]),
        about: String::new(),
        // That it is gone is told of one that is not there to go with.
        kb: is_there.then(|| kb.clone()),
        uid: None,
    };
    let watchers = watches::watchers(tx, kb, watches::WHOLE_KB, doer(request)).await?;
    tell_all_in(tx, request, watchers.into_iter().map(|user| (user, news.clone())).collect()).await?;
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
