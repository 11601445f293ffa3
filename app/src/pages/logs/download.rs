//! Hands out what is shown as a file.

use super::pane::fields;
use super::tail::Tail;
use crate::protocol::log::LogRecord;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// A browser has begun to read the file by then.
const KEPT: Duration = Duration::from_secs(60);

/// Saves all lines that are shown.
pub fn save(tail: &Tail) {
    let text = tail.rows().map(line).collect::<String>();
    let last = tail.rows().last().map(|record| record.timestamp.to_string()).unwrap_or_default();
    let name = format!("tidings-log-{}.txt", last.get(..19).unwrap_or_default().replace(':', ""));
    // Fails only where a browser has no memory left.
    drop(hand_out(&text, &name));
}

/// `2026-11-20T17:00:00.123Z WARN server::jobs: a job cannot go on job=notes.1`
fn line(record: &LogRecord) -> String {
    let LogRecord {
        timestamp,
        level,
        target,
        message,
        ..
    } = record;
    let fields = fields(record);
    let gap = if fields.is_empty() { "" } else { " " };
    format!("{timestamp} {} {target}: {message}{gap}{fields}\n", level.as_str())
}

fn hand_out(text: &str, name: &str) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type("text/plain;charset=utf-8");
    let blob = Blob::new_with_str_sequence_and_options(&js_sys::Array::of1(&text.into()), &options)?;
    let address = Url::create_object_url_with_blob(&blob)?;
    let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&address);
    link.set_download(name);
    link.click();
    set_timeout(move || drop(Url::revoke_object_url(&address)), KEPT);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Timestamp;
    use crate::protocol::log::LogLevel;

    #[test]
    fn a_line_of_the_file_has_all_that_is_known() {
        let record = LogRecord {
            id: 1,
            timestamp: Timestamp::from_millis(1_700_000_000_000),
            level: LogLevel::Warn,
            target: "server::jobs".into(),
            message: "a job cannot go on".into(),
            fields: [("job".to_owned(), "notes.1".into()), ("done".to_owned(), 3.into())]
                .into_iter()
                .collect(),
        };
        assert_eq!(
            line(&record),
            "2023-11-14T22:13:20.000Z WARN server::jobs: a job cannot go on done=3 job=notes.1\n"
        );
    }
}
