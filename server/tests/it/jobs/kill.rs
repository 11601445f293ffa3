//! Jobs of a server in a process of its own: one that is killed, and one that keeps secrets.

use super::*;
use crate::common::Process;

#[tokio::test]
async fn a_crawl_that_is_killed_in_the_middle_goes_on_and_loses_nothing() {
    let site = Site::start().await;
    let mut server = Process::start_with(&["--crawl-allow", &site.host()]).await;
    server.kb("notes").await;
    let asked = crawl(&server, &format!("{}docs/0", site.url()), json!({"max_pages": 40, "max_depth": 50})).await;
    let id = asked.job_id.as_str();
    until(&server, id, |job| job.counts.done >= 10).await;
    server.kill().await;
    server.start_again().await;
    let job = get(&server, id).await;
    assert_eq!(job.status, JobStatus::Interrupted, "{job:#?}");
    // What is counted is there, and what is there is counted.
    let total = server.get("/api/kbs/notes/entries?limit=1").await.json["total"].clone();
    assert_eq!(total, job.counts.done);
    assert!(job.counts.done >= 10 && job.counts.done < 40);
    server.post(&format!("/api/jobs/{id}/retry"), json!({})).await.expect(202);
    let done = ended(&server, &asked, JobStatus::Completed).await;
    assert_eq!((done.counts.done, done.result.added, done.attempt), (40, 40, 2));
}

#[tokio::test]
async fn the_log_tells_of_jobs_and_never_a_secret() {
    let server = Process::start_with(&["--log", "debug"]).await;
    server.kb("notes").await;
    let ada = json!({"user_id": "ada", "password": "correct horse battery"});
    server.post("/api/users", ada).await.expect(201);
    let made = server
        .post("/api/tokens", json!({"name": "claude", "user": "ada"}))
        .await
        .expect(201)
        .json;
    let secret = made["secret"].as_str().unwrap().to_owned();
    server
        .post("/api/login", json!({"user": "ada", "password": "correct horse battery"}))
        .await;
    let program = server.with_token(&secret);
    program.get("/api/kbs").await;
    program.get(&format!("/api/me?token={secret}")).await;
    server
        .post("/api/jobs/crawl", json!({"kb": "notes", "url": "http://10.0.0.1/"}))
        .await
        .expect(202);
    let log = soon("the job in the log", async {
        loop {
            let log = server.get("/api/logs?limit=1000").await.expect(200);
            if log.text.contains("a job failed") {
                return log.text;
            }
        }
    })
    .await;
    assert!(log.contains("notes."), "the job is named: {log}");
    for hidden in [secret.as_str(), "correct horse"] {
        assert!(!log.contains(hidden), "{hidden} is in the log");
    }
    server.delete("/api/logs").await.expect(204);
}
