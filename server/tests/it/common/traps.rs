//! What the site of [`super::site`] answers.

use super::site::{DOCS, Record};
use axum::body::{Body, Bytes};
use axum::http::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION, RETRY_AFTER,
};
use axum::http::{HeaderMap, HeaderName, Response as Plain, StatusCode, Uri};
use axum::response::Response;
use encoding_rs::{SHIFT_JIS, WINDOWS_1251};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use std::time::Duration;

const MODIFIED: &str = "Wed, 21 Oct 2015 07:28:00 GMT";
const ROBOTS: &str = "User-agent: *\nDisallow: /\n\nUser-agent: tidings\nDisallow: /private/\nDisallow: /*?session=\nCrawl-delay: 0.001\n";
/// Longer than pages may be, once it is unpacked.
const BOMB: usize = 6 * 1024 * 1024;
const MANY_REDIRECTS: &str = "/redirect/many/";

/// A page with a paragraph that is long enough to be its content.
pub fn html(title: &str, body: &str) -> Response {
    let filler = "This paragraph makes the page long enough, so that it is plainly what the page is about. ".repeat(4);
    typed(
        "text/html; charset=utf-8",
        format!("<!doctype html><title>{title}</title><main><h1>{title}</h1><p>{filler}</p>{body}</main>"),
    )
}

/// The answer to the `nth` request for the same path.
pub async fn answer(record: &Record, uri: &Uri, headers: &HeaderMap, nth: usize) -> Response {
    let (path, query) = (uri.path(), uri.query());
    if let Some(n) = path.strip_prefix("/docs/").and_then(|n| n.parse().ok()).filter(|n| *n < DOCS) {
        return doc(n);
    }
    if let Some(name) = path.strip_prefix("/charset/") {
        return charset(name);
    }
    if let Some(answer) = list(path, headers).or_else(|| redirected(path, record)) {
        return answer;
    }
    match path {
        "/" => html("Front", &front(record)),
        "/gate/1" | "/gate/2" | "/gate/3" | "/gate/4" | "/gate/5" | "/gate/6" | "/gate/7" | "/gate/8" => {
            record.wait_gate().await;
            html(path, "")
        }
        "/loop/a" => html("Loop A", "<a href='b'>b</a> <a href='a'>a</a>"),
        "/loop/b" => html("Loop B", "<a href='/loop/a#x'>a</a> <a href='./../loop/./b'>b</a>"),
        "/busy" if nth <= 2 => status(StatusCode::TOO_MANY_REQUESTS, &[(RETRY_AFTER, "1")]),
        "/busy" => html("Busy", ""),
        "/unavailable" => status(StatusCode::SERVICE_UNAVAILABLE, &[(RETRY_AFTER, MODIFIED)]),
        "/500" => status(StatusCode::INTERNAL_SERVER_ERROR, &[]),
        "/never" => std::future::pending().await,
        "/drip" => stream("text/html", None, Duration::from_millis(50), "<p>drip"),
        "/endless" => stream("text/html", None, Duration::ZERO, &"<p>endless".repeat(4096)),
        "/huge" => stream("text/html", Some("10737418240"), Duration::ZERO, &"<p>huge".repeat(4096)),
        "/bomb" => Plain::builder()
            .header(CONTENT_TYPE, "text/html")
            .header(CONTENT_ENCODING, "gzip")
            .body(Body::from(gzip(&vec![b' '; BOMB])))
            .expect("an answer"),
        "/binary" => typed("text/html", b"<html>\0\x01\x02\xFF\xFE\0".as_slice()),
        "/image" => typed("image/png", b"\x89PNG".as_slice()),
        "/dup" | "/dup/" | "/dup/index.html" => html("Duplicate", "<a href='/dup/'>again</a>"),
        "/copy" => html("Copy", "<link rel=canonical href='/docs/3'>"),
        "/etag" if headers.get(IF_NONE_MATCH).is_some_and(|tag| tag == "\"one\"") => status(StatusCode::NOT_MODIFIED, &[]),
        "/etag" => with(html("Tagged", ""), ETAG, "\"one\""),
        "/modified" if headers.get(IF_MODIFIED_SINCE).is_some_and(|since| since == MODIFIED) => status(StatusCode::NOT_MODIFIED, &[]),
        "/modified" => with(html("Dated", ""), LAST_MODIFIED, MODIFIED),
        "/broken-html" => typed(
            "text/html",
            "<p><b>Broken<table><td><div></b></p></i><a href=/deep>deep</a <p>&#xFFFFFFFF; <!-- ",
        ),
        "/deep" => typed("text/html", format!("<title>Deep</title>{}deep", "<div>".repeat(20_000))),
        "/changing" => typed(
            "text/html",
            format!("<title>Changing</title><main><h1>Changing</h1><p>It is the first.</p><p>It is number {nth}.</p></main>"),
        ),
        "/base/page" => html("Base", "<base href='/elsewhere/'><a href='target'>target</a>"),
        "/tracked" if query.is_none() => status(StatusCode::FOUND, &[(LOCATION, "/tracked?utm_source=x")]),
        "/tracked" | "/elsewhere/target" | "/from-noindex" => html("Target", ""),
        "/nofollow" => html("Nofollow", "<a rel=nofollow href='/nofollow/target'>no</a>"),
        "/meta-nofollow" => html("Meta", "<meta name=robots content=nofollow><a href='/nofollow/target'>no</a>"),
        "/noindex" => html("Noindex", "<meta name=robots content=noindex><a href='/from-noindex'>yes</a>"),
        "/header-noindex" => with(html("Header", ""), HeaderName::from_static("x-robots-tag"), "noindex"),
        "/plain.txt" => typed("text/plain", "Plain text.\n"),
        "/llms/guide.md" => typed("text/markdown", "# Guide\n\nMarkdown, as it is.\n"),
        hidden if hidden.starts_with("/hidden/") => html("Hidden", ""),
        _ => status(StatusCode::NOT_FOUND, &[]),
    }
}

fn front(record: &Record) -> String {
    let paths = [
        "/docs/0",
        "/loop/a",
        "/busy",
        "/unavailable",
        "/500",
        "/missing",
        "/never",
        "/drip",
        "/endless",
        "/huge",
        "/bomb",
        "/binary",
        "/image",
        "/dup",
        "/dup/",
        "/dup/index.html",
        "/dup?utm_source=x",
        "/dup#part",
        "/copy",
        "/etag",
        "/modified",
        "/broken-html",
        "/base/page",
        "/nofollow",
        "/meta-nofollow",
        "/noindex",
        "/header-noindex",
        "/plain.txt",
        "/private/secret",
        "/docs/1?session=1",
        "/redirect/absolute",
        "/redirect/relative",
        "/redirect/loop-a",
        "/redirect/self",
        "/redirect/many/0",
        "/redirect/other",
        "/redirect/private",
        "/redirect/file",
        "/redirect/robots",
        "/redirect/nowhere",
        "/charset/windows-1251",
        "/charset/shift_jis",
        "/charset/utf-16le",
        "/charset/meta",
        "/charset/wrong",
        "mailto:a@example.org",
        "javascript:void(0)",
        "http://[broken",
        "ftp://example.org/",
    ];
    let other = format!("http://{}/", record.other);
    paths
        .into_iter()
        .chain([other.as_str()])
        .map(|path| format!("<p><a href=\"{path}\">{path}</a>"))
        .collect()
}

/// A page of a circle in which each links to some others.
fn doc(n: usize) -> Response {
    let links: String = [n + 1, n + DOCS - 1, n * 7 + 3]
        .map(|to| format!("<a href='/docs/{}?utm_campaign={n}#s'>next</a> ", to % DOCS))
        .concat();
    html(&format!("Doc {n}"), &links)
}

fn list(path: &str, headers: &HeaderMap) -> Option<Response> {
    let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    let index = |to: &str| format!("<?xml version='1.0'?><sitemapindex><sitemap><loc>http://{host}{to}</loc></sitemap></sitemapindex>");
    let pages = |to: &[String]| {
        let urls: String = to
            .iter()
            .map(|to| format!("<url><loc>http://{host}{to}</loc><lastmod>2024-05-01</lastmod></url>"))
            .collect();
        format!("<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{urls}</urlset>")
    };
    let xml = "application/xml";
    Some(match path {
        "/robots.txt" => typed("text/plain", ROBOTS),
        "/sitemap.xml" => typed(xml, index("/sitemaps/nested.xml")),
        "/sitemaps/nested.xml" => typed(xml, index("/sitemaps/pages.xml.gz")),
        "/sitemaps/pages.xml.gz" => {
            let mut paths: Vec<String> = (0..5).map(|n| format!("/hidden/{n}")).collect();
            paths.push("/private/listed".to_owned());
            typed("application/gzip", gzip(pages(&paths).as_bytes()))
        }
        "/sitemaps/deep-sitemap.xml" => typed(xml, index("/sitemaps/deep/1")),
        "/sitemaps/deep/1" | "/sitemaps/deep/2" | "/sitemaps/deep/3" | "/sitemaps/deep/4" => {
            let next = path.bytes().last().map_or(0, |digit| digit - b'0') + 1;
            typed(xml, index(&format!("/sitemaps/deep/{next}")))
        }
        "/llms.txt" => typed("text/plain", "# Site\n\n- [Guide](/llms/guide.md): how to\n- [Doc](/docs/0)\n"),
        _ => return None,
    })
}

fn redirected(path: &str, record: &Record) -> Option<Response> {
    let to = match path {
        "/redirect/absolute" => "/docs/1".to_owned(),
        "/redirect/relative" => "../docs/2#x".to_owned(),
        "/redirect/loop-a" => "/redirect/loop-b".to_owned(),
        "/redirect/loop-b" => "/redirect/loop-a".to_owned(),
        "/redirect/self" => "self".to_owned(),
        "/redirect/other" => format!("http://{}/moved", record.other),
        "/redirect/private" => "http://169.254.169.254/latest/meta-data/".to_owned(),
        "/redirect/file" => "file:///etc/passwd".to_owned(),
        "/redirect/robots" => "/private/secret".to_owned(),
        "/redirect/nowhere" => return Some(status(StatusCode::FOUND, &[])),
        path => format!("{MANY_REDIRECTS}{}", path.strip_prefix(MANY_REDIRECTS)?.parse::<u32>().ok()? + 1),
    };
    Some(status(StatusCode::FOUND, &[(LOCATION, &to)]))
}

fn charset(name: &str) -> Response {
    let russian = "<title>Русский</title><p>Съешь ещё этих мягких французских булок, да выпей чаю.";
    let japanese = "<title>日本語</title><p>いろはにほへと ちりぬるを わかよたれそ つねならむ";
    match name {
        "windows-1251" => typed("text/html; charset=windows-1251", WINDOWS_1251.encode(russian).0.into_owned()),
        "shift_jis" => typed("text/html; charset=Shift_JIS", SHIFT_JIS.encode(japanese).0.into_owned()),
        "utf-16le" => typed(
            "text/html",
            format!("\u{feff}{russian}")
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect::<Vec<u8>>(),
        ),
        "meta" => typed(
            "text/html",
            WINDOWS_1251.encode(&format!("<meta charset=windows-1251>{russian}")).0.into_owned(),
        ),
        "wrong" => typed(
            "text/html; charset=utf-8",
            WINDOWS_1251.encode(&format!("<meta charset=windows-1251>{russian}")).0.into_owned(),
        ),
        _ => status(StatusCode::NOT_FOUND, &[]),
    }
}

fn typed(content_type: &str, body: impl Into<Body>) -> Response {
    Plain::builder()
        .header(CONTENT_TYPE, content_type)
        .body(body.into())
        .expect("an answer")
}

fn status(status: StatusCode, headers: &[(HeaderName, &str)]) -> Response {
    let answer = headers
        .iter()
        .fold(Plain::builder().status(status), |answer, (name, value)| answer.header(name, *value));
    answer.body(Body::from("<p>No page.")).expect("an answer")
}

fn with(mut answer: Response, name: HeaderName, value: &'static str) -> Response {
    answer.headers_mut().insert(name, value.parse().expect("a value"));
    answer
}

/// A body without end, a piece at a time.
fn stream(content_type: &str, length: Option<&str>, between: Duration, piece: &str) -> Response {
    let piece = Bytes::copy_from_slice(piece.as_bytes());
    let pieces = futures_util::stream::unfold(piece, move |piece| async move {
        tokio::time::sleep(between).await;
        Some((Ok::<_, std::convert::Infallible>(piece.clone()), piece))
    });
    let answer = Plain::builder().header(CONTENT_TYPE, content_type);
    let answer = length
        .into_iter()
        .fold(answer, |answer, length| answer.header(CONTENT_LENGTH, length));
    answer.body(Body::from_stream(pieces)).expect("an answer")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).expect("memory");
    packed.finish().expect("memory")
}
