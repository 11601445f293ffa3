//! `user`, `token`, `notify`, `announce`, and a server that asks who it is.

use crate::support::{Place, Socket};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

const PASSWORD: &str = "correct horse battery\n";

#[test]
fn people_are_added_listed_and_removed() {
    let place = Place::with_notes();
    assert_eq!(
        place.fed(&["user", "add", "ada", "--password-stdin", "--role", "owner"], PASSWORD),
        "ada\n"
    );
    place.ok(&["user", "add", "bob"]);
    assert_eq!(place.ok(&["user", "list"]), "ada\towner\nbob\tmember\n");
    place.refused(&["user", "add", "ada"], &["The name ada is taken"]);
    place.refused(&["user", "add", "Ada"], &["lower case"]);
    // Nothing on standard input is no password either.
    place.refused(&["user", "add", "cy", "--password-stdin"], &["at least 10"]);
    assert_eq!(
        place.fed(&["user", "password", "bob"], "another good one, this\n"),
        "changed the password of bob\n"
    );
    place.refused(&["user", "password", "nobody"], &["at least 10"]);
    place.refused(&["user", "remove", "ada"], &["only owner"]);
    assert_eq!(place.ok(&["user", "remove", "bob"]), "removed bob\n");
    place.refused(&["user", "remove", "bob"], &["nobody called bob"]);
    assert_eq!(place.json(&["user", "list"])[0]["role"], "owner");
}

#[test]
fn a_token_is_printed_alone_and_works_beside_a_running_server_until_it_is_taken_back() {
    let place = Place::with_notes();
    place.ok(&["user", "add", "ada", "--role", "owner"]);
    let server = place.start(&["serve", "--addr", "127.0.0.1:0", "--log", "error"]);
    let addr = server.listening();
    let secret = place.ok(&[
        "token", "create", "--user", "ada", "--scope", "read", "--scope", "write", "--name", "claude",
    ]);
    let secret = secret.strip_suffix('\n').expect("a line");
    assert!(secret.starts_with("tdg_") && !secret.contains(char::is_whitespace), "{secret}");
    assert_eq!(get(addr, "/api/kbs", None).0, 401);
    let (status, body) = get(addr, "/api/me", Some(secret));
    assert_eq!(
        (status, &body["actor"], &body["scopes"]),
        (200, &json!("agent:claude"), &json!(["read", "write"]))
    );
    let listed = place.ok(&["token", "list"]);
    let id = listed.split('\t').next().expect("a number").to_owned();
    assert_eq!(listed, format!("{id}\tada\tclaude\tread,write\t\n"));
    let mut socket = Socket::connect(addr, &format!("token={secret}"));
    assert_eq!(socket.next().expect("a greeting")["data"]["user_id"], "ada");
    assert_eq!(place.ok(&["token", "revoke", &id]), format!("revoked {id}\n"));
    while let Some(frame) = socket.next() {
        assert!(frame["seq"].is_u64(), "{frame}");
    }
    assert_eq!(get(addr, "/api/me", Some(secret)).0, 401);
    place.refused(&["token", "revoke", &id], &["no token"]);
    place.refused(&["token", "create", "--user", "ada", "--scope", "fly"], &["\"fly\" is no scope"]);
    place.refused(&["token", "create", "--user", "nobody"], &["nobody called nobody"]);
    assert_eq!(server.terminate(), 0);
}

#[test]
fn a_first_start_prints_the_link_of_the_owner_after_the_address() {
    let place = Place::new();
    let server = place.start(&["serve", "--no-guide", "--addr", "127.0.0.1:0", "--log", "error"]);
    let addr = server.listening();
    let line = server.line();
    let link = line.split_once(" at ").map(|(_, link)| link.to_owned()).expect("a link");
    assert!(link.starts_with(&format!("http://{addr}/claim/")), "{line}");
    let path = link.split_once(&addr.to_string()).map(|(_, path)| path.to_owned()).expect("a path");
    assert_eq!(get(addr, &path, None).0, 200);
    let (code, errors) = server.stop();
    let secret = path.rsplit('/').next().expect("a secret");
    assert!(code == 0 && !errors.contains(secret), "it is in no log: {errors}");
}

#[test]
fn somebody_is_told_and_all_are_told_from_the_command_line() {
    let place = Place::with_notes();
    place.ok(&["user", "add", "ada", "--role", "owner"]);
    place.ok(&["user", "add", "bob"]);
    let server = place.start(&["serve", "--addr", "127.0.0.1:0", "--log", "error"]);
    let addr = server.listening();
    let secret = place.ok(&["token", "create", "--user", "bob"]);
    let secret = secret.trim_end();
    let mut socket = Socket::connect(addr, &format!("topics=user:me,system&token={secret}"));
    socket.next().expect("a greeting");
    place.ok(&["notify", "bob", "--title", "Hear", "--message", "Now", "--link", "/kb/notes"]);
    let event = loop {
        let frame = socket.next().expect("an event");
        if frame["type"] == "notification_created" {
            break frame;
        }
    };
    assert_eq!(event["data"]["notification"]["title"], "Hear");
    place.ok(&[
        "announce",
        "Maintenance",
        "--level",
        "warning",
        "--expires-at",
        "2999-01-01T00:00:00Z",
    ]);
    let event = socket.next().expect("an event");
    assert_eq!(
        (&event["type"], &event["data"]["message"]),
        (&json!("announcement_made"), &json!("Maintenance"))
    );
    place.refused(&["notify", "nobody", "--title", "Hear"], &["nobody called nobody"]);
    place.refused(&["announce", "x", "--expires-at", "2000-01-01T00:00:00Z"], &["past"]);
    assert_eq!(server.terminate(), 0);
}

/// The status and the JSON of a request.
fn get(addr: SocketAddr, path: &str, token: Option<&str>) -> (u16, Value) {
    let mut socket = TcpStream::connect(addr).expect("a connection");
    let authorization = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    write!(
        socket,
        "GET {path} HTTP/1.1\r\nHost: {addr}\r\n{authorization}Connection: close\r\n\r\n"
    )
    .expect("it goes out");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    (status, serde_json::from_str(body).unwrap_or_default())
}
