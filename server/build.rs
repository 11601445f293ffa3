//! Tells where cargo-leptos puts the browser's files, which the binary embeds.

use std::path::PathBuf;

fn main() {
    let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let site = workspace.join("target/site");
    println!("cargo::rustc-env=TIDINGS_SITE={}", site.display());
    // A debug build reads the files when it runs; only a release build must be made again when they change.
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed={}", site.display());
    } else {
        println!("cargo::rerun-if-changed=build.rs");
    }
}
