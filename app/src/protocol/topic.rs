//! What one can subscribe to.

use super::ids::{JobId, KbName, UserId};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A subject of events. As text: `kb:notes`, `user:ada`, `skills` …
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Topic {
    /// A knowledge base and its entries.
    Kb(KbName),
    /// What concerns one person.
    User(UserId),
    /// A session shared by agents.
    Session(Arc<str>),
    /// A conversation.
    Chat(Arc<str>),
    /// A job.
    Job(Arc<str>),
    /// Metrics of skills.
    Skills,
    /// Log records of the server; sent only when asked for.
    Logs,
    /// What concerns everybody.
    System,
}

impl From<&JobId> for Topic {
    fn from(id: &JobId) -> Self {
        Topic::Job(id.as_str().into())
    }
}

/// A text is no topic.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a topic; topics are kb:NAME, user:NAME, session:ID, chat:ID, job:ID, skills, logs and system")]
pub struct InvalidTopic(pub String);

impl utoipa::PartialSchema for Topic {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        String::schema()
    }
}

impl utoipa::ToSchema for Topic {}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Topic::Kb(name) => write!(f, "kb:{name}"),
            Topic::User(id) => write!(f, "user:{id}"),
            Topic::Session(id) => write!(f, "session:{id}"),
            Topic::Chat(id) => write!(f, "chat:{id}"),
            Topic::Job(id) => write!(f, "job:{id}"),
            Topic::Skills => f.write_str("skills"),
            Topic::Logs => f.write_str("logs"),
            Topic::System => f.write_str("system"),
        }
    }
}

impl FromStr for Topic {
    type Err = InvalidTopic;
    fn from_str(text: &str) -> Result<Self, InvalidTopic> {
        let no = || InvalidTopic(text.chars().take(80).collect());
        let id = |id: &str| match id {
            "" => Err(no()),
            id if id.len() > 200 || id.chars().any(|c| c.is_whitespace() || c.is_control() || c == ',') => Err(no()),
            id => Ok(Arc::from(id)),
        };
        match text.split_once(':') {
            Some(("kb", name)) => KbName::parse(name).map(Topic::Kb).map_err(|_| no()),
            Some(("user", name)) => UserId::parse(name).map(Topic::User).map_err(|_| no()),
            Some(("session", rest)) => id(rest).map(Topic::Session),
            Some(("chat", rest)) => id(rest).map(Topic::Chat),
            Some(("job", rest)) => id(rest).map(Topic::Job),
            None if text == "skills" => Ok(Topic::Skills),
            None if text == "logs" => Ok(Topic::Logs),
            None if text == "system" => Ok(Topic::System),
            _ => Err(no()),
        }
    }
}

impl TryFrom<String> for Topic {
    type Error = InvalidTopic;
    fn try_from(text: String) -> Result<Self, InvalidTopic> {
        text.parse()
    }
}

impl From<Topic> for String {
    fn from(topic: Topic) -> String {
        topic.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_survives_its_text() {
        for text in [
            "kb:notes",
            "user:ada",
            "session:s-1",
            "chat:c",
            "job:notes.0193",
            "skills",
            "logs",
            "system",
        ] {
            assert_eq!(text.parse::<Topic>().unwrap().to_string(), text);
        }
        for text in ["", "kb:", "kb:A B", "job:", "job:a,b", "news", "skills:x"] {
            assert!(text.parse::<Topic>().is_err(), "{text}");
        }
    }
}
