//! Who asks, and what they may. The one place where rights are decided.

use crate::error::Error;
use app::protocol::{Actor, KbName, Topic, UserId};

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    actor: Actor,
    user: UserId,
}

impl Caller {
    /// With `--auth off` everybody who reaches the server is its owner.
    pub fn owner() -> Self {
        let user = UserId::parse("owner").expect("a valid name");
        Self {
            actor: Actor::User(user.clone()),
            user,
        }
    }

    /// Tidings itself, such as when it brings the guide.
    pub fn system() -> Self {
        let user = UserId::parse("system").expect("a valid name");
        Self {
            actor: Actor::System,
            user,
        }
    }

    /// Under which name their changes are kept.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The person that they are, or act for.
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// Whether they may read this knowledge base. Where not, it is as if it did not exist.
    pub fn may_read(&self, _kb: &KbName) -> bool {
        true
    }

    /// Refuses who may not change this knowledge base.
    pub fn must_write(&self, _kb: &KbName) -> Result<(), Error> {
        Ok(())
    }

    /// Refuses who may not make or delete knowledge bases.
    pub fn must_own(&self) -> Result<(), Error> {
        Ok(())
    }

    /// The topic that they mean: `user:me` is their own.
    pub fn meant(&self, topic: Topic) -> Topic {
        match topic {
            Topic::User(user) if user.as_str() == "me" => Topic::User(self.user.clone()),
            topic => topic,
        }
    }

    /// Whether they may listen to this topic.
    pub fn may_hear(&self, topic: &Topic) -> bool {
        match topic {
            Topic::Kb(kb) => self.may_read(kb),
            _ => true,
        }
    }
}
