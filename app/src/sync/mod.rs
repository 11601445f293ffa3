//! Step 7 of a change: how the browser keeps what it shows equal to what the server has.
//!
//! `socket` (gloo-net) carries frames, `session` (a pure state machine) decides when to connect and what to believe,
//! `cache` (pure) applies events to what was read, `outbox` sends what this tab writes and recognises its echo.
//! Pages use [`Sync`] and [`live`] and nothing else.
