//! Saving: sends what is written, merges what somebody else saved meanwhile, and asks only where both touch.

use super::draft::Slot;
use super::editor::{Base, Conflict, Editor, Gone, Notice, Saving};
use super::fields::Fields;
use crate::pages::moved::renamed_to;
use crate::protocol::entry::{Entry, Written};
use crate::protocol::{Code, EntryId, Problem};
use crate::sync::{Sync, WriteState};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What to do when all is saved; it gets the entry.
pub type Then = Callback<EntryId>;

/// What became of one attempt.
enum Attempt {
    Done(Box<Written>),
    /// Somebody else was faster, and there is something new to send.
    Again,
    /// It waits for the author.
    Stopped(Saving),
}

impl Editor {
    /// Saves what is written, unless that is under way. `then` is called once the server has it.
    pub fn save(self, sync: Sync, then: Then) {
        // A conflict, and what became of an entry that is gone, are decided where they are shown.
        if matches!(self.saving.get_untracked(), Saving::Sending | Saving::Conflict(_)) || self.gone.with_untracked(Option::is_some) {
            return;
        }
        if self.title.with_untracked(|title| title.trim().is_empty()) {
            self.saving.set(Saving::Failed(Problem::new(
                Code::TitleEmpty,
                "An entry needs a title before it can be saved.",
            )));
            return;
        }
        if untrack(|| self.metadata_problem()).is_some() {
            // What it is stands at the field, where it is mended.
            let problem = Problem::new(Code::InvalidValue, "The metadata has a mistake; its field says which.");
            self.saving.set(Saving::Failed(problem));
            return;
        }
        self.saving.set(Saving::Sending);
        spawn_local(async move {
            loop {
                let Some(sent) = self.fields_now() else { return };
                match self.attempt(sync, &sent).await {
                    Attempt::Done(written) => return self.settle(&sent, &written.entry, then),
                    Attempt::Again => {}
                    Attempt::Stopped(saving) => return drop(self.saving.try_set(saving)),
                }
            }
        });
    }

    /// Saves over what somebody else saved, after the author has decided.
    pub fn resolve(self, sync: Sync, conflict: &Conflict, chosen: Fields, then: Then) {
        self.base.set(Base {
            version: Some(conflict.theirs.version),
            made: Some(conflict.theirs.created_at),
            fields: Fields::of(&conflict.theirs),
        });
        self.both.set(None);
        self.show(chosen);
        self.saving.set(Saving::Idle);
        self.save(sync, then);
    }

    async fn attempt(self, sync: Sync, sent: &Fields) -> Attempt {
        let (Some(base), Some(id)) = (self.base.try_get_untracked(), self.id.try_get_untracked()) else {
            return Attempt::Stopped(Saving::Idle);
        };
        let (Some(kb), slot) = (self.kb.try_get_value(), self.slot.try_get_value()) else {
            return Attempt::Stopped(Saving::Idle);
        };
        let result = match id {
            Some(id) => {
                sync.update_entry(kb, id, sent.patch(&base.fields), base.version, Some(self.write))
                    .await
            }
            None => sync.create_entry(kb, sent.draft()).await,
        };
        self.write.try_set(WriteState::Idle);
        match result {
            Ok(written) => {
                // The page may be left by now; its draft goes all the same.
                slot.inspect(|slot| slot.settle(sent));
                Attempt::Done(Box::new(written))
            }
            Err(problem) => self.failed(problem),
        }
    }

    fn failed(self, problem: Problem) -> Attempt {
        let current = problem
            .extra
            .get("current")
            .and_then(|current| serde_json::from_value::<Entry>(current.clone()).ok());
        match (problem.code, current, renamed_to(&problem)) {
            (Code::StaleVersion, Some(theirs), _) => self.bring_together(theirs),
            (Code::EntryNotFound, _, Some(now)) => {
                self.id.try_set(Some(now));
                Attempt::Again
            }
            (Code::EntryNotFound, ..) => self.missing(problem, Gone::Entry { by: None, trash_id: None }),
            (Code::KbNotFound, ..) => self.missing(problem, Gone::Kb { by: None }),
            _ => Attempt::Stopped(Saving::Failed(problem)),
        }
    }

    /// The server knows nothing of it; who deleted it may have been told already.
    fn missing(self, problem: Problem, gone: Gone) -> Attempt {
        if self.gone.try_get_untracked().flatten().is_none() {
            self.gone.try_set(Some(gone));
        }
        Attempt::Stopped(Saving::Failed(problem))
    }

    /// Somebody saved `theirs` since the base was read.
    fn bring_together(self, theirs: Entry) -> Attempt {
        let (Some(mine), Some(base)) = (self.fields_now(), self.base.try_get_untracked()) else {
            return Attempt::Stopped(Saving::Idle);
        };
        let stored = Fields::of(&theirs);
        let merged = Fields::merge(&base.fields, &mine, &stored);
        if !merged.conflicts.is_empty() && !mine.same(&stored) {
            let conflict = Conflict {
                theirs,
                mine,
                merged: merged.fields,
                fields: merged.conflicts,
            };
            self.take_both();
            self.notice.set(None);
            return Attempt::Stopped(Saving::Conflict(Box::new(conflict)));
        }
        let (by, version, made) = (theirs.updated_by.clone(), theirs.version, theirs.created_at);
        let nothing_left = merged.fields.same(&stored);
        self.base.set(Base {
            version: Some(version),
            made: Some(made),
            fields: stored,
        });
        self.show(merged.fields);
        self.notice.set(Some(Notice::MergedWith { by }));
        if nothing_left {
            Attempt::Done(Box::new(Written {
                entry: theirs,
                links_followed: 0,
            }))
        } else {
            Attempt::Again
        }
    }

    /// The server has `sent`, and made `entry` of it.
    fn settle(self, sent: &Fields, entry: &Entry, then: Then) {
        let Some(now) = self.fields_now() else { return };
        let stored = Fields::of(entry);
        let typed_on = !now.same(sent) && !now.same(&stored);
        self.base.set(Base {
            version: Some(entry.version),
            made: Some(entry.created_at),
            fields: if typed_on { sent.clone() } else { stored.clone() },
        });
        let merged = self
            .notice
            .with_untracked(|notice| matches!(notice, Some(Notice::MergedWith { .. })));
        if !merged {
            self.notice.set(None);
        }
        if typed_on {
            self.saving.set(Saving::Idle);
        } else {
            self.show(stored);
            self.saving.set(Saving::Saved);
        }
        let was_new = self.id.get_untracked().is_none();
        if was_new {
            self.slot.with_value(Slot::clear);
            self.slot.set_value(Slot::of_entry(&self.kb.get_value(), &entry.entry_id));
            self.store_draft();
        }
        self.id.set(Some(entry.entry_id.clone()));
        if !typed_on || was_new {
            then.run(entry.entry_id.clone());
        }
    }
}
