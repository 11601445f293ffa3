//! Step 6, refusals: what to tell a client whose message is none of the protocol.

use app::protocol::frame::Control;
use app::protocol::{Cursor, InvalidCursor, Topic};
use serde::Deserialize;

/// An answer that says what was wrong; the socket stays open.
pub(super) fn error(code: &str, message: String, reference: Option<String>) -> Control {
    Control::Error {
        code: code.into(),
        message,
        reference,
    }
}

/// What is wrong with a message of a known type, in the words of the protocol.
fn unfit(kind: &str, message: &serde_json::Value) -> String {
    let texts = || {
        message
            .get("topics")?
            .as_array()?
            .iter()
            .map(|topic| topic.as_str())
            .collect::<Option<Vec<_>>>()
    };
    let topic = || {
        message
            .get("topic")
            .and_then(|topic| topic.as_str())
            .and_then(|topic| topic.parse::<Topic>().ok())
    };
    match kind {
        "auth" => return "token must be a text.".into(),
        "typing" | "presence" if topic().is_none() => return "topic must be one topic, such as \"kb:notes\".".into(),
        "presence" => return "state must be reading, editing, away or gone, and entry_id the id of an entry, or absent.".into(),
        "typing" => return "entry_id must be the id of an entry, or absent.".into(),
        _ => {}
    }
    if kind != "ping" {
        let Some(topics) = texts() else {
            return "topics must be a list of texts, such as [\"kb:notes\"].".into();
        };
        if let Some(why) = topics.into_iter().find_map(|topic| topic.parse::<Topic>().err()) {
            return format!("topics: {why}.");
        }
    }
    match message.get("cursor").map(Cursor::deserialize) {
        Some(Err(_)) => format!("cursor: {InvalidCursor}."),
        _ => "a member is there more than once.".into(),
    }
}

/// The answer to a message that is none of the protocol.
pub(super) fn misunderstood(text: &str, why: &serde_json::Error) -> Control {
    let Ok(json) = serde_json::from_str::<serde_json::Value>(text) else {
        return error("invalid_json", format!("The message is not JSON: {why}"), None);
    };
    let member = |name: &str| {
        json.get(name)
            .and_then(|value| value.as_str())
            .map(|text| text.chars().take(200).collect::<String>())
    };
    let reference = member("ref").or_else(|| member("type"));
    match member("type") {
        None => error(
            "missing_type",
            "A message is a JSON object with a type: subscribe, unsubscribe, ping, typing, presence or auth.".into(),
            reference,
        ),
        Some(kind) if matches!(kind.as_str(), "subscribe" | "unsubscribe" | "ping" | "typing" | "presence" | "auth") => {
            error("invalid_message", format!("{kind}: {}", unfit(&kind, &json)), reference)
        }
        Some(kind) => error(
            "unknown_type",
            format!("{kind:?} is not a type of message; send subscribe, unsubscribe, ping, typing, presence or auth."),
            reference,
        ),
    }
}
