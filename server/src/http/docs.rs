//! The API's description: as JSON, and as a page to read it, made of the same.

use super::who::Door;
use crate::state::AppState;
use app::protocol::Code;
use axum::Router;
use axum::body::Bytes;
use axum::response::Html;
use axum::routing::get;
use serde_json::Value;
use std::fmt::Write;
use utoipa::openapi::OpenApi;

/// `/api/openapi.json` and `/docs`.
pub fn routes(description: OpenApi, door: &Door) -> Router<AppState> {
    let json = serde_json::to_value(&description).unwrap_or_default();
    // Anybody may ask for them, so they are written once.
    let page = Bytes::from(page(&json, door));
    let text = Bytes::from(json.to_string());
    Router::new()
        .route(
            "/api/openapi.json",
            get(move || async move { ([("content-type", "application/json")], text) }),
        )
        .route(
            "/docs",
            get(move || async move { ([("content-security-policy", POLICY)], Html(page)) }),
        )
}

/// The page has no scripts at all.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const STYLE: &str = "
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); --quiet: color-mix(in srgb, currentColor 70%, transparent); }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 2rem 1rem 6rem; }
h1 { font-size: 1.7rem; } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); padding-bottom: .3rem; text-transform: capitalize; }
details { border: 1px solid var(--line); border-radius: 8px; margin: .5rem 0; } summary { padding: .6rem .8rem; cursor: pointer; overflow-wrap: anywhere; }
details > div { padding: 0 1rem 1rem; } .method { display: inline-block; min-width: 4.5em; font: 600 .8rem ui-monospace, monospace; } code, pre { font: .875rem ui-monospace, monospace; }
pre { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; padding: .7rem; } table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.quiet { color: var(--quiet); } a { color: inherit; } .scroll { overflow-x: auto; }
";

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn page(api: &Value, door: &Door) -> String {
    let mut out = String::new();
    let _ = write!(
        out,
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>API · Tidings</title><link rel=\"icon\" href=\"{icon}\"><style>{STYLE}</style></head><body><main>\
         <p><a href=\"{home}\">Tidings</a></p><h1>The API of Tidings</h1><p>{}</p>\
         <p>Machine-readable: <a href=\"{json}\">openapi.json</a>. Live events: <code>/ws</code> (WebSocket) and <code>/api/events/stream</code> (SSE). \
         Writes take <code>Idempotency-Key</code>; entries carry their version as <code>ETag</code>, and <code>If-Match</code> keeps you from writing over what you have not seen.</p>",
        escape(text(api, "/info/description")),
        icon = door.outside("/favicon.svg"),
        home = door.outside("/"),
        json = door.outside("/api/openapi.json"),
    );
    for tag in api["tags"].as_array().into_iter().flatten() {
        let tag = text(tag, "/name");
        let _ = write!(out, "<h2>{}</h2>", escape(tag));
        for (path, item) in api["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                if operation["tags"].as_array().is_some_and(|tags| tags.iter().any(|of| of == tag)) {
                    push_operation(&mut out, method, path, operation);
                }
            }
        }
    }
    push_schemas(&mut out, api);
    push_problems(&mut out);
    out.push_str("</main></body></html>");
    out
}

fn push_operation(out: &mut String, method: &str, path: &str, operation: &Value) {
    let _ = write!(
        out,
        "<details><summary><span class=\"method\">{}</span> <code>{}</code> <span class=\"quiet\">{}</span></summary><div>",
        method.to_uppercase(),
        escape(path),
        escape(text(operation, "/summary"))
    );
    if let Some(description) = operation["description"].as_str() {
        let _ = write!(out, "<p>{}</p>", escape(description));
    }
    let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !parameters.is_empty() {
        out.push_str("<div class=\"scroll\"><table><tr><th>Parameter</th><th>In</th><th>Meaning</th></tr>");
        for parameter in parameters {
            let _ = write!(
                out,
                "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
                escape(text(parameter, "/name")),
                escape(text(parameter, "/in")),
                escape(text(parameter, "/description"))
            );
        }
        out.push_str("</table></div>");
    }
    if let Some(schema) = operation.pointer("/requestBody/content/application~1json/schema") {
        let _ = write!(out, "<p>Body: {}</p>", kind(schema));
    }
    out.push_str("<div class=\"scroll\"><table><tr><th>Answer</th><th>Meaning</th><th>Body</th></tr>");
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        let body = response["content"]
            .as_object()
            .and_then(|content| content.values().next())
            .map(|content| kind(&content["schema"]))
            .unwrap_or_default();
        let _ = write!(
            out,
            "<tr><td><code>{status}</code></td><td>{}</td><td>{body}</td></tr>",
            escape(text(response, "/description"))
        );
    }
    out.push_str("</table></div></div></details>");
}

/// A schema in a few words, linked to where it is described.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = escape(reference.rsplit('/').next().unwrap_or_default());
        return format!("<a href=\"#{name}\"><code>{name}</code></a>");
    }
    if let Some(one) = schema["oneOf"]
        .as_array()
        .or(schema["allOf"].as_array())
        .or(schema["anyOf"].as_array())
    {
        let kinds: Vec<String> = one.iter().map(kind).collect();
        return kinds.join(" or ");
    }
    match &schema["type"] {
        Value::String(name) if name == "array" => format!("list of {}", kind(&schema["items"])),
        Value::String(name) => escape(name),
        Value::Array(names) => escape(&names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or ")),
        _ => String::new(),
    }
}

fn push_schemas(out: &mut String, api: &Value) {
    out.push_str("<h2>Shapes</h2>");
    for (name, schema) in api.pointer("/components/schemas").and_then(Value::as_object).into_iter().flatten() {
        let _ = write!(
            out,
            "<details id=\"{0}\"><summary><code>{0}</code> <span class=\"quiet\">{1}</span></summary><div>",
            escape(name),
            escape(text(schema, "/description"))
        );
        if let Some(properties) = schema["properties"].as_object() {
            out.push_str("<div class=\"scroll\"><table><tr><th>Member</th><th>Kind</th><th>Meaning</th></tr>");
            for (member, property) in properties {
                let _ = write!(
                    out,
                    "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
                    escape(member),
                    kind(property),
                    escape(text(property, "/description"))
                );
            }
            out.push_str("</table></div>");
        } else {
            let _ = write!(
                out,
                "<pre>{}</pre>",
                escape(&serde_json::to_string_pretty(schema).unwrap_or_default())
            );
        }
        out.push_str("</div></details>");
    }
}

fn push_problems(out: &mut String) {
    out.push_str("<h2>Problems</h2><div class=\"scroll\"><table><tr><th>Code</th><th>Status</th><th>Meaning</th></tr>");
    for code in Code::ALL {
        let _ = write!(
            out,
            "<tr id=\"{code}\"><td><code>{code}</code></td><td>{}</td><td>{}</td></tr>",
            code.status(),
            escape(code.title())
        );
    }
    out.push_str("</table></div>");
}
