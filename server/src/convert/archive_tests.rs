//! Archives that are written here, some of them to do harm.

use super::*;
use std::io::{Cursor, Write};
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

type Writer = ZipWriter<Cursor<Vec<u8>>>;

fn zip(fill: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    fill(&mut zip);
    zip.finish().unwrap().into_inner()
}

fn with(files: &[(&str, &[u8])]) -> Vec<u8> {
    zip(|zip| files.iter().for_each(|(name, bytes)| add(zip, name, bytes)))
}

fn add(zip: &mut Writer, name: &str, bytes: &[u8]) {
    zip.start_file(name, SimpleFileOptions::default()).unwrap();
    zip.write_all(bytes).unwrap();
}

fn open(bytes: &[u8]) -> Result<Archive, Unfit> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    Archive::open(file)
}

/// Writes over all places where something stands.
fn patch(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    let places: Vec<usize> = (0..bytes.len() - from.len()).filter(|&at| bytes[at..].starts_with(from)).collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
}

/// The paths that are read, and those that are skipped with why.
fn read(bytes: &[u8]) -> (Vec<String>, Vec<(String, String)>) {
    let (mut read, mut skipped) = (Vec::new(), Vec::new());
    for found in open(bytes).unwrap() {
        match found {
            Ok(file) => read.push(file.path),
            Err(Skipped { path, why }) => skipped.push((path, why)),
        }
    }
    (read, skipped)
}

fn skipped(bytes: &[u8], says: &str) {
    let (read, skipped) = read(bytes);
    assert_eq!(read, [""; 0]);
    assert!(skipped.len() == 1 && skipped[0].1.contains(says), "{skipped:?}");
}

#[test]
fn files_are_read_one_by_one() {
    let bytes = zip(|zip| {
        zip.add_directory("dir/", SimpleFileOptions::default()).unwrap();
        add(zip, "dir/a.md", b"# A");
        add(zip, "./b\\c.txt", b"text");
        add(zip, "__MACOSX/dir/._a.md", b"junk");
        add(zip, ".DS_Store", b"junk");
        add(zip, "dir/.hidden/x.md", b"hidden");
        add(zip, "dir/empty.md", b"");
    });
    let files: Vec<ArchiveFile> = open(&bytes).unwrap().map(Result::unwrap).collect();
    assert_eq!(files[0].path, "dir/a.md");
    assert_eq!(files[0].bytes, b"# A");
    assert_eq!(
        files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(),
        ["dir/a.md", "b/c.txt", "dir/empty.md"]
    );
}

#[test]
fn paths_that_lead_out_are_skipped() {
    for name in ["../a.md", "a/../../b.md", "/etc/a.md", "\\a.md", "..\\a.md", "C:/a.md", "c:a.md"] {
        skipped(&with(&[(name, b"x")]), "leads out");
    }
    let (_, skipped) = read(&with(&[("../\u{202E}../x.md", b"x")]));
    assert_eq!(skipped[0].0, "file/file/x.md");
}

#[test]
fn what_is_no_plain_file_of_text_is_skipped() {
    skipped(&with(&[("in.zip", b"PK\x03\x04")]), "archive within");
    skipped(&with(&[("a.png", b"x")]), "a picture");
    let link = zip(|zip| zip.add_symlink("a.md", "/etc/passwd", SimpleFileOptions::default()).unwrap());
    skipped(&link, "link");
}

#[test]
fn encrypted_files_are_skipped() {
    let mut bytes = with(&[("a.md", b"x")]);
    // The flag, in the head of the file and in the list.
    for (mark, offset) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        let at = bytes.windows(4).position(|window| window == mark).unwrap();
        bytes[at + offset] |= 1;
    }
    skipped(&bytes, "encrypted");
}

#[test]
fn names_are_unique_and_decoded() {
    let mut bytes = with(&[("a.md", b"one"), ("B.md", b"two"), ("c.md", b"three")]);
    patch(&mut bytes, b"B.md", b"A.md");
    // In CP437 0x81 is an ü.
    patch(&mut bytes, b"c.md", b"\x81.md");
    let (read, skipped) = read(&bytes);
    assert_eq!(read, ["a.md", "ü.md"]);
    assert!(skipped[0].1.contains("same name"));
}

#[test]
fn bombs_do_not_go_off() {
    let zeros = vec![b' '; 60 * 1024 * 1024];
    skipped(&with(&[("a.txt", &zeros[..20 * 1024 * 1024])]), "tightly");
    skipped(&with(&[("a.txt", &zeros)]), "50 MB");
    // Small ones may be as tight as they like.
    assert_eq!(read(&with(&[("a.txt", &zeros[..1024 * 1024])])).0, ["a.txt"]);
}

#[test]
fn the_size_in_the_list_is_not_believed() {
    let zeros = vec![b' '; 60 * 1024 * 1024];
    let mut bytes = with(&[("a.txt", &zeros)]);
    let size = u32::try_from(zeros.len()).unwrap().to_le_bytes();
    patch(&mut bytes, &size, &10u32.to_le_bytes());
    let (read, skipped) = read(&bytes);
    assert!(read.is_empty() && skipped.len() == 1, "{skipped:?}");
}

#[test]
fn files_that_overlap_are_refused() {
    let mut bytes = with(&[("a.md", b"one"), ("b.md", b"two")]);
    let second = bytes.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    bytes[second + 42..second + 46].fill(0);
    assert!(open(&bytes).err().unwrap().to_string().contains("overlap"));
}

#[test]
fn too_many_files_are_refused() {
    let many = |count: usize| {
        zip(|zip| {
            let plain = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
            (0..count).for_each(|index| zip.start_file(format!("{index}.md"), plain).unwrap());
        })
    };
    assert_eq!(open(&many(FILES + 1)).err(), Some(too_many(FILES)));
    assert_eq!(open(&many(ENTRIES + 1)).err(), Some(too_many(ENTRIES)));
    assert_eq!(open(&many(FILES)).unwrap().count(), FILES);
}

#[test]
fn what_is_no_archive_is_refused() {
    assert!(matches!(open(b"PK\x03\x04 and no more").err(), Some(Unfit::Broken { .. })));
    assert!(matches!(open(b"").err(), Some(Unfit::Broken { .. })));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn damage_does_no_harm(flips in proptest::collection::vec((0usize..400, 0u8..8), 1..6), cut in 0usize..400) {
        let mut bytes = with(&[("a.md", b"some text, some text"), ("dir/b.txt", b"other text")]);
        for (at, bit) in flips {
            let length = bytes.len();
            bytes[at % length] ^= 1 << bit;
        }
        bytes.truncate(bytes.len() - cut % 40);
        if let Ok(archive) = open(&bytes) {
            archive.for_each(drop);
        }
    }
}
