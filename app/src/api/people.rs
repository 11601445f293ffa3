//! People: accounts, rights, notifications, announcements, presence.

use crate::protocol::notification::{Announcement, Delivery, Desk, Inbox, Mark, NewAnnouncement, NotificationsMarked, Present};
use crate::protocol::people::{Account, KbAccess, Level, MadeInvitation, MadeToken, NewInvitation, NewToken, People, Role};
use crate::protocol::{EntryId, KbName, Snapshot, Topic, UserId};

server_functions! {
    /// What stands around every page.
    "desk", desk: load_desk() -> Snapshot<Desk>;

    /// One's own account.
    "account", account: load_account() -> Snapshot<Account>;

    /// The server's people.
    "people", people: load_people() -> Snapshot<People>;

    /// Who may do what in a knowledge base.
    "access", access: load_access(kb: KbName) -> Snapshot<KbAccess>;

    /// A piece of one's notifications.
    "inbox", inbox: load_inbox(unread_only: bool, limit: usize, before: Option<i64>) -> Snapshot<Inbox>;

    /// Who is at a topic.
    "present", present: load_present(topic: Topic) -> Vec<Present>;

    /// People whose name begins like `text`.
    "suggest_people", suggest_people: suggest_people(kb: KbName, text: String) -> Vec<UserId>;

    /// Marks notifications; all of them where no ids are given.
    "mark", mark: mark_notifications(ids: Option<Vec<i64>>, mark: Mark) -> NotificationsMarked;

    /// Says how to tell of a kind of notification.
    "prefer", prefer: prefer_delivery(kind: String, delivery: Delivery) -> ();

    /// Watches an entry, or a knowledge base, or no longer.
    "watch", watch: set_watching(kb: KbName, entry: Option<EntryId>, watching: bool) -> ();

    /// Takes note of an announcement.
    "dismiss_announcement", dismiss_announcement: dismiss_announcement(id: i64) -> ();

    /// Tells everybody something.
    "announce", announce: announce(new: NewAnnouncement) -> Announcement;

    /// Tells it nobody any longer.
    "withdraw_announcement", withdraw_announcement: withdraw_announcement(id: i64) -> ();

    /// Changes one's password.
    "change_password", change_password: change_password(old: String, new: String) -> ();

    /// Logs a browser of one's own out.
    "end_device", end_device: end_device(id: i64) -> ();

    /// Makes a token.
    "make_token", make_token: make_token(new: NewToken) -> MadeToken;

    /// Takes a token back.
    "revoke_token", revoke_token: revoke_token(id: i64) -> ();

    /// Makes an invitation.
    "invite", invite: invite(new: NewInvitation) -> MadeInvitation;

    /// Takes an invitation back.
    "withdraw_invitation", withdraw_invitation: withdraw_invitation(id: i64) -> ();

    /// Makes somebody owner or member.
    "set_role", set_role: set_role(user: UserId, role: Role) -> ();

    /// Removes a person.
    "remove_person", remove_person: remove_person(user: UserId) -> ();

    /// Says what one person may do in a knowledge base.
    "set_right", set_right: set_right(kb: KbName, user: UserId, level: Option<Level>) -> ();

    /// Says what all members may do in a knowledge base.
    "set_members", set_members: set_members(kb: KbName, level: Level) -> ();
}
