//! entry
use leptos::prelude::*;
/// x
#[component]
pub fn EntryPage() -> impl IntoView {}
