//! Step 7, the part that decides: when to connect, what to believe, what was missed. Pure: no browser, no clock, no dice.

/// How the connection is. Times are milliseconds since 1970, as `Date.now()` tells them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Link {
    /// The first connection is being made.
    Connecting,
    /// Events arrive.
    Live,
    /// There was a connection, or a first try, and there is none now.
    Lost {
        /// Since when.
        since_ms: f64,
        /// When the next try begins; none while one is under way.
        retry_at_ms: Option<f64>,
    },
    /// The server does not want this tab back until its user does something.
    Refused {
        /// The close code.
        code: u16,
    },
}
