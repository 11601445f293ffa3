//! The states of a read: loading, failed, there.

use crate::protocol::Problem;
use crate::sync::{Live, LiveRead};
use crate::ui::{ErrorState, Skeleton};
use leptos::prelude::*;
use std::sync::Arc;

/// Where a read is.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// Not yet answered.
    Loading,
    /// Answered with a problem.
    Failed(Problem),
    /// There.
    Ready,
}

/// Where this read is.
pub fn phase<T: Live>(read: LiveRead<T>) -> Phase {
    read.with(|result| match result {
        Ok(_) => Phase::Ready,
        Err(problem) => Phase::Failed(problem.clone()),
    })
    .unwrap_or(Phase::Loading)
}

/// What to show of a problem.
pub type Failed = Arc<dyn Fn(Problem) -> AnyView + Send + Sync>;

/// Shows its children once the read is there; they are made once and follow the data by themselves. Until then the
/// shape of a page, and where it fails the problem with a way to try again.
#[component]
pub fn Loaded<T: Live>(
    read: LiveRead<T>,
    /// What to show of a problem; the problem itself where nothing is given.
    #[prop(optional)]
    failed: Option<Failed>,
    /// Whether the children are the whole page, with its title.
    #[prop(optional)]
    page: bool,
    children: ChildrenFn,
) -> impl IntoView {
    let failed = failed.unwrap_or_else(|| {
        Arc::new(move |problem| view! { <ErrorState problem page retry=Callback::new(move |()| read.refetch())/> }.into_any())
    });
    standing(Box::new(move || phase(read)), failed, children)
}

/// The same for whatever is read.
pub fn standing(phase: Box<dyn Fn() -> Phase + Send + Sync>, failed: Failed, children: ChildrenFn) -> AnyView {
    let phase = StoredValue::new(phase);
    let children = StoredValue::new(children);
    let failed = StoredValue::new(failed);
    view! {
        <Transition fallback=|| view! { <Skeleton/> }>
            {
                // Within the transition, which thereby learns what it waits for.
                let now = Memo::new(move |_| phase.with_value(|phase| phase()));
                move || match now.get() {
                    Phase::Loading => view! { <Skeleton/> }.into_any(),
                    Phase::Failed(problem) => failed.with_value(|failed| failed(problem)),
                    Phase::Ready => children.with_value(|children| children()),
                }
            }
        </Transition>
    }
    .into_any()
}
