//! Tests of the plan that a sync makes: which file becomes which entry.

use super::*;

fn id(text: &str) -> EntryId {
    EntryId::parse(text).unwrap()
}

/// A file that is new or changed; its digest is `content`.
fn changed(path: &str, named: Option<&str>, content: &str) -> ReadFile {
    let document = Document {
        named_id: named.map(id),
        draft: EntryDraft {
            title: content.into(),
            ..EntryDraft::default()
        },
    };
    ReadFile {
        path: path.into(),
        content: Ok(Content {
            digest: content.into(),
            document: Some(Box::new(document)),
        }),
    }
}

fn unchanged(path: &str) -> ReadFile {
    ReadFile {
        path: path.into(),
        content: Ok(Content {
            digest: "same".into(),
            document: None,
        }),
    }
}

fn broken(path: &str) -> ReadFile {
    ReadFile {
        path: path.into(),
        content: Err("broken".into()),
    }
}

/// What is known: path, number, id by now (none: deleted in Tidings), digest.
fn known(files: &[(&str, i64, Option<&str>, &str)]) -> Known {
    let mut known = Known::default();
    for &(path, uid, entry_id, digest) in files {
        known.here.insert(
            path.into(),
            SyncedFile {
                digest: digest.into(),
                uid: Some(uid),
                entry_id: entry_id.map(id),
            },
        );
        if let Some(entry_id) = entry_id {
            known.ids.insert(id(entry_id), uid);
        }
    }
    known
}

/// The deeds as text: `+id`, `id`, `from>to`, `=number`.
fn deeds(plan: &Plan) -> Vec<String> {
    let to = |draft: &EntryDraft| draft.entry_id.clone().unwrap_or_default();
    plan.steps
        .iter()
        .map(|step| match &step.deed {
            Deed::Create(draft) => format!("+{}", to(draft)),
            Deed::Update(from, draft) if from.as_str() == to(draft) => to(draft),
            Deed::Update(from, draft) => format!("{from}>{}", to(draft)),
            Deed::Keep(uid) => format!("={}", uid.unwrap_or_default()),
        })
        .collect()
}

fn removed(plan: &Plan) -> Vec<&str> {
    plan.removals.iter().map(|(id, _)| id.as_str()).collect()
}

#[test]
fn new_files_make_entries_and_those_of_known_ids_are_adopted() {
    let plan = plan(
        vec![changed("a.md", None, "A"), changed("b.md", Some("x"), "B")],
        &[],
        Known {
            ids: [(id("x"), 7)].into(),
            ..Known::default()
        },
    );
    assert_eq!(deeds(&plan), ["+a", "x"]);
    assert!(plan.removals.is_empty() && plan.failures.is_empty());
}

#[test]
fn files_that_did_not_change_leave_their_entries_alone_whatever_became_of_them() {
    let before = known(&[("a.md", 1, Some("renamed"), "same"), ("b.md", 2, None, "same")]);
    let plan = plan(vec![unchanged("a.md"), unchanged("b.md")], &[], before);
    assert_eq!(
        plan,
        Plan {
            unchanged: 2,
            ..Plan::default()
        }
    );
}

#[test]
fn a_file_that_is_gone_takes_its_entry_along() {
    let plan = plan(
        vec![unchanged("a.md")],
        &[],
        known(&[("a.md", 1, Some("a"), "same"), ("b.md", 2, Some("b"), "B"), ("c.md", 3, None, "C")]),
    );
    assert_eq!(removed(&plan), ["b"]);
    assert_eq!(plan.forgotten, ["b.md", "c.md"]);
}

#[test]
fn what_cannot_be_read_is_not_gone() {
    let before = known(&[("a.md", 1, Some("a"), "A"), ("b/c.md", 2, Some("c"), "C")]);
    let plan = plan(vec![broken("a.md")], &[("b".into(), "denied".into())], before);
    assert!(plan.removals.is_empty() && plan.forgotten.is_empty());
    assert_eq!(plan.failures.len(), 2);
}

#[test]
fn a_moved_file_keeps_its_entry() {
    let before = || known(&[("a.md", 1, Some("x"), "A")]);
    let same_content = plan(vec![changed("sub/b.md", Some("x"), "A")], &[], before());
    assert_eq!((deeds(&same_content), same_content.unchanged), (vec!["=1".into()], 1));
    let other_content = plan(vec![changed("sub/b.md", Some("x"), "B")], &[], before());
    assert_eq!(deeds(&other_content), ["x"]);
    for plan in [same_content, other_content] {
        assert!(plan.removals.is_empty());
        assert_eq!(plan.forgotten, ["a.md"]);
    }
}

#[test]
fn a_file_without_an_id_renames_its_entry_when_it_is_renamed() {
    let plan = plan(vec![changed("b.md", None, "A")], &[], known(&[("a.md", 1, Some("a"), "A")]));
    assert_eq!(deeds(&plan), ["a>b"]);
    assert!(plan.removals.is_empty());
}

#[test]
fn a_file_without_an_id_keeps_the_one_that_tidings_gave_its_entry() {
    let plan = plan(
        vec![changed("a.md", None, "new")],
        &[],
        known(&[("a.md", 1, Some("renamed"), "old")]),
    );
    assert_eq!(deeds(&plan), ["renamed"]);
}

#[test]
fn another_id_in_a_file_renames_its_entry_unless_another_file_has_that() {
    let before = || known(&[("a.md", 1, Some("x"), "old"), ("b.md", 2, Some("y"), "same")]);
    let free = plan(vec![changed("a.md", Some("z"), "A"), unchanged("b.md")], &[], before());
    assert_eq!(deeds(&free), ["x>z"]);
    let taken = plan(vec![changed("a.md", Some("y"), "A"), unchanged("b.md")], &[], before());
    assert_eq!((deeds(&taken).len(), taken.failures.len(), removed(&taken).len()), (0, 1, 0));
    assert!(taken.failures[0].why.contains("b.md"), "{:?}", taken.failures);
}

#[test]
fn two_files_may_swap_their_ids() {
    let before = known(&[("a.md", 1, Some("x"), "old"), ("b.md", 2, Some("y"), "old")]);
    let plan = plan(vec![changed("a.md", Some("y"), "A"), changed("b.md", Some("x"), "B")], &[], before);
    assert_eq!(deeds(&plan), ["y", "x"]);
    assert!(plan.removals.is_empty() && plan.failures.is_empty());
}

#[test]
fn of_two_files_with_an_id_the_one_that_had_it_wins_else_the_first() {
    let new = plan(
        vec![changed("a.md", Some("x"), "A"), changed("b.md", Some("x"), "B")],
        &[],
        Known::default(),
    );
    assert_eq!((deeds(&new), new.failures[0].path.as_str()), (vec!["+x".into()], "b.md"));
    let known_b = known(&[("b.md", 1, Some("x"), "old")]);
    let old = plan(vec![changed("a.md", Some("x"), "A"), changed("b.md", Some("x"), "B")], &[], known_b);
    assert_eq!((old.steps[0].path.as_str(), old.failures[0].path.as_str()), ("b.md", "a.md"));
}

#[test]
fn an_entry_that_was_deleted_in_tidings_comes_back_only_when_its_file_changes() {
    let before = || known(&[("a.md", 1, None, "old")]);
    assert_eq!(deeds(&plan(vec![changed("a.md", None, "new")], &[], before())), ["+a"]);
    let moved = plan(vec![changed("sub/a.md", None, "old")], &[], before());
    assert_eq!((deeds(&moved), moved.unchanged), (vec!["=1".into()], 1));
}

#[test]
fn a_folder_that_has_moved_as_a_whole_changes_nothing() {
    let before = Known {
        elsewhere: [(1, "A".to_owned())].into(),
        ids: [(id("a"), 1)].into(),
        ..Known::default()
    };
    let plan = plan(vec![changed("a.md", None, "A")], &[], before);
    assert_eq!((deeds(&plan), plan.unchanged), (vec!["=1".into()], 1));
}
