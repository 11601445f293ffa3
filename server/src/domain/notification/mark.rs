//! Marks notifications: seen, read, unread, deleted.

use crate::domain::mutation::{self, Request, Small};
use crate::error::Error;
use crate::store::{Store, WriteTx, notifications};
use app::protocol::notification::{Mark, NotificationsMarked};
use app::protocol::{Code, Event, Problem, limits};

impl Small for NotificationsMarked {}

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
    let of = request.clone();
    mutation::once(store, request, "notification.mark", &(ids.clone(), mark), move |tx| {
        Box::pin(async move { mark_in(tx, &of, ids.as_deref(), mark).await })
    })
    .await
}

async fn mark_in(tx: &mut WriteTx, request: &Request, ids: Option<&[i64]>, mark: Mark) -> Result<NotificationsMarked, Error> {
    let user = request.caller.user();
    let ids = notifications::mark(tx, user, ids, mark).await?;
    let counts = notifications::counts(tx.connection(), user).await?;
    let marked = NotificationsMarked { mark, ids, counts };
    if !marked.ids.is_empty() {
        tx.emit(request.to(user), Event::NotificationsMarked(marked.clone()))?;
    }
    Ok(marked)
}

/// The same for one. `not_found` where it is not the caller's: whose it is, or whether it is, is nobody else's business.
pub async fn mark_one(store: &Store, request: &Request, id: i64, mark: Mark) -> Result<NotificationsMarked, Error> {
    request.caller.must_write_self()?;
    let of = request.clone();
    mutation::once(store, request, "notification.mark_one", &(id, mark), move |tx| {
        Box::pin(async move {
            if !notifications::exists(tx.connection(), of.caller.user(), id).await? {
                return Err(Problem::new(Code::NotFound, format!("You have no notification {id}.")).into());
            }
            mark_in(tx, &of, Some(&[id]), mark).await
        })
    })
    .await
}
