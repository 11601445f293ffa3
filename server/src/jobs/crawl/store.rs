//! Stores a page as an entry, new or written again, together with what became of its item.

use super::super::task::{Became, add_in};
use super::super::upload::words;
use super::Crawl;
use super::link::place_of;
use crate::crawl::{Page, Validators};
use crate::domain::entry::{self, Change, Prepared, PreparedChange};
use crate::domain::mutation::Request;
use crate::error::Error;
use crate::markdown::wikify;
use crate::store::job_items::{self, Waiting};
use crate::store::sources::{self, Known, Seen};
use crate::store::{WriteTx, entries, versions};
use app::protocol::entry::EntryDraft;
use app::protocol::job::ItemOutcome;
use app::protocol::{EntryId, KbName, Problem, limits, slug};
use app::sync::merge::merge;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use url::Url;

/// Why an entry was left as it is.
const EDITED: &str = "It was changed here at the same places as there. What stands here stays; to have the page as it is there, delete its entry and crawl again";

/// A page that is to be stored.
pub(super) struct Fresh {
    /// Where it belongs.
    pub(super) place: Url,
    /// What tells it from other pages.
    pub(super) identity: String,
    pub(super) page: Page,
    pub(super) validators: Validators,
}

/// A page that is stored.
struct Stored {
    outcome: ItemOutcome,
    uid: i64,
    entry_id: EntryId,
    words: u64,
    passages: u64,
}

/// What is to become of a page, found out before it is written.
struct Plan {
    /// What was known of its source then: if it is otherwise when it is written, it is planned anew.
    known: Option<Known>,
    deed: Deed,
    digest: String,
    /// What the site says, where the entry will say more.
    text: Option<String>,
    words: u64,
    passages: u64,
    /// It is longer than an entry may be.
    is_cut: bool,
}

enum Deed {
    Create(Box<Prepared>),
    Update(Box<PreparedChange>),
    /// Nothing is new.
    Keep,
    /// People have changed it at the same places as the site.
    Leave,
}

/// How often a page is planned whose entry is written by somebody else at the same time.
const TRIES: usize = 4;

impl Crawl<'_> {
    pub(super) async fn store_page(&mut self, item: Waiting, fresh: Fresh, links: Vec<Url>) -> Result<(), Error> {
        let leads_to: Arc<[String]> = links.iter().map(Url::to_string).collect();
        let new: Arc<[job_items::New]> = self.lead(&item, links).into();
        let identity = fresh.identity.clone();
        let shown = fresh.place.to_string();
        let fresh = Arc::new(fresh);
        for _ in 0..TRIES {
            let plan = match self.plan(&fresh).await {
                Ok(plan) => plan,
                Err(error) if error.is_refusal() => return self.refuse(&item, &shown, error).await,
                Err(error) => return Err(error),
            };
            let is_cut = plan.is_cut;
            let (number, at, fresh) = (self.task.stored.number, item.item, Arc::clone(&fresh));
            let (leads_to, new) = (Arc::clone(&leads_to), Arc::clone(&new));
            let written = self.task.write(move |tx, request, job| {
                Box::pin(async move {
                    let kb = job.kb_name.clone();
                    if sources::find(tx.connection(), &kb, &fresh.identity).await? != plan.known {
                        return Ok(None);
                    }
                    let stored = store_in(tx, request, &kb, &fresh, plan, &leads_to).await?;
                    let became = match &stored {
                        Some(stored) => Became {
                            outcome: stored.outcome,
                            uid: Some(stored.uid),
                            why: None,
                            words: stored.words,
                        },
                        None => Became::skipped(EDITED),
                    };
                    became.count(job);
                    job.result.passages += stored.as_ref().map_or(0, |stored| stored.passages);
                    job_items::settle(tx, number, at, became.outcome, became.uid, became.why.as_deref()).await?;
                    let added = add_in(tx, number, job, &new).await?;
                    Ok(Some((stored, added)))
                })
            });
            match written.await {
                Ok(None) => {}
                Ok(Some((stored, added))) => {
                    self.queue.extend(added);
                    if let Some(stored) = stored {
                        if is_cut {
                            let most = limits::BODY_BYTES / 1024;
                            self.task.say(format!(
                                "{shown} is longer than an entry may be; what comes after {most} KiB is left out"
                            ));
                        }
                        Arc::make_mut(&mut self.entries).insert(identity, stored.entry_id);
                    }
                    return Ok(());
                }
                Err(error) if error.is_refusal() => return self.refuse(&item, &shown, error).await,
                Err(error) => return Err(error),
            }
        }
        let why = format!("{shown}: its entry is being changed all the time; try again later");
        self.task.settle(item.item, Became::failed(why)).await
    }

    async fn refuse(&self, item: &Waiting, shown: &str, error: Error) -> Result<(), Error> {
        let why = format!("{shown}: {}", Problem::from(error).detail);
        self.task.say(&why);
        self.task.settle(item.item, Became::failed(why)).await
    }

    /// Finds out what is to become of a page, from what is stored by now.
    async fn plan(&self, fresh: &Arc<Fresh>) -> Result<Plan, Error> {
        let kb = self.task.stored.job.kb_name.clone();
        let mut tx = self.task.store.read().await?;
        let known = sources::find(tx.connection(), &kb, &fresh.identity).await?;
        let edited = match &known {
            Some(known) if known.version != known.written => Some((
                versions::get(tx.connection(), known.uid, known.written).await?,
                entries::by_uid(tx.connection(), known.uid).await?,
            )),
            _ => None,
        };
        drop(tx);
        let (fresh, entries) = (Arc::clone(fresh), Arc::clone(&self.entries));
        tokio::task::spawn_blocking(move || plan(&kb, &fresh, &entries, known, edited))
            .await
            .map_err(|failed| Error::Panicked(failed.to_string()))?
    }
}

/// The version that was written last for a page, and its entry as people have changed it since.
type Edited = (Option<versions::Past>, Option<entries::Stored>);

fn plan(
    kb: &KbName,
    fresh: &Fresh,
    entries: &HashMap<String, EntryId>,
    known: Option<Known>,
    edited: Option<Edited>,
) -> Result<Plan, Error> {
    let Fresh {
        place,
        identity,
        page,
        validators,
    } = fresh;
    let title: String = page.title.chars().take(limits::TITLE_CHARS).collect();
    let digest = digest(&title, &page.markdown);
    // What is an entry already is linked to at once; the rest when all are there.
    let linked = wikify(&page.markdown, |target| place_of(target, identity, entries));
    let mut body = linked.unwrap_or_else(|| page.markdown.clone());
    body.drain(..title_bytes(&body, &title));
    let is_cut = cut(&mut body, limits::BODY_BYTES);
    let mut metadata = json!({ "source_url": place.as_str(), "fetched_at": crate::clock::now() });
    // A merge patch takes away what is null: one that the page no longer has.
    metadata["etag"] = validators.etag.as_deref().map_or(Value::Null, Value::from);
    let mut text = None;
    let (deed, words, passages) = match &known {
        Some(known) if known.digest == digest => {
            text = known.text.clone();
            (Deed::Keep, 0, 0)
        }
        Some(known) => {
            let together = match edited {
                None => Some((title, body)),
                Some(edited) => merged(known, edited, &title, &body).inspect(|_| text = Some(std::mem::take(&mut body))),
            };
            match together {
                None => (Deed::Leave, 0, 0),
                Some((title, body)) => {
                    let words = words(&body);
                    let patch = json!({ "title": title, "body": body, "metadata": metadata });
                    let change = PreparedChange::new(kb, Change::Merge(patch))?;
                    let passages = change.passages();
                    (Deed::Update(Box::new(change)), words, passages)
                }
            }
        }
        None => {
            let words = words(&body);
            let mut draft = EntryDraft {
                title,
                body,
                entry_type: Some("page".into()),
                ..EntryDraft::default()
            };
            for (name, value) in metadata.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
                draft.metadata.insert(name.clone(), value.clone());
            }
            let prepared = Prepared::new(kb, draft)?;
            let passages = prepared.passages();
            (Deed::Create(Box::new(prepared)), words, passages)
        }
    };
    Ok(Plan {
        known,
        deed,
        digest,
        text,
        words,
        passages,
        is_cut,
    })
}

/// Writes the entry of a page. None where people have changed it at the same places as the site.
async fn store_in(
    tx: &mut WriteTx,
    request: &Request,
    kb: &KbName,
    fresh: &Fresh,
    plan: Plan,
    leads_to: &[String],
) -> Result<Option<Stored>, Error> {
    let (outcome, uid, entry_id, version) = match (plan.deed, plan.known) {
        (Deed::Leave, _) => return Ok(None),
        (Deed::Create(prepared), _) => {
            let stored = entry::create_in(tx, request, kb, *prepared).await?;
            (ItemOutcome::Added, stored.uid, stored.entry.entry_id, stored.entry.version)
        }
        (Deed::Update(change), Some(known)) => {
            let written = entry::update_in(tx, request, kb, &known.entry_id, *change, None).await?;
            // One that people have changed remains one.
            let is_edited = known.version != known.written;
            let version = if is_edited { known.written } else { written.entry.version };
            (ItemOutcome::Updated, known.uid, written.entry.entry_id, version)
        }
        (_, Some(known)) => (ItemOutcome::Unchanged, known.uid, known.entry_id, known.written),
        (_, None) => return Err(Error::Damaged("a page is unchanged that is not known".into())),
    };
    let seen = Seen {
        source: &fresh.identity,
        uid,
        written: version,
        text: plan.text.as_deref(),
        etag: fresh.validators.etag.as_deref(),
        last_modified: fresh.validators.last_modified.as_deref(),
        digest: &plan.digest,
        leads_to,
    };
    sources::put(tx, kb, seen).await?;
    Ok(Some(Stored {
        outcome,
        uid,
        entry_id,
        words: plan.words,
        passages: plan.passages,
    }))
}

/// The title and the text of an entry that people have changed since, together with what is new of its page. None where both
/// changed the same, or so much that to find out would take too long.
fn merged(known: &Known, edited: Edited, title: &str, body: &str) -> Option<(String, String)> {
    let (Some(base), Some(now)) = edited else { return None };
    let before = known.text.as_deref().unwrap_or(&base.body);
    if steps(before, &now.entry.body) + steps(before, body) > MERGE_STEPS {
        return None;
    }
    let merged = merge(before, &now.entry.body, body);
    let title = if now.entry.title == base.title { title } else { &now.entry.title };
    (merged.conflicts == 0).then(|| (title.to_owned(), merged.text))
}

/// Steps of a comparison that may be taken: some seconds of it.
const MERGE_STEPS: usize = 100_000_000;

/// How many steps a comparison of two texts may take at the worst: the product of their lines, without those that are the same at
/// their beginnings and ends.
fn steps(before: &str, after: &str) -> usize {
    let (before, after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let same = |pairs: &mut dyn Iterator<Item = (&&str, &&str)>| pairs.take_while(|(a, b)| a == b).count();
    let head = same(&mut before.iter().zip(&after));
    let (before, after) = (&before[head..], &after[head..]);
    let tail = same(&mut before.iter().rev().zip(after.iter().rev()));
    (before.len() - tail).saturating_mul(after.len() - tail)
}

fn digest(title: &str, markdown: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(title.as_bytes());
    hasher.update(&[0]);
    hasher.update(markdown.as_bytes());
    hasher.finalize().to_hex().to_string()
}

/// How much of a text is a heading that says what the entry's title says already.
fn title_bytes(body: &str, title: &str) -> usize {
    let Some((line, rest)) = body.split_once('\n') else { return 0 };
    let heading = line.trim_start_matches('#');
    if heading.len() < line.len() && slug::slug(heading) == slug::slug(title) {
        body.len() - rest.trim_start().len()
    } else {
        0
    }
}

/// Cuts a text at the end of a line, where it is longer than this. Whether it was.
fn cut(text: &mut String, most: usize) -> bool {
    if text.len() <= most {
        return false;
    }
    let end = text.floor_char_boundary(most);
    let end = text[..end].rfind('\n').unwrap_or(end);
    text.truncate(end);
    true
}

#[cfg(test)]
mod tests {
    use super::title_bytes;

    #[test]
    fn a_heading_that_repeats_the_title_is_left_out() {
        for (body, rest) in [
            ("## Test-Driven Development\n\nText.", "Text."),
            ("# Another\n\nText.", "# Another\n\nText."),
            ("Test driven development\n\nText.", "Test driven development\n\nText."),
            ("# Test Driven Development", "# Test Driven Development"),
        ] {
            assert_eq!(&body[title_bytes(body, "Test Driven Development")..], rest);
        }
    }
}
