//! The time.

use app::protocol::Timestamp;

/// The present.
pub fn now() -> Timestamp {
    Timestamp::from_millis(jiff::Timestamp::now().as_millisecond())
}
