//! Secrets that the server makes: of browsers, tokens and links. Only their digests are stored.
//!
//! A secret has 256 random bits, so a fast digest without salt is enough: there is nothing to guess.

use crate::error::Error;
use std::fmt::Write;

/// A secret, shown once. It has no `Debug`, so that it cannot end up in a log by mistake.
pub struct Secret {
    text: String,
}

impl Secret {
    /// A fresh one. The prefix tells people and scanners what they have found.
    pub fn generate(prefix: &str) -> Result<Self, Error> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(|error| Error::Damaged(format!("the system has no random numbers: {error}")))?;
        let mut text = String::with_capacity(prefix.len() + 64);
        text.push_str(prefix);
        for byte in bytes {
            // Writing to a `String` cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Ok(Self { text })
    }

    /// One that was made before, and has come back.
    pub fn known(text: &str) -> Self {
        Self { text: text.to_owned() }
    }

    /// The secret itself.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// What is stored of it.
    pub fn digest(&self) -> String {
        digest(&self.text)
    }
}

/// What is stored of a secret.
pub fn digest(secret: &str) -> String {
    blake3::hash(secret.as_bytes()).to_hex().to_string()
}

/// Whether a text can be a secret with this prefix: what is not is looked up nowhere.
pub fn is_form(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix)
        .is_some_and(|rest| rest.len() == 64 && rest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')))
}
