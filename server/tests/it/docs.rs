//! The API's description, and what says whether the server is well.

use crate::common::TestServer;
use reqwest::Method;
use serde_json::Value;
use std::path::Path;

#[tokio::test]
async fn the_description_of_the_api_changes_only_on_purpose() {
    let server = TestServer::start().await;
    let mut description = server.get("/api/openapi.json").await.expect(200).json;
    // A new version is not a change of the API.
    description["info"]["version"] = "…".into();
    let now = format!("{}\n", serde_json::to_string_pretty(&description).unwrap());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/openapi.json");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&file, &now).unwrap();
    }
    let before: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap_or_default()).unwrap_or_default();
    let paths = |description: &Value| {
        description["paths"]
            .as_object()
            .map(|paths| paths.keys().cloned().collect::<Vec<_>>())
            .unwrap_or_default()
    };
    assert_eq!(
        paths(&description),
        paths(&before),
        "run again with UPDATE_SNAPSHOTS=1 where it is meant"
    );
    assert!(
        description == before,
        "the description differs from {}: run again with UPDATE_SNAPSHOTS=1, and look at the difference",
        file.display()
    );
}

#[tokio::test]
async fn every_address_of_the_api_is_described_and_answers_as_described() {
    let server = TestServer::start().await;
    let description = server.get("/api/openapi.json").await.json;
    for (path, operations) in description["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            assert!(
                operation["summary"].as_str().is_some_and(|text| !text.is_empty()),
                "{method} {path}"
            );
            let real = path
                .replace("{kb}", "notes")
                .replace("{id}", if path.contains("/entries/") { "one" } else { "1" })
                .replace("{user}", "ada")
                .replace("{version}", "1")
                .replace("{trash_id}", "1");
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            // Its status comes before its body, which for a stream has no end.
            let status = server.request(method, &real).send().await.unwrap().status().as_u16();
            assert!(
                status != 405
                    && operation["responses"]
                        .as_object()
                        .unwrap()
                        .keys()
                        .any(|of| of == &status.to_string())
                    || status == 404
                    || status == 415,
                "{path}: {status}"
            );
        }
    }
}

#[tokio::test]
async fn the_page_of_the_api_names_every_address_and_every_problem() {
    let server = TestServer::start().await;
    let description = server.get("/api/openapi.json").await.json;
    let page = server.get("/docs").await.expect(200);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(!page.text.contains("<script"));
    for path in description["paths"].as_object().unwrap().keys() {
        assert!(page.text.contains(path.as_str()), "{path}");
    }
    for code in app::protocol::Code::ALL {
        assert!(page.text.contains(&format!("id=\"{code}\"")), "{code}");
    }
}

#[tokio::test]
async fn the_server_says_that_it_lives_and_is_ready() {
    let server = TestServer::with_notes().await;
    assert_eq!(server.get("/healthz").await.expect(200).text, "ok\n");
    let _socket = server.socket("").await;
    let ready = server.get("/readyz").await.expect(200).json;
    assert_eq!(
        (&ready["status"], &ready["head"], &ready["published"], &ready["subscribers"]),
        (&"ready".into(), &1.into(), &1.into(), &1.into())
    );
    server.get("/metrics").await.expect(200);
}
