//! Tells people something, as they want to hear of it.

use crate::domain::mutation::Request;
use crate::error::Error;
use crate::store::{WriteTx, notifications, preferences};
use app::protocol::notification::{Delivery, Notification, NotificationNews};
use app::protocol::{Actor, Event, KbName, UserId};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};

/// What to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// The kind.
    pub kind: String,
    /// What it is about, in a line.
    pub title: String,
    /// The rest.
    pub message: String,
    /// Where it leads.
    pub link: Option<String>,
    /// What else belongs to it.
    pub data: Map<String, Value>,
    /// Of what it is one more, as long as nobody has seen the one before; empty where it stands for itself.
    pub about: String,
    /// The knowledge base that it is about, where it is about one.
    pub kb: Option<KbName>,
    /// The number of the entry that it is about, where it is about one.
    pub uid: Option<i64>,
}

/// Tells a person, as part of the change that it is about. None where they do not want to hear of it.
pub async fn tell_in(tx: &mut WriteTx, request: &Request, user: &UserId, news: News) -> Result<Option<Notification>, Error> {
    Ok(tell_all_in(tx, request, vec![(user.clone(), news)]).await?.remove(user))
}

/// What is told to one person, while it is being told.
struct Told {
    user: UserId,
    news: News,
    toast: bool,
    replaces: Option<i64>,
    notification: Notification,
}

/// Tells people, each something, as part of the change that it is about; a statement for all of them costs little more than one for
/// each. Returns what was told to whom: not to those who do not want to hear of it.
pub async fn tell_all_in(tx: &mut WriteTx, request: &Request, all: Vec<(UserId, News)>) -> Result<HashMap<UserId, Notification>, Error> {
    if all.is_empty() {
        return Ok(HashMap::new());
    }
    let people: Vec<&UserId> = all.iter().map(|(user, _)| user).collect();
    let preferences = preferences::of_all(tx.connection(), &people).await?;
    let delivery = |user: &UserId, kind: &str| preferences.get(user).map_or(Delivery::Toast, |wishes| wishes.of(kind));
    let mut told: Vec<Told> = all
        .into_iter()
        .filter_map(|(user, news)| {
            let delivery = delivery(&user, &news.kind);
            let notification = notification(tx, request, &news);
            (delivery != Delivery::Off).then_some(Told {
                toast: delivery == Delivery::Toast,
                replaces: None,
                user,
                news,
                notification,
            })
        })
        .collect();
    join_unseen(tx, &mut told).await?;
    let sender = (*request.caller.actor() != Actor::System).then(|| request.caller.user());
    let new: Vec<notifications::New> = told
        .iter()
        .map(|told| notifications::New {
            user: &told.user,
            notification: &told.notification,
            about: &told.news.about,
            kb: told.news.kb.as_ref(),
            uid: told.news.uid,
            sender,
        })
        .collect();
    let ids = notifications::insert(tx, &new).await?;
    let people: Vec<&UserId> = told.iter().map(|told| &told.user).collect();
    let counts = notifications::counts_of(tx.connection(), &people).await?;
    let mut out = HashMap::new();
    for mut told in told {
        told.notification.id = ids.get(&told.user).copied().unwrap_or_default();
        let event = NotificationNews {
            notification: told.notification.clone(),
            toast: told.toast,
            replaces: told.replaces,
            counts: counts.get(&told.user).copied().unwrap_or_default(),
        };
        tx.emit(request.to(&told.user), Event::NotificationCreated(event))?;
        out.insert(told.user, told.notification);
    }
    Ok(out)
}

fn notification(tx: &WriteTx, request: &Request, news: &News) -> Notification {
    Notification {
        id: 0,
        kind: news.kind.clone(),
        title: news.title.clone(),
        message: news.message.clone(),
        link: news.link.clone(),
        actor: request.caller.actor().clone(),
        data: news.data.clone(),
        created_at: tx.now(),
        seen: false,
        read: false,
    }
}

/// Puts each in the place of what its person has not seen yet of the same thing, which then stands for one change more.
async fn join_unseen(tx: &mut WriteTx, told: &mut [Told]) -> Result<(), Error> {
    let abouts: BTreeSet<String> = told
        .iter()
        .map(|told| told.news.about.clone())
        .filter(|about| !about.is_empty())
        .collect();
    for about in abouts {
        let people: Vec<&UserId> = told.iter().filter(|told| told.news.about == about).map(|told| &told.user).collect();
        let before = notifications::take_unseen(tx, &people, &about).await?;
        for told in told.iter_mut().filter(|told| told.news.about == about) {
            if let Some((id, count)) = before.get(&told.user) {
                told.replaces = Some(*id);
                // One more of what nobody has looked at yet is no news.
                told.toast = false;
                told.notification.data.insert("count".into(), (count + 1).into());
            }
        }
    }
    Ok(())
}
