//! Finds the markdown files of a folder.

use std::path::{Path, PathBuf};

/// What is in a folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Listing {
    /// The markdown files, in the order of their paths below the folder.
    pub(super) files: Vec<PathBuf>,
    /// Folders that cannot be read, and why: nothing is known of what is in them.
    pub(super) unreadable: Vec<(PathBuf, String)>,
}

/// The markdown files below `root`. What is hidden is left out, and so are symbolic links, which could lead anywhere.
/// Fails when `root` itself cannot be read.
pub(super) fn list(root: &Path) -> std::io::Result<Listing> {
    let mut found = Listing::default();
    walk(root, Path::new(""), &mut found)?;
    found.files.sort_unstable();
    Ok(found)
}

fn walk(folder: &Path, below: &Path, found: &mut Listing) -> std::io::Result<()> {
    for item in std::fs::read_dir(folder)? {
        let item = item?;
        let name = item.file_name();
        if name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let path = below.join(&name);
        let kind = item.file_type()?;
        if kind.is_dir() {
            if let Err(why) = walk(&item.path(), &path, found) {
                found.unreadable.push((path, why.to_string()));
            }
        } else if kind.is_file() && path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("md")) {
            found.files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_visible_markdown_files_are_found_and_links_lead_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("secret.md"), "x").unwrap();
        std::fs::create_dir_all(folder.path().join("b/.git")).unwrap();
        for name in ["a.md", "b/c.MD", "b/.d.md", "b/.git/e.md", "kb.yaml", "md"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        std::os::unix::fs::symlink(outside.path(), folder.path().join("out")).unwrap();
        std::os::unix::fs::symlink(outside.path().join("secret.md"), folder.path().join("f.md")).unwrap();
        let found = list(folder.path()).unwrap();
        assert_eq!(found.files, [PathBuf::from("a.md"), PathBuf::from("b/c.MD")]);
        assert!(list(&folder.path().join("missing")).is_err());
    }
}
