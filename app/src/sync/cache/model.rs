//! A server in a few lines, for tests: what it holds after each event, and the pages it would send.

use super::Trash;
use crate::protocol::entry::{EntryFilter, EntryPage, EntryRow, Facet, Home, KbSummary, KbView, Sort, TrashItem, TrashPage};
use crate::protocol::event::{EntryRemoval, KbChange};
use crate::protocol::people::Level;
use crate::protocol::{
    Actor, Cursor, EntryChange, EntryId, Envelope, Epoch, Event, KbName, MutationId, Seq, Snapshot, Timestamp, Topic, UserId, Version,
};
use proptest::prelude::*;
use std::collections::BTreeMap;

pub(super) const TYPES: [&str; 2] = ["note", "concept"];
pub(super) const TAGS: [&str; 3] = ["a", "b", "c"];
const TITLES: [&str; 6] = ["alpha", "Beta", "beta", "Ärger", "zeta", "Über"];

/// Something that somebody does.
#[derive(Debug, Clone)]
pub(super) enum Deed {
    Create {
        id: usize,
        title: usize,
        kind: usize,
        tags: u8,
    },
    Update {
        pick: usize,
        title: usize,
        kind: usize,
        tags: u8,
        rename: Option<usize>,
    },
    Delete {
        pick: usize,
    },
    Restore {
        pick: usize,
    },
    Purge {
        pick: usize,
    },
    /// In another knowledge base.
    Elsewhere,
}

pub(super) fn deed() -> impl Strategy<Value = Deed> {
    let new_id = prop_oneof![3 => Just(None), 1 => (0usize..9).prop_map(Some)];
    prop_oneof![
        5 => (0usize..9, 0usize..6, 0usize..2, 0u8..8).prop_map(|(id, title, kind, tags)| Deed::Create { id, title, kind, tags }),
        5 => (0usize..9, 0usize..6, 0usize..2, 0u8..8, new_id)
            .prop_map(|(pick, title, kind, tags, rename)| Deed::Update { pick, title, kind, tags, rename }),
        2 => (0usize..9).prop_map(|pick| Deed::Delete { pick }),
        1 => (0usize..9).prop_map(|pick| Deed::Restore { pick }),
        1 => (0usize..9).prop_map(|pick| Deed::Purge { pick }),
        1 => Just(Deed::Elsewhere),
    ]
}

pub(super) fn filter() -> impl Strategy<Value = EntryFilter> {
    let entry_type = prop_oneof![2 => Just(None), 1 => (0usize..2).prop_map(|at| Some(TYPES[at].to_owned()))];
    let tag = prop_oneof![2 => Just(None), 1 => (0usize..3).prop_map(|at| Some(TAGS[at].to_owned()))];
    let sort = prop_oneof![Just(Sort::Updated), Just(Sort::Created), Just(Sort::Title)];
    (entry_type, tag, sort).prop_map(|(entry_type, tag, sort)| EntryFilter {
        entry_type,
        tag,
        q: None,
        sort,
    })
}

/// What the server holds at one place of its log.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    pub(super) entries: BTreeMap<EntryId, EntryRow>,
    trash: Vec<(TrashItem, EntryRow)>,
    updated_at: i64,
}

/// The server: its log, and its state after each event. `states[0]` is before the first.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) log: Vec<Envelope>,
    pub(super) states: Vec<State>,
    now: i64,
    next_trash_id: i64,
}

pub(super) fn kb() -> KbName {
    KbName::parse("notes").unwrap()
}

pub(super) fn id(at: usize) -> EntryId {
    EntryId::parse(&format!("e{at}")).unwrap()
}

pub(super) fn tags(mask: u8) -> Vec<String> {
    TAGS.iter()
        .enumerate()
        .filter(|(at, _)| mask & (1 << at) != 0)
        .map(|(_, tag)| (*tag).to_owned())
        .collect()
}

pub(super) fn title(at: usize) -> String {
    TITLES[at].to_owned()
}

fn change(row: &EntryRow, previous_id: Option<EntryId>, trash_id: Option<i64>) -> EntryChange {
    EntryChange {
        title: row.title.clone(),
        entry_type: row.entry_type.clone(),
        tags: row.tags.clone(),
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
        previous_id,
        trash_id,
        aliases: vec![],
        links: None,
    }
}

impl Model {
    pub(super) fn new() -> Self {
        Self {
            log: Vec::new(),
            states: vec![State::default()],
            now: 0,
            next_trash_id: 1,
        }
    }

    pub(super) fn head(&self) -> usize {
        self.log.len()
    }

    fn state(&self) -> &State {
        self.states.last().unwrap()
    }

    fn actor(&self) -> Actor {
        Actor::User(UserId::parse(if self.head().is_multiple_of(2) { "ada" } else { "bob" }).unwrap())
    }

    /// Does it, if it is possible; the event carries the mutation.
    pub(super) fn perform(&mut self, deed: &Deed, mutation: Option<MutationId>) {
        // Several events may have the same time.
        self.now += i64::from(!self.head().is_multiple_of(3));
        let mut state = self.state().clone();
        let at = Timestamp::from_millis(self.now);
        let actor = self.actor();
        let picked = |pick: usize, state: &State| state.entries.keys().nth(pick % state.entries.len().max(1)).cloned();
        let (about, event) = match deed {
            Deed::Create {
                id: wanted,
                title: of,
                kind,
                tags: mask,
            } => {
                let id = free(&state, id(*wanted));
                let row = EntryRow {
                    kb_name: kb(),
                    entry_id: id.clone(),
                    title: title(*of),
                    entry_type: TYPES[*kind].to_owned(),
                    tags: tags(*mask),
                    version: Version::FIRST,
                    created_at: at,
                    updated_at: at,
                    updated_by: actor.clone(),
                    snippet: None,
                    anchor: None,
                };
                state.entries.insert(id.clone(), row.clone());
                (id, Event::EntryCreated(change(&row, None, None)))
            }
            Deed::Update {
                pick,
                title: of,
                kind,
                tags: mask,
                rename,
            } => {
                let Some(old) = picked(*pick, &state) else { return };
                let Some(mut row) = state.entries.remove(&old) else { return };
                let new = rename.map(id).filter(|new| *new != old && !state.entries.contains_key(new));
                row.entry_id = new.clone().unwrap_or_else(|| old.clone());
                (row.title, row.entry_type, row.tags) = (title(*of), TYPES[*kind].to_owned(), tags(*mask));
                (row.version, row.updated_at, row.updated_by) = (row.version.next(), at, actor.clone());
                state.entries.insert(row.entry_id.clone(), row.clone());
                (row.entry_id.clone(), Event::EntryUpdated(change(&row, new.map(|_| old), None)))
            }
            Deed::Delete { pick } => {
                let Some(old) = picked(*pick, &state) else { return };
                let Some(row) = state.entries.remove(&old) else { return };
                let item = TrashItem {
                    trash_id: self.next_trash_id,
                    kb_name: kb(),
                    entry_id: old.clone(),
                    title: row.title.clone(),
                    entry_type: row.entry_type.clone(),
                    deleted_at: at,
                    deleted_by: actor.clone(),
                };
                self.next_trash_id += 1;
                let (title, entry_type, version, trash_id) = (row.title.clone(), row.entry_type.clone(), row.version, item.trash_id);
                state.trash.push((item, row));
                (
                    old,
                    Event::EntryDeleted(EntryRemoval {
                        title,
                        entry_type,
                        version,
                        trash_id,
                    }),
                )
            }
            Deed::Restore { pick } => {
                if state.trash.is_empty() {
                    return;
                }
                let (item, mut row) = state.trash.remove(pick % state.trash.len());
                row.entry_id = free(&state, row.entry_id);
                state.entries.insert(row.entry_id.clone(), row.clone());
                (row.entry_id.clone(), Event::EntryCreated(change(&row, None, Some(item.trash_id))))
            }
            Deed::Purge { pick } => {
                if state.trash.is_empty() {
                    return;
                }
                let (item, row) = state.trash.remove(pick % state.trash.len());
                (row.entry_id, Event::EntryPurged { trash_id: item.trash_id })
            }
            Deed::Elsewhere => return self.elsewhere(state, actor, at),
        };
        if !matches!(event, Event::EntryPurged { .. }) {
            state.updated_at = self.now;
        }
        self.push(state, event, &kb(), Some(about), actor, at, mutation);
    }

    fn elsewhere(&mut self, state: State, actor: Actor, at: Timestamp) {
        let other = KbName::parse(&format!("other-{}", self.head())).unwrap();
        let event = Event::KbCreated(KbChange {
            title: TITLES[self.head() % 6].to_owned(),
            description: String::new(),
            members: None,
        });
        self.push(state, event, &other, None, actor, at, None);
    }

    #[allow(clippy::too_many_arguments)]
    fn push(
        &mut self,
        state: State,
        event: Event,
        kb: &KbName,
        id: Option<EntryId>,
        actor: Actor,
        at: Timestamp,
        mutation: Option<MutationId>,
    ) {
        self.log.push(Envelope {
            event,
            seq: Seq::new(self.head() as u64 + 1),
            timestamp: at,
            topic: Topic::Kb(kb.clone()),
            kb_name: Some(kb.clone()),
            entry_id: id,
            actor,
            mutation_id: mutation,
        });
        self.states.push(state);
    }

    pub(super) fn cursor(&self, at: usize) -> Cursor {
        Cursor {
            epoch: Epoch::parse("k").unwrap(),
            seq: Seq::new(at as u64),
        }
    }

    /// All rows that match, in order, as they were at this place of the log.
    pub(super) fn list(&self, at: usize, filter: &EntryFilter) -> Vec<EntryRow> {
        let matches = |row: &&EntryRow| {
            filter.entry_type.as_ref().is_none_or(|wanted| *wanted == row.entry_type)
                && filter.tag.as_ref().is_none_or(|wanted| row.tags.contains(wanted))
        };
        let mut rows: Vec<EntryRow> = self.states[at].entries.values().filter(matches).cloned().collect();
        rows.sort_by(|a, b| compare(filter.sort, a, b));
        rows
    }

    /// The page behind the row that `after` names by its position in `compare`.
    pub(super) fn page(
        &self,
        at: usize,
        filter: &EntryFilter,
        after: Option<&EntryRow>,
        limit: usize,
    ) -> (Snapshot<EntryPage>, Option<EntryRow>) {
        let all = self.list(at, filter);
        let total = all.len() as u64;
        let mut items: Vec<EntryRow> = all
            .into_iter()
            .filter(|row| after.is_none_or(|after| compare(filter.sort, after, row).is_lt()))
            .collect();
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more).cloned();
        let next = last
            .as_ref()
            .map(|last| format!("{}:{}:{}", last.entry_id, last.version, last.title));
        (
            Snapshot {
                cursor: self.cursor(at),
                data: EntryPage { items, total, next },
            },
            last,
        )
    }

    pub(super) fn trash(&self, at: usize) -> Vec<TrashItem> {
        let mut items: Vec<TrashItem> = self.states[at].trash.iter().map(|(item, _)| item.clone()).collect();
        items.sort_by_key(|item| std::cmp::Reverse((item.deleted_at, item.trash_id)));
        items
    }

    pub(super) fn trash_page(&self, at: usize, limit: usize) -> Snapshot<Trash> {
        Trash::begin(kb(), self.trash_behind(at, limit, &format!("{}:{}", i64::MAX, i64::MAX)))
    }

    pub(super) fn trash_behind(&self, at: usize, limit: usize, after: &str) -> Snapshot<TrashPage> {
        let (time, trash_id) = after.split_once(':').unwrap();
        let after: (i64, i64) = (time.parse().unwrap(), trash_id.parse().unwrap());
        let place = |item: &TrashItem| (item.deleted_at.millis(), item.trash_id);
        let mut items: Vec<TrashItem> = self.trash(at).into_iter().filter(|item| place(item) < after).collect();
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(place).map(|(time, id)| format!("{time}:{id}"));
        Snapshot {
            cursor: self.cursor(at),
            data: TrashPage { items, next },
        }
    }

    fn summary(&self, at: usize) -> KbSummary {
        let state = &self.states[at];
        KbSummary {
            name: kb(),
            title: "Notes".to_owned(),
            description: String::new(),
            entries: state.entries.len() as u64,
            created_at: Timestamp::from_millis(0),
            updated_at: Timestamp::from_millis(state.updated_at),
            members: Level::Read,
            level: Level::Admin,
        }
    }

    pub(super) fn view(&self, at: usize) -> KbView {
        let state = &self.states[at];
        let rows = || state.entries.values();
        KbView {
            kb: self.summary(at),
            types: facets(rows().map(|row| row.entry_type.clone())),
            tags: facets(rows().flat_map(|row| row.tags.clone())),
            trashed: state.trash.len() as u64,
            watching: false,
        }
    }

    pub(super) fn home(&self, at: usize) -> Home {
        let mut kbs = vec![self.summary(at)];
        for event in &self.log[..at] {
            if let (Event::KbCreated(change), Some(name)) = (&event.event, &event.kb_name) {
                let (title, description, entries) = (change.title.clone(), change.description.clone(), 0);
                let (created_at, updated_at) = (event.timestamp, event.timestamp);
                kbs.push(KbSummary {
                    name: name.clone(),
                    title,
                    description,
                    entries,
                    created_at,
                    updated_at,
                    members: Level::Read,
                    level: Level::Admin,
                });
            }
        }
        kbs.sort_by_key(|kb| (kb.title.to_ascii_lowercase(), kb.name.clone()));
        Home {
            kbs,
            recent: self.log[..at].iter().rev().take(30).cloned().collect(),
        }
    }
}

fn free(state: &State, wanted: EntryId) -> EntryId {
    let mut id = wanted.clone();
    let mut n = 2;
    while state.entries.contains_key(&id) {
        id = crate::protocol::slug::numbered(&wanted, n);
        n += 1;
    }
    id
}

/// Written apart from the code under test, the way the server's SQL says it.
fn compare(sort: Sort, a: &EntryRow, b: &EntryRow) -> std::cmp::Ordering {
    let by_id = a.entry_id.as_str().cmp(b.entry_id.as_str());
    match sort {
        Sort::Created => b.created_at.cmp(&a.created_at).then(by_id),
        Sort::Title => a.title.to_lowercase().cmp(&b.title.to_lowercase()).then(by_id),
        Sort::Updated | Sort::Relevance => b.updated_at.cmp(&a.updated_at).then(by_id),
    }
}

fn facets(values: impl Iterator<Item = String>) -> Vec<Facet> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    values.for_each(|value| *counts.entry(value).or_default() += 1);
    let mut facets: Vec<Facet> = counts.into_iter().map(|(value, count)| Facet { value, count }).collect();
    facets.sort_by(|a, b| b.count.cmp(&a.count).then(a.value.cmp(&b.value)));
    facets
}
