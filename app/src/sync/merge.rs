//! Step 7, conflicts: brings together what two people made of the same entry. Pure.

use crate::protocol::entry::Metadata;
use diffy::{ConflictStyle, IncompleteHunkStyle, MergeOptions};

/// The length of a conflict marker, where no text has a longer one.
const MARKER: usize = 7;
/// What stands behind the markers of a place that both changed.
const MINE: &str = " mine";
const THEIRS: &str = " theirs";

/// Two texts made one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The text; with conflict markers labelled `mine` and `theirs` where both changed the same lines.
    pub text: String,
    /// How many places have markers.
    pub conflicts: usize,
}

/// The fields of an entry beside its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    /// Its title.
    pub title: String,
    /// Its type.
    pub entry_type: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its other names.
    pub aliases: Vec<String>,
    /// Its metadata.
    pub metadata: Metadata,
}

/// Fields made one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedFields {
    /// The fields; mine where both changed the same one.
    pub fields: Fields,
    /// The names of those that both changed, each differently: `title`, `entry_type`, `metadata`.
    pub conflicts: Vec<&'static str>,
}

/// Brings together two texts that were made of `base`, line by line (diff3).
pub fn merge(base: &str, mine: &str, theirs: &str) -> Merged {
    let clean = |text: &str| Merged {
        text: text.to_owned(),
        conflicts: 0,
    };
    if mine == theirs || theirs == base {
        return clean(mine);
    }
    if mine == base {
        return clean(theirs);
    }
    // A text that has conflict markers in itself must not be taken for a conflict: ours are longer.
    let length = [base, mine, theirs]
        .into_iter()
        .map(longest_marker)
        .max()
        .unwrap_or(0)
        .max(MARKER - 1)
        + 1;
    let merged = MergeOptions::new()
        .set_conflict_style(ConflictStyle::Merge)
        .set_incomplete_hunk_style(IncompleteHunkStyle::Git)
        .set_conflict_marker_length(length)
        .merge(base, mine, theirs);
    match merged {
        Ok(text) => clean(&text),
        Err(text) => relabel(&text, length),
    }
}

/// How many of the places that have markers in `merged` still have one in `text`.
pub fn places_marked(merged: &str, text: &str) -> usize {
    let length_of = |line: &str| line.strip_suffix(MINE).filter(|run| run.bytes().all(|b| b == b'<')).map(str::len);
    let Some(length) = merged.lines().filter_map(length_of).max() else {
        return 0;
    };
    let count = |marker: String| text.lines().filter(|line| line.trim() == marker).count();
    let markers = ["<".repeat(length) + MINE, "=".repeat(length), ">".repeat(length) + THEIRS];
    markers.map(count).into_iter().max().unwrap_or(0)
}

/// The longest run of marker characters that begins a line.
fn longest_marker(text: &str) -> usize {
    let run = |line: &str| match line.chars().next() {
        Some(first @ ('<' | '=' | '>')) => line.chars().take_while(|c| *c == first).count(),
        _ => 0,
    };
    text.lines().map(run).max().unwrap_or(0)
}

fn relabel(text: &str, length: usize) -> Merged {
    let (open, close) = ("<".repeat(length), ">".repeat(length));
    let mut out = String::with_capacity(text.len());
    let mut conflicts = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with(&open) {
            conflicts += 1;
            out.push_str(&open);
            out.extend([MINE, "\n"]);
        } else if line.starts_with(&close) {
            out.push_str(&close);
            out.extend([THEIRS, "\n"]);
        } else {
            out.push_str(line);
        }
    }
    Merged { text: out, conflicts }
}

/// Brings together the fields that two people made of `base`. Of tags and other names, what either added is there and what
/// either removed is not; of metadata, each member is a field of its own.
pub fn merge_fields(base: &Fields, mine: &Fields, theirs: &Fields) -> MergedFields {
    let mut conflicts = Vec::new();
    let mut pick = |name: &'static str, base: &str, mine: &str, theirs: &str| {
        if mine != theirs && mine != base && theirs != base {
            conflicts.push(name);
        }
        if mine == base { theirs.to_owned() } else { mine.to_owned() }
    };
    let title = pick("title", &base.title, &mine.title, &theirs.title);
    let entry_type = pick("entry_type", &base.entry_type, &mine.entry_type, &theirs.entry_type);
    let tags = merge_words(&base.tags, &mine.tags, &theirs.tags);
    let aliases = merge_words(&base.aliases, &mine.aliases, &theirs.aliases);
    let metadata = merge_metadata(&base.metadata, &mine.metadata, &theirs.metadata);
    if metadata.is_none() {
        conflicts.push("metadata");
    }
    MergedFields {
        fields: Fields {
            title,
            entry_type,
            tags,
            aliases,
            metadata: metadata.unwrap_or_else(|| mine.metadata.clone()),
        },
        conflicts,
    }
}

/// None where both changed the same member, each differently.
fn merge_metadata(base: &Metadata, mine: &Metadata, theirs: &Metadata) -> Option<Metadata> {
    let mut merged = Metadata::new();
    for name in mine.keys().chain(theirs.keys()) {
        let (was, mine, theirs) = (base.get(name), mine.get(name), theirs.get(name));
        if mine != theirs && mine != was && theirs != was {
            return None;
        }
        if let Some(value) = if mine == was { theirs } else { mine } {
            merged.insert(name.clone(), value.clone());
        }
    }
    Some(merged)
}

fn merge_words(base: &[String], mine: &[String], theirs: &[String]) -> Vec<String> {
    let kept = mine.iter().filter(|word| theirs.contains(word) || !base.contains(word));
    let added = theirs.iter().filter(|word| !base.contains(word) && !mine.contains(word));
    kept.chain(added).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fields(title: &str, entry_type: &str, tags: &[&str]) -> Fields {
        Fields {
            title: title.into(),
            entry_type: entry_type.into(),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            aliases: vec![],
            metadata: Metadata::new(),
        }
    }

    #[test]
    fn changes_that_do_not_touch_are_both_kept() {
        let merged = merge(
            "one\ntwo\nthree\nfour\n",
            "ONE\ntwo\nthree\nfour\n",
            "one\ntwo\nthree\nfour\nfive\n",
        );
        assert_eq!(merged.text, "ONE\ntwo\nthree\nfour\nfive\n");
        assert_eq!(merged.conflicts, 0);
    }

    #[test]
    fn changes_of_the_same_lines_are_shown_beside_each_other() {
        let merged = merge("one\nmiddle\nend", "mine\nmiddle\nmy end", "theirs\nmiddle\ntheir end");
        let expected =
            "<<<<<<< mine\nmine\n=======\ntheirs\n>>>>>>> theirs\nmiddle\n<<<<<<< mine\nmy end\n=======\ntheir end\n>>>>>>> theirs\n";
        assert_eq!((merged.text.as_str(), merged.conflicts), (expected, 2));
    }

    #[test]
    fn a_place_is_marked_until_both_its_markers_are_gone() {
        let merged = merge("one\nmiddle\nend", "mine\nmiddle\nmy end", "theirs\nmiddle\ntheir end").text;
        assert_eq!(places_marked(&merged, &merged), 2);
        let half = merged.replacen("<<<<<<< mine\n", "", 1);
        assert_eq!(places_marked(&merged, &half), 2, "its end is still there");
        let one = half.replacen("=======\ntheirs\n>>>>>>> theirs\n", "", 1);
        assert_eq!(places_marked(&merged, &one), 1);
        assert_eq!(places_marked(&merged, "all decided\n"), 0);
        assert_eq!(places_marked("nothing was marked\n", "<<<<<<< mine\n"), 0, "it is the text's own");
    }

    #[test]
    fn a_text_about_conflicts_is_no_conflict() {
        let base = "<<<<<<< ours\nx\n=======\ny\n>>>>>>> theirs\nend\n";
        let mine = base.replace("end", "my end");
        assert_eq!(merge(base, &mine, &format!("start\n{base}")).conflicts, 0);
        let both = merge(base, &mine, &base.replace("end", "their end"));
        assert_eq!(both.conflicts, 1);
        assert!(both.text.contains("<<<<<<<< mine\nmy end\n========\ntheir end\n>>>>>>>> theirs\n"));
    }

    #[test]
    fn tags_that_either_added_or_removed_follow_both() {
        let merged = merge_fields(
            &fields("T", "note", &["a", "b", "c"]),
            &fields("Mine", "note", &["a", "c", "m"]),
            &fields("T", "concept", &["b", "a", "t"]),
        );
        assert_eq!(merged.fields, fields("Mine", "concept", &["a", "m", "t"]));
        assert!(merged.conflicts.is_empty());
    }

    #[test]
    fn of_two_new_titles_mine_stays_and_the_conflict_is_named() {
        let merged = merge_fields(&fields("T", "note", &[]), &fields("Mine", "a", &[]), &fields("Theirs", "a", &[]));
        assert_eq!(merged.fields, fields("Mine", "a", &[]));
        assert_eq!(merged.conflicts, ["title"]);
    }

    fn text() -> impl Strategy<Value = String> {
        let line = prop_oneof![Just("a"), Just("b"), Just("c"), Just(""), Just("======="), Just("<<<<<<< x")];
        (prop::collection::vec(line, 0..8), any::<bool>()).prop_map(|(lines, end)| lines.join("\n") + if end { "\n" } else { "" })
    }

    proptest! {
        #[test]
        fn what_only_one_changed_is_taken_as_it_is(base in text(), other in text()) {
            prop_assert_eq!(merge(&base, &base, &other), Merged { text: other.clone(), conflicts: 0 });
            prop_assert_eq!(merge(&base, &other, &base), Merged { text: other.clone(), conflicts: 0 });
            prop_assert_eq!(merge(&base, &other, &other), Merged { text: other.clone(), conflicts: 0 });
        }

        #[test]
        fn conflicts_are_counted_and_no_line_of_mine_that_is_new_is_lost(base in text(), mine in text(), theirs in text()) {
            let merged = merge(&base, &mine, &theirs);
            let markers = merged.text.lines().filter(|line| line.ends_with("< mine")).count();
            prop_assert_eq!(markers, merged.conflicts);
            for line in mine.lines().filter(|line| !base.lines().any(|old| old == *line)) {
                prop_assert!(merged.text.lines().any(|kept| kept == line), "{:?} lost in {:?}", line, merged.text);
            }
        }

        #[test]
        fn changes_at_both_ends_never_conflict(middle in prop::collection::vec("[a-z]{3}", 3..6), mine in "[A-Z]{2}", theirs in "[0-9]{2}") {
            let middle = middle.join("\n");
            let base = format!("first\n{middle}\nlast\n");
            let merged = merge(&base, &format!("{mine}\n{middle}\nlast\n"), &format!("first\n{middle}\n{theirs}\n"));
            prop_assert_eq!(merged, Merged { text: format!("{mine}\n{middle}\n{theirs}\n"), conflicts: 0 });
        }
    }
}
