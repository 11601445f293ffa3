//! Writes that several pages offer: deleting with a way back, restoring. What failed is said; what worked is said only
//! where it does not show by itself.

use super::address;
use crate::protocol::entry::{TrashItem, Written};
use crate::protocol::{EntryId, KbName, Problem};
use crate::sync::Sync;
use crate::ui::Toasts;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::future::Future;

/// Deletes entries of a knowledge base, one after the other, and offers to take it back.
pub fn delete_entries(kb: KbName, ids: Vec<EntryId>) {
    let (sync, toasts) = (Sync::expect(), Toasts::expect());
    spawn_local(async move {
        let mut deleted = Vec::new();
        let mut failed = None;
        for id in ids {
            match sync.delete_entry(kb.clone(), id).await {
                Ok(item) => deleted.push(item),
                Err(problem) => failed = Some(problem.detail),
            }
        }
        if let Some(why) = failed {
            toasts.fail(format!("Not deleted: {why}"));
        }
        let text = match deleted.as_slice() {
            [] => return,
            [one] => format!("“{}” is in the trash.", one.title),
            many => format!("{} entries are in the trash.", many.len()),
        };
        toasts.offer(text, "Undo", Callback::new(move |()| restore(sync, toasts, deleted.clone())));
    });
}

/// Brings entries back from the trash.
pub fn restore_entries(items: Vec<TrashItem>) {
    restore(Sync::expect(), Toasts::expect(), items);
}

fn restore(sync: Sync, toasts: Toasts, items: Vec<TrashItem>) {
    spawn_local(async move {
        for item in items {
            match sync.restore_entry(item.kb_name.clone(), item.trash_id).await {
                Ok(written) if written.entry.entry_id != item.entry_id => toasts.say(other_id(&item, &written)),
                Ok(_) => {}
                Err(problem) => toasts.fail(format!("“{}” was not restored: {}", item.title, problem.detail)),
            }
        }
    });
}

fn other_id(item: &TrashItem, written: &Written) -> String {
    let now = address::entry(&written.entry.kb_name, &written.entry.entry_id);
    format!("“{}” is back, at {now}: its old id belongs to another entry by now.", item.title)
}

/// Asks the server to do something; says why where it does not, and goes on where it does.
pub fn attempt<T: 'static>(
    failed: &'static str,
    asking: impl Future<Output = Result<T, Problem>> + 'static,
    then: impl FnOnce(T) + 'static,
) {
    let toasts = Toasts::expect();
    spawn_local(async move {
        match asking.await {
            Ok(answer) => then(answer),
            Err(problem) => toasts.fail(format!("{failed}: {}", problem.detail)),
        }
    });
}
