//! What the others hear: `tail`, and the sockets of a server that runs beside a command.

use crate::support::{Place, Socket};

#[test]
fn tail_prints_what_other_processes_write_from_then_on() {
    let place = Place::with_notes();
    place.ok(&["kb", "create", "other"]);
    // The first event shows that it follows by now.
    let tail = place.start(&["tail", "--topic", "kb:notes", "--since", "0"]);
    assert_eq!(tail.json()["type"], "kb_created");
    place.ok(&["entry", "create", "--kb", "other", "--title", "Not asked for"]);
    place.ok(&["entry", "create", "--kb", "notes", "--title", "A"]);
    let event = tail.json();
    assert_eq!(
        (&event["type"], &event["entry_id"], &event["seq"]),
        (&"entry_created".into(), &"a".into(), &4.into())
    );
    assert_eq!(tail.terminate(), 0);
}

#[test]
fn tail_goes_on_from_a_cursor_and_refuses_one_of_another_log() {
    let place = Place::with_notes();
    place.ok(&["kb", "create", "other"]);
    let epoch = place.json(&["health"])["epoch"].as_str().unwrap().to_owned();
    let tail = place.start(&["tail", "--since", &format!("{epoch}:1")]);
    assert_eq!(tail.json()["kb_name"], "other");
    place.refused(&["tail", "--since", "0000:1"], &["replaced by a backup"]);
    place.refused(&["tail", "--since", "99"], &["ends at event 2"]);
}

#[test]
fn tail_says_that_a_backup_was_restored_and_goes_on() {
    let place = Place::with_notes();
    let file = place.path("backup.db").display().to_string();
    place.ok(&["backup", &file]);
    let tail = place.start(&["tail", "--since", "0"]);
    assert_eq!(tail.json()["type"], "kb_created");
    place.ok(&["restore", &file]);
    let resync = tail.json();
    assert_eq!((&resync["type"], &resync["reason"]), (&"resync".into(), &"epoch_changed".into()));
    place.ok(&["kb", "create", "other"]);
    assert_eq!(tail.json()["kb_name"], "other");
}

#[test]
fn a_command_beside_a_running_server_reaches_its_sockets() {
    let place = Place::with_notes();
    let (_server, addr) = place.serve();
    let mut socket = Socket::connect(addr, "topics=kb:notes");
    assert_eq!(socket.next().unwrap()["type"], "connection_ack");
    place.ok(&["entry", "create", "--kb", "notes", "--title", "From a terminal"]);
    let event = socket.next().unwrap();
    assert_eq!(
        (&event["type"], &event["entry_id"]),
        (&"entry_created".into(), &"from-a-terminal".into())
    );
    place.file("a.md", "A");
    place.ok(&["sync", place.folder(), "--kb", "notes"]);
    assert_eq!(socket.next().unwrap()["type"], "entry_created");
    let synced = socket.next().unwrap();
    assert_eq!((&synced["type"], &synced["data"]["added"]), (&"kb_synced".into(), &1.into()));
}

#[test]
fn a_restore_beside_a_running_server_sends_its_clients_to_read_anew() {
    let place = Place::with_notes();
    let file = place.path("backup.db").display().to_string();
    place.ok(&["backup", &file]);
    place.ok(&["entry", "create", "--kb", "notes", "--title", "Lost"]);
    let (_server, addr) = place.serve();
    let mut socket = Socket::connect(addr, "");
    let before = socket.next().unwrap()["data"].clone();
    place.ok(&["restore", &file]);
    while socket.next().is_some() {}
    let cursor = format!("cursor={}:{}", before["epoch"].as_str().unwrap(), before["head"]);
    let after = Socket::connect(addr, &cursor).next().unwrap()["data"].clone();
    assert_eq!(
        (&after["resumed"], &after["reason"], &after["head"]),
        (&false.into(), &"epoch_changed".into(), &1.into())
    );
    assert_ne!(after["epoch"], before["epoch"]);
}
