//! Out into files and in again.

use crate::support::Place;
use serde_json::Value;
use std::path::Path;

/// What of an entry a file keeps.
fn content(entry: &Value) -> Vec<Value> {
    ["entry_id", "title", "entry_type", "tags", "aliases", "metadata", "body"]
        .map(|name| entry[name].clone())
        .to_vec()
}

#[track_caller]
fn contents(place: &Place, kb: &str) -> Vec<Vec<Value>> {
    place.ids(kb).iter().map(|id| content(&place.entry(kb, id))).collect()
}

#[test]
fn an_export_writes_what_differs_and_leaves_other_files_alone() {
    let place = Place::with_notes();
    place.ok(&["entry", "create", "--kb", "notes", "--title", "A", "--body", "Text"]);
    place.ok(&["entry", "create", "--kb", "notes", "--title", "B"]);
    let other = place.file("out/README", "mine");
    let out = place.path("out").display().to_string();
    let export = || {
        let done = place.json(&["export", "notes", &out]);
        (done["written"].as_u64(), done["unchanged"].as_u64())
    };
    assert_eq!(export(), (Some(2), Some(0)));
    assert_eq!(
        std::fs::read_to_string(place.path("out/a.md")).unwrap(),
        place.ok(&["entry", "show", "notes", "a"])
    );
    place.ok(&["entry", "edit", "notes", "a", "--body", "New"]);
    assert_eq!(export(), (Some(1), Some(1)));
    assert_eq!(std::fs::read_to_string(other).unwrap(), "mine");
    assert_eq!(std::fs::read_dir(place.path("out")).unwrap().count(), 3);
}

#[test]
fn what_is_exported_and_synced_elsewhere_is_equal() {
    let place = Place::with_notes();
    let body = "  indented\n\n# Not the title\n\n---\n\ntrailing \n\n";
    place.ok(&[
        "entry",
        "create",
        "--kb",
        "notes",
        "--title",
        "On: \"odd\" #things",
        "--body",
        body,
        "--tag",
        "yes",
        "--tag",
        "1.0",
        "--type",
        "null",
    ]);
    place.ok(&["entry", "create", "--kb", "notes", "--title", "日本語", "--body", ""]);
    let out = place.path("out").display().to_string();
    place.ok(&["export", "notes", &out]);
    place.ok(&["sync", &out, "--kb", "copy"]);
    assert_eq!(contents(&place, "notes"), contents(&place, "copy"));
}

#[test]
fn the_largest_text_survives_the_way_out_and_in() {
    let place = Place::with_notes();
    let file = place.file("text", vec![b'x'; 1024 * 1024]);
    place.ok(&[
        "entry",
        "create",
        "--kb",
        "notes",
        "--title",
        "Full",
        "--tag",
        "large",
        "--body-file",
        &file,
    ]);
    let out = place.path("out").display().to_string();
    place.ok(&["export", "notes", &out]);
    let report = place.json(&["sync", &out, "--kb", "copy"]);
    assert_eq!((&report["added"], &report["failures"]), (&1.into(), &Value::Array(vec![])));
    assert_eq!(contents(&place, "notes"), contents(&place, "copy"));
}

#[test]
fn real_knowledge_bases_survive_the_way_out_and_in() {
    let kbs = std::env::var("TIDINGS_TEST_KBS").unwrap_or_else(|_| "../../shared/data/kbs".into());
    let Ok(folders) = Path::new(&kbs).read_dir() else {
        println!("not run: no folder {kbs} with real knowledge bases here");
        return;
    };
    for folder in folders.map(|folder| folder.unwrap().path()).filter(|path| path.is_dir()) {
        let place = Place::new();
        let report = place.json(&["sync", folder.to_str().unwrap(), "--kb", "real"]);
        assert_eq!(
            (&report["failed"], &report["failures"]),
            (&0.into(), &Value::Array(vec![])),
            "{}",
            folder.display()
        );
        assert!(report["added"].as_u64().unwrap() > 40);
        let out = place.path("out").display().to_string();
        place.ok(&["export", "real", &out]);
        let copied = place.json(&["sync", &out, "--kb", "copy"]);
        assert_eq!(copied["added"], report["added"]);
        // Every entry as a whole: an export of the copy has nothing to write.
        let again = place.json(&["export", "copy", &out]);
        assert_eq!((&again["written"], &again["unchanged"]), (&0.into(), &report["added"]));
    }
}
