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
use crate::store::job_items::{self, Waiting};
use crate::store::sources::{self, Known, Seen};
use crate::store::{WriteTx, entries, versions};
use app::protocol::entry::EntryDraft;
use app::protocol::job::ItemOutcome;
use app::protocol::{EntryId, KbName, Problem, limits, slug};
use app::sync::merge::merge;
use serde_json::{Value, json};
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
                Ok((stored, added))
            })
        });
        match written.await {
            Ok((None, added)) => {
                self.queue.extend(added);
                Ok(())
            }
            Ok((Some(stored), added)) => {
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

/// Writes the entry of a page. None where people have changed it at the same places as the site.
async fn store_in(
    tx: &mut WriteTx,
    request: &Request,
    kb: &KbName,
    fresh: &Fresh,
    linked: Option<String>,
    leads_to: &[String],
) -> Result<Option<Stored>, Error> {
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
    // What the site says, where the entry will say more.
    let mut text = None;
    let (outcome, uid, entry_id, version) = match known {
        Some(known) if known.digest == digest => {
            text = known.text;
            (ItemOutcome::Unchanged, known.uid, known.entry_id, known.written)
        }
        Some(known) => {
            let mut patch = json!({ "title": title, "body": body, "metadata": metadata });
            let is_edited = known.version != known.written;
            if is_edited {
                let Some((title, together)) = merged(tx, &known, &title, &body).await? else {
                    return Ok(None);
                };
                text = Some(std::mem::replace(&mut body, together));
                (patch["title"], patch["body"]) = (title.into(), body.as_str().into());
            }
            let written = entry::update_in(tx, request, kb, &known.entry_id, Change::Merge(patch), None).await?;
            // It remains one that people have changed.
            let version = if is_edited { known.written } else { written.entry.version };
            (ItemOutcome::Updated, known.uid, written.entry.entry_id, version)
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
            (ItemOutcome::Added, stored.uid, stored.entry.entry_id, stored.entry.version)
        }
    };
    let seen = Seen {
        source: identity,
        uid,
        written: version,
        text: text.as_deref(),
        etag: validators.etag.as_deref(),
        last_modified: validators.last_modified.as_deref(),
        digest: &digest,
        leads_to,
    };
    sources::put(tx, kb, seen).await?;
    let is_new = outcome != ItemOutcome::Unchanged;
    Ok(Some(Stored {
        outcome,
        uid,
        entry_id,
        words: if is_new { words(&body) } else { 0 },
        passages: if is_new { entry::passages(&body) } else { 0 },
        is_cut,
    }))
}

/// The title and the text of an entry that people have changed since, together with what is new of its page. None where both
/// changed the same.
async fn merged(tx: &mut WriteTx, known: &Known, title: &str, body: &str) -> Result<Option<(String, String)>, Error> {
    let base = versions::get(tx.connection(), known.uid, known.written).await?;
    let now = entries::by_uid(tx.connection(), known.uid).await?;
    let (Some(base), Some(now)) = (base, now) else {
        return Ok(None);
    };
    let merged = merge(known.text.as_deref().unwrap_or(&base.body), &now.entry.body, body);
    let title = if now.entry.title == base.title { title } else { &now.entry.title };
    Ok((merged.conflicts == 0).then(|| (title.to_owned(), merged.text)))
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
