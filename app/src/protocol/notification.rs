//! What people are told: notifications for one, announcements for all, and who else is here.

use super::Timestamp;
use super::ids::{Actor, EntryId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Something that concerns one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Notification {
    /// Names it; a later one has a higher number.
    pub id: i64,
    /// The kind: one of [`kinds`], or what a program calls it.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is about, in a line.
    pub title: String,
    /// The rest, in plain text; may be empty.
    pub message: String,
    /// Where it leads: a path of this server, or an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Who caused it.
    pub actor: Actor,
    /// What a program added.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub data: Map<String, Value>,
    /// When.
    pub created_at: Timestamp,
    /// Whether the list that it is in was looked at since it came.
    pub seen: bool,
    /// Whether it was read.
    pub read: bool,
}

/// The kinds of notifications that Tidings makes itself.
pub mod kinds {
    /// Somebody wrote `@name` in an entry.
    pub const MENTION: &str = "mention";
    /// An entry, or something in a knowledge base, that one watches was changed by somebody else.
    pub const WATCHED: &str = "watched";
    /// A job of one's own ended.
    pub const JOB: &str = "job";
    /// Somebody gave or took a right.
    pub const ACCESS: &str = "access";
    /// A program or a person sent it, and did not say what kind it is.
    pub const MESSAGE: &str = "message";
    /// All of them, in the order in which people see them.
    pub const ALL: [&str; 5] = [MENTION, WATCHED, JOB, ACCESS, MESSAGE];
}

/// How one wants to hear of a kind of notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Not at all.
    Off,
    /// It stands in the inbox, and counts on the bell.
    Inbox,
    /// And it shows for a moment when it comes.
    Toast,
}

impl Delivery {
    /// As it is stored and written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Delivery::Off => "off",
            Delivery::Inbox => "inbox",
            Delivery::Toast => "toast",
        }
    }

    /// From a text.
    pub fn parse(text: &str) -> Option<Self> {
        [Delivery::Off, Delivery::Inbox, Delivery::Toast]
            .into_iter()
            .find(|delivery| delivery.as_str() == text)
    }
}

/// How one wants to hear of each kind of notification. A kind that is not there is as `message` is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Preferences(pub BTreeMap<String, Delivery>);

impl Default for Preferences {
    fn default() -> Self {
        let by_default = |kind: &str| if kind == kinds::WATCHED { Delivery::Inbox } else { Delivery::Toast };
        Self(kinds::ALL.iter().map(|kind| ((*kind).to_owned(), by_default(kind))).collect())
    }
}

impl Preferences {
    /// How to tell of this kind.
    pub fn of(&self, kind: &str) -> Delivery {
        let kind = self.0.get(kind).or_else(|| self.0.get(kinds::MESSAGE));
        kind.copied().unwrap_or(Delivery::Toast)
    }
}

/// How many notifications a person has that ask for something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Counts {
    /// That came since the list was looked at: the number on the bell.
    pub unseen: u64,
    /// That were not read.
    pub unread: u64,
}

/// A notification that came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NotificationNews {
    /// It.
    pub notification: Notification,
    /// Whether it shows for a moment.
    pub toast: bool,
    /// An older one that it stands for too, and that is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<i64>,
    /// How many there are by now.
    #[serde(flatten)]
    pub counts: Counts,
}

/// What can become of notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// The list was looked at.
    Seen,
    /// They were read.
    Read,
    /// They shall count as not read again.
    Unread,
    /// They are gone.
    Deleted,
}

/// Notifications that were marked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NotificationsMarked {
    /// What became of them.
    pub mark: Mark,
    /// Which; those that were so already are left out.
    pub ids: Vec<i64>,
    /// How many there are by now.
    #[serde(flatten)]
    pub counts: Counts,
}

/// A piece of somebody's notifications.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Inbox {
    /// Newest first.
    pub items: Vec<Notification>,
    /// Where the next piece begins: give it as `before`. None at the end.
    pub next: Option<i64>,
    /// How many there are.
    #[serde(flatten)]
    pub counts: Counts,
}

/// Asks to tell somebody something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNotification {
    /// Whom.
    #[serde(alias = "user_id")]
    pub user: String,
    /// What it is about, in a line.
    pub title: String,
    /// The rest.
    #[serde(default)]
    pub message: String,
    /// The kind; `message` where absent.
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    /// Where it leads: a path of this server, or an address that begins with http:// or https://.
    #[serde(default)]
    pub link: Option<String>,
    /// What else belongs to it.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub data: Map<String, Value>,
}

/// How much an announcement weighs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Good to know.
    #[default]
    Info,
    /// Something will not be as usual.
    Warning,
    /// Something is wrong.
    Critical,
}

impl Weight {
    /// As it is stored and written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Weight::Info => "info",
            Weight::Warning => "warning",
            Weight::Critical => "critical",
        }
    }

    /// From a text.
    pub fn parse(text: &str) -> Option<Self> {
        [Weight::Info, Weight::Warning, Weight::Critical]
            .into_iter()
            .find(|weight| weight.as_str() == text)
    }
}

/// Something that everybody is told, until they dismiss it or it expires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Announcement {
    /// Names it.
    pub id: i64,
    /// How much it weighs.
    pub level: Weight,
    /// In plain text.
    pub message: String,
    /// Who announced it.
    pub created_by: Actor,
    /// When.
    pub created_at: Timestamp,
    /// Until when it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// Asks to tell everybody something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAnnouncement {
    /// In plain text.
    pub message: String,
    /// How much it weighs; `info` where absent.
    #[serde(default)]
    pub level: Option<Weight>,
    /// Until when it shows; until it is withdrawn where absent.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

/// What stands around every page: who one is, and what asks for attention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Desk {
    /// Who one is.
    pub me: super::people::Me,
    /// How many notifications wait.
    pub counts: Counts,
    /// What everybody is told and this person has not dismissed: what weighs most first, then the newest.
    pub announcements: Vec<Announcement>,
}

/// What somebody is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    /// Has it open.
    Reading,
    /// Writes in it.
    Editing,
    /// Has it open, and looks at something else.
    Away,
    /// Is there no longer. Only said, never kept.
    Gone,
}

impl Doing {
    /// Of several things that somebody does at the same time, the one with the highest rank shows.
    pub const fn rank(self) -> u8 {
        match self {
            Doing::Gone => 0,
            Doing::Away => 1,
            Doing::Reading => 2,
            Doing::Editing => 3,
        }
    }
}

/// Somebody who is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Present {
    /// Who.
    pub user_id: UserId,
    /// At which entry; none at the list of the knowledge base, or at home.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_id: Option<EntryId>,
    /// What they do.
    pub state: Doing,
    /// When they did something last.
    pub last_active: Timestamp,
}
