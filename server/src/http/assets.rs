//! The browser's files, which the binary carries: WASM, JavaScript, CSS, icons.
//!
//! They lie at `/pkg/<build>/…`, where the build is a digest of them, and may be kept for ever by caches.

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use std::sync::LazyLock;

/// What cargo-leptos has made: `pkg/` and the contents of `public/`. A debug build reads it from the disk.
#[derive(RustEmbed)]
#[folder = "$TIDINGS_SITE"]
#[allow_missing = true]
struct Site;

static BUILD: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = blake3::Hasher::new();
    hasher.update(env!("CARGO_PKG_VERSION").as_bytes());
    let mut names: Vec<_> = Site::iter().collect();
    names.sort();
    for name in names {
        if let Some(file) = Site::get(&name) {
            hasher.update(name.as_bytes());
            hasher.update(&file.metadata.sha256_hash());
        }
    }
    hasher.finalize().to_hex()[..12].to_owned()
});

/// Identifies this build of the browser's files.
pub fn build() -> &'static str {
    &BUILD
}

/// Whether the module of this build was taken apart.
pub fn is_split() -> bool {
    static SPLIT: LazyLock<bool> = LazyLock::new(|| Site::get("pkg/__wasm_split_manifest.json").is_some());
    *SPLIT
}

/// A file of the build.
pub async fn package(Path((build, name)): Path<(String, String)>, headers: HeaderMap) -> Response {
    // A tab of an older build asks for files that are gone; the newest would not fit its own.
    if build != self::build() {
        return StatusCode::NOT_FOUND.into_response();
    }
    file(&format!("pkg/{name}"), &headers, "public, max-age=31536000, immutable")
}

/// A file of `public/`, which has no build in its address: caches ask whether it is still the same.
pub fn public(path: &str, headers: &HeaderMap) -> Option<Response> {
    let name = path.trim_start_matches('/');
    (!name.is_empty() && !name.starts_with("pkg/") && Site::get(name).is_some()).then(|| file(name, headers, "public, no-cache"))
}

fn file(name: &str, headers: &HeaderMap, cache: &'static str) -> Response {
    let Some(plain) = Site::get(name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let etag = format!("\"{}\"", hex(&plain.metadata.sha256_hash()[..12]));
    if headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == etag.as_bytes())
    {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let mime = mime_guess::from_path(name).first_or_octet_stream();
    let accepted = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let packed = [("br", "br"), ("gzip", "gz")]
        .into_iter()
        .filter(|(encoding, _)| {
            accepted
                .split(',')
                .any(|one| one.split(';').next().unwrap_or_default().trim() == *encoding)
        })
        .find_map(|(encoding, suffix)| Site::get(&format!("{name}.{suffix}")).map(|file| (encoding, file)));
    let mut response = match packed {
        Some((encoding, file)) => {
            let mut response = Response::new(Body::from(file.data));
            response
                .headers_mut()
                .insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
            response
        }
        None => Response::new(Body::from(plain.data)),
    };
    let headers = response.headers_mut();
    if let Ok(mime) = HeaderValue::from_str(mime.as_ref()) {
        headers.insert(header::CONTENT_TYPE, mime);
    }
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
