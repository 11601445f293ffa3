//! Who asks, and what they may. The one place where rights are decided.

use crate::error::Error;
use app::protocol::people::{KnownBy, Level, Me, Role, Scope};
use app::protocol::{Actor, Code, JobId, KbName, Problem, Timestamp, Topic, UserId};
use std::collections::HashMap;
use std::sync::Arc;

/// How somebody is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// By reaching the server, or the database: `--auth off`, the command line, Tidings itself.
    Reach,
    /// By a browser in which they are logged in.
    Device(i64),
    /// By a token.
    Token(i64),
    /// By the token of another issuer.
    Issuer,
    /// As the one who asked for a job that is at work.
    Job,
}

/// What a person may read, write and rule. Made anew whenever that changes, and shared until then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// What they are on this server.
    pub role: Role,
    /// What they may in each knowledge base that they may at least read. Not used for owners, who may all.
    pub levels: HashMap<KbName, Level>,
}

impl Standing {
    /// An owner's.
    pub fn owner() -> Self {
        Self {
            role: Role::Owner,
            levels: HashMap::new(),
        }
    }

    /// What they may in a knowledge base.
    pub fn level(&self, kb: &KbName) -> Level {
        match self.role {
            Role::Owner => Level::Admin,
            Role::Member => self.levels.get(kb).copied().unwrap_or_default(),
        }
    }
}

/// Which knowledge bases somebody may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readable {
    /// All that there are.
    All,
    /// These, in no order.
    These(Vec<KbName>),
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    identity: Arc<Identity>,
    standing: Arc<Standing>,
}

/// Who somebody is, apart from what their person may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Under which name their changes are kept.
    pub actor: Actor,
    /// The person that they are, or act for.
    pub user: UserId,
    /// How they are known.
    pub credential: Credential,
    /// What they may use it for.
    pub scopes: Vec<Scope>,
    /// The one knowledge base that they are held to.
    pub only: Option<KbName>,
    /// Until when they are known.
    pub expires_at: Option<Timestamp>,
}

impl Caller {
    /// Somebody who is known.
    pub fn new(identity: Identity, standing: Standing) -> Self {
        Self {
            identity: Arc::new(identity),
            standing: Arc::new(standing),
        }
    }

    /// Name of whoever uses Tidings without accounts.
    pub const OWNER: &'static str = "owner";

    /// With `--auth off`, everybody who reaches the server is its owner; and so is who has the data folder.
    pub fn owner() -> Self {
        Self::by_reach(UserId::parse(Self::OWNER).expect("a valid name"), Actor::User)
    }

    /// Tidings itself, such as when it brings the guide.
    pub fn system() -> Self {
        Self::by_reach(UserId::parse("system").expect("a valid name"), |_| Actor::System)
    }

    /// Whoever they say they are, with an owner's rights: `--auth off`.
    pub fn by_reach(user: UserId, actor: impl FnOnce(UserId) -> Actor) -> Self {
        let identity = Identity {
            actor: actor(user.clone()),
            user,
            credential: Credential::Reach,
            scopes: Scope::ALL.to_vec(),
            only: None,
            expires_at: None,
        };
        Self::new(identity, Standing::owner())
    }

    /// Who they are.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The same with what their person may do by now.
    #[must_use]
    pub fn standing_as(&self, standing: Arc<Standing>) -> Self {
        Self {
            identity: Arc::clone(&self.identity),
            standing,
        }
    }

    /// Under which name their changes are kept.
    pub fn actor(&self) -> &Actor {
        &self.identity.actor
    }

    /// The person that they are, or act for.
    pub fn user(&self) -> &UserId {
        &self.identity.user
    }

    /// How they are known.
    pub fn credential(&self) -> Credential {
        self.identity.credential
    }

    /// What they are on this server.
    pub fn role(&self) -> Role {
        self.standing.role
    }

    /// What they are told of themselves.
    pub fn me(&self) -> Me {
        Me {
            user_id: self.user().clone(),
            actor: self.actor().clone(),
            role: self.role(),
            known_by: match self.credential() {
                Credential::Reach => KnownBy::Nothing,
                Credential::Device(_) => KnownBy::Session,
                Credential::Token(_) => KnownBy::Token,
                Credential::Issuer | Credential::Job => KnownBy::Issuer,
            },
            scopes: self.identity.scopes.clone(),
            kb_name: self.identity.only.clone(),
            expires_at: self.identity.expires_at,
        }
    }

    fn has(&self, scope: Scope) -> bool {
        self.identity.scopes.contains(&scope)
    }

    fn must_have(&self, scope: Scope) -> Result<(), Error> {
        if self.has(scope) {
            return Ok(());
        }
        Err(forbidden(format!(
            "This token has not the scope {:?}, which this needs. Make one that has it.",
            scope.as_str()
        )))
    }

    /// What they may in a knowledge base, by the rights of their person and by what they are held to.
    pub fn level(&self, kb: &KbName) -> Level {
        if !self.has(Scope::Read) || self.identity.only.as_ref().is_some_and(|only| only != kb) {
            return Level::None;
        }
        let most = if self.has(Scope::Write) { Level::Admin } else { Level::Read };
        self.standing.level(kb).min(most)
    }

    /// Whether they may read this knowledge base. Where not, it is as if it did not exist.
    pub fn may_read(&self, kb: &KbName) -> bool {
        self.level(kb) >= Level::Read
    }

    /// `KbNotFound` for whom it is as if this knowledge base did not exist.
    pub fn must_read(&self, kb: &KbName) -> Result<(), Error> {
        if self.may_read(kb) {
            Ok(())
        } else {
            Err(Error::KbNotFound(kb.clone()))
        }
    }

    /// Which knowledge bases they may read.
    pub fn readable(&self) -> Readable {
        if !self.has(Scope::Read) {
            return Readable::These(vec![]);
        }
        match (&self.identity.only, self.standing.role) {
            (None, Role::Owner) => Readable::All,
            (Some(only), _) => Readable::These(if self.may_read(only) { vec![only.clone()] } else { vec![] }),
            (None, Role::Member) => Readable::These(self.standing.levels.keys().cloned().collect()),
        }
    }

    /// Refuses who may not change entries of this knowledge base.
    pub fn must_write(&self, kb: &KbName) -> Result<(), Error> {
        self.must_reach(kb, Level::Write, "change entries of")
    }

    /// Refuses who may not change what this knowledge base is called, and who may do what in it.
    pub fn must_rule(&self, kb: &KbName) -> Result<(), Error> {
        self.must_reach(kb, Level::Admin, "change or delete")
    }

    fn must_reach(&self, kb: &KbName, level: Level, deed: &str) -> Result<(), Error> {
        self.must_read(kb)?;
        self.must_have(Scope::Write)?;
        if self.level(kb) >= level {
            return Ok(());
        }
        Err(forbidden(format!(
            "{} may not {deed} the knowledge base {kb}. Ask one of its admins.",
            self.user()
        )))
    }

    /// Refuses who may not delete this knowledge base: there is no way back, so a program needs to be trusted with more than
    /// writing.
    pub fn must_delete(&self, kb: &KbName) -> Result<(), Error> {
        self.must_rule(kb)?;
        self.must_have(Scope::Admin)
    }

    /// Refuses who may not make knowledge bases.
    pub fn must_make(&self) -> Result<(), Error> {
        self.must_have(Scope::Read)?;
        self.must_have(Scope::Write)?;
        match &self.identity.only {
            None => Ok(()),
            Some(only) => Err(forbidden(format!("This token is for the knowledge base {only} only."))),
        }
    }

    /// Refuses who may not say who may do what in this knowledge base.
    pub fn must_give(&self, kb: &KbName) -> Result<(), Error> {
        self.must_rule(kb)?;
        self.must_have(Scope::Admin)
    }

    /// Refuses who is no owner of the server.
    pub fn must_own(&self) -> Result<(), Error> {
        self.must_have(Scope::Admin)?;
        self.must_be_free()?;
        if self.role() == Role::Owner {
            return Ok(());
        }
        Err(forbidden("Only owners of this server may do this. Ask one of them.".into()))
    }

    /// Refuses a program that may not change its person's account.
    pub fn must_administer_self(&self) -> Result<(), Error> {
        self.must_have(Scope::Admin)?;
        self.must_be_free()
    }

    /// Refuses a program that may not tell people things.
    pub fn must_notify(&self) -> Result<(), Error> {
        self.must_have(Scope::Notify)
    }

    /// Refuses a program that may not see its person's own things.
    pub fn must_read_self(&self) -> Result<(), Error> {
        self.must_have(Scope::Read)?;
        self.must_be_free()
    }

    /// Refuses a program that may not change its person's own things: notifications, watches.
    pub fn must_write_self(&self) -> Result<(), Error> {
        self.must_read_self()?;
        self.must_have(Scope::Write)
    }

    fn must_be_free(&self) -> Result<(), Error> {
        match &self.identity.only {
            None => Ok(()),
            Some(only) => Err(forbidden(format!("This token is for the knowledge base {only} only."))),
        }
    }

    /// The topic that they mean: `user:me` is their own.
    pub fn meant(&self, topic: Topic) -> Topic {
        match topic {
            Topic::User(user) if user.as_str() == "me" => Topic::User(self.user().clone()),
            topic => topic,
        }
    }

    /// Whether they may listen to this topic.
    pub fn may_hear(&self, topic: &Topic) -> bool {
        match topic {
            Topic::Kb(kb) => self.may_read(kb),
            Topic::Job(id) => match JobId::parse(id) {
                Ok(job) => self.may_read(&job.kb()),
                // There is none, and there will be none.
                Err(_) => false,
            },
            _ if !self.has(Scope::Read) || self.identity.only.is_some() => false,
            Topic::User(user) => user == self.user(),
            Topic::Logs => self.role() == Role::Owner && self.has(Scope::Admin),
            Topic::System | Topic::Skills => true,
            // Nothing is said there yet; whose they are will decide.
            Topic::Session(_) | Topic::Chat(_) => self.role() == Role::Owner,
        }
    }
}

fn forbidden(detail: String) -> Error {
    Problem::new(Code::Forbidden, detail).into()
}
