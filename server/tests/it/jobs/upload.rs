//! Uploading files.

use super::*;
use reqwest::multipart::{Form, Part};

async fn send(server: &TestServer, form: Form) -> crate::common::Answer {
    server
        .send(server.request(reqwest::Method::POST, "/api/jobs/upload").multipart(form))
        .await
}

fn form(files: &[(&str, &[u8])]) -> Form {
    files.iter().fold(Form::new().text("kb", "notes"), |form, (name, bytes)| {
        form.part("file", Part::bytes(bytes.to_vec()).file_name((*name).to_owned()))
    })
}

#[tokio::test]
async fn files_become_entries_and_what_is_none_says_why() {
    let server = TestServer::with_notes().await;
    let answer = send(
        &server,
        form(&[
            ("plan.md", b"---\ntitle: The Plan\ntags: [deming]\n---\nPlan, do."),
            ("Notes of today.txt", b"Just text.\r\nMore."),
            (
                "page.html",
                b"<title>Page</title><main><h1>Page</h1><p>Some <b>bold</b> text, <a href='x.html'>x</a>.</main>",
            ),
            ("../../etc/passwd.md", b"# Not a path\n"),
            ("picture.md", b"\x89PNG\r\n\x1a\n\0\0"),
            ("sheet.xlsx", b"PK\x03\x04"),
        ]),
    )
    .await
    .expect(202);
    let done = ended(&server, &job(&answer.json), JobStatus::Completed).await;
    assert_eq!((done.counts.done, done.counts.failed, done.counts.total), (4, 2, 6), "{done:#?}");
    let plan = server.get("/api/kbs/notes/entries/the-plan").await.expect(200).json;
    assert_eq!((&plan["tags"], &plan["body"]), (&json!(["deming"]), &json!("Plan, do.")));
    assert_eq!(plan["metadata"]["source_file"], "plan.md");
    let page = server.get("/api/kbs/notes/entries/page").await.expect(200).json;
    assert!(
        page["body"].as_str().unwrap().contains("**bold**") && page["body"].as_str().unwrap().contains("(x.html)"),
        "{page}"
    );
    let items = items(&server, &done).await;
    assert!(items.iter().any(|(name, ..)| name == "passwd.md"), "{items:?}");
    assert!(
        items.iter().all(|(_, outcome, why)| (outcome == "failed") != why.is_empty()),
        "{items:?}"
    );
    // The same again is known.
    let again = send(
        &server,
        form(&[("plan.md", b"---\ntitle: The Plan\ntags: [deming]\n---\nPlan, do.")]),
    )
    .await
    .expect(202);
    let again = ended(&server, &job(&again.json), JobStatus::Completed).await;
    assert_eq!((again.result.unchanged, again.result.added), (1, 0));
    assert!(
        !server.data().join("uploads").join(again.job_id.as_str()).exists(),
        "what was read is deleted"
    );
}

#[tokio::test]
async fn a_form_that_is_wrong_is_refused_and_leaves_nothing() {
    let server = TestServer::with_notes().await;
    send(&server, Form::new().text("kb", "notes"))
        .await
        .expect_problem(422, "invalid_value");
    let file = || Part::bytes(b"x".to_vec()).file_name("a.md");
    send(&server, Form::new().part("file", file()))
        .await
        .expect_problem(422, "invalid_value");
    send(&server, Form::new().text("kb", "nothing").part("file", file()))
        .await
        .expect_problem(404, "kb_not_found");
    send(&server, Form::new().text("folder", "x"))
        .await
        .expect_problem(400, "invalid_form");
    server
        .post("/api/jobs/upload", json!({}))
        .await
        .expect_problem(415, "unsupported_media_type");
    let no_form = server
        .request(reqwest::Method::POST, "/api/jobs/upload")
        .header("content-type", "multipart/form-data");
    server.send(no_form.body("x")).await.expect_problem(400, "invalid_form");
    let big = Part::bytes(vec![b'x'; 50 * 1024 * 1024 + 1]).file_name("big.txt");
    let refused = send(&server, Form::new().text("kb", "notes").part("file", big)).await;
    refused.expect_problem(413, "upload_too_large");
    let left: Vec<_> = std::fs::read_dir(server.data().join("uploads")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(server.get("/api/jobs").await.json["items"], json!([]));
}

#[tokio::test]
async fn an_archive_is_its_files() {
    use std::io::Write;
    let server = TestServer::with_notes().await;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(vec![]));
    let options = zip::write::SimpleFileOptions::default();
    for (name, text) in [
        ("a/one.md", "# One\n"),
        ("b/two.txt", "Two."),
        ("../out.md", "# Out\n"),
        ("c/data.bin", "\0\0\0"),
    ] {
        zip.start_file(name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    let zip = zip.finish().unwrap().into_inner();
    let answer = send(&server, form(&[("all.zip", &zip), ("broken.zip", b"PK\x03\x04nonsense")]))
        .await
        .expect(202);
    let done = ended(&server, &job(&answer.json), JobStatus::Completed).await;
    assert_eq!(done.counts.done, 2, "{done:#?} {:#?}", items(&server, &done).await);
    assert_eq!(done.counts.settled(), done.counts.total);
    server.get("/api/kbs/notes/entries/one").await.expect(200);
    server.get("/api/kbs/notes/entries/out").await.expect(404);
}
