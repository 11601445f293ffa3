//! Syncing a folder as a job.

use super::*;
use server::domain::Caller;
use server::domain::mutation::Request;
use server::sync::{self, Announce};

#[tokio::test]
async fn a_folder_that_was_synced_once_is_synced_again_by_a_job() {
    let server = TestServer::with_notes().await;
    let body = json!({"kb": "notes"});
    server.post("/api/jobs/sync", body.clone()).await.expect_problem(409, "no_folder");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.md"), "# A\n").unwrap();
    let store = server.store().await;
    let (request, kb) = (Request::by(Caller::owner()), "notes".parse().unwrap());
    sync::sync(&store, &request, &kb, folder.path(), Announce::Always).await.unwrap();
    store.close().await;

    std::fs::write(folder.path().join("a.md"), "# A\n\nMore.\n").unwrap();
    std::fs::write(folder.path().join("b.md"), "# B\n").unwrap();
    std::fs::write(folder.path().join("c.md"), "---\nbroken").unwrap();
    let asked = ask(&server, "/api/jobs/sync", body).await;
    let done = ended(&server, &asked, JobStatus::Completed).await;
    let counts = (done.counts.done, done.counts.failed, done.counts.total);
    assert_eq!((counts, done.result.added, done.result.updated), ((2, 1, 3), 1, 1), "{done:#?}");
    let items = items(&server, &done).await;
    assert_eq!((items[0].0.as_str(), items[0].1.as_str()), ("c.md", "failed"));
    assert_eq!(
        server.get("/api/kbs/notes/entries/b").await.expect(200).json["created_by"],
        "user:owner"
    );
    // It is empty, as where it is not mounted: nothing goes, and it can be synced again when it is back.
    for file in ["a.md", "b.md", "c.md"] {
        std::fs::rename(folder.path().join(file), folder.path().join(file).with_extension("away")).unwrap();
    }
    let asked = ask(&server, "/api/jobs/sync", json!({"kb": "notes"})).await;
    let failed = ended(&server, &asked, JobStatus::Failed).await;
    assert!(failed.error.unwrap().contains("no markdown file any more, and 2 entries"));
    std::fs::rename(folder.path().join("b.away"), folder.path().join("b.md")).unwrap();
    std::fs::rename(folder.path().join("a.away"), folder.path().join("a.md")).unwrap();
    let asked = ask(&server, "/api/jobs/sync", json!({"kb": "notes"})).await;
    assert_eq!(ended(&server, &asked, JobStatus::Completed).await.result.unchanged, 2);
    // The folder is gone: the job says so, and nothing is removed.
    drop(folder);
    let asked = ask(&server, "/api/jobs/sync", json!({"kb": "notes"})).await;
    let failed = ended(&server, &asked, JobStatus::Failed).await;
    assert!(failed.error.unwrap().contains("cannot use the folder"));
    server.get("/api/kbs/notes/entries/b").await.expect(200);
}
