//! People: a file for each verb.

mod account;
mod add;
mod attempts;
mod device;
mod identify;
mod invite;
mod issuer;
mod link_issuer;
mod list;
mod login;
mod password;
mod remove;
mod role;
mod token;

pub use account::account;
pub use add::{add, claim, claim_link, join, link};
pub use attempts::{Attempts, Source, network_of};
pub use device::{devices, end_device};
pub use identify::{Presented, identify};
pub use invite::{invite, withdraw_invitation};
pub use issuer::{Issuer, IssuerError, KeyFile};
pub use link_issuer::{link_issuer, set_issuer, unlink_issuer};
pub(crate) use list::see;
pub use list::{list, people, suggest};
pub use login::{Entrance, Login, change_password, log_out, login, reset_password};
pub use remove::remove;
pub use role::set_role;
pub use token::{all_tokens, make_token, revoke_token, tokens};

use crate::domain::Caller;
use crate::error::Error;
use app::protocol::{Timestamp, UserId};

/// The name of an account: in lower case, so that no two look alike. Spaces around it are not part of it.
pub fn name(text: &str) -> Result<UserId, Error> {
    exact_name(text.trim())
}

/// The same where nobody types it, and every character counts.
fn exact_name(text: &str) -> Result<UserId, Error> {
    let user = UserId::parse(text)?;
    let text = user.as_str();
    let why = if text.chars().any(char::is_uppercase) {
        "must be in lower case"
    } else if !text.is_ascii() {
        // Letters of other scripts look like these, and one would be taken for another.
        "must be of the letters a to z, digits, '-', '_' and '.'"
    } else if !text.ends_with(|c: char| c.is_ascii_alphanumeric()) {
        "must end with a letter or a digit"
    } else if is_reserved(text) {
        "is taken by Tidings itself"
    } else {
        return Ok(user);
    };
    Err(Error::InvalidValue {
        field: "user_id",
        why: format!("the name {user:?} {why}; choose another", user = user.as_str()),
    })
}

/// Names that stand for Tidings itself, or for whoever uses it without accounts.
fn is_reserved(name: &str) -> bool {
    matches!(name, "me" | "system" | "tidings") || name == Caller::OWNER
}

/// So many days after a time.
fn days_after(at: Timestamp, days: u32) -> Timestamp {
    Timestamp::from_millis(at.millis() + i64::from(days) * 24 * 60 * 60 * 1_000)
}
