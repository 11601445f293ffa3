//! What all writes have in common: who asks, under which id, and that the same id again does nothing and answers the same.

use super::Caller;
use crate::error::Error;

use crate::store::{BoxFuture, Store, Subject, WriteTx, mutations};
use app::protocol::{EntryId, JobId, KbName, MutationId, Topic, UserId};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Who asks for a write, and the id that they gave it.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who asks.
    pub caller: Caller,
    /// Their id of it, where they gave one.
    pub mutation: Option<MutationId>,
    /// How it comes about.
    pub manner: Manner,
}

/// How a write comes about, which says who is told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// By itself: whom it concerns is told.
    Alone,
    /// As one of many of a folder, which tells at its end, and once, what it did. Who is mentioned is told at once.
    Sync,
    /// As one of many that somebody else has written, and whose mentions mean nobody here.
    Import,
}

impl Request {
    /// Somebody asks for a write.
    pub fn new(caller: Caller, mutation: Option<MutationId>) -> Self {
        Self {
            caller,
            mutation,
            manner: Manner::Alone,
        }
    }

    /// Somebody asks for a write, and gives it no id.
    pub fn by(caller: Caller) -> Self {
        Self::new(caller, None)
    }

    /// What an event of this write is about.
    pub fn subject(&self, kb: &KbName, entry: Option<&EntryId>) -> Subject {
        Subject {
            topic: Topic::Kb(kb.clone()),
            actor: self.caller.actor().clone(),
            mutation_id: self.mutation.clone(),
            kb_name: Some(kb.clone()),
            entry_id: entry.cloned(),
        }
    }

    /// What an event of this write is about that goes to one person.
    pub fn to(&self, user: &UserId) -> Subject {
        self.on(Topic::User(user.clone()))
    }

    /// What an event of this write is about that goes to everybody.
    pub fn to_all(&self) -> Subject {
        self.on(Topic::System)
    }

    /// What an event of this write is about that goes to who may see a job.
    pub fn on_job(&self, job: &JobId) -> Subject {
        Subject {
            kb_name: Some(job.kb()),
            ..self.on(Topic::from(job))
        }
    }

    fn on(&self, topic: Topic) -> Subject {
        Subject {
            topic,
            actor: self.caller.actor().clone(),
            mutation_id: self.mutation.clone(),
            kb_name: None,
            entry_id: None,
        }
    }
}

/// Runs a write once for each mutation id. `command` is what is asked for: the same id with another command is refused.
pub async fn once<T, F>(store: &Store, request: &Request, command: &(impl Serialize + Sync), work: F) -> Result<T, Error>
where
    T: Serialize + DeserializeOwned + Send + 'static,
    F: for<'t> FnOnce(&'t mut WriteTx) -> BoxFuture<'t, Result<T, Error>> + Send + 'static,
{
    let Some(id) = request.mutation.clone() else {
        return store.write(work).await;
    };
    let fingerprint = fingerprint(request, command)?;
    // Each person has keys of their own: a user name has no slash.
    let key = format!("{}/{id}", request.caller.user());
    store
        .write(move |tx| {
            Box::pin(async move {
                if let Some((before, outcome)) = mutations::find(tx, &key).await? {
                    return if before == fingerprint {
                        Ok(serde_json::from_str(&outcome)?)
                    } else {
                        Err(Error::IdempotencyKeyReused)
                    };
                }
                let outcome = work(tx).await?;
                mutations::insert(tx, &key, &fingerprint, &serde_json::to_string(&outcome)?).await?;
                Ok(outcome)
            })
        })
        .await
}

fn fingerprint(request: &Request, command: &impl Serialize) -> Result<String, Error> {
    let mut hasher = blake3::Hasher::new();
    for who in [request.caller.user().as_str(), &request.caller.actor().to_string()] {
        hasher.update(who.as_bytes());
        hasher.update(&[0]);
    }
    hasher.update(std::any::type_name_of_val(command).as_bytes());
    hasher.update(&serde_json::to_vec(command)?);
    Ok(hasher.finalize().to_hex().to_string())
}
