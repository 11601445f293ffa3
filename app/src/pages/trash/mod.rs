//! trash
use leptos::prelude::*;
/// x
#[component]
pub fn TrashPage() -> impl IntoView {}
