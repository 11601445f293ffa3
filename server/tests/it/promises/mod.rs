//! What Tidings promises to those who listen, a file a promise.

mod bounded;
mod durable;
mod every_event;
mod rights;
mod rights_of_position;
mod slow;
mod snapshot;
