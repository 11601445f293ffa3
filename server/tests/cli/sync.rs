//! What a sync makes of a folder, again and again.

use crate::support::Place;
use serde_json::{Value, json};

/// Syncs the folder, and returns added, updated, removed, unchanged, failed.
#[track_caller]
fn sync(place: &Place) -> [u64; 5] {
    counts(&report(place))
}

#[track_caller]
fn report(place: &Place) -> Value {
    place.json(&["sync", place.folder(), "--kb", "notes"])
}

fn counts(report: &Value) -> [u64; 5] {
    ["added", "updated", "removed", "unchanged", "failed"].map(|name| report[name].as_u64().expect("a count"))
}

#[test]
fn a_folder_says_what_its_knowledge_base_is_called() {
    let place = Place::new();
    place.file(
        "kb.yaml",
        "name: other\ntitle: The movement\ndescription: >\n  From its roots\n  on.\n",
    );
    place.file("a.md", "A.");
    assert_eq!(sync(&place), [1, 0, 0, 0, 0]);
    let kb = &place.json(&["kb", "list"])[0];
    assert_eq!(
        (&kb["name"], &kb["title"], &kb["description"]),
        (&json!("notes"), &json!("The movement"), &json!("From its roots on."))
    );
    // What people call it afterwards stays.
    place.ok(&["kb", "edit", "notes", "--title", "Ours"]);
    sync(&place);
    assert_eq!(place.json(&["kb", "list"])[0]["title"], "Ours");
}

#[test]
fn a_folder_becomes_a_knowledge_base_with_an_event_an_entry_and_one_for_the_whole() {
    let place = Place::new();
    place.file(
        "a.md",
        "---\nid: alpha\ntitle: Alpha\ntype: concept\ntags: [x, y]\naliases: [A]\ndue: 3\n---\n\nLinks to [[b]].\n",
    );
    place.file("sub/b.md", "# The second\n\nText.\n");
    place.file("sub/Third One.md", "Only text.");
    assert_eq!(
        place.ok(&["sync", place.folder(), "--kb", "notes"]),
        "notes: 3 added, 0 updated, 0 removed, 0 unchanged, 0 failed\n"
    );
    assert_eq!(
        place.kinds(),
        [
            "kb_created",
            "entry_created alpha",
            "entry_created third-one",
            "entry_created b",
            "kb_synced"
        ]
    );
    let counts = &place.log()[4]["data"];
    assert_eq!(
        counts,
        &json!({ "added": 3, "updated": 0, "removed": 0, "unchanged": 0, "failed": 0 })
    );
    let alpha = place.entry("notes", "alpha");
    assert_eq!(alpha["title"], "Alpha");
    assert_eq!(
        (&alpha["entry_type"], &alpha["tags"], &alpha["aliases"]),
        (&json!("concept"), &json!(["x", "y"]), &json!(["A"]))
    );
    assert_eq!(
        (&alpha["metadata"], &alpha["body"]),
        (&json!({ "due": 3 }), &json!("Links to [[b]]."))
    );
    assert_eq!(place.entry("notes", "b")["title"], "The second");
    assert_eq!(place.entry("notes", "third-one")["title"], "Third One");
}

#[test]
fn a_second_sync_writes_no_entry() {
    let place = Place::new();
    place.file("a.md", "A");
    place.file("b.md", "B");
    assert_eq!(sync(&place), [2, 0, 0, 0, 0]);
    assert_eq!(sync(&place), [0, 0, 0, 2, 0]);
    assert_eq!(place.kinds()[3..], ["kb_synced", "kb_synced"]);
}

#[test]
fn two_syncs_of_one_folder_at_once_bring_each_file_once_and_report_no_failure() {
    const FILES: u64 = 1_200;
    let place = Place::with_notes();
    for n in 0..FILES {
        place.file(&format!("f{n}.md"), format!("# Number {n}\n\nText."));
    }
    let args = ["sync", place.folder(), "--kb", "notes", "--json"];
    // Both have listed and planned before either has written all.
    let running = [place.start(&args), place.start(&args)];
    let reports = running.map(|sync| sync.json());
    for report in &reports {
        assert_eq!((&report["failures"], &report["failed"]), (&json!([]), &json!(0)));
        assert_eq!(counts(report).iter().sum::<u64>(), FILES, "{report}");
        assert_eq!(report["updated"], 0);
    }
    let added: u64 = reports.iter().map(|report| counts(report)[0]).sum();
    assert_eq!((added, place.ids("notes").len() as u64), (FILES, FILES));
}

#[test]
fn what_changed_is_written_and_what_is_gone_goes_to_the_trash() {
    let place = Place::new();
    for name in ["a", "b", "c"] {
        place.file(&format!("{name}.md"), name);
    }
    sync(&place);
    place.file("a.md", "new");
    place.remove("b.md");
    place.file("d.md", "d");
    assert_eq!(sync(&place), [1, 1, 1, 1, 0]);
    assert_eq!(
        place.kinds()[5..],
        ["entry_updated a", "entry_created d", "entry_deleted b", "kb_synced"]
    );
    assert_eq!(place.ids("notes"), ["a", "c", "d"]);
}

#[test]
fn bad_files_are_named_and_the_others_go_on() {
    let place = Place::new();
    place.file("big.md", vec![b'x'; 1024 * 1024 + 1]);
    place.file("bigger.md", vec![b'x'; 3 * 1024 * 1024]);
    place.file("good.md", "Good.");
    place.file("latin.md", b"caf\xe9");
    place.file("long.md", format!("---\ntitle: {}\n---\n", "x".repeat(501)));
    place.file("same.md", "---\nid: good\n---\n");
    place.file("slug.md", "---\nid: a/b\n---\n");
    place.file("yaml.md", "---\ntitle: [\n---\n");
    let report = report(&place);
    assert_eq!(counts(&report), [1, 0, 0, 0, 7]);
    let named: Vec<(&str, &str)> = report["failures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (f["path"].as_str().unwrap(), f["why"].as_str().unwrap()))
        .collect();
    for ((path, why), (expected, word)) in named.iter().zip([
        ("big.md", "1048577 bytes; 1048576 are allowed"),
        ("bigger.md", "3145728 bytes; 1048576 are allowed"),
        ("latin.md", "UTF-8"),
        ("long.md", "501"),
        ("same.md", "good.md"),
        ("slug.md", "a/b"),
        ("yaml.md", "front matter"),
    ]) {
        assert!(*path == expected && why.contains(word), "{path}: {why}");
    }
    let ended = place.run(&["sync", place.folder(), "--kb", "notes"]);
    assert_eq!((ended.code, ended.err.lines().count()), (0, 7), "{}", ended.err);
    // A file that was good keeps its entry when it becomes bad.
    place.file("good.md", b"\xff");
    assert_eq!(sync(&place), [0, 0, 0, 0, 8]);
    assert_eq!(place.entry("notes", "good")["body"], "Good.");
}

#[test]
fn a_strict_sync_of_a_bad_file_brings_the_others_and_ends_with_1() {
    let place = Place::new();
    place.file("good.md", "Good.");
    let args = ["sync", place.folder(), "--kb", "notes", "--strict"];
    place.ok(&args);
    place.file("bad.md", b"caf\xe9");
    place.file("other.md", "Other.");
    let ended = place.run(&args);
    assert_eq!(
        (ended.code, ended.out.as_str()),
        (1, "notes: 1 added, 0 updated, 0 removed, 1 unchanged, 1 failed\n")
    );
    assert!(
        ended.err.contains("skipped bad.md") && ended.err.contains("1 file was skipped"),
        "{}",
        ended.err
    );
    place.remove("bad.md");
    place.ok(&args);
}

#[test]
fn an_edit_in_tidings_stays_until_the_file_changes_and_then_rests_in_the_history() {
    let place = Place::new();
    place.file("a.md", "From the file.");
    sync(&place);
    place.ok(&["entry", "edit", "notes", "a", "--body", "From Tidings."]);
    assert_eq!(sync(&place), [0, 0, 0, 1, 0]);
    assert_eq!(place.entry("notes", "a")["body"], "From Tidings.");
    place.file("a.md", "From the file again.");
    assert_eq!(sync(&place), [0, 1, 0, 0, 0]);
    let entry = place.entry("notes", "a");
    assert_eq!((&entry["body"], &entry["version"]), (&json!("From the file again."), &json!(3)));
}

#[test]
fn an_entry_made_by_hand_is_adopted_and_others_are_left_alone() {
    let place = Place::with_notes();
    place.ok(&[
        "entry", "create", "--kb", "notes", "--title", "A", "--id", "a", "--body", "By hand.",
    ]);
    place.ok(&["entry", "create", "--kb", "notes", "--title", "Mine", "--body", "By hand."]);
    place.file("a.md", "# A\n\nFrom the file.");
    assert_eq!(sync(&place), [0, 1, 0, 0, 0]);
    assert_eq!(place.entry("notes", "a")["version"], 2);
    place.remove("a.md");
    assert_eq!(sync(&place), [0, 0, 1, 0, 0]);
    assert_eq!(place.ids("notes"), ["mine"]);
}

#[test]
fn a_file_that_moves_is_the_same_entry() {
    let place = Place::new();
    place.file("a.md", "---\nid: a\n---\nText");
    place.file("b.md", "---\nid: b\n---\nText");
    sync(&place);
    place.file("sub/x.md", "---\nid: a\n---\nText");
    place.file("sub/y.md", "---\nid: b\n---\nNew text");
    place.remove("a.md");
    place.remove("b.md");
    assert_eq!(sync(&place), [0, 1, 0, 1, 0]);
    assert_eq!(place.kinds()[4..], ["entry_updated b", "kb_synced"]);
    assert_eq!(sync(&place), [0, 0, 0, 2, 0]);
    place.remove("sub/x.md");
    assert_eq!(sync(&place), [0, 0, 1, 1, 0]);
}

#[test]
fn a_file_that_is_renamed_renames_its_entry_and_links_follow() {
    let place = Place::new();
    place.file("a.md", "Text");
    place.file("b.md", "See [[a]].");
    sync(&place);
    std::fs::rename(place.path("a.md"), place.path("c.md")).unwrap();
    assert_eq!(sync(&place), [0, 1, 0, 1, 0]);
    assert_eq!(place.entry("notes", "b")["body"], "See [[c]].");
    assert_eq!(place.log()[4]["data"]["previous_id"], "a");
}

#[test]
fn what_was_deleted_in_tidings_stays_deleted_until_its_file_changes() {
    let place = Place::new();
    place.file("a.md", "Text");
    sync(&place);
    place.ok(&["entry", "delete", "notes", "a"]);
    assert_eq!(sync(&place), [0, 0, 0, 1, 0]);
    assert!(place.ids("notes").is_empty());
    place.file("a.md", "New text");
    assert_eq!(sync(&place), [1, 0, 0, 0, 0]);
    place.remove("a.md");
    assert_eq!(sync(&place), [0, 0, 1, 0, 0]);
}

#[test]
fn another_folder_takes_nothing_away_that_the_first_one_brought() {
    let place = Place::new();
    place.file("one/a.md", "A");
    place.file("two/b.md", "B");
    let folder = |name: &str| place.path(name).display().to_string();
    place.ok(&["sync", &folder("one"), "--kb", "notes"]);
    place.ok(&["sync", &folder("two"), "--kb", "notes"]);
    assert_eq!(place.ids("notes"), ["a", "b"]);
    std::fs::rename(place.path("one"), place.path("three")).unwrap();
    assert_eq!(counts(&place.json(&["sync", &folder("three"), "--kb", "notes"])), [0, 0, 0, 1, 0]);
    std::fs::remove_file(place.path("three/a.md")).unwrap();
    assert_eq!(counts(&place.json(&["sync", &folder("three"), "--kb", "notes"])), [0, 0, 1, 0, 0]);
}
