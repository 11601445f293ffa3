//! How far somebody has seen the log.

use super::ids::{Epoch, Seq};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A position in one log. As text, in URLs and in `Last-Event-ID`: `k3x9:1234`.
///
/// In JSON it is written as `{"epoch":"k3x9","seq":1234}`, and read in both forms.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(from = "Form")]
pub struct Cursor {
    /// Which log.
    pub epoch: Epoch,
    /// The last event that was seen.
    pub seq: Seq,
}

/// The forms in which JSON may bring a cursor.
#[derive(Deserialize)]
#[serde(untagged)]
enum Form {
    Text(#[serde(deserialize_with = "from_text")] (Epoch, Seq)),
    Object { epoch: Epoch, seq: Seq },
}

fn from_text<'de, D: serde::Deserializer<'de>>(input: D) -> Result<(Epoch, Seq), D::Error> {
    let cursor: Cursor = String::deserialize(input)?.parse().map_err(serde::de::Error::custom)?;
    Ok((cursor.epoch, cursor.seq))
}

impl From<Form> for Cursor {
    fn from(form: Form) -> Self {
        let (Form::Text((epoch, seq)) | Form::Object { epoch, seq }) = form;
        Self { epoch, seq }
    }
}

/// A text is no cursor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a cursor is EPOCH:SEQ, such as k3x9:1234; take it from a connection_ack, a snapshot or an event")]
pub struct InvalidCursor;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.epoch, self.seq)
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;
    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let (epoch, seq) = text.split_once(':').ok_or(InvalidCursor)?;
        Ok(Self {
            epoch: Epoch::parse(epoch).map_err(|_| InvalidCursor)?,
            seq: Seq::new(seq.parse().map_err(|_| InvalidCursor)?),
        })
    }
}
