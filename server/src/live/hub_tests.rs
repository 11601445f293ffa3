//! Tests of the hub's clock: who is silent for too long.

use super::*;
use crate::live::subscriber::Due;
use std::future::poll_fn;

async fn ending(registration: &Registration) -> Option<Ending> {
    let mut due = Due::default();
    poll_fn(|context| registration.subscriber().poll_due(context, &mut due)).await;
    due.ending
}

#[tokio::test]
async fn who_answers_no_ping_is_given_up_and_who_does_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _committed) = Store::open(folder.path()).await.unwrap();
    let hub = Hub::start(&store, None).await.unwrap();
    let (silent, _) = hub.subscribe(Caller::owner(), &Interest::Everything);
    let (answers, _) = hub.subscribe(Caller::owner(), &Interest::Everything);
    // A tick is a second, and a ping comes with each heartbeat.
    let round = limits::HEARTBEAT.as_secs();
    for _ in 0..3 * round {
        hub.tick();
    }
    assert_eq!(ending(&silent).await, None, "two pings may be missed");
    assert_eq!(ending(&answers).await, None);
    answers.subscriber().heard(hub.now());
    for _ in 0..=round {
        hub.tick();
    }
    assert_eq!(ending(&silent).await, Some(Ending::Silent));
    assert_eq!(ending(&answers).await, None);
}
