//! How fast pages are taken in where the site is not what a crawl waits for: fetched over a socket, made markdown, stored,
//! indexed and linked. Against a site of others it keeps to ten pages a second.

#![allow(clippy::unwrap_used, reason = "a measurement that cannot be made ends here")]

use app::protocol::job::{JobStatus, NewCrawl};
use axum::Router;
use axum::extract::Path;
use axum::response::Html;
use axum::routing::get;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use server::config::Crawl;
use server::crawl::{Allowed, PaceSettings};
use server::domain::mutation::Request;
use server::domain::{Caller, job, kb};
use server::jobs::{Crawler, Jobs, Uploads};
use server::live::Hub;
use server::store::Store;
use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

const PAGES: usize = 200;

/// A page of about 8 KiB, with the frame around its text that pages have, and twenty links.
async fn page(number: Option<Path<usize>>) -> Html<String> {
    let number = number.map_or(0, |Path(number)| number);
    let mut html = format!(
        "<!doctype html><title>Page {number}</title><nav>{}</nav><main><h1>Page {number}</h1>",
        "<a href='/'>Home</a> ".repeat(10)
    );
    for section in 0..8 {
        let text = "Whoever reads this far learns of the matter what there is to be learnt of it. ".repeat(8);
        write!(
            html,
            "<h2>Section {section}</h2><p>{text}</p><pre><code class='language-rust'>fn f() {{}}</code></pre>"
        )
        .unwrap();
    }
    for step in 1..=20 {
        let other = match (number + step * step) % PAGES {
            0 => String::new(),
            other => other.to_string(),
        };
        write!(html, "<p>See <a href='/{other}'>page {other}</a>.</p>").unwrap();
    }
    html.push_str("</main><footer>The end.</footer>");
    Html(html)
}

fn crawl(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let folder = TempDir::new().unwrap();
    let (store, jobs, site) = runtime.block_on(async {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site = socket.local_addr().unwrap().to_string();
        let app = Router::new().route("/", get(page)).route("/{number}", get(page));
        tokio::spawn(async move { axum::serve(socket, app).await });
        let (store, committed) = Store::open(folder.path()).await.unwrap();
        let hub = Hub::start(&store, None).await.unwrap();
        tokio::spawn(hub.clone().run(store.clone(), committed, CancellationToken::new()));
        let crawler = Crawler::new(&Crawl {
            allowed: Allowed::parse([&site]).unwrap(),
            pace: PaceSettings {
                delay: Duration::ZERO,
                ..PaceSettings::default()
            },
            ..Crawl::default()
        });
        let uploads = Uploads::new(folder.path().join("uploads"), "tidings".into());
        let jobs = Jobs::new(store.clone(), hub, uploads, crawler);
        tokio::spawn(jobs.clone().run(CancellationToken::new()));
        (store, jobs, site)
    });
    let request = Request::by(Caller::owner());
    let runs = AtomicUsize::new(0);
    let mut group = criterion.benchmark_group("crawl");
    group.sample_size(10).throughput(Throughput::Elements(PAGES as u64));
    group.bench_function(format!("{PAGES} pages"), |bencher| {
        bencher.to_async(&runtime).iter(|| async {
            let kb = format!("site-{}", runs.fetch_add(1, Ordering::Relaxed));
            let new = app::protocol::entry::NewKb {
                name: kb.clone(),
                title: None,
                description: None,
                members: None,
            };
            kb::create(&store, &request, new).await.unwrap();
            let new = NewCrawl {
                url: format!("http://{site}/"),
                kb,
                max_pages: Some(2 * PAGES as u64),
                max_depth: Some(50),
                include: vec![],
                exclude: vec![],
            };
            let mut asked = job::crawl(&store, &request, new).await.unwrap();
            jobs.wake().await;
            while asked.status.is_active() {
                tokio::time::sleep(Duration::from_millis(2)).await;
                asked = job::get(&store, &request.caller, &asked.job_id).await.unwrap();
            }
            assert_eq!(
                (asked.status, asked.counts.done),
                (JobStatus::Completed, PAGES as u64),
                "{asked:#?}"
            );
        });
    });
    group.finish();
}

criterion_group!(benches, crawl);
criterion_main!(benches);
