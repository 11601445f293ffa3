//! What the server says of itself, for its owners.

use super::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How much a record of the log matters; in this order, what matters most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum LogLevel {
    /// Something failed.
    Error,
    /// Something may go wrong.
    Warn,
    /// Something happened.
    Info,
    /// What helps to find a fault.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    /// All of them.
    pub const ALL: [LogLevel; 5] = [LogLevel::Error, LogLevel::Warn, LogLevel::Info, LogLevel::Debug, LogLevel::Trace];

    /// As it is sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            LogLevel::Error => "ERROR",
            LogLevel::Warn => "WARN",
            LogLevel::Info => "INFO",
            LogLevel::Debug => "DEBUG",
            LogLevel::Trace => "TRACE",
        }
    }

    /// From a text, in whatever case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str().eq_ignore_ascii_case(text))
    }
}

/// A record of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LogRecord {
    /// Its number: 1, 2, 3 … without gaps, since the server started.
    pub id: u64,
    /// When.
    pub timestamp: Timestamp,
    /// How much it matters.
    pub level: LogLevel,
    /// Which part of the server says it.
    pub target: String,
    /// What it says.
    pub message: String,
    /// What else belongs to it.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub fields: Map<String, Value>,
}

impl Eq for LogRecord {}

/// Which records of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogFilter {
    /// Only those that matter at least so much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<LogLevel>,
    /// Only those in which this text occurs, in whatever case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl LogFilter {
    /// Whether a record is one of them.
    pub fn takes(&self, record: &LogRecord) -> bool {
        if self.level.is_some_and(|level| record.level > level) {
            return false;
        }
        let Some(text) = self.text.as_deref().map(str::trim).filter(|text| !text.is_empty()) else {
            return true;
        };
        let text = text.to_lowercase();
        let has = |within: &str| within.to_lowercase().contains(&text);
        has(&record.message) || has(&record.target) || record.fields.iter().any(|(name, value)| has(name) || has(&value.to_string()))
    }
}

/// A piece of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LogPage {
    /// Oldest first.
    pub items: Vec<LogRecord>,
    /// The number of the last record that there is, whether it is among them or not: what comes on the topic `logs` goes on
    /// from here.
    pub last: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_takes_what_matters_enough_and_has_the_text() {
        let record = LogRecord {
            id: 1,
            timestamp: Timestamp::from_millis(0),
            level: LogLevel::Warn,
            target: "server::jobs".into(),
            message: "a job cannot go on".into(),
            fields: [("job".to_owned(), Value::from("notes.1"))].into_iter().collect(),
        };
        let takes = |level, text: &str| {
            let text = Some(text.to_owned());
            LogFilter { level, text }.takes(&record)
        };
        assert!(takes(None, "") && takes(Some(LogLevel::Warn), " JOB ") && takes(Some(LogLevel::Info), "notes.1"));
        assert!(!takes(Some(LogLevel::Error), "") && !takes(None, "crawl"));
        assert_eq!(LogLevel::parse("warn"), Some(LogLevel::Warn));
    }
}
