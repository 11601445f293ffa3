//! Which paths of a site are wanted.

use super::address::decoded;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use url::Url;

/// Why a pattern is none.
#[derive(Debug, thiserror::Error)]
pub enum PatternError {
    /// It is a URL.
    #[error("the pattern {0} is a whole address. Write the path alone, such as /docs/**.")]
    Address(String),
    /// It is empty.
    #[error("a pattern is empty. Write a path with wildcards, such as /docs/**.")]
    Empty,
    /// Its wildcards are wrong.
    #[error("the pattern {pattern} cannot be read: {why}. Write a path with wildcards, such as /docs/** or */api/*.")]
    Glob {
        /// What was written.
        pattern: String,
        /// What is wrong with it.
        why: String,
    },
}

/// Patterns over the paths of URLs. `*` and `**` stand for anything, also across `/`; `?` for a character, `[ab]` for one
/// of several and `{a,b}` for one of two words.
#[derive(Debug, Clone)]
pub struct Patterns {
    include: Option<GlobSet>,
    exclude: GlobSet,
}

impl Patterns {
    /// Everything is wanted that one of `include` matches, or anything at all where there are none, and none of `exclude`.
    pub fn new<S: AsRef<str>>(include: &[S], exclude: &[S]) -> Result<Self, PatternError> {
        Ok(Self {
            include: if include.is_empty() { None } else { Some(set(include)?) },
            exclude: set(exclude)?,
        })
    }

    /// Whether a page of this path is wanted. Query and host do not matter.
    pub fn wants(&self, url: &Url) -> bool {
        let path = decoded(url.path());
        self.include.as_ref().is_none_or(|set| matches(set, &path)) && !matches(&self.exclude, &path)
    }
}

/// A folder is also meant without the slash at its end.
fn matches(set: &GlobSet, path: &str) -> bool {
    set.is_match(path) || (!path.ends_with('/') && set.is_match(format!("{path}/")))
}

fn set<S: AsRef<str>>(patterns: &[S]) -> Result<GlobSet, PatternError> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let pattern = pattern.as_ref().trim();
        let bad = |why: globset::Error| PatternError::Glob {
            pattern: pattern.to_owned(),
            why: why.kind().to_string(),
        };
        if pattern.is_empty() {
            return Err(PatternError::Empty);
        }
        if pattern.contains("://") {
            return Err(PatternError::Address(pattern.to_owned()));
        }
        let rooted = if pattern.starts_with(['/', '*', '{', '[', '?']) {
            pattern.to_owned()
        } else {
            format!("/{pattern}")
        };
        set.add(GlobBuilder::new(&rooted).literal_separator(false).build().map_err(bad)?);
    }
    set.build().map_err(|why| PatternError::Glob {
        pattern: why.glob().unwrap_or_default().to_owned(),
        why: why.kind().to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wants(include: &[&str], exclude: &[&str], path: &str) -> bool {
        let url = Url::parse("https://e.org/").unwrap().join(path).unwrap();
        Patterns::new(include, exclude).unwrap().wants(&url)
    }

    #[test]
    fn a_folder_and_all_below_it_are_meant() {
        for path in ["/docs", "/docs/", "/docs/a", "/docs/a/b.html?c"] {
            assert!(wants(&["/docs/**"], &[], path), "{path}");
            assert!(wants(&["docs/*"], &[], path), "{path}");
        }
        assert!(!wants(&["/docs/**"], &[], "/docset"));
        assert!(!wants(&["/docs/**"], &[], "/de/docs/a"));
        assert!(wants(&[], &[], "/anything"));
    }

    #[test]
    fn what_is_excluded_is_not_wanted_even_where_included() {
        assert!(!wants(&["/docs/**"], &["*/api/*"], "/docs/a/api/b"));
        assert!(wants(&["/docs/**"], &["*/api/*"], "/docs/apis"));
        assert!(wants(&["/größe/*"], &[], "/gr%C3%B6%C3%9Fe/1"));
    }

    #[test]
    fn a_bad_pattern_is_refused_with_the_reason() {
        let why = |pattern: &str| Patterns::new(&[pattern], &[]).unwrap_err().to_string();
        assert!(why("/a[").contains("/a["), "{}", why("/a["));
        assert!(why("https://e.org/*").contains("path alone"));
        assert!(why(" ").contains("empty"));
    }

    proptest! {
        #[test]
        fn any_pattern_is_read_or_refused(pattern in "[\\[\\]{}*?!/\\\\,a-b-]{0,12}|\\PC{0,12}", path in "\\PC{0,20}") {
            let url = Url::parse("https://e.org/").unwrap().join(&path).unwrap_or_else(|_| Url::parse("https://e.org/").unwrap());
            if let Ok(patterns) = Patterns::new(&[pattern.as_str()], &[pattern.as_str()]) {
                prop_assert!(!patterns.wants(&url));
            }
        }
    }
}
