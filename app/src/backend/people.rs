//! What pages ask of the server about people: accounts, rights, notifications, announcements, presence.

use crate::protocol::notification::{Announcement, Delivery, Desk, Inbox, Mark, NewAnnouncement, NotificationsMarked, Present};
use crate::protocol::people::{Account, KbAccess, Level, MadeInvitation, MadeToken, NewInvitation, NewToken, People, Role};
use crate::protocol::{EntryId, KbName, Problem, Snapshot, Topic, UserId};
use async_trait::async_trait;

/// The server's people, as one caller may see and change them. Every method's error is a [`Problem`] fit to be shown.
#[async_trait]
pub trait PeopleBackend: Send + Sync {
    /// What stands around every page.
    async fn desk(&self) -> Result<Snapshot<Desk>, Problem>;
    /// One's own account.
    async fn account(&self) -> Result<Snapshot<Account>, Problem>;
    /// The server's people. Only for owners.
    async fn people(&self) -> Result<Snapshot<People>, Problem>;
    /// Who may do what in a knowledge base. Only for its admins.
    async fn access(&self, kb: KbName) -> Result<Snapshot<KbAccess>, Problem>;
    /// A piece of one's notifications, newest first, older than `before`.
    async fn inbox(&self, unread_only: bool, limit: usize, before: Option<i64>) -> Result<Snapshot<Inbox>, Problem>;
    /// Who is at a topic.
    async fn present(&self, topic: Topic) -> Result<Vec<Present>, Problem>;
    /// People whose name begins like `text`, for completing a mention; at most 10. Only those who may read the knowledge base.
    async fn suggest_people(&self, kb: KbName, text: String) -> Result<Vec<UserId>, Problem>;

    /// Marks notifications of one's own; all of them where no ids are given.
    async fn mark(&self, ids: Option<Vec<i64>>, mark: Mark) -> Result<NotificationsMarked, Problem>;
    /// Says how to tell of a kind of notification.
    async fn prefer(&self, kind: String, delivery: Delivery) -> Result<(), Problem>;
    /// Watches an entry, or a knowledge base, or no longer.
    async fn watch(&self, kb: KbName, entry: Option<EntryId>, watching: bool) -> Result<(), Problem>;
    /// Takes note of an announcement.
    async fn dismiss_announcement(&self, id: i64) -> Result<(), Problem>;
    /// Tells everybody something. Only for owners.
    async fn announce(&self, new: NewAnnouncement) -> Result<Announcement, Problem>;
    /// Tells it nobody any longer. Only for owners.
    async fn withdraw_announcement(&self, id: i64) -> Result<(), Problem>;
    /// Changes one's password. All other browsers are logged out.
    async fn change_password(&self, old: String, new: String) -> Result<(), Problem>;
    /// Logs a browser of one's own out.
    async fn end_device(&self, id: i64) -> Result<(), Problem>;
    /// Makes a token.
    async fn make_token(&self, new: NewToken) -> Result<MadeToken, Problem>;
    /// Takes a token back.
    async fn revoke_token(&self, id: i64) -> Result<(), Problem>;
    /// Makes an invitation. Only for owners.
    async fn invite(&self, new: NewInvitation) -> Result<MadeInvitation, Problem>;
    /// Takes an invitation back. Only for owners.
    async fn withdraw_invitation(&self, id: i64) -> Result<(), Problem>;
    /// Makes somebody owner or member. Only for owners.
    async fn set_role(&self, user: UserId, role: Role) -> Result<(), Problem>;
    /// Removes a person. Only for owners.
    async fn remove_person(&self, user: UserId) -> Result<(), Problem>;
    /// Says what one person may do in a knowledge base, or that they may what all members may. Only for its admins.
    async fn set_right(&self, kb: KbName, user: UserId, level: Option<Level>) -> Result<(), Problem>;
    /// Says what all members may do in a knowledge base. Only for its admins.
    async fn set_members(&self, kb: KbName, level: Level) -> Result<(), Problem>;
}
