//! Tells somebody something, because a program or a person asks for it.

use super::tell::{News, tell_in};
use crate::domain::mutation::{self, Answer, Request};
use crate::domain::title;
use crate::error::Error;
use crate::store::{Store, WriteTx, notifications, people};
use app::protocol::notification::{NewNotification, Notification, kinds};
use app::protocol::{Code, Problem, UserId, limits};

/// Longest name of a kind, in bytes.
const KIND_BYTES: usize = 64;

/// Refuses what is no name of a kind.
pub(super) fn check_kind(kind: &str) -> Result<(), Error> {
    let fits = (1..=KIND_BYTES).contains(&kind.len()) && kind.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.:".contains(&b));
    if fits {
        return Ok(());
    }
    Err(Error::InvalidValue {
        field: "type",
        why: format!("a kind has 1 to {KIND_BYTES} ASCII letters, digits, '_', '-', '.' and ':'"),
    })
}

fn check_link(link: &str) -> Result<(), Error> {
    let inside = link.starts_with('/') && !link.starts_with("//") && !link.starts_with("/\\");
    let outside = link.starts_with("http://") || link.starts_with("https://");
    if (inside || outside) && link.len() <= 2_000 && !link.chars().any(char::is_control) {
        return Ok(());
    }
    Err(Error::InvalidValue {
        field: "link",
        why: "it must be a path of this server, such as /kb/notes, or an address that begins with http:// or https://".into(),
    })
}

/// A text of at most so many characters.
pub(crate) fn text(field: &'static str, given: &str, longest: usize, needed: bool) -> Result<String, Error> {
    let given = given.trim();
    let why = match given.chars().count() {
        0 if needed => "it is empty; say what it is about".to_owned(),
        chars if chars > longest => format!("it has {chars} characters; {longest} are allowed"),
        _ => return Ok(given.to_owned()),
    };
    Err(Error::InvalidValue { field, why })
}

/// What somebody was told, and who; none where they do not want to hear of this kind.
#[derive(Debug)]
pub struct Sent(pub Option<(UserId, Notification)>);

impl Answer for Sent {
    type Kept = Option<(UserId, i64)>;

    async fn keep(&self, _: &mut WriteTx) -> Result<Self::Kept, Error> {
        Ok(self.0.as_ref().map(|(user, told)| (user.clone(), told.id)))
    }

    async fn again(kept: Self::Kept, tx: &mut WriteTx) -> Result<Self, Error> {
        let Some((user, id)) = kept else { return Ok(Self(None)) };
        let told = notifications::get(tx.connection(), &user, id).await?;
        let told = told.ok_or_else(|| Problem::new(Code::NotFound, "The notification was sent, and has been deleted since."))?;
        Ok(Self(Some((user, told))))
    }
}

/// Tells somebody something. None where they do not want to hear of this kind.
pub async fn send(store: &Store, request: &Request, new: NewNotification) -> Result<Sent, Error> {
    request.caller.must_notify()?;
    let user = UserId::parse(&new.user)?;
    let kind = new.kind.clone().unwrap_or_else(|| kinds::MESSAGE.to_owned());
    check_kind(&kind)?;
    if kinds::ALL.contains(&&*kind) && kind != kinds::MESSAGE {
        return Err(Error::InvalidValue {
            field: "type",
            why: format!("only Tidings itself tells of {kind:?}; choose another kind, or leave it out"),
        });
    }
    if let Some(link) = &new.link {
        check_link(link)?;
    }
    if serde_json::to_vec(&new.data)?.len() > limits::NOTIFICATION_DATA_BYTES {
        return Err(Error::InvalidValue {
            field: "data",
            why: format!("it may have {} bytes as JSON", limits::NOTIFICATION_DATA_BYTES),
        });
    }
    let title = title::clean(&new.title)?.unwrap_or_default();
    let news = News {
        kind,
        title: text("title", &title, limits::NOTIFICATION_TITLE_CHARS, true)?,
        message: text("message", &new.message, limits::NOTIFICATION_CHARS, false)?,
        link: new.link.clone(),
        data: new.data.clone(),
        about: String::new(),
        kb: None,
        uid: None,
    };
    let (of, only) = (request.clone(), request.caller.identity().only.clone());
    mutation::once(store, request, "notification.send", &new, move |tx| {
        Box::pin(async move {
            // Where nobody has an account, everybody is who they say.
            if user != *of.caller.user() && !people::is_empty(tx.connection()).await? {
                people::role_of(tx.connection(), &user).await?;
            }
            if let Some(kb) = only
                && people::readers_among(tx.connection(), &kb, std::slice::from_ref(&user))
                    .await?
                    .is_empty()
            {
                let detail = format!("This token is for the knowledge base {kb} only, which {user} does not read.");
                return Err(Problem::new(Code::Forbidden, detail).into());
            }
            Ok(Sent(tell_in(tx, &of, &user, news).await?.map(|told| (user, told))))
        })
    })
    .await
}
