//! Steps 5 and 6 of a change: carries committed events to whoever may see them.
//!
//! `hub` takes events in the order of the log, and `deliver` hands references to them to `subscriber`s; `replay` reads
//! what a subscriber missed; `connection` is one task a socket, `stream` the same over SSE; `answer` does what a client
//! asks, `misunderstood` refuses what is no message, `goodbye` ends a socket; `rights` knows who may hear what, `presence` who is where.

mod answer;
pub mod connection;
mod deliver;
pub mod goodbye;
pub mod hub;
mod misunderstood;
pub mod presence;
pub mod replay;
pub mod rights;
pub mod seeds;
pub mod stream;
pub mod subscriber;

pub use hub::Hub;
pub use subscriber::{Interest, Subscriber};
