//! The guide: a small knowledge base about Tidings, there on a first start.

use super::mutation::Request;
use super::{Caller, entry, kb};
use crate::error::Error;
use crate::front_matter;
use crate::store::{Store, kbs};
use app::protocol::entry::{EntryDraft, NewKb};
use app::protocol::people::Level;
use app::protocol::{KbName, Seq};

const NAME: &str = "guide";
const TITLE: &str = "Guide to Tidings";
const DESCRIPTION: &str = "What Tidings does and how to use it. Try things here: what you delete rests in the trash, and all of it can go.";

/// The entries as they stand in `server/guide`. All are made at one moment, so lists show them by their ids.
const ENTRIES: &[&str] = &[
    include_str!("../../guide/about-tidings.md"),
    include_str!("../../guide/command-line.md"),
    include_str!("../../guide/history-and-trash.md"),
    include_str!("../../guide/keyboard.md"),
    include_str!("../../guide/live-and-offline.md"),
    include_str!("../../guide/markdown-folders.md"),
    include_str!("../../guide/people-and-rights.md"),
    include_str!("../../guide/rest-and-events.md"),
    include_str!("../../guide/writing-and-linking.md"),
];

/// Makes the guide, where nothing has ever been written. Who deletes it does not get it again.
pub async fn bring(store: &Store) -> Result<(), Error> {
    if store.read().await?.cursor().seq > Seq::ZERO {
        return Ok(());
    }
    let request = Request::by(Caller::system());
    let drafts = ENTRIES.iter().map(|file| draft(file)).collect::<Result<Vec<_>, _>>()?;
    let prepared = entry::prepare(&KbName::parse(NAME)?, drafts).await?;
    store
        .write(move |tx| {
            Box::pin(async move {
                let name = KbName::parse(NAME)?;
                // Another process may have been faster.
                if kbs::exists(tx.connection(), &name).await? {
                    return Ok(());
                }
                let new = NewKb {
                    name: NAME.into(),
                    title: Some(TITLE.into()),
                    description: Some(DESCRIPTION.into()),
                    members: Some(Level::Write),
                };
                kb::create_in(tx, &request, new).await?;
                for made in entry::create_all_in(tx, &request, &name, prepared).await? {
                    made?;
                }
                Ok(())
            })
        })
        .await
}

fn draft(file: &str) -> Result<EntryDraft, Error> {
    let parsed = front_matter::parse(file).map_err(|why| Error::Damaged(format!("the guide: {why}")))?;
    Ok(EntryDraft {
        title: parsed.title.unwrap_or_default(),
        body: parsed.body,
        entry_type: parsed.entry_type,
        tags: parsed.tags,
        aliases: parsed.aliases,
        metadata: parsed.metadata,
        entry_id: parsed.id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown;
    use app::protocol::slug;
    use std::collections::BTreeSet;

    #[tokio::test]
    async fn a_first_start_brings_the_guide_and_a_second_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let (store, _committed) = Store::open(folder.path()).await.unwrap();
        bring(&store).await.unwrap();
        let head = store.read().await.unwrap().cursor().seq;
        assert_eq!(head, Seq::new(1 + ENTRIES.len() as u64));
        bring(&store).await.unwrap();
        assert_eq!(store.read().await.unwrap().cursor().seq, head);
        store.close().await;
    }

    #[test]
    fn the_guide_links_to_itself_and_wants_one_entry() {
        let kb = KbName::parse(NAME).unwrap();
        let drafts: Vec<EntryDraft> = ENTRIES.iter().map(|file| draft(file).unwrap()).collect();
        let mut names: BTreeSet<String> = drafts
            .iter()
            .map(|draft| draft.entry_id.clone().expect("every file of the guide has an id"))
            .collect();
        names.extend(drafts.iter().flat_map(|draft| &draft.aliases).map(|alias| slug::slug(alias)));
        let mut wanted = BTreeSet::new();
        for draft in &drafts {
            let links = markdown::links(&draft.body, &kb);
            assert!(!links.is_empty(), "{} links to nothing", draft.title);
            wanted.extend(
                links
                    .iter()
                    .map(|link| link.target.entry_id.to_string())
                    .filter(|id| !names.contains(id)),
            );
        }
        assert_eq!(wanted.into_iter().collect::<Vec<_>>(), ["my-first-entry"]);
    }
}
