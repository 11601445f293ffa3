//! The WebAssembly entry point: brings a page that the server rendered to life.

use leptos::mount::hydrate_body;
use leptos::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's script once the module is loaded.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    wasm_bindgen_futures::spawn_local(async {
        let path = location().pathname().unwrap_or_default();
        if !app::pages::prepare(&path).await {
            // The document stays as the server made it: links and forms work.
            return;
        }
        hydrate_body(app::App);
        leptos::task::tick().await;
        if let Some(html) = document().document_element() {
            // An attribute of this name is always allowed.
            drop(html.set_attribute("data-hydrated", ""));
        }
        app::pages::load_ahead();
    });
}
