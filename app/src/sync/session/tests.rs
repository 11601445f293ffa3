//! Stories of a session, and one property: whatever happens, nothing is lost or doubled without a resync.

mod story;
mod whatever_happens;

use super::*;
use crate::protocol::{Epoch, Seq, Timestamp};
use serde_json::json;

pub(super) fn cursor(epoch: &str, seq: u64) -> Cursor {
    Cursor {
        epoch: Epoch::parse(epoch).unwrap(),
        seq: Seq::new(seq),
    }
}

pub(super) fn ack(epoch: &str, head: u64, resumed: bool) -> String {
    json!({"type": "connection_ack", "timestamp": Timestamp::from_millis(0), "data": {
        "user_id": "ada", "epoch": epoch, "head": head, "heartbeat_ms": 25_000, "resumed": resumed, "build": "b1"}})
    .to_string()
}

pub(super) fn event(seq: u64) -> String {
    json!({"type": "kb_deleted", "data": {}, "seq": seq, "timestamp": Timestamp::from_millis(0), "topic": "kb:notes", "actor": "system"})
        .to_string()
}
