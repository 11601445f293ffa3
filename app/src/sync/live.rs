//! Step 7, for pages: reads that stay equal to the server.
//!
//! A read is a `Resource`, so that the server renders it and the browser takes it over. From then on its value is
//! written in place by events (which neither runs the fetcher nor wakes a `Suspense`), and read again in the background.

mod grow;
mod history;
mod inbox;
mod jobs;
mod list;
mod reader;
mod trash;

pub use history::history;
pub use inbox::inbox;
pub use jobs::{active_jobs, jobs};
pub use list::entries;
pub use trash::trash;

use super::Sync as Tab;
use super::cache::Live;
use crate::protocol::{Problem, Snapshot};
use leptos::prelude::*;
use reader::Reader;
use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;

/// What a read gives.
pub(super) type Answer<T> = Result<Snapshot<T>, Problem>;

/// A read whose value events keep equal to the server.
pub struct LiveRead<T: Live> {
    resource: Resource<Answer<T>>,
    reader: StoredValue<Arc<Reader<T>>>,
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
    pub fn resource(self) -> Resource<Answer<T>> {
        self.resource
    }

    /// A copy of what is there; none while it loads for the first time.
    pub fn get(self) -> Option<Answer<T>> {
        self.resource.get()
    }

    /// Looks at what is there; none while it loads for the first time.
    pub fn with<U>(self, look: impl FnOnce(&Answer<T>) -> U) -> Option<U> {
        self.resource.with(|value| value.as_ref().map(look))
    }

    /// Looks at the data; none while it loads for the first time, and after a failure.
    pub fn with_data<U>(self, look: impl FnOnce(&T) -> U) -> Option<U> {
        self.resource.with(|value| Some(look(&value.as_ref()?.as_ref().ok()?.data)))
    }

    /// Reads again, and shows what is there until then.
    pub fn refetch(self) {
        if let Some(reader) = self.reader.try_get_value() {
            reader.refresh();
        }
    }

    /// Changes what is shown in this tab, until the next read. Does nothing while it loads.
    pub fn update_local(self, change: impl FnOnce(&mut Snapshot<T>)) {
        if let Some(reader) = self.reader.try_get_value() {
            reader.write(|value| {
                if let Some(Ok(snapshot)) = value {
                    change(snapshot);
                }
                (true, ())
            });
        }
    }
}

/// A read that stays equal to the server: patched by events, read again where that is not enough.
pub fn live<S, T, Fut>(source: impl Fn() -> S + Send + Sync + 'static, fetch: impl Fn(S) -> Fut + Send + Sync + 'static) -> LiveRead<T>
where
    S: PartialEq + Clone + Debug + Send + Sync + 'static,
    T: Live,
    Fut: Future<Output = Answer<T>> + Send + 'static,
{
    live_to_extent(source, move |source, _| fetch(source))
}

/// The same, where `fetch` is told how many rows are loaded already.
fn live_to_extent<S, T, Fut>(
    source: impl Fn() -> S + Send + Sync + 'static,
    fetch: impl Fn(S, usize) -> Fut + Send + Sync + 'static,
) -> LiveRead<T>
where
    S: PartialEq + Clone + Debug + Send + Sync + 'static,
    T: Live,
    Fut: Future<Output = Answer<T>> + Send + 'static,
{
    let tab = Tab::expect();
    let (source, fetch) = (Arc::new(source), Arc::new(fetch));
    let flight = Arc::new(reader::Flight::default());
    let resource = {
        let (source, fetch, flight) = (source.clone(), fetch.clone(), flight.clone());
        Resource::new(
            move || source(),
            move |source| {
                let (fetch, flight) = (fetch.clone(), flight.clone());
                // Nothing happens before the first poll: a page that came with data drops this future unpolled.
                async move {
                    let _flying = flight.depart();
                    let answer = reader::read(tab, &flight, || fetch(source.clone(), 0)).await;
                    reader::or_kept(tab, &flight, &format!("{source:?}"), answer)
                }
            },
        )
    };
    let current = source.clone();
    let again = move |extent| {
        let source = untrack(|| current());
        Box::pin(fetch(source, extent)) as reader::Reading<T>
    };
    let reader = Reader::new(tab, resource, flight, again);
    reader.follow();
    if tab.is_in_browser() {
        // What came with the page was not fetched here.
        reader.write(|value| {
            if let Some(Ok(snapshot)) = value {
                tab.keep(&format!("{:?}", untrack(|| source())), snapshot);
            }
            (false, ())
        });
    }
    LiveRead {
        resource,
        reader: StoredValue::new(reader),
        loading_more: RwSignal::new(false),
    }
}
