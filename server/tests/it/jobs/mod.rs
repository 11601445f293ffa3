//! Jobs: crawls, uploads and syncs, from asking for them to the last number on the card.

mod crawl;
mod kill;
mod life;
mod seeds;
mod sync;
mod upload;

use crate::common::site::Site;
use crate::common::{Api, TestServer, soon};
use app::protocol::frame::Control;
use app::protocol::job::{Job, JobStatus};
use serde_json::{Value, json};
use server::config::{Config, Crawl};
use server::crawl::{Allowed, Limits, PaceSettings};
use std::time::Duration;

/// A server that may crawl this site, quickly, with the knowledge base `notes`.
async fn beside(site: &Site) -> TestServer {
    beside_hosts(site, &[site.host()]).await
}

/// The same, which may crawl these hosts.
async fn beside_hosts(site: &Site, hosts: &[String]) -> TestServer {
    let server = TestServer::with(|data| Config {
        crawl: Crawl {
            allowed: Allowed::parse(hosts).unwrap(),
            ..quickly(site)
        },
        patience: Duration::from_millis(200),
        ..Config::open(([127, 0, 0, 1], 0).into(), data.into())
    })
    .await;
    server.kb("notes").await;
    server
}

fn quickly(site: &Site) -> Crawl {
    Crawl {
        allowed: Allowed::parse([site.host()]).unwrap(),
        pace: PaceSettings {
            delay: Duration::ZERO,
            first_wait: Duration::from_millis(1),
            longest_wait: Duration::from_millis(20),
            ..PaceSettings::default()
        },
        limits: Limits {
            time: Duration::from_secs(4),
            ..Limits::default()
        },
    }
}

/// Asks for a job, which is taken.
async fn ask(api: &Api, path: &str, body: Value) -> Job {
    job(&api.post(path, body).await.expect(202).json)
}

fn job(json: &Value) -> Job {
    serde_json::from_value(json.clone()).unwrap()
}

async fn crawl(api: &Api, url: &str, more: Value) -> Job {
    let mut body = json!({"kb": "notes", "url": url});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    ask(api, "/api/jobs/crawl", body).await
}

async fn get(api: &Api, id: &str) -> Job {
    job(&api.get(&format!("/api/jobs/{id}")).await.expect(200).json)
}

/// Waits until a job is as it should be.
async fn until(api: &Api, id: &str, is_so: impl Fn(&Job) -> bool) -> Job {
    soon("the job", async {
        loop {
            let job = get(api, id).await;
            if is_so(&job) {
                return job;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
}

/// Waits until a job is over, and fails when it ended in another way.
async fn ended(api: &Api, job: &Job, status: JobStatus) -> Job {
    let ended = until(api, job.job_id.as_str(), |job| !job.status.is_active()).await;
    assert_eq!(ended.status, status, "{ended:#?}");
    adds_up(&ended);
    ended
}

fn adds_up(job: &Job) {
    let counts = job.counts;
    assert!(counts.settled() <= counts.total, "{job:#?}");
    if job.status == JobStatus::Completed {
        assert_eq!(counts.settled(), counts.total, "{job:#?}");
        assert_eq!(job.percent, 100);
    }
}

/// The state of a job that a message tells; none for other messages.
fn told(frame: &Value) -> Option<Job> {
    match frame["type"].as_str()? {
        "job_created" | "job_updated" => Some(job(&frame["data"])),
        "job_progress" => match serde_json::from_value(frame.clone()).unwrap() {
            Control::JobProgress { data, .. } => Some(*data),
            _ => None,
        },
        _ => None,
    }
}

/// What may never happen between two states of a job.
fn follows(before: &Job, after: &Job) {
    adds_up(after);
    assert!(after.revision >= before.revision, "{before:#?} {after:#?}");
    if after.attempt == before.attempt {
        let grows = |count: fn(&Job) -> u64| assert!(count(after) >= count(before), "{before:#?} {after:#?}");
        grows(|job| job.counts.done);
        grows(|job| job.counts.failed);
        grows(|job| job.counts.skipped);
        grows(|job| job.counts.total);
        grows(|job| u64::from(job.percent));
    }
}

/// All items of a job, by their names.
async fn items(api: &Api, job: &Job) -> Vec<(String, String, String)> {
    let page = api
        .get(&format!("/api/jobs/{}/items?limit=1000", job.job_id))
        .await
        .expect(200)
        .json;
    assert_eq!(page["next"], Value::Null);
    let text = |item: &Value, name: &str| item[name].as_str().unwrap_or_default().to_owned();
    page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (text(item, "name"), text(item, "outcome"), text(item, "why")))
        .collect()
}
