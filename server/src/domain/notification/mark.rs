//! Marks notifications: seen, read, unread, deleted.

use crate::domain::mutation::Request;
use crate::error::Error;
use crate::store::{Store, notifications};
use app::protocol::notification::{Mark, NotificationsMarked};
use app::protocol::{Code, Event, Problem, limits};

/// Marks the caller's own notifications, all of them where no ids are given; ids that are not theirs are passed over.
pub async fn mark(store: &Store, request: &Request, ids: Option<Vec<i64>>, mark: Mark) -> Result<NotificationsMarked, Error> {
    request.caller.must_write_self()?;
    if ids.as_ref().is_some_and(|ids| ids.len() > 2 * limits::NOTIFICATIONS) {
        return Err(Error::InvalidValue {
            field: "ids",
            why: format!(
                "nobody has more than {} notifications; leave the ids out to mark all",
                2 * limits::NOTIFICATIONS
            ),
        });
    }
    let request = request.clone();
    store
        .write(move |tx| {
            Box::pin(async move {
                let user = request.caller.user().clone();
                let ids = notifications::mark(tx, &user, ids.as_deref(), mark).await?;
                let counts = notifications::counts(tx.connection(), &user).await?;
                let marked = NotificationsMarked { mark, ids, counts };
                if !marked.ids.is_empty() {
                    tx.emit(request.to(&user), Event::NotificationsMarked(marked.clone()))?;
                }
                Ok(marked)
            })
        })
        .await
}

/// The same for one. `not_found` where it is not the caller's: whose it is, or whether it is, is nobody else's business.
pub async fn mark_one(store: &Store, request: &Request, id: i64, mark: Mark) -> Result<NotificationsMarked, Error> {
    let mut tx = store.read().await?;
    if !notifications::exists(tx.connection(), request.caller.user(), id).await? {
        return Err(Problem::new(Code::NotFound, format!("You have no notification {id}.")).into());
    }
    drop(tx);
    self::mark(store, request, Some(vec![id]), mark).await
}
