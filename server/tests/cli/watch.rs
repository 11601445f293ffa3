//! A folder that is watched.

use crate::support::{Place, Running};

fn watch(place: &Place) -> Running {
    place.start(&["sync", place.folder(), "--kb", "notes", "--watch"])
}

/// Lines until the counts are these: a change may be seen in two parts.
fn seen(running: &Running, counts: &str) {
    while !running.line().contains(counts) {}
}

#[test]
fn a_change_is_synced_when_it_is_saved_until_the_command_is_stopped() {
    let place = Place::new();
    place.file("a.md", "A");
    let watch = watch(&place);
    assert_eq!(watch.line(), "notes: 1 added, 0 updated, 0 removed, 0 unchanged, 0 failed");
    place.file("a.md", "New");
    seen(&watch, "1 updated");
    place.file("deep/down/b.md", "B");
    seen(&watch, "1 added");
    place.file("deep/down/b.md", "New");
    seen(&watch, "1 updated");
    place.remove("a.md");
    seen(&watch, "1 removed");
    assert_eq!(watch.terminate(), 0);
    assert_eq!(place.ids("notes"), ["b"]);
}

#[test]
fn a_watch_goes_on_when_the_last_file_is_deleted() {
    let place = Place::new();
    place.file("a.md", "A");
    let watch = watch(&place);
    seen(&watch, "1 added");
    place.remove("a.md");
    seen(&watch, "1 removed");
    place.file("b.md", "B");
    seen(&watch, "1 added");
    assert_eq!(watch.terminate(), 0);
    assert_eq!(place.ids("notes"), ["b"]);
}

#[test]
fn a_folder_that_is_replaced_is_still_watched() {
    let place = Place::new();
    place.file("in/a.md", "A");
    let folder = place.path("in").display().to_string();
    let watch = place.start(&["sync", &folder, "--kb", "notes", "--watch"]);
    seen(&watch, "1 added");
    std::fs::rename(place.path("in"), place.path("old")).unwrap();
    place.file("new/a.md", "A");
    place.file("new/b.md", "B");
    std::fs::rename(place.path("new"), place.path("in")).unwrap();
    assert_eq!(watch.line(), "notes: 1 added, 0 updated, 0 removed, 1 unchanged, 0 failed");
    place.file("in/c.md", "C");
    seen(&watch, "1 added");
    assert_eq!(place.ids("notes"), ["a", "b", "c"]);
}

#[test]
fn a_watch_whose_knowledge_base_is_deleted_ends_and_does_not_make_it_again() {
    let place = Place::new();
    place.file("a.md", "A");
    for again in [false, true] {
        let watch = watch(&place);
        seen(&watch, "1 added");
        place.ok(&["kb", "delete", "notes"]);
        if again {
            // One of the same name is another one.
            place.ok(&["kb", "create", "notes"]);
        }
        place.file("b.md", if again { "New" } else { "B" });
        let (code, errors) = watch.end();
        assert_eq!(code, 1);
        assert!(
            errors.contains("notes was deleted") && errors.contains("start it again"),
            "{errors}"
        );
        assert_eq!(place.ok(&["kb", "list"]).is_empty(), !again);
        place.remove("b.md");
    }
}

#[test]
fn a_strict_watch_goes_on_when_a_file_is_bad_and_ends_with_1() {
    let place = Place::new();
    place.file("bad.md", b"caf\xe9");
    let watch = place.start(&["sync", place.folder(), "--kb", "notes", "--watch", "--strict"]);
    seen(&watch, "1 failed");
    place.file("a.md", "A");
    seen(&watch, "1 added");
    assert_eq!(watch.terminate(), 1);
}

#[test]
fn reading_the_folder_and_files_of_other_kinds_write_no_event() {
    let place = Place::new();
    place.file("a.md", "A");
    let watch = watch(&place);
    seen(&watch, "1 added");
    let before = place.log().len();
    std::fs::read(place.path("a.md")).unwrap();
    place.file("notes.txt", "no markdown");
    place.file("a.md", "A");
    // What is seen next is seen after all of that.
    place.file("b.md", "B");
    seen(&watch, "1 added");
    assert_eq!(place.log().len(), before + 2);
}
