//! search
use leptos::prelude::*;
/// x
#[component]
pub fn SearchPage() -> impl IntoView {}
