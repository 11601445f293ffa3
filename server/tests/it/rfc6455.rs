//! The sockets as RFC 6455 has them, over connections whose every byte is written here.

use crate::common::{End, TestServer, Wire};
use serde_json::{Value, json};
use std::net::SocketAddr;

/// The key of the RFC's own example, and the answer to it.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CONTINUATION: u8 = 0x0;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xA;
const FIN: u8 = 0x80;

/// A frame with this first byte, masked as a client's must be.
fn frame(first: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let (payload, mask) = (payload.as_ref(), [0x12, 0x34, 0x56, 0x78]);
    let mut bytes = head(first, 0x80, payload.len() as u64);
    bytes.extend(mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

/// The same without a mask.
fn unmasked(first: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let mut bytes = head(first, 0, payload.as_ref().len() as u64);
    bytes.extend(payload.as_ref());
    bytes
}

fn head(first: u8, mask: u8, length: u64) -> Vec<u8> {
    let mut bytes = vec![first];
    match length {
        0..=125 => bytes.push(mask | length as u8),
        126..=0xFFFF => {
            bytes.push(mask | 126);
            bytes.extend((length as u16).to_be_bytes());
        }
        _ => {
            bytes.push(mask | 127);
            bytes.extend(length.to_be_bytes());
        }
    }
    bytes
}

/// A text in pieces.
fn pieces<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> Vec<u8> {
    let parts: Vec<&[u8]> = parts.into_iter().collect();
    let last = parts.len() - 1;
    let piece = |(at, part): (usize, &&[u8])| {
        let opcode = if at == 0 { TEXT } else { CONTINUATION };
        frame(opcode | if at == last { FIN } else { 0 }, part)
    };
    parts.iter().enumerate().flat_map(piece).collect()
}

fn close(code: u16, reason: &[u8]) -> Vec<u8> {
    let payload = [&code.to_be_bytes(), reason].concat();
    frame(FIN | CLOSE, payload)
}

fn upgrade(addr: SocketAddr, path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {addr}\r\n{headers}\r\n")
}

const GOOD: &str =
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

async fn connect(addr: SocketAddr, path: &str) -> Wire {
    let mut wire = Wire::open(addr).await;
    wire.send(upgrade(addr, path, GOOD)).await;
    let (status, head) = wire.head().await;
    assert_eq!(status, 101, "{path}: {head}");
    wire
}

/// A frame of the server: its opcode and payload; none where the connection ends.
async fn receive(wire: &mut Wire) -> Option<(u8, Vec<u8>)> {
    let head = wire.take(2).await?;
    assert_eq!(head[0] & 0x70, 0, "no reserved bits");
    assert_eq!(head[0] & FIN, FIN, "the server sends whole messages");
    assert_eq!(head[1] & 0x80, 0, "the server masks nothing");
    let length = match head[1] {
        126 => u64::from(u16::from_be_bytes(wire.take(2).await?.try_into().unwrap())),
        127 => u64::from_be_bytes(wire.take(8).await?.try_into().unwrap()),
        length => u64::from(length),
    };
    let payload = wire.take(usize::try_from(length).unwrap()).await?;
    Some((head[0] & 0x0F, payload))
}

/// What the server answers, until it closes: texts as JSON, the payloads of pongs, and the code of its close frame, which is 1005
/// where it has none. A connection that ends without a close frame fails.
async fn answers(wire: &mut Wire) -> (Vec<Value>, Vec<Vec<u8>>, u16) {
    let (mut texts, mut pongs) = (vec![], vec![]);
    loop {
        match receive(wire).await {
            Some((TEXT, text)) => texts.push(serde_json::from_slice(&text).expect("JSON")),
            Some((PONG, payload)) => pongs.push(payload),
            Some((PING, _)) => {}
            Some((CLOSE, payload)) => {
                let code = payload.get(..2).map_or(1005, |code| u16::from_be_bytes(code.try_into().unwrap()));
                assert!(std::str::from_utf8(payload.get(2..).unwrap_or_default()).is_ok());
                return (texts, pongs, code);
            }
            Some((opcode, _)) => panic!("a frame of the kind {opcode}"),
            None => panic!("the connection ended without a close frame; before it came {texts:?}"),
        }
    }
}

/// Sends bytes, and returns the code with which the server closes, in order.
async fn code_after(addr: SocketAddr, path: &str, bytes: &[u8]) -> u16 {
    let mut wire = connect(addr, path).await;
    wire.send(bytes).await;
    let (_, _, code) = answers(&mut wire).await;
    assert_eq!(wire.rest().await.1, End::Closed, "the connection ends without a reset");
    code
}

#[tokio::test]
async fn an_upgrade_is_answered_as_the_rfc_has_it() {
    let server = TestServer::with_notes().await;
    let addr = server.addr();
    let key = |key: &str| format!("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n");
    let cases: Vec<(&str, String, u16)> = vec![
        ("all that is needed", GOOD.into(), 101),
        (
            "other cases",
            GOOD.replace("websocket", "WebSocket")
                .replace("Connection: Upgrade", "Connection: upgrade"),
            101,
        ),
        (
            "a list of options",
            GOOD.replace("Connection: Upgrade", "Connection: keep-alive, Upgrade"),
            101,
        ),
        (
            "extensions",
            format!("{GOOD}Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"),
            101,
        ),
        (
            "protocols that it does not know",
            format!("{GOOD}Sec-WebSocket-Protocol: mqtt, stomp\r\n"),
            101,
        ),
        ("its own origin", format!("{GOOD}Origin: http://{addr}\r\n"), 101),
        ("another origin", format!("{GOOD}Origin: https://evil.example\r\n"), 403),
        ("no key", GOOD.replace(&format!("Sec-WebSocket-Key: {KEY}\r\n"), ""), 400),
        ("an empty key", key(""), 400),
        ("a key that is no base64", key("not base64 at all!"), 400),
        ("a key of 15 bytes", key("AAAAAAAAAAAAAAAAAAAA"), 400),
        ("a key of 17 bytes", key("AAAAAAAAAAAAAAAAAAAAAAA="), 400),
        ("no upgrade", GOOD.replace("Upgrade: websocket\r\n", ""), 400),
        ("an upgrade to something else", GOOD.replace("websocket", "h2c"), 400),
        ("no connection", GOOD.replace("Connection: Upgrade\r\n", ""), 400),
        (
            "a connection that is kept",
            GOOD.replace("Connection: Upgrade", "Connection: keep-alive"),
            400,
        ),
        ("an older version", GOOD.replace("13", "8"), 426),
        ("no version", GOOD.replace("Sec-WebSocket-Version: 13\r\n", ""), 426),
    ];
    for (what, headers, status) in cases {
        let mut wire = Wire::open(addr).await;
        wire.send(upgrade(addr, "/ws", &headers)).await;
        let (answered, head) = wire.head().await;
        let head = head.to_ascii_lowercase();
        assert_eq!(answered, status, "{what}: {head}");
        match status {
            101 => {
                assert!(
                    head.contains(&format!("sec-websocket-accept: {}", ACCEPT.to_ascii_lowercase())),
                    "{what}: {head}"
                );
                assert!(!head.contains("sec-websocket-extensions"), "{what}: {head}");
                assert!(!head.contains("sec-websocket-protocol"), "{what}: {head}");
            }
            426 => assert!(head.contains("sec-websocket-version: 13"), "{what}: {head}"),
            _ => assert!(head.contains("application/problem+json"), "{what}: {head}"),
        }
    }
    let mut wire = Wire::open(addr).await;
    wire.send(upgrade(addr, "/ws", GOOD).replace("GET", "POST")).await;
    assert_eq!(wire.head().await.0, 405);
    let mut wire = Wire::open(addr).await;
    wire.send(upgrade(addr, "/ws", GOOD).replace("HTTP/1.1", "HTTP/1.0")).await;
    assert_eq!(wire.head().await.0, 400);
}

/// Bytes that are no frames, or none that may come then.
fn violations() -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<(String, Vec<u8>)> = vec![
        ("a text without a mask".into(), unmasked(FIN | TEXT, "{}")),
        ("a ping without a mask".into(), unmasked(FIN | PING, "")),
        ("a close without a mask".into(), unmasked(FIN | CLOSE, 1000_u16.to_be_bytes())),
        ("a ping in pieces".into(), frame(PING, "")),
        ("a pong in pieces".into(), frame(PONG, "")),
        ("a close in pieces".into(), frame(CLOSE, 1000_u16.to_be_bytes())),
        ("a ping of 126 bytes".into(), frame(FIN | PING, [0; 126])),
        ("a pong of 126 bytes".into(), frame(FIN | PONG, [0; 126])),
        ("a close of 126 bytes".into(), frame(FIN | CLOSE, [b'a'; 126])),
        ("a close of one byte".into(), frame(FIN | CLOSE, [3])),
        ("a continuation of nothing".into(), frame(FIN | CONTINUATION, "x")),
        ("a first piece that continues nothing".into(), frame(CONTINUATION, "x")),
        ("a text within a text".into(), [frame(TEXT, "{"), frame(FIN | TEXT, "}")].concat()),
        (
            "a binary within a text".into(),
            [frame(TEXT, "{"), frame(FIN | BINARY, "}")].concat(),
        ),
        (
            "a text within a binary".into(),
            [frame(BINARY, "{"), frame(FIN | TEXT, "}")].concat(),
        ),
        (
            "a continuation after the end".into(),
            [pieces([&b"{\"type\":"[..], b"\"ping\"}"]), frame(FIN | CONTINUATION, "x")].concat(),
        ),
        ("HTTP".into(), b"GET / HTTP/1.1\r\n\r\n".to_vec()),
    ];
    for bits in [0x10, 0x20, 0x40, 0x70] {
        all.push((format!("reserved bits {bits:#x}"), frame(FIN | bits | TEXT, "{}")));
    }
    all.push(("a reserved bit in a ping".into(), frame(FIN | 0x40 | PING, "")));
    for opcode in [0x3, 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF] {
        all.push((format!("opcode {opcode:#x}"), frame(FIN | opcode, "")));
    }
    for code in [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535] {
        all.push((format!("a close with the code {code}"), close(code, b"")));
    }
    all
}

#[tokio::test]
async fn what_breaks_the_protocol_is_closed_with_1002() {
    let server = TestServer::with_notes().await;
    for (what, bytes) in violations() {
        assert_eq!(code_after(server.addr(), "/ws", &bytes).await, 1002, "{what}");
    }
}

#[tokio::test]
async fn a_text_that_is_no_utf_8_is_closed_with_1007() {
    let server = TestServer::with_notes().await;
    for (what, bytes) in [
        ("a lone byte", frame(FIN | TEXT, [0xFF])),
        ("a continuation byte", frame(FIN | TEXT, [b'a', 0x80])),
        ("an overlong form", frame(FIN | TEXT, [0xC0, 0xAF])),
        ("a surrogate", frame(FIN | TEXT, [0xED, 0xA0, 0x80])),
        ("beyond Unicode", frame(FIN | TEXT, [0xF4, 0x90, 0x80, 0x80])),
        ("a character that is cut off", frame(FIN | TEXT, [b'a', 0xE2, 0x82])),
        ("one that is cut off in pieces", pieces([&b"a\xE2"[..], b"\x82", b""])),
        ("a bad second piece", pieces([&b"a"[..], b"\xFF"])),
        ("a reason", close(1000, &[0xFF, 0xFE])),
    ] {
        assert_eq!(code_after(server.addr(), "/ws", &bytes).await, 1007, "{what}");
    }
}

#[tokio::test]
async fn a_goodbye_is_answered_with_its_own_code() {
    let server = TestServer::with_notes().await;
    for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999] {
        assert_eq!(code_after(server.addr(), "/ws", &close(code, b"bye")).await, code);
    }
    let longest = [b'a'; 123];
    assert_eq!(code_after(server.addr(), "/ws", &close(1000, &longest)).await, 1000);
    assert_eq!(
        code_after(server.addr(), "/ws", &frame(FIN | CLOSE, "")).await,
        1005,
        "one without a code"
    );
    let followed = [close(1000, b""), frame(FIN | TEXT, "{}"), frame(FIN | PING, "")].concat();
    assert_eq!(
        code_after(server.addr(), "/ws", &followed).await,
        1000,
        "what comes after it is not read"
    );
    let preceded = [frame(FIN | TEXT, "{\"type\":\"ping\"}"), close(4321, b"")].concat();
    let mut wire = connect(server.addr(), "/ws").await;
    wire.send(preceded).await;
    let (texts, _, code) = answers(&mut wire).await;
    assert_eq!(
        (&texts.last().unwrap()["type"], code),
        (&json!("pong"), 4321),
        "what came before it is answered"
    );
}

/// A name, the bytes sent, the types of the messages and the payloads of the pongs that answer them.
type Exchange = (&'static str, Vec<u8>, Vec<&'static str>, Vec<&'static [u8]>);

#[tokio::test]
async fn messages_and_pings_are_answered_however_they_are_cut() {
    let server = TestServer::with_notes().await;
    let ping = br#"{"type":"ping"}"#;
    let unknown = "{\"type\":\"grüße\"}".as_bytes();
    let cases: Vec<Exchange> = vec![
        ("a text", frame(FIN | TEXT, ping), vec!["pong"], vec![]),
        ("one in two pieces", pieces([&ping[..4], &ping[4..]]), vec!["pong"], vec![]),
        ("one in pieces of a byte", pieces(ping.chunks(1)), vec!["pong"], vec![]),
        ("empty pieces", pieces([&b""[..], b"", ping, b""]), vec!["pong"], vec![]),
        (
            "a character in two pieces",
            pieces([&unknown[..12], &unknown[12..]]),
            vec!["error"],
            vec![],
        ),
        (
            "two in one go",
            [frame(FIN | TEXT, ping), frame(FIN | TEXT, ping)].concat(),
            vec!["pong", "pong"],
            vec![],
        ),
        ("an empty text", frame(FIN | TEXT, ""), vec!["error"], vec![]),
        ("an empty ping", frame(FIN | PING, ""), vec![], vec![b""]),
        (
            "a ping with bytes",
            frame(FIN | PING, [0, 0xFF, 0xFE]),
            vec![],
            vec![&[0, 0xFF, 0xFE]],
        ),
        ("the longest ping", frame(FIN | PING, [7; 125]), vec![], vec![&[7; 125]]),
        ("a pong that nobody asked for", frame(FIN | PONG, "x"), vec![], vec![]),
        (
            "a ping between pieces",
            [
                frame(TEXT, &ping[..4]),
                frame(FIN | PING, "in"),
                frame(FIN | CONTINUATION, &ping[4..]),
            ]
            .concat(),
            vec!["pong"],
            vec![b"in"],
        ),
    ];
    for (what, bytes, kinds, payloads) in cases {
        let mut wire = connect(server.addr(), "/ws").await;
        wire.send([bytes.clone(), close(1000, b"")].concat()).await;
        let (texts, pongs, code) = answers(&mut wire).await;
        let answered: Vec<&str> = texts.iter().skip(1).map(|text| text["type"].as_str().unwrap()).collect();
        assert_eq!((answered, code), (kinds.clone(), 1000), "{what}");
        assert_eq!(pongs, payloads, "{what}");
        // The same when each byte comes by itself.
        let mut wire = connect(server.addr(), "/ws").await;
        for byte in &bytes {
            wire.send([*byte]).await;
        }
        wire.send(close(1000, b"")).await;
        let (texts, _, _) = answers(&mut wire).await;
        assert_eq!(texts.len(), kinds.len() + 1, "{what}, byte by byte");
    }
}

#[tokio::test]
async fn what_is_too_big_or_binary_is_closed_with_a_code_that_arrives() {
    let server = TestServer::with_notes().await;
    let mega = 1024 * 1024;
    let endless = [head(FIN | TEXT, 0x80, 1 << 40), vec![0; 4 + 100_000]].concat();
    let beyond = [head(FIN | TEXT, 0x80, u64::MAX), vec![0; 4]].concat();
    let many: Vec<u8> = (0..80)
        .flat_map(|n| frame(if n == 0 { TEXT } else { CONTINUATION }, vec![b'a'; 64 * 1024]))
        .collect();
    for (what, bytes, code) in [
        ("a text beyond the limit", frame(FIN | TEXT, vec![b'a'; mega + 1]), 1009),
        ("a text far beyond it", frame(FIN | TEXT, vec![b'a'; 6 * mega]), 1009),
        ("a length that nobody sends", endless, 1009),
        ("the greatest length", beyond, 1009),
        ("pieces without end", many, 1009),
        ("a binary", frame(FIN | BINARY, "{}"), 1003),
        ("an empty binary", frame(FIN | BINARY, ""), 1003),
        (
            "a binary in pieces",
            [frame(BINARY, "{"), frame(FIN | CONTINUATION, "}")].concat(),
            1003,
        ),
    ] {
        assert_eq!(code_after(server.addr(), "/ws", &bytes).await, code, "{what}");
    }
    let largest = format!("{{\"type\":\"{}\"}}", "a".repeat(mega - 11));
    let mut wire = connect(server.addr(), "/ws").await;
    wire.send([frame(FIN | TEXT, &largest), close(1000, b"")].concat()).await;
    let (texts, _, code) = answers(&mut wire).await;
    assert_eq!((&texts[1]["type"], code), (&json!("error"), 1000), "one within the limit is read");
}

#[tokio::test]
async fn the_other_sockets_do_the_same() {
    let server = TestServer::with_notes().await;
    for path in [
        "/ws/notifications/ada",
        "/api/crawl-progress/none",
        "/api/knowledge-items/stream",
        "/api/mcp/logs/stream",
    ] {
        for (what, bytes, code) in [
            ("a goodbye", close(1000, b"bye"), 1000),
            ("another one", close(4999, b""), 4999),
            ("a goodbye without a code", frame(FIN | CLOSE, ""), 1005),
            ("a bad code", close(1005, b""), 1002),
            ("no mask", unmasked(FIN | TEXT, "ping"), 1002),
            ("a reserved bit", frame(FIN | 0x40 | TEXT, "ping"), 1002),
            ("no UTF-8", frame(FIN | TEXT, [0xFF]), 1007),
            ("a binary", frame(FIN | BINARY, "ping"), 1003),
            ("a long text", frame(FIN | TEXT, vec![b'a'; 64 * 1024 + 1]), 1009),
            ("one far too long", frame(FIN | TEXT, vec![b'a'; 2 * 1024 * 1024]), 1009),
            ("too many texts", frame(FIN | TEXT, "ping").repeat(1_200), 4013),
        ] {
            assert_eq!(code_after(server.addr(), path, &bytes).await, code, "{path}: {what}");
        }
    }
}
