//! What all writes have in common: who asks, under which id, and that the same id again does nothing and answers the same.

use super::Caller;
use crate::error::Error;
use crate::store::{BoxFuture, Store, Subject, WriteTx, mutations};
use app::protocol::{EntryId, JobId, KbName, MutationId, Topic, UserId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;

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

/// An answer to a write, and what is kept of it for when the same write comes again.
pub trait Answer: Sized + Send + 'static {
    /// What is kept: little, since it is kept for days.
    type Kept: Serialize + DeserializeOwned + Send;

    /// What to keep of it.
    fn keep(&self, tx: &mut WriteTx) -> impl Future<Output = Result<Self::Kept, Error>> + Send;

    /// The answer once more.
    fn again(kept: Self::Kept, tx: &mut WriteTx) -> impl Future<Output = Result<Self, Error>> + Send;
}

/// An answer that is small enough to be kept as it is.
pub trait Small: Serialize + DeserializeOwned + Send + Sync + Clone + 'static {}

impl Small for () {}

impl<T: Small> Answer for T {
    type Kept = T;

    async fn keep(&self, _: &mut WriteTx) -> Result<T, Error> {
        Ok(self.clone())
    }

    async fn again(kept: T, _: &mut WriteTx) -> Result<T, Error> {
        Ok(kept)
    }
}

/// A write that is done once for each idempotency key, however often it is asked for.
#[derive(Debug, Clone)]
pub struct Once {
    /// None where the write has no key.
    key: Option<Key>,
}

#[derive(Debug, Clone)]
struct Key {
    /// Each person has keys of their own: a user name has no slash.
    id: String,
    /// Of all that was asked for.
    fingerprint: String,
}

impl Once {
    /// A write of this name, which never changes, and content. The same key with another of either is refused.
    /// No secret that somebody could guess belongs into the content: its fingerprint is stored.
    pub fn new(request: &Request, name: &'static str, content: &impl Serialize) -> Result<Self, Error> {
        let key = match &request.mutation {
            None => None,
            Some(id) => Some(Key {
                id: format!("{}/{id}", request.caller.user()),
                fingerprint: fingerprint(request, name, content)?,
            }),
        };
        Ok(Self { key })
    }

    /// The answer, where the write was done before: for writes that need work before their transaction.
    pub async fn before<A: Answer>(&self, store: &Store) -> Result<Option<A>, Error> {
        let Some(key) = self.key.clone() else { return Ok(None) };
        if mutations::find(store.read().await?.connection(), &key.id).await?.is_none() {
            return Ok(None);
        }
        store.write(move |tx| Box::pin(async move { again(tx, &key).await })).await
    }

    /// Does it, or answers as before.
    pub async fn run<A, F>(self, store: &Store, work: F) -> Result<A, Error>
    where
        A: Answer,
        F: for<'t> FnOnce(&'t mut WriteTx) -> BoxFuture<'t, Result<A, Error>> + Send + 'static,
    {
        let Some(key) = self.key else {
            return store.write(work).await;
        };
        store
            .write(move |tx| {
                Box::pin(async move {
                    if let Some(answer) = again(tx, &key).await? {
                        return Ok(answer);
                    }
                    let answer = work(tx).await?;
                    let kept = serde_json::to_string(&answer.keep(tx).await?)?;
                    mutations::insert(tx, &key.id, &key.fingerprint, &kept).await?;
                    Ok(answer)
                })
            })
            .await
    }
}

async fn again<A: Answer>(tx: &mut WriteTx, key: &Key) -> Result<Option<A>, Error> {
    match mutations::find(tx.connection(), &key.id).await? {
        None => Ok(None),
        Some((before, _)) if before != key.fingerprint => Err(Error::IdempotencyKeyReused),
        Some((_, kept)) => Ok(Some(A::again(serde_json::from_str(&kept)?, tx).await?)),
    }
}

/// Runs a write that needs no work before its transaction: see [`Once`].
pub async fn once<A, F>(store: &Store, request: &Request, name: &'static str, content: &impl Serialize, work: F) -> Result<A, Error>
where
    A: Answer,
    F: for<'t> FnOnce(&'t mut WriteTx) -> BoxFuture<'t, Result<A, Error>> + Send + 'static,
{
    Once::new(request, name, content)?.run(store, work).await
}

fn fingerprint(request: &Request, name: &str, content: &impl Serialize) -> Result<String, Error> {
    let mut hasher = blake3::Hasher::new();
    for text in [request.caller.user().as_str(), &request.caller.actor().to_string(), name] {
        hasher.update(text.as_bytes());
        hasher.update(&[0]);
    }
    hasher.update(&serde_json::to_vec(content)?);
    Ok(hasher.finalize().to_hex().to_string())
}
