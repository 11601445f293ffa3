//! The life of a job: waiting, working, ending, being interrupted, going on. And what those see who watch.

use super::*;
use app::protocol::people::{Role, Scope};
use reqwest::multipart::{Form, Part};
use std::collections::HashMap;

/// Gathers all states of jobs that a socket tells, until so many have ended.
async fn watch(socket: &mut crate::common::Client, jobs: usize) -> HashMap<String, Vec<Job>> {
    let mut states: HashMap<String, Vec<Job>> = HashMap::new();
    let is_over = |states: &HashMap<String, Vec<Job>>| {
        let ended = states.values().filter(|of| of.last().is_some_and(|job| !job.status.is_active()));
        ended.count() == jobs
    };
    while !is_over(&states) {
        let frame = socket.answer().await;
        if let Some(job) = told(&frame) {
            assert_eq!(frame["topic"], format!("job:{}", job.job_id));
            states.entry(job.job_id.to_string()).or_default().push(job);
        }
    }
    states
}

#[tokio::test]
async fn three_at_once_do_not_mix_and_no_number_ever_falls() {
    let site = Site::start().await;
    let server = beside(&site).await;
    for kb in ["one", "two", "three"] {
        server.kb(kb).await;
    }
    let mut socket = server.socket("").await;
    let mut asked = vec![];
    for (kb, pages) in [("one", 30), ("two", 20), ("three", 10)] {
        let body = json!({"kb": kb, "url": format!("{}docs/0", site.url()), "max_pages": pages, "max_depth": 50});
        asked.push((ask(&server, "/api/jobs/crawl", body).await, pages));
    }
    assert!(asked[2].0.ahead.is_some());
    let states = watch(&mut socket, 3).await;
    assert!(site.max_in_flight() <= 4, "jobs share what is polite");
    for (job, pages) in asked {
        let of = &states[job.job_id.as_str()];
        for pair in of.windows(2) {
            follows(&pair[0], &pair[1]);
        }
        let last = of.last().unwrap();
        assert_eq!((last.status, last.counts.done), (JobStatus::Completed, pages));
        let total = server.get(&format!("/api/kbs/{}/entries?limit=1", job.kb_name)).await.json["total"].clone();
        assert_eq!(total, pages);
        let phases: Vec<&str> = of.iter().map(|job| job.phase.as_str()).collect();
        assert!(
            phases.contains(&"discovering") && phases.contains(&"fetching") && phases.contains(&"linking"),
            "{phases:?}"
        );
    }
}

#[tokio::test]
async fn progress_comes_at_most_ten_times_a_second_and_to_who_comes_late() {
    let site = Site::start().await;
    let server = beside(&site).await;
    let slow = crawl(&server, &format!("{}gate/1", site.url()), json!({})).await;
    site.wait_in_flight(1).await;
    until(&server, slow.job_id.as_str(), |job| job.current.is_some()).await;
    // Nothing happens, so nothing is told; but who comes late is told how far it is.
    let mut socket = server.socket(&format!("topics=job:{}", slow.job_id)).await;
    let first = told(&socket.answer().await).unwrap();
    assert_eq!(first.status, JobStatus::Running);
    site.open_gate();
    let states = watch(&mut socket, 1).await;
    assert_eq!(states[slow.job_id.as_str()].last().unwrap().status, JobStatus::Completed);
}

#[tokio::test]
async fn a_job_that_is_cancelled_ends_soon_and_keeps_what_it_had() {
    let site = Site::start().await;
    let server = beside(&site).await;
    let mut socket = server.socket("").await;
    let asked = crawl(
        &server,
        &format!("{}docs/0", site.url()),
        json!({"max_pages": 150, "max_depth": 50}),
    )
    .await;
    let id = asked.job_id.as_str();
    until(&server, id, |job| job.counts.done >= 20).await;
    let answer = server.post(&format!("/api/jobs/{id}/cancel"), json!({})).await.expect(202);
    assert!(["cancelling", "cancelled"].contains(&answer.json["status"].as_str().unwrap()));
    let cancelled = ended(&server, &asked, JobStatus::Cancelled).await;
    assert!(cancelled.counts.done >= 20 && cancelled.counts.done < 150, "{cancelled:#?}");
    let total = server.get("/api/kbs/notes/entries?limit=1").await.json["total"].clone();
    assert_eq!(total, cancelled.counts.done, "what is counted is there");
    server
        .post(&format!("/api/jobs/{id}/cancel"), json!({}))
        .await
        .expect_problem(409, "job_over");
    let states = watch(&mut socket, 1).await;
    let states = &states[id];
    assert!(states.iter().any(|job| job.status == JobStatus::Cancelling) && states.last().unwrap().status == JobStatus::Cancelled);

    // It can go on, from where it was.
    server.post(&format!("/api/jobs/{id}/retry"), json!({})).await.expect(202);
    let done = ended(&server, &asked, JobStatus::Completed).await;
    assert_eq!((done.counts.done, done.attempt), (150, 2));
    assert_eq!(done.result.added, 150, "nothing was fetched twice: {done:#?}");
    server
        .post(&format!("/api/jobs/{id}/retry"), json!({}))
        .await
        .expect_problem(409, "nothing_to_retry");
    server.delete(&format!("/api/jobs/{id}")).await.expect(204);
    server.get(&format!("/api/jobs/{id}")).await.expect_problem(404, "job_not_found");
}

#[tokio::test]
async fn a_retry_takes_only_what_failed() {
    let site = Site::start().await;
    let server = beside(&site).await;
    let asked = crawl(&server, &site.url(), json!({"max_depth": 1, "max_pages": 60})).await;
    let first = ended(&server, &asked, JobStatus::Completed).await;
    assert!(first.counts.failed > 0);
    let before = site.requests().len();
    server
        .post(&format!("/api/jobs/{}/retry", first.job_id), json!({}))
        .await
        .expect(202);
    let again = ended(&server, &asked, JobStatus::Completed).await;
    assert_eq!(again.counts, first.counts);
    let asked_for: Vec<String> = site.requests().split_off(before);
    assert!(!asked_for.iter().any(|path| path == "/docs/0" || path == "/"), "{asked_for:?}");
}

#[tokio::test]
async fn those_that_wait_say_how_many_go_before() {
    let site = Site::start().await;
    let server = beside(&site).await;
    let mut asked = vec![];
    for n in 1..=4 {
        asked.push(crawl(&server, &format!("{}gate/{n}", site.url()), json!({})).await);
    }
    site.wait_in_flight(2).await;
    let last = until(&server, asked[3].job_id.as_str(), |job| job.ahead == Some(1)).await;
    assert_eq!(last.status, JobStatus::Queued);
    server
        .post(&format!("/api/jobs/{}/cancel", asked[2].job_id), json!({}))
        .await
        .expect(202);
    until(&server, asked[3].job_id.as_str(), |job| job.ahead == Some(0)).await;
    server
        .delete(&format!("/api/jobs/{}", asked[3].job_id))
        .await
        .expect_problem(409, "job_active");
    site.open_gate();
    ended(&server, &asked[3], JobStatus::Completed).await;
    assert_eq!(get(&server, asked[2].job_id.as_str()).await.status, JobStatus::Cancelled);
    let listed = server.get("/api/jobs?limit=3").await.expect(200).json;
    assert_eq!(listed["items"][0]["job_id"], asked[3].job_id.as_str());
    let next = listed["next"].as_str().unwrap();
    let rest = server.get(&format!("/api/jobs?limit=3&before={next}")).await.expect(200).json;
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next"]), (1, &Value::Null));
}

#[tokio::test]
async fn files_that_were_sent_do_not_wait_for_sites() {
    let site = Site::start().await;
    let server = beside(&site).await;
    for n in 1..=3 {
        crawl(&server, &format!("{}gate/{n}", site.url()), json!({})).await;
    }
    site.wait_in_flight(2).await;
    let file = Part::text("# Sent\n").file_name("sent.md");
    let form = Form::new().text("kb", "notes").part("file", file);
    let request = server.request(reqwest::Method::POST, "/api/jobs/upload").multipart(form);
    let sent = job(&server.send(request).await.expect(202).json);
    assert_eq!(sent.ahead, Some(0));
    ended(&server, &sent, JobStatus::Completed).await;
    site.open_gate();
}

#[tokio::test]
async fn a_stop_interrupts_and_after_a_start_it_goes_on() {
    let site = Site::start().await;
    let mut server = beside(&site).await;
    let asked = crawl(
        &server,
        &format!("{}docs/0", site.url()),
        json!({"max_pages": 120, "max_depth": 50}),
    )
    .await;
    let id = asked.job_id.as_str();
    until(&server, id, |job| job.counts.done >= 10).await;
    server.restart().await;
    let job = get(&server, id).await;
    assert_eq!(job.status, JobStatus::Interrupted, "{job:#?}");
    let total = server.get("/api/kbs/notes/entries?limit=1").await.json["total"].clone();
    assert_eq!(total, job.counts.done);
    server.post(&format!("/api/jobs/{id}/retry"), json!({})).await.expect(202);
    let done = ended(&server, &asked, JobStatus::Completed).await;
    assert_eq!((done.counts.done, done.result.added), (120, 120));
}

#[tokio::test]
async fn who_asked_is_told_of_the_end_and_a_right_that_is_taken_away_ends_it() {
    let site = Site::start().await;
    let server = TestServer::with(|data| Config {
        auth: server::config::Auth::Required,
        crawl: quickly(&site),
        ..Config::open(([127, 0, 0, 1], 0).into(), data.into())
    })
    .await;
    let ada = server.person("ada", Role::Owner).await;
    let bob = server.person("bob", Role::Member).await;
    let cy = server.person("cy", Role::Member).await;
    ada.post("/api/kbs", json!({"name": "notes", "members": "none"})).await.expect(201);
    ada.put("/api/kbs/notes/access/bob", json!({"level": "write"})).await.expect(204);
    let mut of_cy = cy.listen("").await;
    let asked = crawl(&bob, &format!("{}docs/0", site.url()), json!({"max_pages": 5})).await;
    ended(&bob, &asked, JobStatus::Completed).await;
    let told = bob.get("/api/notifications").await.expect(200).json["items"][0].clone();
    assert_eq!(
        (told["type"].as_str(), told["link"].as_str()),
        (Some("job"), Some(format!("/jobs#{}", asked.job_id).as_str()))
    );
    // Who may not read the knowledge base knows nothing of it.
    cy.get(&format!("/api/jobs/{}", asked.job_id))
        .await
        .expect_problem(404, "job_not_found");
    assert_eq!(cy.get("/api/jobs").await.expect(200).json["items"], json!([]));
    ada.post("/api/announcements", json!({"message": "End"})).await.expect(201);
    let heard = of_cy.event().await;
    assert_eq!(heard["type"], "announcement_made", "nothing of the job came before: {heard}");

    let asked = crawl(&bob, &format!("{}docs/0", site.url()), json!({"max_pages": 200, "max_depth": 50})).await;
    until(&ada, asked.job_id.as_str(), |job| job.counts.settled() >= 10).await;
    ada.put("/api/kbs/notes/access/bob", json!({"level": "read"})).await.expect(204);
    let failed = ended(&ada, &asked, JobStatus::Failed).await;
    assert!(failed.error.as_deref().unwrap().contains("bob may not"), "{failed:#?}");
    let (reader, _) = server.token("bob", &[Scope::Read]).await;
    let body = json!({"kb": "notes", "url": site.url()});
    reader.post("/api/jobs/crawl", body).await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn a_knowledge_base_that_is_deleted_takes_its_jobs_along() {
    let site = Site::start().await;
    let server = beside(&site).await;
    let asked = crawl(
        &server,
        &format!("{}docs/0", site.url()),
        json!({"max_pages": 200, "max_depth": 50}),
    )
    .await;
    until(&server, asked.job_id.as_str(), |job| job.counts.done >= 5).await;
    server.delete("/api/kbs/notes").await.expect(204);
    server
        .get(&format!("/api/jobs/{}", asked.job_id))
        .await
        .expect_problem(404, "job_not_found");
    // The worker is free again.
    server.kb("notes").await;
    let next = crawl(&server, &format!("{}docs/0", site.url()), json!({"max_pages": 3})).await;
    ended(&server, &next, JobStatus::Completed).await;
}
