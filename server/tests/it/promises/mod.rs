//! What Tidings promises to those who listen, a file a promise.

mod durable;
mod every_event;
mod rights;
mod slow;
mod snapshot;
