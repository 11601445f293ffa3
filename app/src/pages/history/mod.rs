//! history
use leptos::prelude::*;
/// x
#[component]
pub fn HistoryPage() -> impl IntoView {}
