//! Who is here.

use crate::clock;
use crate::domain::Caller;
use crate::error::Error;
use crate::store::{Store, announcements, invitations, kbs, people};
use app::protocol::people::{People, Person, Role};
use app::protocol::{KbName, Snapshot, UserId};

/// All people, by name.
pub async fn list(store: &Store, caller: &Caller) -> Result<Vec<Person>, Error> {
    caller.must_read_self()?;
    let mut tx = store.read().await?;
    let mut all = people::all(&mut tx).await?;
    see(&mut all, caller);
    Ok(all)
}

/// When somebody was here last is for owners, and for themselves.
pub(crate) fn see(people: &mut [Person], caller: &Caller) {
    for person in people {
        if caller.role() != Role::Owner && person.user_id != *caller.user() {
            person.last_seen_at = None;
        }
    }
}

/// What the page of the server's people shows.
pub async fn people(store: &Store, caller: &Caller) -> Result<Snapshot<People>, Error> {
    caller.must_own()?;
    let mut tx = store.read().await?;
    let now = clock::now();
    Ok(Snapshot {
        cursor: tx.cursor(),
        data: People {
            people: people::all(&mut tx).await?,
            invitations: invitations::open(&mut tx, now).await?,
            announcements: announcements::open(&mut tx, now, None).await?,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
    })
}

/// People who may read a knowledge base and whose name begins with `text`; at most 10.
pub async fn suggest(store: &Store, caller: &Caller, kb: &KbName, text: &str) -> Result<Vec<UserId>, Error> {
    caller.must_read(kb)?;
    let mut tx = store.read().await?;
    kbs::expect(tx.connection(), kb).await?;
    let text: String = text.trim().trim_start_matches('@').to_lowercase().chars().take(120).collect();
    people::readers(tx.connection(), kb, &text, 10).await
}
