//! What pages ask about people: each method is a command of the domain.

use super::pages::{CallersBackend, answer};
use crate::domain::mutation::Request;
use crate::domain::{announcement, kb, notification, person};
use app::backend::PeopleBackend;
use app::protocol::notification::{Announcement, Delivery, Desk, Inbox, Mark, NewAnnouncement, NotificationsMarked, Present};
use app::protocol::people::{Account, KbAccess, Level, MadeInvitation, MadeToken, NewInvitation, NewToken, People, Role};
use app::protocol::{Code, EntryId, KbName, Problem, Snapshot, Topic, UserId};
use async_trait::async_trait;

impl CallersBackend {
    pub(super) fn asks(&self) -> Request {
        Request::by(self.caller.clone())
    }
}

#[async_trait]
impl PeopleBackend for CallersBackend {
    async fn desk(&self) -> Result<Snapshot<Desk>, Problem> {
        answer(notification::desk(&self.state.store, &self.caller).await)
    }

    async fn account(&self) -> Result<Snapshot<Account>, Problem> {
        answer(person::account(&self.state.store, &self.caller).await)
    }

    async fn people(&self) -> Result<Snapshot<People>, Problem> {
        answer(person::people(&self.state.store, &self.caller).await)
    }

    async fn access(&self, kb: KbName) -> Result<Snapshot<KbAccess>, Problem> {
        answer(kb::access(&self.state.store, &self.caller, &kb).await)
    }

    async fn inbox(&self, unread_only: bool, limit: usize, before: Option<i64>) -> Result<Snapshot<Inbox>, Problem> {
        answer(notification::inbox(&self.state.store, &self.caller, unread_only, limit, before).await)
    }

    async fn present(&self, topic: Topic) -> Result<Vec<Present>, Problem> {
        let topic = self.caller.meant(topic);
        if !self.caller.may_hear(&topic) {
            return Err(Problem::new(Code::NotFound, format!("There is no topic {topic}.")));
        }
        Ok(self.state.hub.presence().at(&topic))
    }

    async fn suggest_people(&self, kb: KbName, text: String) -> Result<Vec<UserId>, Problem> {
        answer(person::suggest(&self.state.store, &self.caller, &kb, &text).await)
    }

    async fn mark(&self, ids: Option<Vec<i64>>, mark: Mark) -> Result<NotificationsMarked, Problem> {
        answer(notification::mark(&self.state.store, &self.asks(), ids, mark).await)
    }

    async fn prefer(&self, kind: String, delivery: Delivery) -> Result<(), Problem> {
        answer(
            notification::prefer(&self.state.store, &self.asks(), vec![(kind, delivery)])
                .await
                .map(drop),
        )
    }

    async fn watch(&self, kb: KbName, entry: Option<EntryId>, watching: bool) -> Result<(), Problem> {
        answer(notification::watch(&self.state.store, &self.asks(), kb, entry, watching).await)
    }

    async fn dismiss_announcement(&self, id: i64) -> Result<(), Problem> {
        answer(announcement::dismiss(&self.state.store, &self.asks(), id).await)
    }

    async fn announce(&self, new: NewAnnouncement) -> Result<Announcement, Problem> {
        answer(announcement::announce(&self.state.store, &self.asks(), new).await)
    }

    async fn withdraw_announcement(&self, id: i64) -> Result<(), Problem> {
        answer(announcement::withdraw(&self.state.store, &self.asks(), id).await)
    }

    async fn change_password(&self, old: String, new: String) -> Result<(), Problem> {
        answer(person::change_password(&self.state.store, &self.state.door.logins, &self.asks(), old, new).await)
    }

    async fn end_device(&self, id: i64) -> Result<(), Problem> {
        answer(person::end_device(&self.state.store, &self.asks(), id).await)
    }

    async fn make_token(&self, new: NewToken) -> Result<MadeToken, Problem> {
        answer(person::make_token(&self.state.store, &self.asks(), new).await)
    }

    async fn revoke_token(&self, id: i64) -> Result<(), Problem> {
        answer(person::revoke_token(&self.state.store, &self.asks(), id).await)
    }

    async fn invite(&self, new: NewInvitation) -> Result<MadeInvitation, Problem> {
        // Pages know themselves below which path they are.
        answer(person::invite(&self.state.store, &self.asks(), new).await)
    }

    async fn withdraw_invitation(&self, id: i64) -> Result<(), Problem> {
        answer(person::withdraw_invitation(&self.state.store, &self.asks(), id).await)
    }

    async fn set_role(&self, user: UserId, role: Role) -> Result<(), Problem> {
        answer(person::set_role(&self.state.store, &self.asks(), user, role).await)
    }

    async fn remove_person(&self, user: UserId) -> Result<(), Problem> {
        answer(person::remove(&self.state.store, &self.asks(), user).await)
    }

    async fn set_right(&self, kb: KbName, user: UserId, level: Option<Level>) -> Result<(), Problem> {
        answer(kb::set_right(&self.state.store, &self.asks(), kb, user, level).await)
    }

    async fn set_members(&self, kb: KbName, level: Level) -> Result<(), Problem> {
        answer(kb::set_members(&self.state.store, &self.asks(), kb, level).await)
    }
}
