//! Tells where cargo-leptos puts the browser's files, which the binary embeds.

use std::path::PathBuf;

/// Seen from this package, which may have moved since what is compiled was compiled.
const SITE: &str = "../target/site";

fn main() {
    let package = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    println!("cargo::rustc-env=TIDINGS_SITE={}", package.join(SITE).display());
    // A debug build reads the files when it runs; only a release build must be made again when they change.
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed={SITE}");
    } else {
        println!("cargo::rerun-if-changed=build.rs");
    }
}
