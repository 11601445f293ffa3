//! Reads and hashes files, several at a time, and parses those whose content is not known yet.

use crate::front_matter;
use app::protocol::entry::EntryDraft;
use app::protocol::{EntryId, limits, slug};
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A file that was read, or could not be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ReadFile {
    /// Its path below the folder, with `/` between the names.
    pub(super) path: String,
    /// What it holds, or why that is no entry.
    pub(super) content: Result<Content, String>,
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Content {
    /// Digest of its bytes.
    pub(super) digest: String,
    /// Its entry; none when the digest is the one that is known of this path.
    pub(super) document: Option<Box<Document>>,
}

/// The entry that a file describes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Document {
    /// The id that its front matter names.
    pub(super) named_id: Option<EntryId>,
    /// All but the id.
    pub(super) draft: EntryDraft,
}

/// The id that an entry gets of its file's name, when its front matter has none.
pub(super) fn id_of_path(path: &str) -> EntryId {
    slug::entry_id(stem(path))
}

fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Reads the files below `root`. `known` has the digests with which they were synced before.
pub(super) fn read_all(root: &Path, files: &[PathBuf], known: &HashMap<String, String>) -> Vec<ReadFile> {
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(files.len().max(1));
    let mut read: Vec<(usize, ReadFile)> = std::thread::scope(|scope| {
        let work = || {
            let mut done = Vec::new();
            while let Some((index, file)) = take(&next, files) {
                done.push((index, read_one(root, file, known)));
            }
            done
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    read.sort_unstable_by_key(|(index, _)| *index);
    read.into_iter().map(|(_, file)| file).collect()
}

fn take<'f>(next: &AtomicUsize, files: &'f [PathBuf]) -> Option<(usize, &'f PathBuf)> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    files.get(index).map(|file| (index, file))
}

fn read_one(root: &Path, file: &Path, known: &HashMap<String, String>) -> ReadFile {
    let Some(path) = file.to_str().map(ToOwned::to_owned) else {
        return ReadFile {
            path: file.display().to_string(),
            content: Err("its name is not UTF-8; rename it".into()),
        };
    };
    let content = bytes(&root.join(file)).and_then(|bytes| content(&path, bytes, known.get(&path)));
    ReadFile { path, content }
}

/// The bytes of a file, no more of them than are allowed.
fn bytes(file: &Path) -> Result<Vec<u8>, String> {
    let unreadable = |why: std::io::Error| format!("it cannot be read: {why}");
    let most = front_matter::LARGEST_FILE as u64;
    let file = File::open(file).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(most)).unwrap_or(0));
    file.take(most + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > most {
        return Err(format!(
            "it has {} bytes; {} are allowed beside its front matter. Split it into several files",
            size.max(most + 1),
            limits::BODY_BYTES
        ));
    }
    Ok(bytes)
}

fn content(path: &str, bytes: Vec<u8>, known: Option<&String>) -> Result<Content, String> {
    let digest = blake3::hash(&bytes).to_hex().to_string();
    if known == Some(&digest) {
        return Ok(Content { digest, document: None });
    }
    let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8; save it in that encoding".to_owned())?;
    Ok(Content {
        digest,
        document: Some(Box::new(document(path, &text)?)),
    })
}

fn document(path: &str, text: &str) -> Result<Document, String> {
    let parsed = front_matter::parse(text).map_err(|why| why.to_string())?;
    let named_id = parsed
        .id
        .as_deref()
        .map(EntryId::parse)
        .transpose()
        .map_err(|why| format!("the {why}"))?;
    let draft = EntryDraft {
        title: parsed.title.unwrap_or_else(|| stem(path).to_owned()),
        body: parsed.body,
        entry_type: parsed.entry_type,
        tags: parsed.tags,
        aliases: parsed.aliases,
        metadata: parsed.metadata,
        entry_id: None,
    };
    Ok(Document { named_id, draft })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_has_the_name_of_its_file_where_the_file_says_nothing_else() {
        let document = document("b/Größe 2.md", "Some text.").unwrap();
        assert_eq!(document.named_id, None);
        assert_eq!(document.draft.title, "Größe 2");
        assert_eq!(id_of_path("b/Größe 2.md").as_str(), "größe-2");
    }

    #[test]
    fn a_file_whose_digest_is_known_is_not_parsed() {
        let digest = blake3::hash(b"---\nbroken").to_hex().to_string();
        assert_eq!(content("a.md", b"---\nbroken".into(), Some(&digest)).unwrap().document, None);
        assert!(content("a.md", b"---\nbroken".into(), None).is_err());
    }

    #[test]
    fn a_bad_id_is_refused_with_the_reason() {
        let why = document("a.md", "---\nid: a/b\n---\n").unwrap_err();
        assert!(why.contains("a/b") && why.contains("may hold"), "{why}");
    }
}
