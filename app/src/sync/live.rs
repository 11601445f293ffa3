//! Step 7, for pages: reads that stay equal to the server.

use super::cache::{EntryList, Live, Trash};
use crate::api;
use crate::protocol::entry::EntryFilter;
use crate::protocol::limits::PAGE_ITEMS_DEFAULT;
use crate::protocol::{KbName, Problem, Snapshot};
use leptos::prelude::*;
use std::future::Future;

/// A read whose value events keep equal to the server.
pub struct LiveRead<T: Live> {
    resource: Resource<Result<Snapshot<T>, Problem>>,
    loading_more: RwSignal<bool>,
}

impl<T: Live> Clone for LiveRead<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: Live> Copy for LiveRead<T> {}

impl<T: Live> LiveRead<T> {
    /// For `Suspense` and `Transition`.
    pub fn resource(self) -> Resource<Result<Snapshot<T>, Problem>> {
        self.resource
    }

    /// A copy of what is there; none while it loads for the first time.
    pub fn get(self) -> Option<Result<Snapshot<T>, Problem>> {
        self.resource.get()
    }

    /// Looks at what is there; none while it loads for the first time.
    pub fn with<U>(self, look: impl FnOnce(&Result<Snapshot<T>, Problem>) -> U) -> Option<U> {
        self.resource.with(|value| value.as_ref().map(look))
    }

    /// Looks at the data; none while it loads for the first time, and after a failure.
    pub fn with_data<U>(self, look: impl FnOnce(&T) -> U) -> Option<U> {
        self.resource.with(|value| Some(look(&value.as_ref()?.as_ref().ok()?.data)))
    }

    /// Reads again, and shows what is there until then.
    pub fn refetch(self) {
        self.resource.refetch();
    }

    /// Changes what is shown in this tab, until the next read.
    pub fn update_local(self, change: impl FnOnce(&mut Snapshot<T>)) {
        self.resource.update(|value| {
            if let Some(Ok(snapshot)) = value {
                change(snapshot);
            }
        });
    }
}

impl LiveRead<EntryList> {
    /// Loads the next page, unless one is on its way or all is there.
    pub fn load_more(self) {}

    /// Whether a page is on its way.
    pub fn loading_more(self) -> Signal<bool> {
        self.loading_more.into()
    }
}

/// A read that stays equal to the server: patched by events, read again where that is not enough.
pub fn live<S, T, Fut>(source: impl Fn() -> S + Send + Sync + 'static, fetch: impl Fn(S) -> Fut + Send + Sync + 'static) -> LiveRead<T>
where
    S: PartialEq + Clone + Send + Sync + 'static,
    T: Live,
    Fut: Future<Output = Result<Snapshot<T>, Problem>> + Send + 'static,
{
    LiveRead {
        resource: Resource::new(source, fetch),
        loading_more: RwSignal::new(false),
    }
}

/// The list of a knowledge base, kept live; `load_more` makes it longer.
pub fn entries(source: impl Fn() -> (KbName, EntryFilter) + Send + Sync + 'static) -> LiveRead<EntryList> {
    live(source, |(kb, filter)| async move {
        let page = api::entry::list_entries(kb.clone(), filter.clone(), PAGE_ITEMS_DEFAULT, None).await?;
        Ok(EntryList::begin(kb, filter, page))
    })
}

/// The trash of a knowledge base, kept live.
pub fn trash(source: impl Fn() -> KbName + Send + Sync + 'static) -> LiveRead<Trash> {
    live(source, |kb| async move {
        let Snapshot { cursor, data: items } = api::kb::load_trash(kb.clone()).await?;
        Ok(Snapshot {
            cursor,
            data: Trash { kb, items },
        })
    })
}
