//! What everybody is told.

use super::Caller;
use super::mutation::{self, Request, Small};
use super::notification::text;
use crate::clock;
use crate::error::Error;
use crate::store::{Store, announcements};
use app::protocol::notification::{Announcement, NewAnnouncement};
use app::protocol::{Code, Event, Problem, limits};

impl Small for Announcement {}

/// All that have not expired and that the caller has not dismissed, newest first.
pub async fn open(store: &Store, caller: &Caller) -> Result<Vec<Announcement>, Error> {
    caller.must_read_self()?;
    let mut tx = store.read().await?;
    announcements::open(&mut tx, clock::now(), Some(caller.user())).await
}

/// Tells everybody something.
pub async fn announce(store: &Store, request: &Request, new: NewAnnouncement) -> Result<Announcement, Error> {
    request.caller.must_own()?;
    let message = text("message", &new.message, limits::NOTIFICATION_CHARS, true)?;
    if new.expires_at.is_some_and(|at| at <= clock::now()) {
        return Err(Error::InvalidValue {
            field: "expires_at",
            why: "it lies in the past; give a time to come, or leave it out".into(),
        });
    }
    let of = request.clone();
    mutation::once(store, request, "announcement.make", &new.clone(), move |tx| {
        Box::pin(async move {
            let mut announcement = Announcement {
                id: 0,
                level: new.level.unwrap_or_default(),
                message,
                created_by: of.caller.actor().clone(),
                created_at: tx.now(),
                expires_at: new.expires_at,
            };
            announcement.id = announcements::insert(tx, &announcement).await?;
            tx.emit(of.to_all(), Event::AnnouncementMade(announcement.clone()))?;
            Ok(announcement)
        })
    })
    .await
}

fn not_found(id: i64) -> Error {
    Problem::new(
        Code::NotFound,
        format!("There is no announcement {id}; /api/announcements lists them."),
    )
    .into()
}

/// Tells it nobody any longer.
pub async fn withdraw(store: &Store, request: &Request, announcement_id: i64) -> Result<(), Error> {
    request.caller.must_own()?;
    let of = request.clone();
    mutation::once(store, request, "announcement.withdraw", &announcement_id, move |tx| {
        Box::pin(async move {
            if !announcements::delete(tx, announcement_id).await? {
                return Err(not_found(announcement_id));
            }
            tx.emit(of.to_all(), Event::AnnouncementWithdrawn { announcement_id })?;
            Ok(())
        })
    })
    .await
}

/// Takes note of it, for the caller.
pub async fn dismiss(store: &Store, request: &Request, announcement_id: i64) -> Result<(), Error> {
    request.caller.must_write_self()?;
    let of = request.clone();
    mutation::once(store, request, "announcement.dismiss", &announcement_id, move |tx| {
        Box::pin(async move {
            if !announcements::exists(tx.connection(), announcement_id).await? {
                return Err(not_found(announcement_id));
            }
            let user = of.caller.user().clone();
            if announcements::dismiss(tx, announcement_id, &user).await? {
                tx.emit(of.to(&user), Event::AnnouncementDismissed { announcement_id })?;
            }
            Ok(())
        })
    })
    .await
}
