//! What each command says to bad input. Nothing changes then.

use crate::support::{Place, end, tidings};
use serde_json::Value;
use sqlx::{ConnectOptions, Connection};

#[test]
fn unknown_names_are_refused_with_the_way_to_the_known_ones() {
    let place = Place::with_notes();
    for args in [
        &["entry", "list", "--kb", "nix"] as &[&str],
        &["entry", "show", "nix", "a"],
        &["entry", "create", "--kb", "nix", "--title", "A"],
        &["kb", "delete", "nix"],
        &["export", "nix", "/tmp"],
        &["search", "a", "--kb", "nix"],
    ] {
        place.refused(args, &["no knowledge base \"nix\"", "tidings kb list"]);
    }
    for args in [
        &["entry", "show", "notes", "a"] as &[&str],
        &["entry", "edit", "notes", "a", "--title", "A"],
        &["entry", "delete", "notes", "a"],
    ] {
        place.refused(args, &["no entry a in notes", "tidings entry list"]);
    }
    assert_eq!(place.log().len(), 1);
}

#[test]
fn bad_fields_are_refused() {
    let place = Place::with_notes();
    place.refused(&["kb", "create", "notes"], &["already"]);
    place.refused(&["entry", "create", "--kb", "notes"], &["title"]);
    place.refused(&["entry", "create", "--kb", "notes", "--title", &"x".repeat(501)], &["500"]);
    place.refused(
        &["entry", "create", "--kb", "notes", "--title", "A", "--id", "a/b"],
        &["a/b", "letters"],
    );
    let big = place.file("big", vec![b'x'; 1024 * 1024 + 1]);
    place.refused(
        &["entry", "create", "--kb", "notes", "--title", "A", "--body-file", &big],
        &["1048576"],
    );
    let binary = place.file("binary", [0xff, 0xfe]);
    place.refused(
        &["entry", "create", "--kb", "notes", "--title", "A", "--body-file", &binary],
        &["binary", "UTF-8"],
    );
    place.refused(
        &["entry", "create", "--kb", "notes", "--title", "A", "--body-file", "/nowhere/f"],
        &["/nowhere/f", "No such file"],
    );
    place.ok(&["entry", "create", "--kb", "notes", "--title", "A", "--id", "a"]);
    place.refused(&["entry", "create", "--kb", "notes", "--title", "A", "--id", "a"], &["already"]);
    place.refused(&["entry", "edit", "notes", "a"], &["nothing to change"]);
    place.refused(
        &["entry", "edit", "notes", "a", "--title", "B", "--if-match", "7"],
        &["version 1", "--if-match 1"],
    );
    place.refused(&["entry", "delete", "notes", "a", "--if-match", "7"], &["version 1"]);
    place.refused(&["search", "a", "--limit", "0"], &["limit"]);
    assert_eq!(place.log().len(), 2);
}

#[test]
fn a_command_that_is_not_understood_ends_with_2() {
    let place = Place::with_notes();
    for args in [
        &["kb", "create", "Bad Name"] as &[&str],
        &["nonsense"],
        &["entry", "create", "--title", "A"],
        &["entry", "create", "--kb", "notes", "--title", "A", "--body", "x", "-"],
        &["entry", "list", "--kb", "notes", "--sort", "size"],
        &["tail", "--topic", "news"],
        &["tail", "--since", "yesterday"],
        &["serve", "--addr", "here"],
        &["serve", "--allow-origin", "garbage"],
        &["serve", "--allow-origin", "null"],
        &["serve", "--allow-origin", "https://notes.example/path"],
        &["serve", "--allow-origin", "https://notes.example,null"],
        &["serve", "--log-days", "0"],
        &["serve", "--log-events", "0"],
    ] {
        let ended = place.run(args);
        assert_eq!((ended.code, ended.out.as_str()), (2, ""), "{args:?}: {}", ended.err);
        assert!(!ended.err.is_empty());
    }
}

#[test]
fn a_folder_that_is_missing_is_refused_and_makes_no_knowledge_base() {
    let place = Place::new();
    place.refused(&["sync", "/nowhere/at-all", "--kb", "notes"], &["/nowhere/at-all", "Name a folder"]);
    place.refused(&["sync", &place.file("file", "x"), "--kb", "notes"], &["Not a directory"]);
    assert_eq!(place.ok(&["kb", "list"]), "");
    place.ok(&["kb", "create", "notes"]);
    place.refused(
        &["export", "notes", &place.path("file/below").display().to_string()],
        &["cannot use the folder"],
    );
}

#[test]
fn a_data_folder_that_cannot_be_written_is_refused() {
    let place = Place::new();
    let below_a_file = format!("{}/data", place.file("file", "x"));
    for args in [&["kb", "create", "notes"] as &[&str], &["serve", "--addr", "127.0.0.1:0"]] {
        let ended = end(tidings().args(args).arg("--data").arg(&below_a_file));
        assert_eq!((ended.code, ended.out.as_str()), (1, ""));
        assert!(
            ended.err.contains("cannot write to the data folder") && ended.err.contains("--data"),
            "{}",
            ended.err
        );
    }
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_and_left_alone() {
    let place = Place::with_notes();
    let mut database = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(place.data().join("tidings.db"))
        .connect()
        .await
        .unwrap();
    sqlx::query("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'of the future', TRUE, x'00', 0)")
        .execute(&mut database)
        .await
        .unwrap();
    database.close().await.unwrap();
    for args in [&["kb", "list"] as &[&str], &["health"], &["serve", "--addr", "127.0.0.1:0"]] {
        place.refused(args, &["newer version", "9999"]);
    }
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let place = Place::new();
    std::fs::write(
        place.data().join("tidings.db"),
        "this is no database, and was never one".repeat(100),
    )
    .unwrap();
    place.refused(&["kb", "list"], &["cannot use the database", "restore a backup"]);
}

#[test]
fn only_a_backup_is_restored_and_none_is_written_over() {
    let place = Place::with_notes();
    let missing = place.path("missing.db");
    place.refused(&["restore", missing.to_str().unwrap()], &["missing.db", "tidings backup"]);
    assert!(!missing.exists());
    place.refused(
        &["restore", &place.file("text", "no database".repeat(1000))],
        &["no backup", "tidings backup"],
    );
    place.refused(&["restore", &place.file("empty", "")], &["no backup"]);
    place.refused(&["backup", &place.file("there", "precious")], &["there already"]);
    place.refused(
        &["backup", "/nowhere/b.db"],
        &["/nowhere/b.db cannot be written: No such file", "Name a file"],
    );
    assert_eq!(std::fs::read_to_string(place.path("there")).unwrap(), "precious");
    assert_eq!(place.ok(&["kb", "list"]), "notes\t0\tnotes\n");
}

#[test]
fn a_misspelt_data_folder_is_named_and_not_made() {
    let place = Place::new();
    let misspelt = place.path("tidngs");
    let data = misspelt.display().to_string();
    for args in [
        &["kb", "list"] as &[&str],
        &["kb", "delete", "notes"],
        &["entry", "list", "--kb", "notes"],
        &["entry", "show", "notes", "a"],
        &["entry", "create", "--kb", "notes", "--title", "A"],
        &["search", "a"],
        &["export", "notes", "out"],
        &["tail"],
        &["backup", "b.db"],
        &["health"],
    ] {
        let ended = end(tidings().args(args).args(["--data", &data]).current_dir(place.data()));
        assert_eq!((ended.code, ended.out.as_str()), (1, ""), "{args:?}: {}", ended.err);
        for word in ["no database", &data, "--data", "tidings serve"] {
            assert!(ended.err.contains(word), "{word:?} is not in: {}", ended.err);
        }
        assert!(!misspelt.exists(), "{args:?}");
    }
    assert_eq!(std::fs::read_dir(place.data()).unwrap().count(), 0);
}

#[test]
fn with_json_an_error_is_the_problem() {
    let place = Place::with_notes();
    let missing = place.path("missing").display().to_string();
    for (args, code, word) in [
        (&["kb", "delete", "nix"] as &[&str], "kb_not_found", "tidings kb list"),
        (&["kb", "create", "notes"], "kb_exists", "already"),
        (&["entry", "create", "--kb", "notes"], "title_empty", "title"),
        (&["sync", &missing, "--kb", "notes"], "invalid_value", "Name a folder"),
        (&["backup", "/nowhere/b.db"], "invalid_value", "/nowhere/b.db"),
        (&["health", "--addr", "127.0.0.1:1"], "unreachable", "tidings serve"),
        (&["serve", "--auth", "off", "--addr", "0.0.0.0:0"], "invalid_value", "loopback only"),
    ] {
        let ended = place.run(&[args, &["--json"]].concat());
        assert_eq!((ended.code, ended.out.as_str()), (1, ""), "{args:?}: {}", ended.err);
        let problem: Value = serde_json::from_str(&ended.err).unwrap_or_else(|_| panic!("{args:?}: {}", ended.err));
        assert_eq!(problem["code"], code, "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(word), "{problem}");
        assert!(problem["title"].is_string() && problem["type"].is_string());
    }
}

#[test]
fn a_server_is_refused_a_port_in_use_and_an_address_that_others_reach() {
    let place = Place::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    for (addr, words) in [
        (addr.as_str(), ["cannot listen", "--addr"]),
        ("0.0.0.0:0", ["loopback only", "127.0.0.1"]),
    ] {
        place.refused(&["serve", "--auth", "off", "--addr", addr], &words);
    }
    let ended = end(place.command(&["serve"]).env("LEPTOS_SITE_ADDR", "nonsense"));
    assert!(ended.code == 1 && ended.err.contains("LEPTOS_SITE_ADDR"), "{}", ended.err);
}
