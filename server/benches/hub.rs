//! How fast the parts on the way of a change are: commit, fan-out, and the reads that pages begin with.
//! What a whole server does with real sockets is measured elsewhere; this shows which part became slower.

#![allow(clippy::unwrap_used, reason = "a measurement that cannot be made ends here")]

use app::protocol::entry::{EntryDraft, EntryFilter};
use app::protocol::{Actor, EntryId, Event, KbName, Timestamp, Topic, Version};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use futures_util::future::join_all;
use server::domain::mutation::Request;
use server::domain::{Caller, entry, kb};
use server::live::hub::Registration;
use server::live::subscriber::Due;
use server::live::{Hub, Interest};
use server::store::{Store, Subject, WriteTx};
use std::future::poll_fn;
use std::hint::black_box;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

const SUBSCRIBERS: usize = 1_000;
const ENTRIES: usize = 2_500;

fn name() -> KbName {
    KbName::parse("notes").expect("a name")
}

fn request() -> Request {
    Request::by(Caller::owner())
}

fn draft(n: usize) -> EntryDraft {
    let body = format!(
        "# Note {n}\n\nIt links to [[note-{}]] and speaks of word{} at some length.\n",
        n / 2,
        n % 50
    )
    .repeat(4);
    EntryDraft {
        title: format!("Note {n}"),
        body,
        tags: vec![format!("tag{}", n % 20)],
        ..EntryDraft::default()
    }
}

/// A database with a hub that runs.
struct Bench {
    runtime: Runtime,
    store: Store,
    hub: Hub,
    _folder: TempDir,
}

impl Bench {
    fn start() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let folder = TempDir::new().expect("a folder");
        let (store, hub) = runtime.block_on(async {
            let (store, committed) = Store::open(folder.path()).await.expect("a database");
            let hub = Hub::start(&store, None).await.expect("a hub");
            tokio::spawn(hub.clone().run(store.clone(), committed, CancellationToken::new()));
            let new = app::protocol::entry::NewKb {
                name: name().to_string(),
                title: None,
                description: None,
                members: None,
            };
            kb::create(&store, &request(), new).await.expect("a knowledge base");
            (store, hub)
        });
        Self {
            runtime,
            store,
            hub,
            _folder: folder,
        }
    }

    fn fill(&self, entries: usize) {
        self.runtime.block_on(async {
            for first in (0..entries).step_by(100) {
                let writes = (first..first + 100).map(|n| {
                    let (store, draft) = (self.store.clone(), draft(n));
                    async move { entry::create(&store, &request(), name(), draft).await }
                });
                for written in join_all(writes).await {
                    written.expect("an entry");
                }
            }
        });
    }
}

fn emit(tx: &mut WriteTx, events: usize) -> Result<(), server::error::Error> {
    for _ in 0..events {
        let at = Timestamp::from_millis(0);
        let change = app::protocol::EntryChange {
            title: "A title of a usual length".into(),
            entry_type: "note".into(),
            tags: vec!["one".into(), "two".into()],
            version: Version::FIRST,
            created_at: at,
            updated_at: at,
            previous_id: None,
            trash_id: None,
            aliases: vec![],
            links: Some(vec![]),
        };
        tx.emit(
            Subject {
                actor: Actor::System,
                mutation_id: None,
                topic: Topic::Kb(name()),
                kb_name: Some(name()),
                entry_id: None,
            },
            Event::EntryUpdated(change),
        )?;
    }
    Ok(())
}

/// Takes so many events.
async fn receive(registration: &Registration, events: usize) {
    let mut due = Due::default();
    let mut received = 0;
    while received < events {
        poll_fn(|context| registration.subscriber().poll_due(context, &mut due)).await;
        received += due.events.drain(..).count();
    }
}

fn fan_out(criterion: &mut Criterion) {
    let bench = Bench::start();
    let mut group = criterion.benchmark_group("commit and fan-out to 1,000 subscribers");
    group.sample_size(20);
    for events in [1, 16] {
        let registrations: Vec<Registration> = (0..SUBSCRIBERS)
            .map(|_| bench.hub.subscribe(Caller::owner(), &Interest::Everything).0)
            .collect();
        group.throughput(Throughput::Elements((events * SUBSCRIBERS) as u64));
        group.bench_function(format!("{events} at once"), |bencher| {
            bencher.to_async(&bench.runtime).iter(|| async {
                bench
                    .store
                    .write(move |tx| Box::pin(async move { emit(tx, events) }))
                    .await
                    .expect("a commit");
                for registration in &registrations {
                    receive(registration, events).await;
                }
            });
        });
    }
    group.finish();
}

fn commit(criterion: &mut Criterion) {
    let bench = Bench::start();
    let mut group = criterion.benchmark_group("create an entry");
    group.sample_size(20);
    for writers in [1, 16] {
        group.throughput(Throughput::Elements(writers as u64));
        group.bench_function(format!("{writers} writers"), |bencher| {
            bencher.to_async(&bench.runtime).iter_batched(
                || (0..writers).map(draft).collect::<Vec<_>>(),
                |drafts| async {
                    for written in join_all(drafts.into_iter().map(|draft| entry::create(&bench.store, &WRITE, name(), draft))).await {
                        written.expect("an entry");
                    }
                },
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

static WRITE: std::sync::LazyLock<Request> = std::sync::LazyLock::new(request);

fn read(criterion: &mut Criterion) {
    let bench = Bench::start();
    bench.fill(ENTRIES);
    let caller = Caller::owner();
    let mut group = criterion.benchmark_group("read at 2,500 entries");
    group.bench_function("a list of 50", |bencher| {
        bencher.to_async(&bench.runtime).iter(|| async {
            black_box(
                entry::list(&bench.store, &caller, &name(), &EntryFilter::default(), 50, None)
                    .await
                    .expect("a list"),
            )
        });
    });
    for (what, q) in [("a word of one in fifty", "word7 "), ("a word of all", "length")] {
        group.bench_function(format!("search for {what}"), |bencher| {
            bencher
                .to_async(&bench.runtime)
                .iter(|| async { black_box(entry::search(&bench.store, &caller, q, None, 50).await.expect("a search")) });
        });
    }
    let id = EntryId::parse("note-1200").expect("an id");
    group.bench_function("an entry with its HTML and backlinks", |bencher| {
        bencher
            .to_async(&bench.runtime)
            .iter(|| async { black_box(entry::view(&bench.store, &caller, "", &name(), &id).await.expect("an entry")) });
    });
    group.finish();
}

criterion_group!(benches, fan_out, commit, read);
criterion_main!(benches);
