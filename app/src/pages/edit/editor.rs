//! The editor's state: what was read, what is written, how far it is saved. What it says of that is always true.

use super::draft::{Draft, Slot};
use super::fields::Fields;
use super::metadata;
use crate::api::kb::load_kb;
use crate::protocol::entry::Entry;
use crate::protocol::people::Level;
use crate::protocol::{Actor, Code, EntryId, Event, KbName, Problem, Timestamp, Version};
use crate::sync::{Sync, WriteState};
use crate::ui::browser;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// A body of so many bytes takes a while to be kept, so that is not done with each key, but when typing rests.
const LARGE: usize = 64 * 1024;
const PAUSE: Duration = Duration::from_millis(400);

/// What was read, and is there to be merged with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Base {
    /// Which version; none for an entry that is not there yet.
    pub version: Option<Version>,
    /// When the entry was made: another one may have its id by now.
    pub made: Option<Timestamp>,
    /// What was read.
    pub fields: Fields,
}

/// Two people changed the same place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// What is stored.
    pub theirs: Entry,
    /// What was written here.
    pub mine: Fields,
    /// Both together, with markers where they touch.
    pub merged: Fields,
    /// What both changed.
    pub fields: Vec<&'static str>,
}

/// How far what is written is saved.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Saving {
    /// Nothing was asked for since the last change.
    #[default]
    Idle,
    /// On its way.
    Sending,
    /// The server has it.
    Saved,
    /// The server does not take it.
    Failed(Problem),
    /// It touches what somebody else saved.
    Conflict(Box<Conflict>),
}

/// Something the author should know, without having to do anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A draft was found and is shown.
    Restored {
        /// When it was written, in milliseconds since 1970.
        at: i64,
    },
    /// Somebody saved while this is being written.
    SavedBySomebody {
        /// Who.
        by: Actor,
        /// Which version.
        version: Version,
    },
    /// One may no longer write here.
    OnlyReading,
    /// Somebody else's change was taken in.
    MergedWith {
        /// Whose.
        by: Actor,
    },
}

/// What is no longer there while this is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gone {
    /// The entry.
    Entry {
        /// Who deleted it, where that is known.
        by: Option<Actor>,
        /// The item of the trash that it is, where that is known.
        trash_id: Option<i64>,
    },
    /// The whole knowledge base.
    Kb {
        /// Who deleted it, where that is known.
        by: Option<Actor>,
    },
}

/// The editor of an entry, there or new.
#[derive(Clone, Copy)]
pub struct Editor {
    /// Where the entry is.
    pub kb: StoredValue<KbName>,
    /// Which one it is; none until a new one is saved.
    pub id: RwSignal<Option<EntryId>>,
    /// Its title.
    pub title: RwSignal<String>,
    /// Its type.
    pub entry_type: RwSignal<String>,
    /// Its tags as they stand in their field.
    pub tags: RwSignal<String>,
    /// Its text.
    pub body: RwSignal<String>,
    /// What is written in a conflict to be saved in place of the text.
    pub both: RwSignal<Option<String>>,
    /// Its other names as they stand in their field.
    pub aliases: RwSignal<String>,
    /// Its metadata as it stands in its field.
    pub metadata: RwSignal<String>,
    /// What was read.
    pub base: RwSignal<Base>,
    /// How far it is saved.
    pub saving: RwSignal<Saving>,
    /// Where the write is on its way.
    pub write: RwSignal<WriteState>,
    /// What the author should know.
    pub notice: RwSignal<Option<Notice>>,
    /// What is no longer there.
    pub gone: RwSignal<Option<Gone>>,
    /// Whether this browser keeps the draft.
    pub kept: RwSignal<bool>,
    /// Whether the page is alive, and typing is seen.
    pub alive: RwSignal<bool>,
    pub(super) slot: StoredValue<Slot>,
}

impl Editor {
    /// An editor that begins with `base`.
    pub fn new(kb: KbName, id: Option<EntryId>, base: Base, slot: Slot) -> Self {
        let fields = base.fields.clone();
        Self {
            kb: StoredValue::new(kb),
            id: RwSignal::new(id),
            title: RwSignal::new(fields.title),
            entry_type: RwSignal::new(fields.entry_type),
            tags: RwSignal::new(fields.tags),
            body: RwSignal::new(fields.body),
            both: RwSignal::new(None),
            aliases: RwSignal::new(fields.aliases),
            metadata: RwSignal::new(fields.metadata),
            base: RwSignal::new(base),
            saving: RwSignal::new(Saving::Idle),
            write: RwSignal::new(WriteState::Idle),
            notice: RwSignal::new(None),
            gone: RwSignal::new(None),
            kept: RwSignal::new(true),
            alive: RwSignal::new(false),
            slot: StoredValue::new(slot),
        }
    }

    /// What is written now.
    pub fn fields(self) -> Fields {
        Fields {
            title: self.title.get(),
            entry_type: self.entry_type.get(),
            tags: self.tags.get(),
            body: self.both.get().unwrap_or_else(|| self.body.get()),
            aliases: self.aliases.get(),
            metadata: self.metadata.get(),
        }
    }

    fn track(self) {
        self.base.track();
        self.both.track();
        for field in [self.title, self.entry_type, self.tags, self.body, self.aliases, self.metadata] {
            field.track();
        }
    }

    /// What is written now, where the editor is still there; does not track.
    pub fn fields_now(self) -> Option<Fields> {
        Some(Fields {
            title: self.title.try_get_untracked()?,
            entry_type: self.entry_type.try_get_untracked()?,
            tags: self.tags.try_get_untracked()?,
            body: self.both.try_get_untracked()?.or_else(|| self.body.try_get_untracked())?,
            aliases: self.aliases.try_get_untracked()?,
            metadata: self.metadata.try_get_untracked()?,
        })
    }

    /// Shows these fields; what is the same already is not touched, so that no caret moves.
    pub fn show(self, fields: Fields) {
        self.take_both();
        let Some(now) = self.fields_now() else { return };
        let same_aliases = now.alias_list() == fields.alias_list();
        let same_metadata = metadata::same(&now.metadata, &fields.metadata);
        let changes = [
            (self.title, now.title != fields.title, fields.title),
            (self.entry_type, now.entry_type != fields.entry_type, fields.entry_type),
            (self.tags, now.tags != fields.tags, fields.tags),
            (self.body, now.body != fields.body, fields.body),
            (self.aliases, !same_aliases, fields.aliases),
            (self.metadata, !same_metadata, fields.metadata),
        ];
        for (signal, differs, value) in changes {
            if differs {
                signal.set(value);
            }
        }
    }

    /// Makes what was written in a conflict the text, where the conflict is left without a decision.
    pub fn take_both(self) {
        if let Some(both) = self.both.try_update(Option::take).flatten() {
            self.body.set(both);
        }
    }

    /// What is wrong with the metadata.
    pub fn metadata_problem(self) -> Option<String> {
        let base = self.base.with(|base| base.fields.metadata.clone());
        self.metadata.with(|text| metadata::problem(&base, text))
    }

    /// Whether saving was refused, and nothing was asked for since.
    pub fn was_refused(self) -> bool {
        self.saving.with(|saving| matches!(saving, Saving::Failed(_)))
    }

    /// Whether something is written that the server does not have.
    pub fn is_dirty(self) -> bool {
        !self.fields().same(&self.base.get().fields)
    }

    /// Comes to life: takes up a draft, and keeps one from now on.
    pub fn keep_draft(self) {
        let waiting = StoredValue::new(None::<TimeoutHandle>);
        let store_now = move || {
            if let Some(waiting) = waiting.try_update_value(Option::take).flatten() {
                waiting.clear();
                self.store_draft();
            }
        };
        Effect::new(move |begun: Option<bool>| {
            if begun.is_none() {
                self.take_up_draft();
                self.alive.set(true);
            }
            self.track();
            if let Some(earlier) = waiting.try_update_value(Option::take).flatten() {
                earlier.clear();
            }
            if self.body.with_untracked(String::len) < LARGE {
                self.store_draft();
            } else {
                waiting.set_value(set_timeout_with_handle(store_now, PAUSE).ok());
            }
            true
        });
        on_cleanup(store_now);
        // Only where nothing is kept would leaving lose something.
        Effect::new(move || {
            let unsafe_to_leave = move || self.kept.try_get_untracked() == Some(false);
            let leaving = window_event_listener(leptos::ev::beforeunload, move |ev| {
                store_now();
                if unsafe_to_leave() {
                    ev.prevent_default();
                }
            });
            let hiding = window_event_listener(leptos::ev::pagehide, move |_| store_now());
            on_cleanup(move || {
                leaving.remove();
                hiding.remove();
            });
        });
    }

    /// Keeps what is written in this browser, where it is more than what the server has.
    pub(super) fn store_draft(self) {
        let (Some(fields), Some(base)) = (self.fields_now(), self.base.try_get_untracked()) else {
            return;
        };
        let kept = if fields.same(&base.fields) {
            self.slot.try_with_value(Slot::clear).is_some()
        } else {
            let draft = Draft {
                base_version: base.version,
                made: base.made,
                base: base.fields,
                fields,
                at: browser::now_ms(),
            };
            self.slot.try_with_value(|slot| slot.write(&draft)).is_some_and(|kept| kept.is_ok())
        };
        self.kept.try_set(kept);
    }

    fn take_up_draft(self) {
        let Some(draft) = self.slot.with_value(Slot::read) else { return };
        let base = self.base.get_untracked();
        if draft.fields.same(&base.fields) {
            return;
        }
        if draft.made.is_some() && base.made.is_some() && draft.made != base.made {
            self.gone.set(Some(Gone::Entry { by: None, trash_id: None }));
        }
        // What the draft was made of stays its base: what others saved since is merged when it is saved.
        self.base.set(Base {
            version: draft.base_version,
            made: draft.made,
            fields: draft.base,
        });
        self.show(draft.fields);
        self.notice.set(Some(Notice::Restored { at: draft.at }));
    }

    /// Drops what is written and shows what was read from the server.
    pub fn discard(self, stored: Base) {
        self.show(stored.fields.clone());
        self.base.set(stored);
        self.saving.set(Saving::Idle);
        self.notice.set(None);
    }

    /// Makes of what is written a new entry: the one that was there is gone.
    pub fn begin_anew(self) {
        self.take_both();
        self.base.set(Base::default());
        self.id.set(None);
        self.saving.set(Saving::Idle);
        self.notice.set(None);
        self.gone.set(None);
    }

    /// Tells the author what others do to the entry meanwhile; the text is left alone.
    pub fn watch(self) {
        let sync = Sync::expect();
        sync.on_resync(move || self.look_again());
        sync.on_event(move |event| {
            let same_kb = self.kb.try_get_value().is_some_and(|kb| event.kb_name.as_ref() == Some(&kb));
            let id = self.id.try_get_untracked().flatten();
            if let (Event::EntryUpdated(change), Some(now)) = (&event.event, &event.entry_id)
                && same_kb
                && change.previous_id.is_some()
                && change.previous_id == id
            {
                return self.follow(now);
            }
            let same = event.entry_id.is_none() || event.entry_id == id;
            let own = event.mutation_id.as_ref().is_some_and(|mutation| sync.is_own(mutation));
            if !same_kb || !same || own {
                return;
            }
            let known = self.base.with_untracked(|base| base.version);
            let by = event.actor.clone();
            match &event.event {
                Event::KbDeleted {} => self.gone.set(Some(Gone::Kb { by: Some(by) })),
                Event::KbCreated(_) => self.came_back(),
                Event::AccessChanged { .. } | Event::KbAccessChanged { .. } => self.look_again(),
                // Without an item of the trash it is another entry, which took the id.
                Event::EntryCreated(change) if change.trash_id.is_some() => self.came_back(),
                Event::EntryUpdated(change) if known.is_none_or(|known| change.version > known) => {
                    let version = change.version;
                    self.notice.set(Some(Notice::SavedBySomebody { by, version }));
                }
                Event::EntryDeleted(removal) => self.gone.set(Some(Gone::Entry {
                    by: Some(by),
                    trash_id: Some(removal.trash_id),
                })),
                _ => {}
            }
        });
    }

    /// Finds out what one may still do in the knowledge base: a right may have gone, or come back.
    fn look_again(self) {
        let Some(kb) = self.kb.try_get_value() else { return };
        spawn_local(async move {
            let level = match load_kb(kb).await {
                Ok(view) => view.data.kb.level,
                Err(problem) if problem.code == Code::KbNotFound => Level::None,
                // What cannot be asked now is found out by the next save.
                Err(_) => return,
            };
            match self.gone.try_get_untracked() {
                Some(None) if level < Level::Read => drop(self.gone.try_set(Some(Gone::Kb { by: None }))),
                Some(Some(Gone::Kb { .. })) if level >= Level::Read => self.came_back(),
                _ => {}
            }
            let told = self.notice.try_with_untracked(|notice| *notice == Some(Notice::OnlyReading));
            match told {
                Some(false) if level == Level::Read => drop(self.notice.try_set(Some(Notice::OnlyReading))),
                Some(true) if level != Level::Read => drop(self.notice.try_set(None)),
                _ => {}
            }
        });
    }

    /// The entry has another id now, and its draft goes with it.
    fn follow(self, now: &EntryId) {
        self.slot.with_value(Slot::clear);
        self.slot.set_value(Slot::of_entry(&self.kb.get_value(), now));
        self.id.set(Some(now.clone()));
        self.store_draft();
    }

    fn came_back(self) {
        if self.gone.get_untracked().is_some() {
            self.take_both();
            self.gone.set(None);
            self.saving.set(Saving::Idle);
        }
    }
}
