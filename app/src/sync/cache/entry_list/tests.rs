//! Snapshot and events make what a fresh snapshot would be, wherever the pages were cut, and whatever was anticipated.

use super::EntryList;
use crate::protocol::entry::{EntryDraft, EntryFilter, EntryPatch, EntryRow, Sort};
use crate::protocol::{Actor, MutationId, Snapshot, Timestamp};
use crate::sync::cache::model::{Deed, Model, TYPES, deed, filter, id, kb, tags, title};
use crate::sync::cache::{Anticipated, Applied, Change, Live, apply};
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Step {
    /// Somebody does something; this tab hears of it later.
    Others(Deed),
    /// This tab does something, and shows it at once; the server does it so many steps later, or refuses.
    Own { deed: Deed, refused: bool },
    /// The server takes the oldest write of this tab.
    Answer,
    /// The next event reaches this tab.
    Hear,
    /// The next page is loaded, as it was so many events before or behind what this tab has heard.
    Extend { lag: i8, limit: usize },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => deed().prop_map(Step::Others),
        2 => (deed(), any::<bool>()).prop_map(|(deed, refused)| Step::Own { deed, refused }),
        2 => Just(Step::Answer),
        6 => Just(Step::Hear),
        3 => (-4i8..5, 1usize..4).prop_map(|(lag, limit)| Step::Extend { lag, limit }),
    ]
}

struct Tab {
    model: Model,
    filter: EntryFilter,
    list: Snapshot<EntryList>,
    /// The row at which the loaded part ends.
    last: Option<EntryRow>,
    heard: usize,
    /// The newest page was read here.
    newest: usize,
    unanswered: Vec<(MutationId, Deed, bool)>,
    stale: usize,
}

impl Tab {
    fn new(deeds: &[Deed], filter: EntryFilter, limit: usize) -> Self {
        let mut model = Model::new();
        deeds.iter().for_each(|deed| model.perform(deed, None));
        let heard = model.head();
        let (page, last) = model.page(heard, &filter, None, limit);
        let list = EntryList::begin(kb(), filter.clone(), page);
        let (newest, unanswered, stale) = (heard, Vec::new(), 0);
        Self {
            model,
            filter,
            list,
            last,
            heard,
            newest,
            unanswered,
            stale,
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Others(deed) => self.model.perform(&deed, None),
            Step::Own { deed, refused } => self.anticipate(deed, refused),
            Step::Answer => self.answer(),
            Step::Hear => self.hear(),
            Step::Extend { lag, limit } => self.extend(lag, limit),
        }
    }

    fn anticipate(&mut self, deed: Deed, refused: bool) {
        let mutation = MutationId::parse(&format!("mutation-{}-{}", self.model.head(), self.unanswered.len())).unwrap();
        let shown = |pick: usize| {
            self.list
                .data
                .get(pick % self.list.data.len().max(1))
                .map(|row| row.entry_id.clone())
        };
        let (id, change) = match &deed {
            Deed::Create {
                id: wanted,
                title: of,
                kind,
                tags: mask,
            } => {
                let (title, tags, entry_type) = (title(*of), tags(*mask), Some(TYPES[*kind].to_owned()));
                (
                    id(*wanted),
                    Change::Create(EntryDraft {
                        title,
                        tags,
                        entry_type,
                        ..EntryDraft::default()
                    }),
                )
            }
            Deed::Update { pick, title: of, .. } => {
                let Some(id) = shown(*pick) else { return };
                (
                    id,
                    Change::Update(EntryPatch {
                        title: Some(title(*of)),
                        ..EntryPatch::default()
                    }),
                )
            }
            Deed::Delete { pick } => {
                let Some(id) = shown(*pick) else { return };
                (id, Change::Delete)
            }
            _ => return,
        };
        let (kb, at, by) = (kb(), Timestamp::from_millis(1_000), Actor::System);
        self.list.data.anticipate(&Anticipated {
            mutation: mutation.clone(),
            kb,
            id,
            at,
            by,
            change,
        });
        self.unanswered.push((mutation, deed, refused));
    }

    /// What the server makes of a write need not be what this tab thought.
    fn answer(&mut self) {
        if self.unanswered.is_empty() {
            return;
        }
        let (mutation, deed, refused) = self.unanswered.remove(0);
        let head = self.model.head();
        if !refused {
            self.model.perform(&deed, Some(mutation.clone()));
        }
        if self.model.head() == head {
            self.list.data.settle(&mutation);
        }
    }

    fn hear(&mut self) {
        if self.heard < self.model.head() {
            self.heard += 1;
            if apply(&mut self.list, &self.model.log[self.heard - 1]) == Applied::Stale {
                self.read_again();
            }
        }
    }

    fn read_again(&mut self) {
        self.stale += 1;
        let (page, last) = self.model.page(self.heard, &self.filter, None, self.list.data.extent().max(1));
        let unconfirmed: Vec<Anticipated> = self.list.data.lift(|_| true);
        self.list = EntryList::begin(kb(), self.filter.clone(), page);
        self.last = last;
        self.newest = self.heard;
        self.list.data.lay_back(unconfirmed);
    }

    fn extend(&mut self, lag: i8, limit: usize) {
        let Some(after) = self.list.data.next().map(str::to_owned) else {
            return;
        };
        let at = self.heard.saturating_add_signed(isize::from(lag)).min(self.model.head());
        let (page, last) = self.model.page(at, &self.filter, self.last.as_ref(), limit);
        self.last = last;
        self.newest = self.newest.max(at);
        if EntryList::extend(&mut self.list, &after, page, &self.model.log[..self.heard]) == Applied::Stale {
            self.read_again();
        }
    }

    fn check(&self) -> Result<(), TestCaseError> {
        let list = &self.list.data;
        for (at, row) in list.rows().enumerate() {
            prop_assert_eq!(list.position(&row.entry_id), Some(at));
        }
        // In between, pages of another time may stand beside rows that have yet to hear of it.
        if self.heard < self.newest || !list.pending.is_empty() {
            return Ok(());
        }
        let all = self.model.list(self.heard, &self.filter);
        let fresh: Vec<EntryRow> = all.iter().filter(|row| list.holds(&list.rows.key_of(row))).cloned().collect();
        let shown: Vec<EntryRow> = list.rows().map(|row| EntryRow::clone(row)).collect();
        prop_assert_eq!(&shown, &fresh);
        prop_assert_eq!(&all[..fresh.len()], &fresh, "the loaded part is the beginning of the list");
        prop_assert_eq!(list.total(), all.len() as u64);
        prop_assert!(!list.is_complete() || all.len() == shown.len());
        Ok(())
    }
}

/// A page that is newer than the rows counts what this tab has asked for already.
#[test]
fn a_total_is_right_when_a_newer_page_has_counted_what_was_asked_for() {
    let create = |id, kind| Deed::Create {
        id,
        title: 0,
        kind,
        tags: 0,
    };
    let delete = || Deed::Delete { pick: 0 };
    let mut tab = Tab::new(&[create(5, 1), create(0, 1)], EntryFilter::default(), 1);
    for step in [
        Step::Others(delete()),
        Step::Others(create(0, 0)),
        Step::Own {
            deed: delete(),
            refused: false,
        },
        Step::Others(delete()),
        Step::Answer,
        Step::Extend { lag: 4, limit: 1 },
    ] {
        tab.step(step);
    }
    while tab.heard < tab.model.head() {
        tab.hear();
    }
    tab.check().unwrap();
    assert_eq!((tab.list.data.total(), tab.list.data.pending.len()), (0, 0));
}

/// Of two pages that are newer than the rows, the newer one counts.
#[test]
fn a_total_is_right_when_an_older_page_comes_after_a_newer_one() {
    let create = |id, title, tags| Deed::Create { id, title, kind: 0, tags };
    let deeds = [create(0, 0, 0), create(6, 0, 4), create(4, 3, 4), create(5, 0, 4), create(2, 0, 4)];
    let filter = EntryFilter {
        tag: Some("c".into()),
        sort: Sort::Title,
        ..EntryFilter::default()
    };
    let mut tab = Tab::new(&deeds, filter, 2);
    let update = Deed::Update {
        pick: 0,
        title: 1,
        kind: 0,
        tags: 4,
        rename: None,
    };
    for step in [
        Step::Others(create(0, 0, 0)),
        Step::Others(update),
        Step::Extend { lag: 2, limit: 2 },
        Step::Extend { lag: 1, limit: 1 },
    ] {
        tab.step(step);
    }
    while tab.heard < tab.model.head() {
        tab.hear();
    }
    tab.check().unwrap();
    assert_eq!(tab.list.data.total(), 5);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn a_list_and_events_make_a_fresh_list_whatever_the_order_of_cuts_and_pages(
        deeds in prop::collection::vec(deed(), 0..30),
        filter in filter(),
        limit in 1usize..6,
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut tab = Tab::new(&deeds, filter, limit);
        tab.check()?;
        for step in steps {
            tab.step(step);
            tab.check()?;
        }
        while !tab.unanswered.is_empty() {
            tab.answer();
        }
        while tab.heard < tab.model.head() {
            tab.hear();
            tab.check()?;
        }
        prop_assert!(tab.list.data.pending.is_empty(), "everything has settled");
        tab.check()?;
        let travelled: Snapshot<EntryList> = serde_json::from_str(&serde_json::to_string(&tab.list).unwrap()).unwrap();
        prop_assert_eq!(travelled, tab.list);
    }

    #[test]
    fn a_list_without_a_filter_is_never_read_again_but_for_restored_entries(
        deeds in prop::collection::vec(deed(), 0..20),
        later in prop::collection::vec(deed().prop_filter("no restore", |deed| !matches!(deed, Deed::Restore { .. })), 1..40),
        sort in prop_oneof![Just(Sort::Updated), Just(Sort::Created), Just(Sort::Title)],
    ) {
        let mut tab = Tab::new(&deeds, EntryFilter { sort, ..EntryFilter::default() }, 4);
        for deed in later {
            tab.model.perform(&deed, None);
            tab.hear();
        }
        prop_assert_eq!(tab.stale, 0);
    }
}
