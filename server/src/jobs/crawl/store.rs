//! Stores a page as an entry, new or written again, together with what became of its item.

use super::super::task::{Became, add_in};
use super::super::upload::words;
use super::Crawl;
use super::link::place_of;
use crate::crawl::{Page, Validators};
use crate::domain::entry::{self, Change};
use crate::domain::mutation::Request;
use crate::error::Error;
use crate::markdown::wikify;
use crate::store::WriteTx;
use crate::store::job_items::{self, Waiting};
use crate::store::sources::{self, Seen};
use app::protocol::entry::EntryDraft;
use app::protocol::job::ItemOutcome;
use app::protocol::{EntryId, KbName, Problem, limits, slug};
use serde_json::{Value, json};
use url::Url;

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
    /// It is longer than an entry may be.
    is_cut: bool,
}

impl Crawl<'_> {
    pub(super) async fn store_page(&mut self, item: Waiting, fresh: Fresh, links: Vec<Url>) -> Result<(), Error> {
        let leads_to: Vec<String> = links.iter().map(Url::to_string).collect();
        let new = self.lead(&item, links);
        let identity = fresh.identity.clone();
        let shown = fresh.place.to_string();
        // What is an entry already is linked to at once; the rest when all are there.
        let markdown = wikify(&fresh.page.markdown, |target| place_of(target, &identity, &self.entries));
        let (number, at) = (self.task.stored.number, item.item);
        let written = self.task.write(move |tx, request, job| {
            Box::pin(async move {
                let kb = job.kb_name.clone();
                let stored = store_in(tx, request, &kb, &fresh, markdown, &leads_to).await?;
                let became = Became {
                    outcome: stored.outcome,
                    uid: Some(stored.uid),
                    why: None,
                    words: stored.words,
                };
                became.count(job);
                job.result.passages += stored.passages;
                job_items::settle(tx, number, at, became.outcome, became.uid, None).await?;
                let added = add_in(tx, number, job, &new).await?;
                Ok((stored, added))
            })
        });
        match written.await {
            Ok((stored, added)) => {
                if stored.is_cut {
                    let most = limits::BODY_BYTES / 1024;
                    self.task.say(format!(
                        "{shown} is longer than an entry may be; what comes after {most} KiB is left out"
                    ));
                }
                self.entries.insert(identity, stored.entry_id);
                self.queue.extend(added);
                Ok(())
            }
            Err(error) if error.is_refusal() => {
                let why = format!("{shown}: {}", Problem::from(error).detail);
                self.task.say(&why);
                self.task.settle(item.item, Became::failed(why)).await
            }
            Err(error) => Err(error),
        }
    }
}

async fn store_in(
    tx: &mut WriteTx,
    request: &Request,
    kb: &KbName,
    fresh: &Fresh,
    linked: Option<String>,
    leads_to: &[String],
) -> Result<Stored, Error> {
    let Fresh {
        place,
        identity,
        page,
        validators,
    } = fresh;
    let title: String = page.title.chars().take(limits::TITLE_CHARS).collect();
    let digest = digest(&title, &page.markdown);
    let mut body = linked.unwrap_or_else(|| page.markdown.clone());
    body.drain(..title_bytes(&body, &title));
    let is_cut = cut(&mut body, limits::BODY_BYTES);
    let mut metadata = json!({ "source_url": place.as_str(), "fetched_at": tx.now() });
    // A merge patch takes away what is null: one that the page no longer has.
    metadata["etag"] = validators.etag.as_deref().map_or(Value::Null, Value::from);
    let known = sources::find(tx.connection(), kb, identity).await?;
    let (outcome, uid, entry_id) = match known {
        Some(known) if known.digest == digest => (ItemOutcome::Unchanged, known.uid, known.entry_id),
        Some(known) => {
            let patch = json!({ "title": title, "body": body, "metadata": metadata });
            let written = entry::update_in(tx, request, kb, &known.entry_id, Change::Merge(patch), None).await?;
            (ItemOutcome::Updated, known.uid, written.entry.entry_id)
        }
        None => {
            let mut draft = EntryDraft {
                title,
                body: body.clone(),
                entry_type: Some("page".into()),
                ..EntryDraft::default()
            };
            for (name, value) in metadata.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
                draft.metadata.insert(name.clone(), value.clone());
            }
            let stored = entry::create_in(tx, request, kb, draft).await?;
            (ItemOutcome::Added, stored.uid, stored.entry.entry_id)
        }
    };
    let seen = Seen {
        source: identity,
        uid,
        etag: validators.etag.as_deref(),
        last_modified: validators.last_modified.as_deref(),
        digest: &digest,
        leads_to,
    };
    sources::put(tx, kb, seen).await?;
    let is_new = outcome != ItemOutcome::Unchanged;
    Ok(Stored {
        outcome,
        uid,
        entry_id,
        words: if is_new { words(&body) } else { 0 },
        passages: if is_new { entry::passages(&body) } else { 0 },
        is_cut,
    })
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
