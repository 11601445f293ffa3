//! An address that an entry gave up for another: it leads to where the entry is now.

#[cfg(feature = "ssr")]
use super::address;
use crate::protocol::{EntryId, Problem};
use leptos::prelude::*;

/// The id that the entry has by now, where the problem names one.
pub fn renamed_to(problem: &Problem) -> Option<EntryId> {
    let now = problem.extra.get("renamed_to")?;
    EntryId::parse(now.as_str()?).ok()
}

/// Leads on to another address: by the response where the server renders the page, so that everybody is led and not
/// only browsers with scripts, and else by the router.
#[component]
pub fn Moved(
    /// The path of that address.
    to: String,
) -> impl IntoView {
    lead_on(&to);
}

#[cfg(feature = "ssr")]
fn lead_on(to: &str) {
    let address = address::in_ascii(to);
    let response = use_context::<leptos_axum::ResponseOptions>();
    // Not for good: another entry may get the id that was given up.
    if let (Some(response), Ok(status), Ok(name), Ok(value)) = (response, 302.try_into(), "location".try_into(), address.try_into()) {
        response.set_status(status);
        response.insert_header(name, value);
    }
}

#[cfg(not(feature = "ssr"))]
fn lead_on(to: &str) {
    let options = leptos_router::NavigateOptions {
        replace: true,
        ..Default::default()
    };
    crate::base::use_navigate()(to, options);
}
