//! edit
use leptos::prelude::*;
/// x
#[component]
pub fn EditPage() -> impl IntoView {}
/// x
#[component]
pub fn NewPage() -> impl IntoView {}
