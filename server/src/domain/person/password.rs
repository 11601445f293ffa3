//! Passwords: which are good enough, and their argon2id digests.

use crate::error::Error;
use crate::pool::Pool;
use app::protocol::{Code, Problem, UserId, limits};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use std::sync::LazyLock;

/// A digest takes 19 MiB, and takes its time on purpose: so few are made at once, and so few wait.
static DIGESTS: LazyLock<Pool> = LazyLock::new(|| Pool::new("Checking passwords", 2, 16));

/// What a password is compared with where there is none, so that an answer takes the same time for every name.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now("nobody has this password").unwrap_or_default());

/// Passwords that are guessed within a million tries are too weak (zxcvbn's scores 0 and 1).
const WEAKEST: zxcvbn::Score = zxcvbn::Score::Two;

fn weak(detail: String) -> Error {
    Error::from(Problem::new(Code::WeakPassword, detail).with("field", "password"))
}

/// Refuses a password that is easily guessed, and says what is missing.
pub fn check(password: &str, user: &UserId) -> Result<(), Error> {
    let chars = password.chars().count();
    if chars < limits::PASSWORD_CHARS {
        return Err(weak(format!(
            "The password has {chars} characters; give it at least {}.",
            limits::PASSWORD_CHARS
        )));
    }
    if password.len() > limits::PASSWORD_BYTES {
        return Err(weak(format!(
            "The password has {} bytes; {} are allowed.",
            password.len(),
            limits::PASSWORD_BYTES
        )));
    }
    if password.to_lowercase().contains(user.as_str()) && chars < user.as_str().chars().count() + limits::PASSWORD_CHARS {
        return Err(weak(
            "The password is little more than the name; choose something that nobody would try.".into(),
        ));
    }
    let estimate = zxcvbn::zxcvbn(password, &[user.as_str(), "tidings"]);
    if estimate.score() >= WEAKEST {
        return Ok(());
    }
    let feedback = estimate.feedback();
    let why = feedback
        .and_then(zxcvbn::feedback::Feedback::warning)
        .map_or_else(|| "It would be guessed quickly.".to_owned(), |warning| warning.to_string());
    let how = feedback
        .and_then(|feedback| feedback.suggestions().first())
        .map_or_else(|| "Add another word or two.".to_owned(), ToString::to_string);
    Err(weak(format!("The password is too weak. {why} {how}")))
}

fn hash_now(password: &str) -> Result<String, Error> {
    let digest = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|error| Error::Damaged(format!("a password has no digest: {error}")))?;
    Ok(digest.to_string())
}

/// The digest to store.
pub async fn hash(password: String) -> Result<String, Error> {
    DIGESTS.run(move || hash_now(&password)).await?
}

/// Whether it is the password of this digest. Takes as long where there is no digest.
pub async fn is_right(password: String, digest: Option<String>) -> Result<bool, Error> {
    let compared = DIGESTS.run(move || {
        // Made for the first one who asks, whoever that is: else the first unknown name would take twice as long.
        let nobody = NOBODY.as_str();
        let digest_text = digest.as_deref().unwrap_or(nobody);
        let matches =
            PasswordHash::new(digest_text).is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok());
        matches && digest.is_some()
    });
    compared.await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weak_password_is_refused_with_what_it_lacks() {
        let ada = UserId::parse("ada").unwrap();
        for (password, says) in [
            ("short", "at least 10"),
            ("password123", "too weak"),
            ("aaaaaaaaaaaaaa", "too weak"),
            ("ada-ada-ada", "little more than the name"),
            ("1234567890", "too weak"),
        ] {
            let error = check(password, &ada).unwrap_err().to_string();
            assert!(error.contains(says), "{password}: {error}");
        }
        for password in ["correct horse battery", "Zr7-pelikan-wolke", "наша тайна велика"] {
            assert!(check(password, &ada).is_ok(), "{password}");
        }
    }

    #[tokio::test]
    async fn a_password_is_recognised_and_none_is_nobodys() {
        let digest = hash("correct horse".into()).await.unwrap();
        assert!(digest.starts_with("$argon2id$"));
        assert!(is_right("correct horse".into(), Some(digest.clone())).await.unwrap());
        assert!(!is_right("wrong horse".into(), Some(digest)).await.unwrap());
        assert!(!is_right("nobody has this password".into(), None).await.unwrap());
    }
}
