//! Snapshot and events make what a fresh snapshot would be, for everything but lists, which have tests of their own.

use super::model::{Deed, Model, deed};
use super::{Applied, Live, Pieces, Trash, apply};
use crate::protocol::Snapshot;
use proptest::prelude::*;
use std::fmt::Debug;

fn model(deeds: &[Deed]) -> Model {
    let mut model = Model::new();
    deeds.iter().for_each(|deed| model.perform(deed, None));
    model
}

/// Takes all events after the cut into a read of the cut, reading anew where that is asked for, and compares.
fn follows<T: Live + PartialEq + Debug>(model: &Model, cut: usize, read: impl Fn(usize) -> T) -> Result<(), TestCaseError> {
    let mut snapshot = Snapshot {
        cursor: model.cursor(cut),
        data: read(cut),
    };
    for at in 1..=model.head() {
        if apply(&mut snapshot, &model.log[at - 1]) == Applied::Stale {
            snapshot.data = read(at);
        }
        prop_assert_eq!(&snapshot.data, &read(at.max(cut)), "after event {}", at);
        prop_assert_eq!(apply(&mut snapshot, &model.log[at - 1]), Applied::Ignored, "an event twice");
    }
    Ok(())
}

proptest! {
    #[test]
    fn the_home_page_follows_events(deeds in prop::collection::vec(deed(), 0..60), cut in 0usize..60) {
        let model = model(&deeds);
        follows(&model, cut.min(model.head()), |at| model.home(at))?;
    }

    #[test]
    fn the_frame_of_a_knowledge_base_follows_events(deeds in prop::collection::vec(deed(), 0..40), cut in 0usize..40) {
        let model = model(&deeds);
        follows(&model, cut.min(model.head()), |at| model.view(at))?;
    }

    #[test]
    fn the_trash_follows_events(deeds in prop::collection::vec(deed(), 0..40), cut in 0usize..40) {
        let model = model(&deeds);
        follows(&model, cut.min(model.head()), |at| model.trash_page(at, 1_000).data)?;
    }

    #[test]
    fn a_trash_that_is_loaded_in_pieces_follows_events(
        deeds in prop::collection::vec(deed(), 0..60), cut in 0usize..60, lag in 0usize..20, limit in 1usize..5,
    ) {
        let model = model(&deeds);
        let cut = cut.min(model.head());
        let mut trash = model.trash_page(cut, limit);
        for event in &model.log[cut..] {
            prop_assert_ne!(apply(&mut trash, event), Applied::Stale);
        }
        // The rest is read at other moments than the beginning: before or after what that has heard of.
        while let Some(after) = trash.data.next.clone() {
            let read_at = model.head().saturating_sub(lag).max(cut);
            let page = model.trash_behind(read_at, limit, &after);
            let recent = &model.log[read_at..];
            prop_assert_eq!(Trash::extend(&mut trash, &after, page, recent), Applied::Patched);
        }
        prop_assert_eq!(trash.data.items, model.trash(model.head()));
    }
}
