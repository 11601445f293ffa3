//! Takes what is traced into the log's ring.

use super::Logs;
use app::protocol::log::LogLevel;
use serde_json::{Map, Value};
use std::fmt::Debug;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, Scope};

/// Longest text of a record, in characters.
const LONGEST: usize = 8_000;
/// Names of what nobody may read in a log, whoever wrote it there.
const SECRET: [&str; 6] = ["authorization", "cookie", "password", "secret", "token", "key"];

/// Adds each event to the log's ring.
#[derive(Debug, Clone)]
pub struct LogLayer {
    logs: Logs,
}

impl LogLayer {
    /// Into this ring.
    pub fn new(logs: Logs) -> Self {
        Self { logs }
    }
}

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for LogLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut said = Said::default();
        attributes.record(&mut said);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(said);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        // What libraries trace is each byte that is sent: to send that would never end.
        if *metadata.level() == Level::TRACE && !metadata.target().starts_with("server") {
            return;
        }
        let mut said = Said::default();
        // What happened within something belongs to that, such as to a request.
        for span in context.event_scope(event).into_iter().flat_map(Scope::from_root) {
            if let Some(within) = span.extensions().get::<Said>() {
                said.fields.extend(within.fields.clone());
            }
        }
        event.record(&mut said);
        let level = match *metadata.level() {
            Level::ERROR => LogLevel::Error,
            Level::WARN => LogLevel::Warn,
            Level::INFO => LogLevel::Info,
            Level::DEBUG => LogLevel::Debug,
            Level::TRACE => LogLevel::Trace,
        };
        self.logs.add(level, metadata.target(), said.message, said.fields);
    }
}

#[derive(Default)]
struct Said {
    message: String,
    fields: Map<String, Value>,
}

impl Said {
    fn put(&mut self, field: &Field, value: Value) {
        let name = field.name();
        // Where a library speaks by the `log` crate, these say what the metadata says already.
        if name.starts_with("log.") {
            return;
        }
        let is_secret = SECRET.iter().any(|secret| name.eq_ignore_ascii_case(secret));
        let value = if is_secret { Value::from("…") } else { value };
        self.fields.insert(name.to_owned(), value);
    }

    fn put_text(&mut self, field: &Field, text: String) {
        let text: String = text.chars().take(LONGEST).collect();
        if field.name() == "message" {
            self.message = text;
        } else {
            self.put(field, text.into());
        }
    }
}

impl Visit for Said {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put_text(field, value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put_text(field, format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::protocol::log::LogFilter;
    use tracing_subscriber::layer::SubscriberExt;

    #[test]
    fn what_is_traced_is_a_record_and_secrets_are_none_of_it() {
        let logs = Logs::default();
        let subscriber = tracing_subscriber::registry().with(LogLayer::new(logs.clone()));
        tracing::subscriber::with_default(subscriber, || {
            let _within = tracing::info_span!("request", path = "/api/kbs", cookie = "tds_abc").entered();
            tracing::trace!(target: "tungstenite::protocol", "sent a frame");
            tracing::warn!(job = %"notes.1", done = 3, token = "tds_abc", "a job {}", "ended");
        });
        let mut records = logs.page(&LogFilter::default(), 9, None).items;
        assert_eq!(records.len(), 1, "what libraries trace is left out: {records:?}");
        let record = records.remove(0);
        assert_eq!((record.level, record.message.as_str()), (LogLevel::Warn, "a job ended"));
        assert_eq!(record.target, module_path!());
        assert_eq!(
            Value::Object(record.fields),
            serde_json::json!({"path": "/api/kbs", "cookie": "…", "job": "notes.1", "done": 3, "token": "…"})
        );
    }
}
