//! Tells one person something, as they want to hear of it.

use crate::domain::mutation::Request;
use crate::error::Error;
use crate::store::{WriteTx, notifications, preferences};
use app::protocol::notification::{Delivery, Notification, NotificationNews};
use app::protocol::{Event, UserId};
use serde_json::{Map, Value};

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
}

/// Tells a person, as part of the change that it is about. None where they do not want to hear of it.
pub async fn tell_in(tx: &mut WriteTx, request: &Request, user: &UserId, news: News) -> Result<Option<Notification>, Error> {
    let delivery = preferences::of(tx.connection(), user).await?.of(&news.kind);
    if delivery == Delivery::Off {
        return Ok(None);
    }
    let before = match news.about.as_str() {
        "" => None,
        about => notifications::take_unseen(tx, user, about).await?,
    };
    let mut notification = Notification {
        id: 0,
        kind: news.kind,
        title: news.title,
        message: news.message,
        link: news.link,
        actor: request.caller.actor().clone(),
        data: news.data,
        created_at: tx.now(),
        seen: false,
        read: false,
    };
    if let Some((_, count)) = before {
        notification.data.insert("count".into(), (count + 1).into());
    }
    notification.id = notifications::insert(tx, user, &notification, &news.about).await?;
    let event = NotificationNews {
        notification: notification.clone(),
        // One more of what nobody has looked at yet is no news.
        toast: delivery == Delivery::Toast && before.is_none(),
        replaces: before.map(|(id, _)| id),
        counts: notifications::counts(tx.connection(), user).await?,
    };
    tx.emit(request.to(user), Event::NotificationCreated(event))?;
    Ok(Some(notification))
}
