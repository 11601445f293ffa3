//! What becomes of the files of a data folder: locked, watched, closed in order, and known again.

use crate::common::{Process, TestServer, soon};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn database(server: &Process) -> PathBuf {
    server.data().join("tidings.db")
}

fn wal(server: &Process) -> PathBuf {
    server.data().join("tidings.db-wal")
}

/// A server with an entry, and a backup of it with another one.
async fn with_backup() -> (Process, PathBuf) {
    let server = Process::start().await;
    server.kb("notes").await;
    server.note(json!({"title": "Old"})).await;
    let copy = server.data().with_extension("backup.db");
    let _ = fs::remove_file(&copy);
    let made = Command::new(env!("CARGO_BIN_EXE_tidings"))
        .args(["backup".as_ref(), copy.as_os_str(), "--data".as_ref(), server.data().as_os_str()])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    server.note(json!({"title": "New"})).await;
    (server, copy)
}

/// Copies over a file, as `cp` does: the file stays the same one.
fn overwrite(from: &Path, to: &Path) {
    fs::write(to, fs::read(from).unwrap()).unwrap();
}

#[tokio::test]
async fn a_server_whose_files_are_gone_says_so_and_takes_nothing_more() {
    type Deed = fn(&Process, &Path);
    let deeds: [(&str, Deed, bool); 9] = [
        (
            "the database is removed",
            |server, _| fs::remove_file(database(server)).unwrap(),
            true,
        ),
        ("the log is removed", |server, _| fs::remove_file(wal(server)).unwrap(), true),
        ("the log is emptied", |server, _| fs::write(wal(server), "").unwrap(), false),
        (
            "the index of the log is removed",
            |server, _| fs::remove_file(server.data().join("tidings.db-shm")).unwrap(),
            true,
        ),
        (
            "the folder is removed",
            |server, _| fs::remove_dir_all(server.data()).unwrap(),
            true,
        ),
        (
            "the folder is moved",
            |server, _| fs::rename(server.data(), server.data().with_extension("moved")).unwrap(),
            true,
        ),
        (
            "the database is replaced",
            |server, copy| fs::rename(copy, database(server)).unwrap(),
            true,
        ),
        (
            "database and log are replaced",
            |server, copy| {
                fs::remove_file(wal(server)).unwrap();
                fs::rename(copy, database(server)).unwrap();
            },
            true,
        ),
        (
            "the database is overwritten",
            |server, copy| overwrite(copy, &database(server)),
            false,
        ),
    ];
    for (what, deed, is_whole) in deeds {
        let (server, copy) = with_backup().await;
        deed(&server, &copy);
        let refused = server.post("/api/kbs/notes/entries", json!({"title": "Lost"})).await;
        assert_eq!(refused.status, 503, "{what}: nothing is taken: {}", refused.text);
        assert_eq!(refused.json["code"], "store_unavailable", "{what}");
        let not_ready = server.get("/readyz").await;
        assert_eq!(not_ready.status, 503, "{what}: {}", not_ready.text);
        assert!(not_ready.text.contains("while the server runs"), "{what}: {}", not_ready.text);
        server.get("/api/kbs").await.expect_problem(503, "store_unavailable");
        server.get("/healthz").await.expect(200);
        if is_whole {
            let rescued = fs::read_dir(server.data()).unwrap().map(|file| file.unwrap().path());
            let rescued = rescued.filter(|file| file.to_string_lossy().contains("tidings-rescued-"));
            let rescued: Vec<PathBuf> = rescued.collect();
            assert_eq!(rescued.len(), 1, "{what}");
            let other = Process::start().await;
            let restored = Command::new(env!("CARGO_BIN_EXE_tidings"))
                .args([
                    "restore".as_ref(),
                    rescued[0].as_os_str(),
                    "--data".as_ref(),
                    other.data().as_os_str(),
                ])
                .output()
                .unwrap();
            assert!(restored.status.success(), "{what}: {}", String::from_utf8_lossy(&restored.stderr));
            other.get("/api/kbs/notes/entries/new").await.expect(200);
        }
    }
}

#[tokio::test]
async fn a_server_at_rest_notices_too() {
    let (server, _) = with_backup().await;
    fs::remove_file(database(&server)).unwrap();
    let noticed = async { while server.get("/readyz").await.status == 200 {} };
    soon("the server to notice", noticed).await;
}

#[tokio::test]
async fn an_older_copy_in_the_place_of_the_database_begins_a_new_epoch() {
    type Deed = fn(&Process, &Path);
    let deeds: [(&str, Deed); 4] = [
        ("copied over it", |server, copy| overwrite(copy, &database(server))),
        ("put in its place", |server, copy| {
            fs::remove_file(database(server)).unwrap();
            fs::copy(copy, database(server)).unwrap();
        }),
        ("copied with its times", |server, copy| {
            let copied = Command::new("cp").arg("-p").args([copy, &database(server)]).status().unwrap();
            assert!(copied.success());
        }),
        ("copied with its witness", |server, copy| {
            // As when the whole folder is brought back: the witness is as old as the database.
            overwrite(copy, &database(server));
            overwrite(&copy.with_extension("witness"), &server.data().join("tidings.witness"));
        }),
    ];
    for (what, deed) in deeds {
        let mut server = Process::start().await;
        server.kb("notes").await;
        let copy = server.data().join("copy.db");
        server.stop().await;
        fs::copy(database(&server), &copy).unwrap();
        fs::copy(server.data().join("tidings.witness"), copy.with_extension("witness")).unwrap();
        server.start_again().await;
        let epoch = server.get("/readyz").await.json["epoch"].clone();
        server.note(json!({"title": "New"})).await;
        let head = server.get("/readyz").await.json["head"].clone();
        server.stop().await;
        deed(&server, &copy);
        server.start_again().await;
        server.note(json!({"title": "Another"})).await;
        let cursor = format!("cursor={}:{head}", epoch.as_str().unwrap());
        let socket = server.socket(&cursor).await;
        assert_eq!(
            (&socket.ack["resumed"], &socket.ack["reason"]),
            (&json!(false), &json!("epoch_changed")),
            "{what}"
        );
    }
}

#[tokio::test]
async fn a_copy_put_in_its_place_after_a_crash_or_while_the_server_runs_begins_a_new_epoch() {
    for is_killed in [true, false] {
        let (mut server, copy) = with_backup().await;
        let before = server.get("/readyz").await.json["epoch"].clone();
        if is_killed {
            server.kill().await;
            fs::remove_file(wal(&server)).unwrap();
            let _ = fs::remove_file(server.data().join("tidings.db-shm"));
        }
        overwrite(&copy, &database(&server));
        if !is_killed {
            let noticed = async { while server.get("/readyz").await.status == 200 {} };
            soon("the server to notice", noticed).await;
            server.kill().await;
        }
        server.start_again().await;
        assert_ne!(server.get("/readyz").await.json["epoch"], before, "killed before: {is_killed}");
        server.get("/api/kbs/notes/entries/old").await.expect(200);
        server.get("/api/kbs/notes/entries/new").await.expect(404);
    }
}

#[tokio::test]
async fn a_start_after_a_stop_a_crash_or_a_command_keeps_the_epoch() {
    let mut server = Process::start().await;
    server.kb("notes").await;
    let epoch = server.get("/readyz").await.json["epoch"].clone();
    let tidings = |server: &Process, arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
        let done = command.args(arguments).arg("--data").arg(server.data()).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    server.stop().await;
    server.start_again().await;
    server.note(json!({"title": "One"})).await;
    server.kill().await;
    server.start_again().await;
    tidings(&server, &["entry", "create", "--kb", "notes", "--title", "Beside"]);
    // A command that ends beside a server has not closed the database, which the server goes on to change.
    let witness = fs::read_to_string(server.data().join("tidings.witness")).unwrap();
    assert!(witness.trim_end().ends_with("open"), "{witness}");
    server.kill().await;
    tidings(&server, &["entry", "create", "--kb", "notes", "--title", "Alone"]);
    tidings(&server, &["kb", "list"]);
    server.start_again().await;
    server.stop().await;
    tidings(&server, &["kb", "list"]);
    server.start_again().await;
    assert_eq!(server.get("/readyz").await.json["epoch"], epoch);
    assert_eq!(server.get("/api/kbs/notes/entries").await.json["total"], 3);
}

#[tokio::test]
async fn a_data_folder_has_one_server() {
    let mut server = Process::start().await;
    let second = |server: &Process| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
        command.args(["serve", "--no-guide", "--auth", "off", "--addr", "127.0.0.1:0", "--data"]);
        command.arg(server.data()).output().unwrap()
    };
    let refused = second(&server);
    let why = String::from_utf8_lossy(&refused.stderr);
    assert!(
        !refused.status.success() && why.contains("another Tidings server uses the data folder"),
        "{why}"
    );
    server.kill().await;
    server.start_again().await;
    server.get("/readyz").await.expect(200);
}

#[tokio::test]
async fn what_is_stopped_in_order_is_whole_in_one_file() {
    let mut server = Process::start().await;
    server.kb("notes").await;
    for n in 0..50 {
        server
            .note(json!({"title": format!("Entry {n}"), "body": "x ".repeat(5_000)}))
            .await;
    }
    // Those who listen keep nothing open.
    let _socket = server.socket("").await;
    let _stream = server.request(reqwest::Method::GET, "/api/events/stream").send().await.unwrap();
    server.stop().await;
    assert!(!wal(&server).exists(), "the log was moved to the database");
    let alone = TestServer::with(|data| {
        fs::copy(database(&server), data.join("tidings.db")).unwrap();
        server::config::Config::open(([127, 0, 0, 1], 0).into(), data.into())
    })
    .await;
    assert_eq!(alone.get("/api/kbs/notes/entries").await.json["total"], 50);
}
