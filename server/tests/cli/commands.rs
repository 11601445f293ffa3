//! What each command does when all is well.

use crate::support::{Place, end, tidings};
use serde_json::json;
use std::process::Stdio;

#[test]
fn knowledge_bases_are_made_listed_edited_and_deleted() {
    let place = Place::new();
    assert_eq!(
        place.ok(&["kb", "create", "notes", "--title", "My notes", "--description", "Of mine"]),
        "notes\n"
    );
    assert_eq!(place.ok(&["kb", "list"]), "notes\t0\tMy notes\n");
    assert_eq!(place.json(&["kb", "list"])[0]["description"], "Of mine");
    assert_eq!(place.ok(&["kb", "edit", "notes", "--title", "Our notes"]), "notes\n");
    assert_eq!(place.ok(&["kb", "list"]), "notes\t0\tOur notes\n");
    assert_eq!(place.json(&["kb", "list"])[0]["description"], "Of mine");
    assert_eq!(place.ok(&["kb", "delete", "notes"]), "deleted notes\n");
    assert_eq!(place.ok(&["kb", "list"]), "");
    assert_eq!(place.json(&["kb", "list"]), json!([]));
    assert_eq!(place.kinds(), ["kb_created", "kb_updated", "kb_deleted"]);
}

#[test]
fn an_entry_is_made_shown_changed_and_deleted() {
    let place = Place::with_notes();
    let made = place.ok(&[
        "entry",
        "create",
        "--kb",
        "notes",
        "--title",
        "Buy milk",
        "--body",
        "Two bottles.",
        "--type",
        "task",
        "--tag",
        "todo",
        "--tag",
        "food",
    ]);
    assert_eq!(made, "buy-milk 1\n");
    let text = place.ok(&["entry", "show", "notes", "buy-milk"]);
    assert!(
        text.starts_with("---\n") && text.contains("\nid: buy-milk\n") && text.ends_with("---\n\nTwo bottles.\n"),
        "{text}"
    );
    assert_eq!(
        place.ok(&["entry", "edit", "notes", "buy-milk", "--tag", "done", "--if-match", "1"]),
        "buy-milk 2\n"
    );
    let entry = place.entry("notes", "buy-milk");
    assert_eq!(
        (&entry["tags"], &entry["body"], &entry["entry_type"]),
        (&json!(["done"]), &json!("Two bottles."), &json!("task"))
    );
    assert_eq!(
        place.json(&["entry", "edit", "notes", "buy-milk", "--id", "milk", "--title", "Milk"])["entry_id"],
        "milk"
    );
    assert_eq!(place.ok(&["entry", "list", "--kb", "notes"]), "milk\t3\ttask\tMilk\n");
    assert_eq!(place.ok(&["entry", "delete", "notes", "milk"]), "milk is in the trash\n");
    assert_eq!(place.json(&["entry", "list", "--kb", "notes"]), json!([]));
}

#[test]
fn a_text_comes_from_a_file_or_from_standard_input() {
    let place = Place::with_notes();
    let file = place.file("text", "From a file.");
    place.ok(&[
        "entry",
        "create",
        "--kb",
        "notes",
        "--title",
        "A",
        "--body-file",
        &file,
        "--id",
        "a",
    ]);
    assert_eq!(place.entry("notes", "a")["body"], "From a file.");
    assert_eq!(place.fed(&["entry", "edit", "notes", "a", "-"], "From a pipe.\n"), "a 2\n");
    assert_eq!(place.entry("notes", "a")["body"], "From a pipe.\n");
    assert_eq!(place.fed(&["entry", "create", "--kb", "notes", "--title", "B", "-"], ""), "b 1\n");
}

#[test]
fn a_list_is_narrowed_ordered_and_has_no_end_but_its_own() {
    let place = Place::new();
    for n in 0..1_050 {
        place.file(
            &format!("n{n}.md"),
            format!(
                "---\ntype: {}\ntitle: T{:04}\n---\n",
                if n == 7 { "odd" } else { "even" },
                1_050 - n
            ),
        );
    }
    place.ok(&["sync", place.folder(), "--kb", "notes"]);
    let lines = place.ok(&["entry", "list", "--kb", "notes", "--sort", "title"]);
    assert_eq!(lines.lines().count(), 1_050);
    assert!(lines.starts_with("n1049\t1\teven\tT0001\n"), "{}", &lines[..60]);
    assert_eq!(
        place.ok(&["entry", "list", "--kb", "notes", "--type", "odd"]),
        "n7\t1\todd\tT1043\n"
    );
}

#[test]
fn a_search_finds_words_in_one_knowledge_base_or_in_all() {
    let place = Place::with_notes();
    place.ok(&["kb", "create", "other"]);
    place.ok(&[
        "entry",
        "create",
        "--kb",
        "notes",
        "--title",
        "One",
        "--body",
        "A rare ocelot sleeps.",
    ]);
    place.ok(&["entry", "create", "--kb", "other", "--title", "Two", "--body", "Another ocelot."]);
    assert_eq!(place.json(&["search", "ocelot"]).as_array().map(Vec::len), Some(2));
    assert_eq!(
        place.ok(&["search", "ocelot sleeps", "--kb", "notes"]),
        "notes:one\tOne\tA rare ocelot sleeps.\n"
    );
    let nothing = place.run(&["search", "nothing-like-it"]);
    assert_eq!(
        (nothing.code, nothing.out.as_str(), nothing.err.as_str()),
        (0, "", "Nothing found.\n")
    );
    assert_eq!(place.json(&["search", "nothing-like-it"]), json!([]));
}

#[test]
fn health_tells_of_the_database_and_of_the_server() {
    let place = Place::with_notes();
    let alone = place.json(&["health"]);
    assert_eq!(alone["head"], 1);
    let (server, addr) = place.serve();
    let addr = addr.to_string();
    let beside = place.json(&["health", "--addr", &addr]);
    assert_eq!(
        (&beside["server"]["addr"], &beside["server"]["same_database"]),
        (&json!(addr), &json!(true))
    );
    Place::with_notes().refused(&["health", "--addr", &addr], &["another database", "--data"]);
    assert_eq!(server.terminate(), 0);
    place.refused(&["health", "--addr", &addr], &["no server answers", "tidings serve"]);
}

#[test]
fn a_backup_restores_what_was_there_under_a_new_epoch() {
    let place = Place::with_notes();
    place.ok(&["entry", "create", "--kb", "notes", "--title", "Kept", "--body", "ocelot"]);
    let file = place.path("backup.db").display().to_string();
    let kept = place.json(&["backup", &file]);
    place.ok(&["entry", "create", "--kb", "notes", "--title", "Lost", "--body", "ocelot"]);
    let restored = place.json(&["restore", &file]);
    assert_eq!(restored["cursor"]["seq"], kept["cursor"]["seq"]);
    assert_ne!(restored["cursor"]["epoch"], kept["cursor"]["epoch"]);
    assert_eq!(place.ids("notes"), ["kept"]);
    assert_eq!(place.json(&["search", "ocelot"]).as_array().map(Vec::len), Some(1));
    let elsewhere = Place::new();
    elsewhere.ok(&["restore", &file]);
    assert_eq!(elsewhere.entry("notes", "kept")["body"], "ocelot");
}

#[test]
fn variables_stand_for_flags() {
    let place = Place::with_notes();
    let run = |args: &[&str], json: &str| end(tidings().args(args).env("TIDINGS_DATA", place.data()).env("TIDINGS_JSON", json));
    assert!(run(&["kb", "list"], "1").out.starts_with("[{"));
    assert_eq!(run(&["kb", "list"], "0").out, "notes\t0\tnotes\n");
}

#[test]
fn who_stops_reading_the_output_gets_no_complaint() {
    let place = Place::new();
    for n in 0..2_000 {
        place.file(&format!("{n}.md"), format!("# {}", "long ".repeat(20)));
    }
    place.ok(&["sync", place.folder(), "--kb", "notes"]);
    let mut child = place.command(&["entry", "list", "--kb", "notes"]).spawn().expect("the binary runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), b"".as_slice()));
}

#[test]
fn a_log_that_goes_to_a_file_has_no_colours() {
    let place = Place::new();
    let server = place.start(&["serve", "--auth", "off", "--addr", "127.0.0.1:0", "--log", "debug"]);
    server.listening();
    let (code, log) = server.stop();
    assert_eq!(code, 0);
    assert!(log.contains("stopping") && !log.contains('\u{1b}'), "{log}");
}

#[test]
fn the_binary_alone_serves_where_its_variables_say() {
    let place = Place::new();
    for name in ["TIDINGS_ADDR", "LEPTOS_SITE_ADDR"] {
        let mut command = tidings();
        command
            .stdin(Stdio::null())
            .env("TIDINGS_DATA", place.data())
            .env(name, "127.0.0.1:0");
        let server = crate::support::Running::start(&mut command);
        assert_ne!(server.listening().port(), 3000);
        assert_eq!(server.terminate(), 0);
    }
    assert_eq!(place.ok(&["kb", "list"]).split('\t').next(), Some("guide"));
}
