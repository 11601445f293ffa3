//! Names and numbers of things, each a type of its own, so that none is taken for another.

use super::limits;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {given:?} {why}")]
pub struct InvalidId {
    /// What it should have been: `knowledge base name`, `entry id` …
    pub what: &'static str,
    /// The text as it came, shortened to 80 characters.
    pub given: String,
    /// What is wrong with it, and how to mend it.
    pub why: &'static str,
}

fn invalid(what: &'static str, given: &str, why: &'static str) -> InvalidId {
    InvalidId {
        what,
        given: given.chars().take(80).collect(),
        why,
    }
}

/// Defines a checked, cheaply cloned text id.
macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $check:expr) => {
        text_id!($(#[$doc])* $name, $what, $check, |text| std::borrow::Cow::Borrowed(text));
    };
    ($(#[$doc:meta])* $name:ident, $what:literal, $check:expr, $normal:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schema(value_type = String)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks a text and makes it an id.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                let check: fn(&str) -> Result<(), &'static str> = $check;
                let normal: fn(&str) -> std::borrow::Cow<'_, str> = $normal;
                let text = normal(text);
                check(&text).map_err(|why| invalid($what, &text, why))?;
                Ok(Self(text.into()))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.as_ref().to_owned()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

fn check_slug(text: &str, longest: usize, extra: &[char]) -> Result<(), &'static str> {
    let Some(first) = text.chars().next() else {
        return Err("is empty");
    };
    if text.len() > longest {
        return Err("is too long");
    }
    if !first.is_alphanumeric() {
        return Err("must begin with a letter or a digit");
    }
    if !text.chars().all(|c| c.is_alphanumeric() || is_mark(c) || extra.contains(&c)) {
        return Err("may hold letters, digits, '-' and '_' only");
    }
    Ok(())
}

/// Combining marks belong to the letters of many scripts, and `char::is_alphanumeric` leaves some out.
fn is_mark(c: char) -> bool {
    super::slug::is_mark(c)
}

text_id!(
    /// The slug of a knowledge base, unique on a server: `notes`.
    KbName, "knowledge base name", |text| {
        check_slug(text, limits::KB_NAME_BYTES, &['-', '_'])?;
        if text.chars().any(char::is_uppercase) {
            return Err("must be in lower case");
        }
        Ok(())
    }
);

text_id!(
    /// The slug of an entry, unique in its knowledge base: `pdca`. Always in lower case, so that a link finds it
    /// however it is written.
    EntryId, "entry id", |text| check_slug(text, limits::ENTRY_ID_BYTES, &['-', '_', '.']), lower_case
);

fn lower_case(text: &str) -> std::borrow::Cow<'_, str> {
    if text.chars().any(char::is_uppercase) {
        text.to_lowercase().into()
    } else {
        text.into()
    }
}

text_id!(
    /// The name of a person: `ada`.
    UserId, "user name", |text| check_slug(text, limits::USER_ID_BYTES, &['-', '_', '.', '@'])
);

text_id!(
    /// A job: the name of its knowledge base, a dot, and what tells it from others: `notes.4hx0c2m8k1qz`. Whoever may read the
    /// knowledge base may see the job, so its id alone says who may hear of it.
    JobId, "job id", |text| {
        let Some((kb, rest)) = text.split_once('.') else {
            return Err("must be the name of a knowledge base, a dot, and letters and digits");
        };
        if KbName::parse(kb).is_err() || !(1..=40).contains(&rest.len()) || !rest.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err("must be the name of a knowledge base, a dot, and letters and digits");
        }
        Ok(())
    }
);

impl JobId {
    /// A fresh one of this knowledge base.
    pub fn generate(kb: &KbName) -> Self {
        let random = uuid::Uuid::now_v7().simple().to_string();
        Self(format!("{kb}.{}", &random[16..]).into())
    }

    /// The knowledge base that it is for.
    pub fn kb(&self) -> KbName {
        let name = self.0.split('.').next().unwrap_or_default();
        KbName::parse(name).expect("checked when the id was made")
    }
}

text_id!(
    /// Identifies one log: random, made with the log, and made anew when a backup is restored over it.
    Epoch, "epoch", |text| {
        if text.is_empty() || text.len() > 40 || !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err("must be 1 to 40 ASCII letters and digits");
        }
        Ok(())
    }
);

text_id!(
    /// Made by the client for each write: makes the write idempotent, and lets its author recognise the echo.
    /// A UUIDv7 by convention; any token of 8 to 128 visible ASCII characters is taken.
    MutationId, "idempotency key", |text| {
        if !(8..=128).contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err("must be 8 to 128 visible ASCII characters");
        }
        Ok(())
    }
);

impl MutationId {
    /// A fresh one, a UUIDv7.
    pub fn generate() -> Self {
        Self(uuid::Uuid::now_v7().to_string().into())
    }
}

/// A position in the log: 1, 2, 3 … without gaps. 0 is before the first event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Seq(u64);

impl Seq {
    /// Before the first event.
    pub const ZERO: Seq = Seq(0);

    /// The position with this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number of this position.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The position before it; of the first, itself.
    #[must_use]
    pub const fn before(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    /// The position that follows.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How often an entry was written: 1 when it was created. Travels as `ETag: "7"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Version(u64);

impl Version {
    /// The version of an entry that was just created.
    pub const FIRST: Version = Version(1);

    /// The version with this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number of this version.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The version that the next write makes.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Who did it. As text: `user:ada`, `agent:claude`, `system`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Actor {
    /// A person.
    User(UserId),
    /// A program, by the name of its token.
    Agent(UserId),
    /// Tidings itself: retention, the guide on a first start.
    System,
}

impl utoipa::PartialSchema for Actor {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        String::schema()
    }
}

impl utoipa::ToSchema for Actor {}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Actor::User(id) => write!(f, "user:{id}"),
            Actor::Agent(id) => write!(f, "agent:{id}"),
            Actor::System => f.write_str("system"),
        }
    }
}

impl Actor {
    /// The name to show to people: `ada`, `claude`, `Tidings`.
    pub fn name(&self) -> &str {
        match self {
            Actor::User(id) | Actor::Agent(id) => id.as_str(),
            Actor::System => "Tidings",
        }
    }
}

impl FromStr for Actor {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text.split_once(':') {
            Some(("user", id)) => Ok(Actor::User(UserId::parse(id)?)),
            Some(("agent", id)) => Ok(Actor::Agent(UserId::parse(id)?)),
            None if text == "system" => Ok(Actor::System),
            _ => Err(invalid("actor", text, "must be user:NAME, agent:NAME or system")),
        }
    }
}

impl TryFrom<String> for Actor {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<Actor> for String {
    fn from(actor: Actor) -> String {
        actor.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_id_keeps_letters_of_every_script() {
        for id in ["pdca", "größe-2", "日本語", "हिन्दी", "v1.2_x"] {
            assert_eq!(EntryId::parse(id).unwrap().as_str(), id);
        }
        assert_eq!(EntryId::parse("PDCA").unwrap().as_str(), "pdca");
    }

    #[test]
    fn an_id_that_could_leave_its_place_is_refused() {
        for id in ["", "..", ".a", "a/b", "a b", "-a", "a\u{0}", "a?b", "a#b", "a%2fb"] {
            assert!(EntryId::parse(id).is_err(), "{id:?}");
        }
        assert!(KbName::parse("Notes").is_err());
        assert!(KbName::parse("a.b").is_err());
        assert!(EntryId::parse(&"x".repeat(limits::ENTRY_ID_BYTES + 1)).is_err());
    }

    #[test]
    fn a_job_says_of_which_knowledge_base_it_is() {
        let kb = KbName::parse("größe-2").unwrap();
        let id = JobId::generate(&kb);
        assert_eq!(JobId::parse(id.as_str()).unwrap().kb(), kb);
        for text in ["", "notes", "notes.", ".x", "A.x", "notes.a-b", "no tes.x", "notes.a.b"] {
            assert!(JobId::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_actor_survives_its_text() {
        for text in ["user:ada", "agent:claude", "system"] {
            assert_eq!(text.parse::<Actor>().unwrap().to_string(), text);
        }
        assert!("root".parse::<Actor>().is_err());
    }
}
