//! People, what they may, and what they let programs do for them.

use super::Timestamp;
use super::ids::{Actor, KbName, UserId};
use serde::{Deserialize, Serialize};

/// What a person is on this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May do everything, in every knowledge base.
    Owner,
    /// May do what each knowledge base lets them.
    Member,
}

impl Role {
    /// As it is stored and written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Owner => "owner",
            Role::Member => "member",
        }
    }

    /// From a text.
    pub fn parse(text: &str) -> Option<Self> {
        [Role::Owner, Role::Member].into_iter().find(|role| role.as_str() == text)
    }
}

/// What somebody may do in a knowledge base; each level includes those before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Nothing: it is as if the knowledge base did not exist.
    #[default]
    None,
    /// Read it, and hear of its changes.
    Read,
    /// Make, change and delete entries.
    Write,
    /// Change what it is called and who may do what, and delete it.
    Admin,
}

impl Level {
    /// All of them, from nothing to everything.
    pub const ALL: [Level; 4] = [Level::None, Level::Read, Level::Write, Level::Admin];

    /// As it is stored and written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Level::None => "none",
            Level::Read => "read",
            Level::Write => "write",
            Level::Admin => "admin",
        }
    }

    /// From a text.
    pub fn parse(text: &str) -> Option<Self> {
        Level::ALL.into_iter().find(|level| level.as_str() == text)
    }
}

/// What a token may be used for, within what its person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Read, search, and hear of changes.
    Read,
    /// Make, change and delete entries and knowledge bases.
    Write,
    /// Send notifications to people.
    Notify,
    /// People, tokens, rights, announcements and the server's log.
    Admin,
}

impl Scope {
    /// All of them.
    pub const ALL: [Scope; 4] = [Scope::Read, Scope::Write, Scope::Notify, Scope::Admin];

    /// As it is stored and written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::Write => "write",
            Scope::Notify => "notify",
            Scope::Admin => "admin",
        }
    }

    /// From a text.
    pub fn parse(text: &str) -> Option<Self> {
        Scope::ALL.into_iter().find(|scope| scope.as_str() == text)
    }
}

/// How the server knows who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KnownBy {
    /// It does not: everybody who reaches it is its owner (`--auth off`).
    Nothing,
    /// A person who logged in, in a browser.
    Session,
    /// A program's token.
    Token,
    /// A token of another issuer (JWT).
    Issuer,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Me {
    /// The person that they are, or act for.
    pub user_id: UserId,
    /// Under which name their changes are kept.
    pub actor: Actor,
    /// What the person is on this server.
    pub role: Role,
    /// How the server knows.
    pub known_by: KnownBy,
    /// What they may use it for.
    pub scopes: Vec<Scope>,
    /// The one knowledge base that they are held to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kb_name: Option<KbName>,
    /// Until when the server knows them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// A person of this server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Person {
    /// Their name.
    pub user_id: UserId,
    /// What they are on this server.
    pub role: Role,
    /// When they came.
    pub created_at: Timestamp,
    /// When they, or a program of theirs, asked for something last, to the minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<Timestamp>,
}

/// Asks for an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    /// The name: lower-case letters, digits, `-`, `_` and `.`.
    pub user_id: String,
    /// The password.
    pub password: String,
    /// What they shall be; a member where absent.
    #[serde(default)]
    pub role: Option<Role>,
}

/// A browser in which a person is logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Device {
    /// Names it.
    pub id: i64,
    /// What the browser says it is, in a few words.
    pub device: String,
    /// When they logged in.
    pub created_at: Timestamp,
    /// When it was used last, to the minute.
    pub last_used_at: Timestamp,
    /// When it must log in again, unless it is used before.
    pub expires_at: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// A program's token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Token {
    /// Names it.
    pub id: i64,
    /// For whom the program acts.
    pub user_id: UserId,
    /// What the program is called; its changes are kept under this name.
    pub name: UserId,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// The one knowledge base that it is held to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kb_name: Option<KbName>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// When it was used last, to the minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
}

/// Asks for a token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What the program is called, such as `claude`; the person's own name where absent.
    #[serde(default)]
    pub name: Option<String>,
    /// What it may be used for; `read` and `write` where absent.
    #[serde(default)]
    pub scopes: Option<Vec<String>>,
    /// The one knowledge base that it is held to.
    #[serde(default)]
    pub kb: Option<String>,
    /// After how many days it is refused; never where absent.
    #[serde(default)]
    pub expires_in_days: Option<u32>,
    /// For whom; the caller where absent. Only owners make tokens for others.
    #[serde(default)]
    pub user: Option<String>,
}

/// A token that was just made. Its secret is shown this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MadeToken {
    /// The token.
    #[serde(flatten)]
    pub token: Token,
    /// What the program sends as `Authorization: Bearer …`.
    pub secret: String,
}

/// A link that lets somebody make an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Invitation {
    /// Names it.
    pub id: i64,
    /// What who comes by it will be.
    pub role: Role,
    /// Who invited.
    pub created_by: UserId,
    /// When.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Timestamp,
}

/// Asks for an invitation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvitation {
    /// What who comes by it shall be; a member where absent.
    #[serde(default)]
    pub role: Option<Role>,
    /// After how many days it is refused, 1 to 30; 7 where absent.
    #[serde(default)]
    pub expires_in_days: Option<u32>,
}

/// An invitation that was just made. Its link is shown this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MadeInvitation {
    /// The invitation.
    #[serde(flatten)]
    pub invitation: Invitation,
    /// The path of the link, such as `/join/…`; it begins where this server does.
    pub path: String,
}

/// What a person may do in a knowledge base, where that was said for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Right {
    /// The person.
    pub user_id: UserId,
    /// What they may.
    pub level: Level,
}

/// Who may do what in a knowledge base. Owners of the server may do everything everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct KbAccess {
    /// The knowledge base.
    pub kb_name: KbName,
    /// What all members may for whom nothing else is said: `none` makes it private.
    pub members: Level,
    /// For whom something else is said, by name.
    pub rights: Vec<Right>,
    /// All people of the server, by name.
    pub people: Vec<Person>,
}

/// What the page of one's own account shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Account {
    /// Who it is.
    pub me: Me,
    /// Whether there is a password to change: not with `--auth off`.
    pub has_password: bool,
    /// The browsers in which they are logged in, last used first.
    pub devices: Vec<Device>,
    /// Their programs' tokens, last made first.
    pub tokens: Vec<Token>,
    /// How they want to hear of what concerns them.
    pub preferences: super::notification::Preferences,
}

/// What the page of the server's people shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct People {
    /// All people, by name.
    pub people: Vec<Person>,
    /// Invitations that are still good, last made first.
    pub invitations: Vec<Invitation>,
    /// All announcements that have not expired: what weighs most first, then the newest.
    pub announcements: Vec<super::notification::Announcement>,
    /// Which version of Tidings the server is.
    pub version: String,
}
