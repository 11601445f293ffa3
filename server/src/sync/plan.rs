//! Decides what the files of a folder mean for the entries. Pure: what is known goes in, what is to be done comes out.
//!
//! An entry is recognised by its id, so a file may move. Where a file says another id than before and nobody else has
//! it, the entry is renamed. What did not change in the folder stays as Tidings has it, edited, renamed or deleted.

use super::bring::Failure;
use super::read::{Content, Document, ReadFile, id_of_path};
use crate::store::sync_files::SyncedFile;
use app::protocol::EntryId;
use app::protocol::entry::EntryDraft;
use std::collections::{HashMap, HashSet};

/// What is known before a sync.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The files that this folder brought, by path.
    pub(super) here: HashMap<String, SyncedFile>,
    /// The digests with which other folders brought entries, by the entry's number.
    pub(super) elsewhere: HashMap<i64, String>,
    /// The entries of the knowledge base.
    pub(super) ids: HashMap<EntryId, i64>,
}

/// What is to be done.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Plan {
    /// A step for each file that is new, changed or moved.
    pub(super) steps: Vec<Step>,
    /// Files that are gone, to be forgotten.
    pub(super) forgotten: Vec<String>,
    /// Entries that no file brings any more.
    pub(super) removals: Vec<(EntryId, i64)>,
    /// How many files are stored as they are.
    pub(super) unchanged: u64,
    /// Files that are no entries.
    pub(super) failures: Vec<Failure>,
}

/// What is to be done for one file.
#[derive(Debug, PartialEq)]
pub(super) struct Step {
    pub(super) path: String,
    pub(super) digest: String,
    pub(super) deed: Deed,
}

#[derive(Debug, PartialEq)]
pub(super) enum Deed {
    /// Make an entry.
    Create(EntryDraft),
    /// Write over the entry of this id; the draft may give it another.
    Update(EntryId, EntryDraft),
    /// Only remember that the file is here now; it brought this entry, if that is still there.
    Keep(Option<i64>),
}

/// A file that is new or changed.
struct Changed {
    path: String,
    digest: String,
    document: Document,
    before: Option<SyncedFile>,
    wanted: EntryId,
}

#[derive(Default)]
struct Planner {
    plan: Plan,
    /// Which file brings which id.
    claims: HashMap<EntryId, String>,
    /// Entries that stay, by number.
    kept: HashSet<i64>,
}

/// Plans a sync. Of what is below `unreadable` folders nothing is known, so it stays.
pub(super) fn plan(files: Vec<ReadFile>, unreadable: &[(String, String)], known: Known) -> Plan {
    let Known {
        here: mut gone,
        elsewhere,
        ids,
    } = known;
    let mut planner = Planner::default();
    let mut changed = Vec::new();
    for ReadFile { path, content } in files {
        let before = gone.remove(&path);
        match content {
            Err(why) => {
                planner.hold(&path, before.as_ref());
                planner.plan.failures.push(Failure { path, why });
            }
            Ok(Content { document: None, .. }) => {
                planner.hold(&path, before.as_ref());
                planner.plan.unchanged += 1;
            }
            Ok(Content {
                digest,
                document: Some(document),
            }) => changed.push((path, digest, *document, before)),
        }
    }
    for (folder, why) in unreadable {
        planner.plan.failures.push(Failure {
            path: folder.clone(),
            why: format!("the folder cannot be read: {why}"),
        });
        let below = format!("{folder}/");
        for (path, before) in gone.extract_if(|path, _| path.starts_with(&below)) {
            planner.hold(&path, Some(&before));
        }
    }
    let mut moved = Moved::of(&gone);
    let changed = changed
        .into_iter()
        .filter_map(|file| planner.follow_move(file, &mut moved))
        .collect();
    let accepted = planner.claim(changed);
    for file in accepted {
        planner.decide(file, &elsewhere, &ids, &mut gone);
    }
    planner.finish(gone)
}

impl Planner {
    /// A file keeps its entry, and the id that this has.
    fn hold(&mut self, path: &str, before: Option<&SyncedFile>) {
        if let Some(before) = before {
            self.kept.extend(before.uid);
            if let Some(id) = &before.entry_id {
                self.claims.entry(id.clone()).or_insert_with(|| path.to_owned());
            }
        }
    }

    /// A file with the content of one that is gone has moved. `None` when that is all that happened to it.
    fn follow_move(&mut self, file: (String, String, Document, Option<SyncedFile>), moved: &mut Moved) -> Option<Changed> {
        let (path, digest, document, before) = file;
        let origin = if before.is_none() { moved.take(&digest, &path) } else { None };
        if let Some((old_path, old)) = &origin
            && (document.named_id.is_some() || id_of_path(old_path) == id_of_path(&path))
        {
            self.hold(&path, Some(old));
            self.plan.unchanged += 1;
            self.plan.steps.push(Step {
                path,
                digest,
                deed: Deed::Keep(old.uid),
            });
            return None;
        }
        // A file without an id of its own keeps the one that its entry has, until the file is renamed.
        let stays = before.as_ref().and_then(|before| before.entry_id.clone());
        let wanted = document.named_id.clone().or(stays).unwrap_or_else(|| id_of_path(&path));
        Some(Changed {
            path,
            digest,
            document,
            before: before.or(origin.map(|(_, old)| old)),
            wanted,
        })
    }

    /// Gives each id to one file: to the one that had it before, else to the first by path.
    fn claim(&mut self, mut changed: Vec<Changed>) -> Vec<Changed> {
        changed.sort_by_key(|file| file.before.as_ref().and_then(|before| before.entry_id.as_ref()) != Some(&file.wanted));
        let mut accepted = Vec::with_capacity(changed.len());
        for file in changed {
            if let Some(other) = self.claims.get(&file.wanted) {
                let why = format!(
                    "the id {} is that of the file {other} already; give one of them another `id`",
                    file.wanted
                );
                self.hold(&file.path, file.before.as_ref());
                self.plan.failures.push(Failure { path: file.path, why });
                continue;
            }
            self.claims.insert(file.wanted.clone(), file.path.clone());
            accepted.push(file);
        }
        accepted
    }

    fn decide(
        &mut self,
        file: Changed,
        elsewhere: &HashMap<i64, String>,
        ids: &HashMap<EntryId, i64>,
        gone: &mut HashMap<String, SyncedFile>,
    ) {
        let Changed {
            path,
            digest,
            document,
            before,
            wanted,
        } = file;
        let draft = EntryDraft {
            entry_id: Some(wanted.to_string()),
            ..document.draft
        };
        let renamed = before.as_ref().and_then(|before| before.entry_id.clone().zip(before.uid));
        let deed = match (ids.get(&wanted), renamed) {
            (Some(uid), None) if elsewhere.get(uid) == Some(&digest) => {
                self.kept.insert(*uid);
                self.plan.unchanged += 1;
                Deed::Keep(Some(*uid))
            }
            (Some(uid), _) => {
                self.kept.insert(*uid);
                Deed::Update(wanted, draft)
            }
            (None, Some((from, uid))) if !self.claims.contains_key(&from) => {
                self.kept.insert(uid);
                Deed::Update(from, draft)
            }
            (None, _) => Deed::Create(draft),
        };
        self.plan.steps.push(Step {
            path: path.clone(),
            digest,
            deed,
        });
        // Whatever entry the file brought before goes like that of a file that is gone, unless it is kept.
        if let Some(before) = before {
            gone.entry(path).or_insert(before);
        }
    }

    /// Lets go of what no file brings any more.
    fn finish(mut self, gone: HashMap<String, SyncedFile>) -> Plan {
        let here: HashSet<&str> = self.plan.steps.iter().map(|step| step.path.as_str()).collect();
        let mut forgotten: Vec<String> = gone.keys().filter(|path| !here.contains(path.as_str())).cloned().collect();
        let mut removals: Vec<(EntryId, i64)> = gone
            .into_values()
            .filter_map(|before| before.entry_id.zip(before.uid))
            .filter(|(_, uid)| !self.kept.contains(uid))
            .collect();
        forgotten.sort_unstable();
        removals.sort_unstable();
        removals.dedup();
        self.plan.forgotten = forgotten;
        self.plan.removals = removals;
        self.plan.failures.sort_by(|a, b| a.path.cmp(&b.path));
        self.plan
    }
}

/// Files that are gone, by digest: where the same content turns up, it has moved there.
struct Moved(HashMap<String, Vec<(String, SyncedFile)>>);

impl Moved {
    fn of(gone: &HashMap<String, SyncedFile>) -> Self {
        let mut by_digest: HashMap<String, Vec<(String, SyncedFile)>> = HashMap::new();
        for (path, before) in gone {
            by_digest
                .entry(before.digest.clone())
                .or_default()
                .push((path.clone(), before.clone()));
        }
        for same in by_digest.values_mut() {
            same.sort_unstable_by(|a, b| b.0.cmp(&a.0));
        }
        Self(by_digest)
    }

    /// The file of this content, rather one with the same name where there are several.
    fn take(&mut self, digest: &str, path: &str) -> Option<(String, SyncedFile)> {
        let same = self.0.get_mut(digest)?;
        let index = same.iter().position(|(old, _)| id_of_path(old) == id_of_path(path));
        match index {
            Some(index) => Some(same.remove(index)),
            None => same.pop(),
        }
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
