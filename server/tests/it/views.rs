//! The page of an entry: when an event leaves it alone, a fresh read shows that there was nothing to see.

use crate::common::TestServer;
use app::protocol::Envelope;
use app::protocol::entry::EntryView;
use app::sync::{Applied, Live};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const DEEDS: usize = 250;
const KBS: [&str; 2] = ["notes", "other"];
const IDS: [&str; 5] = ["a", "b", "c", "d", "e"];
/// Names that links use: ids, there or not, in this or the other knowledge base.
const NAMES: [&str; 10] = ["a", "b", "c", "d", "e", "x", "y", "notes:a", "other:b", "other:x"];

/// Numbers that look like chance and are the same in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }

    fn text(&mut self) -> String {
        let links: Vec<String> = (0..self.roll(3)).map(|_| format!("[[{}]]", self.pick(&NAMES))).collect();
        format!("To {}.", links.join(" and "))
    }
}

/// Does something that may be refused.
async fn act(server: &TestServer, dice: &mut Dice) {
    let (kb, id) = (dice.pick(&KBS), dice.pick(&IDS));
    let entry = format!("/api/kbs/{kb}/entries/{id}");
    let title = format!("Title {}", dice.roll(1_000));
    let _ = match dice.roll(9) {
        0..=2 => {
            let draft = json!({"title": title, "id": id, "body": dice.text(), "aliases": aliases(dice)});
            server.post(&format!("/api/kbs/{kb}/entries"), draft).await
        }
        3 => server.patch(&entry, json!({"body": dice.text()})).await,
        4 => server.patch(&entry, json!({ "title": title })).await,
        5 => server.patch(&entry, json!({"aliases": aliases(dice)})).await,
        6 => server.patch(&entry, json!({"id": dice.pick(&IDS)})).await,
        7 => server.delete(&entry).await,
        _ => {
            let trash = server.get(&format!("/api/kbs/{kb}/trash")).await.json;
            let items = trash["items"].as_array().unwrap();
            if items.is_empty() {
                return;
            }
            let item = items[dice.roll(items.len())]["trash_id"].clone();
            server.post(&format!("/api/kbs/{kb}/trash/{item}/restore"), Value::Null).await
        }
    };
}

fn aliases(dice: &mut Dice) -> Vec<&'static str> {
    (0..dice.roll(2)).map(|_| dice.pick(&["X", "Y", "a", "e"])).collect()
}

/// All entries that are there, as their pages show them.
async fn views(server: &TestServer) -> BTreeMap<(String, String), EntryView> {
    let mut views = BTreeMap::new();
    for kb in KBS {
        let list = server.get(&format!("/api/kbs/{kb}/entries")).await.expect(200);
        for id in list.ids() {
            let view = server.get(&format!("/api/kbs/{kb}/entries/{id}/view")).await.expect(200).json;
            views.insert((kb.to_owned(), id.to_owned()), serde_json::from_value(view).unwrap());
        }
    }
    views
}

#[tokio::test]
async fn an_event_that_does_not_touch_a_page_changes_nothing_on_it() {
    let server = TestServer::with_notes().await;
    server.kb("other").await;
    let mut dice = Dice(7);
    let mut before = views(&server).await;
    let (mut left_alone, mut read_again) = (0, 0);
    for _ in 0..DEEDS {
        let head = server.head().await;
        act(&server, &mut dice).await;
        let events: Vec<Envelope> = serde_json::from_value(Value::Array(server.log(head).await)).unwrap();
        let after = views(&server).await;
        for (name, view) in &before {
            let mut shown = view.clone();
            let touched = events.iter().any(|event| shown.apply(event) != Applied::Ignored);
            if touched {
                read_again += 1;
            } else {
                left_alone += 1;
                assert_eq!(Some(view), after.get(name), "{name:?} after {events:?}");
            }
        }
        before = after;
    }
    assert!(
        left_alone > read_again,
        "{read_again} of {} pages were read again",
        left_alone + read_again
    );
}

#[tokio::test]
async fn a_text_with_more_links_than_an_event_says_touches_every_page() {
    let server = TestServer::with_notes().await;
    server.note(json!({"title": "Target", "id": "target"})).await;
    let view = server.get("/api/kbs/notes/entries/target/view").await.json;
    let mut view: EntryView = serde_json::from_value(view).unwrap();
    let head = server.head().await;
    let body: Vec<String> = (0..100).map(|n| format!("[[n{n}]]")).collect();
    server
        .note(json!({"title": "Source", "body": format!("{} [[target]]", body.join(" "))}))
        .await;
    let event = server.log(head).await.remove(0);
    assert_eq!(event["data"]["links"], Value::Null);
    assert_eq!(view.apply(&serde_json::from_value(event).unwrap()), Applied::Stale);
}
