//! Reads web sites: fetches their pages, finds which there are, and makes markdown of them.
//!
//! Nothing is remembered here: the caller keeps what is still to be fetched and stores what came. A crawl goes this way:
//! [`address`] says which URLs are one page, [`Robots`] which may be asked for, [`discover()`] which the site lists itself;
//! [`Pace`] asks for them through the [`Fetcher`], no faster than is polite; [`Page`] reads an answer, and [`relink()`]
//! points its links at what the caller made of the others.

pub mod address;
mod allowed;
mod body;
mod discover;
mod failure;
mod fetch;
mod guard;
mod listed;
mod pace;
mod page;
mod patterns;
mod relink;
mod resolve;
mod robots;

pub use allowed::{Allowed, NotAHost};
pub use discover::{Listing, ListingError, Start, discover};
pub use failure::FetchError;
pub use fetch::{Answer, Ask, Fetched, Fetcher, Limits, SetUpError, USER_AGENT, Validators};
pub use listed::Listed;
pub use pace::{Pace, PaceSettings};
pub use page::Page;
pub use patterns::{PatternError, Patterns};
pub use relink::{link_targets, relink};
pub use robots::{Disallowed, Robots};
