//! The parts of Tidings that server and browser share, in the order in which a change meets them:
//!
//! - [`protocol`]: the words both sides use: ids, entries, events, frames, problems. Pure.
//! - [`backend`]: what pages ask of the server, which implements it.
//! - [`api`]: server functions, the door through which pages ask.
//! - [`sync`]: keeps what was read equal to the server, and sends what is written.
//! - [`pages`]: one folder a page; they read by [`sync`] and render.
//! - [`ui`]: the pieces pages are made of.
//! - [`base`]: below which path of its host all of it is.
//!
//! [`App`] is the root of every page; [`shell`] is the HTML document that the server puts around it.

// Views are nested types, and those of a page are deep.
#![recursion_limit = "256"]

pub mod api;
#[cfg(feature = "ssr")]
pub mod backend;
pub mod base;
pub mod pages;
pub mod protocol;
pub mod sync;
pub mod ui;

use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::{MetaTags, provide_meta_context};
use leptos_router::components::Router;
use leptos_router::location::RequestUrl;
use pages::{AtDesk, Frame, HandOver, Pages};
use sync::Sync;
use ui::keys::Keys;
use ui::theme::Theme;
use ui::{Clock, TitleFormat, Toasts};

/// Names the attribute of `<html>` that tells the browser which build rendered the page.
const BUILD: &str = "data-build";
/// Names the attribute of `<html>` that tells the browser who is logged in.
const USER: &str = "data-user";

/// Which build rendered this page; the server puts it into the context of [`shell`].
#[derive(Debug, Clone)]
struct Build(String);

/// Who is logged in; the server puts it into the context of [`shell`], where it asks who one is. What a browser keeps is kept
/// apart by it.
#[derive(Debug, Clone)]
pub struct Viewer(pub String);

/// Says, in the context of [`shell`], that the module of this build was taken apart.
#[derive(Debug, Clone, Copy)]
pub struct Split;

/// The HTML document around [`App`]. The last segment of `site_pkg_dir` identifies the build.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let assets = options.site_pkg_dir.to_string();
    let build = assets.rsplit('/').next().unwrap_or_default().to_owned();
    provide_context(Build(build.clone()));
    let later = use_context::<Split>()
        .and_then(|Split| use_context::<RequestUrl>())
        .and_then(|url| pages::file_of(url.parse().ok()?.path()));
    let base = Some(base::prefix().into_owned()).filter(|base| !base.is_empty());
    let viewer = use_context::<Viewer>().map(|Viewer(user)| user);
    view! {
        <!DOCTYPE html>
        <html lang="en" data-build=build data-user=viewer data-base=base>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" content="#fbfbfa" media="(prefers-color-scheme: light)"/>
                <meta name="theme-color" content="#18191b" media="(prefers-color-scheme: dark)"/>
                <meta name="description" content="A knowledge base that tells you when it changes."/>
                <script src=base::at("/theme.js") nonce=use_nonce()></script>
                <link rel="stylesheet" href=base::at(&format!("/{assets}/{}.css", options.output_name))/>
                <link rel="icon" href=base::at("/favicon.svg") type="image/svg+xml"/>
                <script type="importmap" nonce=use_nonce()>{import_map(&assets, &options.output_name)}</script>
                <AutoReload options=options.clone()/>
                <HydrationScripts options root=base::prefix().into_owned()/>
                {later.map(|file| view! { <link rel="preload" href=base::at(&format!("/{assets}/{file}")) r#as="fetch" r#type="application/wasm" crossorigin=""/> })}
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// Where the module and what is taken out of it find what they import. The parts name the module by the folder in which it was
/// built. And wasm-bindgen 0.2.130 leaves one import behind where JavaScript keeps the references, as it does for a module that
/// will be taken apart: it asks which of them are never given back, and those are the reserved ones (`JSIDX_RESERVED`).
fn import_map(assets: &str, name: &str) -> String {
    let module = base::at(&format!("/{assets}/{name}.js"));
    format!(
        r#"{{"imports":{{"/pkg/{name}.js":"{module}","__wbindgen_externref_xform__":"data:text/javascript,export const __wbindgen_externref_statics_end=()=>1028"}}}}"#
    )
}

/// The build that rendered this page, on both sides.
fn build() -> String {
    match use_context::<Build>() {
        Some(Build(build)) => build,
        None if cfg!(feature = "hydrate") => document()
            .document_element()
            .and_then(|html| html.get_attribute(BUILD))
            .unwrap_or_default(),
        None => String::new(),
    }
}

/// The root of every page.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    Sync::provide(build());
    Clock::provide();
    Theme::provide();
    Toasts::provide();
    HandOver::provide();
    Keys::provide();
    let counts = AtDesk::provide().counts();
    view! {
        <TitleFormat format=pages::document_title number=Signal::derive(move || counts.get().unseen)/>
        <Router base=base::prefix()>
            <Frame>
                <Pages/>
            </Frame>
        </Router>
    }
}
