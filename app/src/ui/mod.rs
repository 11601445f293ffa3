//! Step 8, the vocabulary of pages: small pieces that know nothing of entries, one file a piece.

pub mod badge;
pub mod browser;
pub mod button;
pub mod choices;
pub mod connection;
pub mod dialog;
pub mod empty;
pub mod icon;
pub mod keys;
pub mod load_more;
pub mod place;
pub mod problem;
pub mod skeleton;
pub mod theme;
pub mod time;
pub mod toast;
pub mod when;

pub use badge::Badge;
pub use button::{Button, Tone};
pub use choices::Choices;
pub use dialog::Dialog;
pub use empty::EmptyState;
pub use icon::{Glyph, Icon};
pub use load_more::LoadMore;
pub use problem::ErrorState;
pub use skeleton::Skeleton;
pub use time::{Clock, Time};
pub use toast::Toasts;
pub use when::{Each, When};
