//! Makes an entry.

use super::prepared::{Prepared, prepare, turn};
use super::rules::Content;
use crate::domain::mutation::{Manner, Once, Request};
use crate::domain::notification::{Happened, entry_changed_in};
use crate::error::Error;
use crate::markdown::Reading;
use crate::store::entries::Stored;
use crate::store::{Store, WriteTx, entries};
use app::protocol::entry::{Entry, EntryDraft, Written};
use app::protocol::{EntryId, Event, KbName, Version, slug};

/// Makes an entry. An id that the draft names must be free; else one is made of the title.
pub async fn create(store: &Store, request: &Request, kb: KbName, draft: EntryDraft) -> Result<Written, Error> {
    request.caller.must_write(&kb)?;
    let once = Once::new(request, "entry.create", &(&kb, &draft))?;
    if let Some(written) = once.before(store).await? {
        return Ok(written);
    }
    let of = request.clone();
    let _turn = turn(draft.body.len()).await?;
    let prepared = one(prepare(&kb, vec![draft]).await?)?;
    once.run(store, move |tx| {
        Box::pin(async move {
            let stored = create_in(tx, &of, &kb, prepared).await?;
            Ok(Written {
                entry: stored.entry,
                links_followed: 0,
            })
        })
    })
    .await
}

/// Makes an entry within a transaction that does more than this.
pub async fn create_in(tx: &mut WriteTx, request: &Request, kb: &KbName, prepared: Prepared) -> Result<Stored, Error> {
    one(create_all_in(tx, request, kb, vec![Ok(prepared)]).await?)
}

fn one<T>(all: Vec<Result<T, Error>>) -> Result<T, Error> {
    all.into_iter()
        .next()
        .unwrap_or_else(|| Err(Error::Damaged("an entry was neither made nor refused".into())))
}

/// Bytes of texts that are written together, at the most.
const TOGETHER: usize = 4 * 1024 * 1024;

/// Makes many entries within a transaction that does more than this, as [`create_in`] makes one; of those that are refused,
/// nothing is stored. Statements for all of them together cost a fraction of those for each.
pub async fn create_all_in(
    tx: &mut WriteTx,
    request: &Request,
    kb: &KbName,
    prepared: Vec<Result<Prepared, Error>>,
) -> Result<Vec<Result<Stored, Error>>, Error> {
    request.caller.must_write(kb)?;
    let checked: Vec<Result<(EntryId, Prepared), Error>> = prepared
        .into_iter()
        .map(|prepared| {
            let prepared = prepared?;
            let content = &prepared.content;
            let id = content.id.clone().unwrap_or_else(|| slug::entry_id(&content.title));
            Ok((id, prepared))
        })
        .collect();
    let wanted: Vec<&str> = checked.iter().flatten().map(|(id, _)| id.as_str()).collect();
    let entries::Places { mut taken, uid: mut next } = entries::places(tx, kb, &wanted).await?;
    let mut made = Vec::with_capacity(checked.len());
    let (mut waiting, mut bytes) = (Vec::<entries::New>::new(), 0);
    let mut told = Vec::new();
    for checked in checked {
        let (mut entry_id, Prepared { content, reading }) = match checked {
            Ok(checked) => checked,
            Err(why) => {
                made.push(Err(why));
                continue;
            }
        };
        if taken.contains(&entry_id) {
            if content.id.is_some() {
                made.push(Err(Error::EntryExists {
                    kb: kb.clone(),
                    id: entry_id,
                }));
                continue;
            }
            // It must see those that are not written yet.
            entries::insert(tx, &std::mem::take(&mut waiting)).await?;
            bytes = 0;
            entry_id = entries::free_id(tx.connection(), kb, entry_id).await?;
        }
        if bytes > TOGETHER {
            entries::insert(tx, &std::mem::take(&mut waiting)).await?;
            bytes = 0;
        }
        taken.insert(entry_id.clone());
        let stored = new(tx, request, kb, entry_id, content, next);
        tell(tx, request, &stored, &reading)?;
        // A sync tells only who is mentioned.
        if request.manner == Manner::Alone || !reading.mentions.is_empty() {
            told.push((stored.clone(), reading.mentions.clone()));
        }
        next += 1;
        bytes += stored.entry.body.len();
        let stored_too = stored.clone();
        waiting.push(entries::New { stored, reading });
        made.push(Ok(stored_too));
    }
    entries::insert(tx, &waiting).await?;
    // After all are stored: who is told may look.
    for (stored, mentions) in &told {
        entry_changed_in(tx, request, Happened::Created, stored, mentions).await?;
    }
    Ok(made)
}

fn new(tx: &WriteTx, request: &Request, kb: &KbName, entry_id: EntryId, content: Content, uid: i64) -> Stored {
    let entry = Entry {
        kb_name: kb.clone(),
        entry_id,
        title: content.title,
        entry_type: content.entry_type,
        body: content.body,
        tags: content.tags,
        aliases: content.aliases,
        metadata: content.metadata,
        version: Version::FIRST,
        created_at: tx.now(),
        updated_at: tx.now(),
        created_by: request.caller.actor().clone(),
        updated_by: request.caller.actor().clone(),
    };
    Stored { uid, entry }
}

fn tell(tx: &mut WriteTx, request: &Request, stored: &Stored, reading: &Reading) -> Result<(), Error> {
    let entry = &stored.entry;
    let subject = request.subject(&entry.kb_name, Some(&entry.entry_id));
    tx.emit(subject, Event::EntryCreated(super::change(entry, &reading.targets)))?;
    Ok(())
}
