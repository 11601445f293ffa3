//! Step 5, rights: who may hear what, as it is at the place of the log that is being handed over.
//!
//! The hub applies the events that change rights in their order, each before what follows it: so nothing that lies behind
//! the end of a right reaches whoever had it, and nothing before its beginning whoever got it.

use crate::domain::Caller;
use crate::domain::caller::{Credential, Standing};
use crate::error::Error;
use crate::store::{ReadTx, access, people};
use app::protocol::people::{Level, Role};
use app::protocol::{Envelope, Event, KbName, Topic, UserId};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

/// What is said of a knowledge base.
#[derive(Debug, Default)]
struct Said {
    members: Level,
    people: HashMap<UserId, Level>,
}

/// Who may do what, at one place of the log.
#[derive(Debug, Default)]
pub struct Rights {
    kbs: HashMap<KbName, Said>,
    roles: HashMap<UserId, Role>,
    /// Who was removed, and what was ended, since the server started: whoever was let in just before it.
    removed: HashSet<UserId>,
    /// Last ended last. Whoever was let in before is in the hub within moments, so the last ones are enough.
    ended: VecDeque<Ended>,
}

/// Ended credentials that are remembered.
const REMEMBERED: usize = 10_000;

/// A credential that is no longer good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Device(i64),
    Token(i64),
}

/// Whose rights an event changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// Nobody's.
    Nobody,
    /// One person's, in everything.
    Person(UserId),
    /// One person's, in one knowledge base.
    In(UserId, KbName),
    /// Everybody's, in one knowledge base.
    Everybody(KbName),
    /// One person's browser or token is no longer good, or they are no longer here.
    Ended(UserId),
}

impl Rights {
    /// As they are at the place of this snapshot.
    pub async fn read(tx: &mut ReadTx) -> Result<Self, Error> {
        let (kbs, said) = access::all(tx).await?;
        let mut rights = Self::default();
        for (kb, members) in kbs {
            rights.kbs.entry(kb).or_default().members = members;
        }
        for (kb, user, level) in said {
            rights.kbs.entry(kb).or_default().people.insert(user, level);
        }
        rights.roles = people::all(tx)
            .await?
            .into_iter()
            .map(|person| (person.user_id, person.role))
            .collect();
        Ok(rights)
    }

    /// What a person may do. Who is not known has no rights.
    pub fn standing(&self, user: &UserId) -> Arc<Standing> {
        let Some(role) = self.roles.get(user).copied() else {
            return Arc::new(Standing {
                role: Role::Member,
                levels: HashMap::new(),
            });
        };
        let level = |said: &Said| said.people.get(user).copied().unwrap_or(said.members);
        let levels = match role {
            Role::Owner => HashMap::new(),
            Role::Member => self
                .kbs
                .iter()
                .map(|(kb, said)| (kb.clone(), level(said)))
                .filter(|(_, level)| *level > Level::None)
                .collect(),
        };
        Arc::new(Standing { role, levels })
    }

    /// Whether a caller is still known here.
    pub fn knows(&self, caller: &Caller) -> bool {
        let has_ended = match caller.credential() {
            Credential::Reach => return true,
            Credential::Device(id) => self.ended.contains(&Ended::Device(id)),
            Credential::Token(id) => self.ended.contains(&Ended::Token(id)),
            Credential::Issuer | Credential::Job => false,
        };
        !has_ended && !self.removed.contains(caller.user())
    }

    /// The same caller with the rights that they have here. None where they are no longer known.
    pub fn now(&self, caller: &Caller) -> Option<Caller> {
        match caller.credential() {
            Credential::Reach => Some(caller.clone()),
            _ => self.knows(caller).then(|| caller.standing_as(self.standing(caller.user()))),
        }
    }

    fn end(&mut self, credential: Ended) {
        if self.ended.len() == REMEMBERED {
            self.ended.pop_front();
        }
        self.ended.push_back(credential);
    }

    /// Takes in an event of the log.
    pub fn apply(&mut self, event: &Envelope) -> Changed {
        match (&event.event, &event.kb_name, &event.topic) {
            (Event::KbCreated(change), Some(kb), _) => {
                self.kbs.entry(kb.clone()).or_default().members = change.members.unwrap_or(Level::Read);
                Changed::Everybody(kb.clone())
            }
            (Event::KbDeleted {}, Some(kb), _) => {
                self.kbs.remove(kb);
                Changed::Everybody(kb.clone())
            }
            (Event::KbAccessChanged { members }, Some(kb), _) => {
                self.kbs.entry(kb.clone()).or_default().members = *members;
                Changed::Everybody(kb.clone())
            }
            (Event::AccessChanged { level }, Some(kb), Topic::User(user)) => {
                let people = &mut self.kbs.entry(kb.clone()).or_default().people;
                match level {
                    Some(level) => people.insert(user.clone(), *level),
                    None => people.remove(user),
                };
                Changed::In(user.clone(), kb.clone())
            }
            (Event::PersonJoined { user_id, role } | Event::RoleChanged { user_id, role }, ..) => {
                self.removed.remove(user_id);
                self.roles.insert(user_id.clone(), *role);
                Changed::Person(user_id.clone())
            }
            (Event::PersonRemoved { user_id }, ..) => {
                self.roles.remove(user_id);
                self.removed.insert(user_id.clone());
                for said in self.kbs.values_mut() {
                    said.people.remove(user_id);
                }
                Changed::Ended(user_id.clone())
            }
            (Event::DeviceEnded { device_id }, _, Topic::User(user)) => {
                self.end(Ended::Device(*device_id));
                Changed::Ended(user.clone())
            }
            (Event::TokenRevoked { token_id }, _, Topic::User(user)) => {
                self.end(Ended::Token(*token_id));
                Changed::Ended(user.clone())
            }
            _ => Changed::Nobody,
        }
    }
}

/// Whether somebody who missed this event must read anew: what they may hear was not the same all the time.
pub fn concerns(event: &Envelope, caller: &Caller) -> bool {
    if caller.credential() == Credential::Reach {
        return false;
    }
    match &event.event {
        Event::RoleChanged { user_id, .. } | Event::PersonJoined { user_id, .. } => user_id == caller.user(),
        _ if caller.role() == Role::Owner => false,
        Event::AccessChanged { .. } => matches!(&event.topic, Topic::User(user) if user == caller.user()),
        Event::KbAccessChanged { .. } | Event::KbDeleted {} => true,
        _ => false,
    }
}
