//! Opens a ZIP and yields its files one by one, in memory: no path of it ever becomes a path of the machine.

use super::kind::Kind;
use super::{FILE_BYTES, Unfit, name};
use std::collections::HashSet;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use zip::ZipArchive;
use zip::result::ZipError;

/// Most files of an archive.
const FILES: usize = 2_000;
/// Most entries: files, folders, and what is skipped silently.
const ENTRIES: usize = 10_000;
/// Most bytes of all files of an archive.
const TOTAL_BYTES: u64 = 500 * 1024 * 1024;
/// A file that is larger than this must not have been packed more tightly than [`RATIO`].
const UNSUSPICIOUS_BYTES: u64 = 10 * 1024 * 1024;
/// How tightly text can be packed; zeros pack 1000 to 1.
const RATIO: u64 = 200;
/// Longest path in an archive that is shown or handed on, in bytes.
const PATH_BYTES: usize = 1_024;

/// A ZIP whose files are read in turn. Files of kinds that are not read are not unpacked either.
pub struct Archive {
    zip: ZipArchive<File>,
    next: usize,
    seen: HashSet<String>,
    left: u64,
    is_over: bool,
}

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveFile {
    /// Its path in the archive with `/` between the names; none of them is empty, `.` or `..`.
    pub path: String,
    /// Its content, at most [`FILE_BYTES`].
    pub bytes: Vec<u8>,
}

/// A file of an archive that is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Its path, fit to be shown.
    pub path: String,
    /// Why, reading on after the path.
    pub why: String,
}

impl Archive {
    /// Opens an archive and looks through its list of files.
    pub fn open(mut file: File) -> Result<Self, Unfit> {
        check_ends(&mut file)?;
        let mut zip = ZipArchive::new(file).map_err(broken)?;
        if zip.len() > ENTRIES {
            return Err(too_many(ENTRIES));
        }
        if zip.has_overlapping_files().map_err(broken)? {
            return Err(broken(ZipError::InvalidArchive("its files overlap".into())));
        }
        let files = zip
            .file_names()
            .flatten()
            .filter(|name| !name.ends_with('/') && !is_clutter(name))
            .count();
        if files > FILES {
            return Err(too_many(FILES));
        }
        Ok(Self {
            zip,
            next: 0,
            seen: HashSet::new(),
            left: TOTAL_BYTES,
            is_over: false,
        })
    }

    /// The paths of all files, those too that will be left out.
    pub fn paths(&mut self) -> Vec<String> {
        let mut paths: Vec<String> = Vec::with_capacity(self.zip.len());
        for index in 0..self.zip.len() {
            let Ok(raw) = self.zip.by_index_raw(index).map(|entry| Entry::of(&entry)) else {
                paths.push(Skipped::new(&format!("file {index}"), "").path);
                continue;
            };
            if !raw.is_folder && !is_clutter(&raw.name) {
                paths.push(raw.check().unwrap_or_else(|_| Skipped::new(&raw.name, "").path));
            }
        }
        paths
    }

    /// `None` where the entry is no file that anybody would miss.
    fn read(&mut self, index: usize) -> Option<Result<ArchiveFile, Skipped>> {
        let raw = match self.zip.by_index_raw(index) {
            Ok(entry) => Entry::of(&entry),
            Err(why) => return Some(Err(Skipped::new(&format!("file {index}"), why))),
        };
        if raw.is_folder || is_clutter(&raw.name) {
            return None;
        }
        let read = raw.check().and_then(|path| {
            if !self.seen.insert(path.to_lowercase()) {
                return Err("another file of the archive has the same name".to_owned());
            }
            self.unpack(index).map(|bytes| ArchiveFile { path, bytes })
        });
        Some(read.map_err(|why| Skipped::new(&raw.name, why)))
    }

    fn unpack(&mut self, index: usize) -> Result<Vec<u8>, String> {
        let entry = self.zip.by_index(index).map_err(|why| format!("it cannot be unpacked: {why}"))?;
        let packed = entry.compressed_size();
        let most = (FILE_BYTES as u64).min(self.left);
        // What the list says of the size is a hint, and no more.
        let mut bytes = Vec::with_capacity(usize::try_from(entry.size().min(1024 * 1024)).unwrap_or(0));
        let read = entry.take(most + 1).read_to_end(&mut bytes);
        let unpacked = bytes.len() as u64;
        self.left = self.left.saturating_sub(unpacked);
        read.map_err(|why| format!("it cannot be unpacked: {why}"))?;
        if unpacked > FILE_BYTES as u64 {
            return Err(Unfit::Bomb {
                megabytes: FILE_BYTES as u64 / 1024 / 1024,
            }
            .to_string());
        }
        if unpacked > most {
            self.is_over = true;
            return Err(format!(
                "the archive unpacks to more than {} MB: this file and those after it are left out. Pack them as another archive",
                TOTAL_BYTES / 1024 / 1024
            ));
        }
        if unpacked > UNSUSPICIOUS_BYTES && unpacked / RATIO > packed {
            return Err("it is packed more tightly than any text can be, as if to do harm".to_owned());
        }
        Ok(bytes)
    }
}

impl Iterator for Archive {
    type Item = Result<ArchiveFile, Skipped>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.next < self.zip.len() && !self.is_over {
            let index = self.next;
            self.next += 1;
            if let Some(found) = self.read(index) {
                return Some(found);
            }
        }
        None
    }
}

impl Skipped {
    fn new(path: &str, why: impl ToString) -> Self {
        let names = path.split(['/', '\\']).filter(|part| !part.is_empty()).map(name::safe_name);
        let mut path = names.collect::<Vec<_>>().join("/");
        path.truncate(path.floor_char_boundary(PATH_BYTES));
        Self {
            path,
            why: why.to_string(),
        }
    }
}

/// What the list of the archive says of an entry.
struct Entry {
    name: String,
    is_folder: bool,
    is_encrypted: bool,
    mode: u32,
}

impl Entry {
    fn of<R: Read>(entry: &zip::read::ZipFile<'_, R>) -> Self {
        // A name that is neither UTF-8 nor CP437 is shown as far as it goes.
        let name = entry
            .name()
            .map_or_else(|_| String::from_utf8_lossy(entry.name_raw()).into_owned(), Into::into);
        Self {
            is_folder: name.ends_with(['/', '\\']),
            name,
            is_encrypted: entry.encrypted(),
            mode: entry.unix_mode().unwrap_or(0),
        }
    }

    /// The path, if the file may be unpacked.
    fn check(&self) -> Result<String, String> {
        const KIND: u32 = 0o170_000;
        const PLAIN: u32 = 0o100_000;
        let path = self.path()?;
        match self.mode & KIND {
            0 | PLAIN => {}
            0o120_000 => return Err("it is a link to another file. Pack that file itself".to_owned()),
            _ => return Err("it is no plain file".to_owned()),
        }
        if self.is_encrypted {
            return Err(Unfit::Encrypted.to_string());
        }
        match Kind::by_name(&path).map_err(|why| why.to_string())? {
            Kind::Zip => Err("it is an archive within the archive. Unpack it first".to_owned()),
            _ => Ok(path),
        }
    }

    fn path(&self) -> Result<String, String> {
        let unsafe_path = || "its path leads out of the archive. Pack it again with plain relative paths".to_owned();
        let path = self.name.replace('\\', "/");
        let has_drive = path.as_bytes().get(1) == Some(&b':');
        if path.starts_with('/') || has_drive || path.contains('\0') {
            return Err(unsafe_path());
        }
        if path.len() > PATH_BYTES {
            return Err(format!("its path is longer than {PATH_BYTES} bytes"));
        }
        let names: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        if names.is_empty() || names.contains(&"..") {
            return Err(unsafe_path());
        }
        Ok(names.into_iter().map(name::safe_name).collect::<Vec<_>>().join("/"))
    }
}

/// What systems put into archives unasked, and what is hidden.
fn is_clutter(name: &str) -> bool {
    name.split(['/', '\\']).any(|part| {
        part == "__MACOSX" || part == "Thumbs.db" || part == "desktop.ini" || (part.starts_with('.') && part != "." && part != "..")
    })
}

fn too_many(most: usize) -> Unfit {
    Unfit::TooMany { most, what: "files" }
}

fn broken(why: ZipError) -> Unfit {
    let why = why.to_string();
    Unfit::Broken {
        what: "a ZIP archive",
        why,
    }
}

/// Looks at the end of the file before anything is made of the list: a list of millions would fill the memory.
fn check_ends(file: &mut File) -> Result<(), Unfit> {
    /// The record at the end, with the longest comment, and room for what may stand before it.
    const TAIL: u64 = 22 + 65_535 + 128;
    let io = |why: std::io::Error| Unfit::Io(why.to_string());
    let length = file.seek(SeekFrom::End(0)).map_err(io)?;
    let start = length.saturating_sub(TAIL);
    file.seek(SeekFrom::Start(start)).map_err(io)?;
    let mut tail = Vec::new();
    file.by_ref().take(TAIL).read_to_end(&mut tail).map_err(io)?;
    for record in tail.windows(12) {
        let count = usize::from(u16::from_le_bytes([record[10], record[11]]));
        // The second is the record of archives that have more than 65,535 files or 4 GB.
        if (record.starts_with(b"PK\x05\x06") && count > ENTRIES) || record.starts_with(b"PK\x06\x07") {
            return Err(too_many(ENTRIES));
        }
    }
    file.seek(SeekFrom::Start(0)).map_err(io)?;
    Ok(())
}

#[cfg(test)]
#[path = "archive_tests.rs"]
mod tests;
