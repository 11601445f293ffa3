//! The trash of a knowledge base, kept live.

use super::{Applied, Live};
use crate::protocol::entry::TrashItem;
use crate::protocol::{Envelope, KbName};
use serde::{Deserialize, Serialize};

/// The deleted entries of a knowledge base, last deleted first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trash {
    /// Whose.
    pub kb: KbName,
    /// What is in it.
    pub items: Vec<TrashItem>,
}

impl Live for Trash {
    fn apply(&mut self, _: &Envelope) -> Applied {
        Applied::Stale
    }
}
