//! Files as people write them, and that an export can be read again.

use super::*;
use app::protocol::{Actor, EntryId, KbName, Timestamp, Version};
use proptest::prelude::*;
use serde_json::{Value, json};

fn entry(title: &str, body: &str, metadata: Value) -> Entry {
    let Value::Object(metadata) = metadata else {
        panic!("metadata is an object")
    };
    Entry {
        kb_name: KbName::parse("notes").unwrap(),
        entry_id: EntryId::parse("pdca").unwrap(),
        title: title.to_owned(),
        entry_type: "concept".to_owned(),
        body: body.to_owned(),
        tags: vec!["a b".to_owned(), "2024".to_owned()],
        aliases: Vec::new(),
        metadata,
        version: Version::FIRST,
        created_at: Timestamp::from_millis(0),
        updated_at: Timestamp::from_millis(0),
        created_by: Actor::System,
        updated_by: Actor::System,
    }
}

fn survives(entry: &Entry) {
    let file = write(entry);
    let parsed = parse(&file).unwrap_or_else(|error| panic!("{error} in {file}"));
    let expected = Parsed {
        id: Some(entry.entry_id.as_str().to_owned()),
        title: Some(entry.title.clone()),
        entry_type: Some(entry.entry_type.clone()),
        tags: entry.tags.clone(),
        aliases: entry.aliases.clone(),
        metadata: entry.metadata.clone(),
        body: entry.body.clone(),
    };
    assert_eq!(parsed, expected, "{file}");
}

#[test]
fn a_file_becomes_fields_metadata_and_body() {
    let file = "---\nid: pdca\ntitle: 'Plan: do'\ntype: concept\ntags:\n- a\n- 2024\n- no\naliases: Shewhart cycle, Deming cycle\n\
                date: 2016-01-01\nimportance: 7\nratio: 1.5\ndone: true\nnothing:\nlinks:\n- target: x\n  kb: y\n2: two\n---\n\n# Text\n";
    let parsed = parse(file).unwrap();
    assert_eq!(parsed.id.as_deref(), Some("pdca"));
    assert_eq!(parsed.title.as_deref(), Some("Plan: do"));
    assert_eq!(parsed.entry_type.as_deref(), Some("concept"));
    assert_eq!(parsed.tags, ["a", "2024", "no"]);
    assert_eq!(parsed.aliases, ["Shewhart cycle", "Deming cycle"]);
    assert_eq!(
        Value::Object(parsed.metadata),
        json!({"date": "2016-01-01", "importance": 7, "ratio": 1.5, "done": true, "nothing": null,
               "links": [{"target": "x", "kb": "y"}], "2": "two"})
    );
    assert_eq!(parsed.body, "# Text");
}

#[test]
fn fields_keep_the_text_that_is_written() {
    let parsed = parse("---\nid: 007\ntitle: 1.10\ntype: true\ntags: [1.10, 2024-01-02, yes, null]\n---\n").unwrap();
    assert_eq!(parsed.id.as_deref(), Some("007"));
    assert_eq!(parsed.title.as_deref(), Some("1.10"));
    assert_eq!(parsed.entry_type.as_deref(), Some("true"));
    assert_eq!(parsed.tags, ["1.10", "2024-01-02", "yes"]);
}

#[test]
fn what_json_cannot_say_becomes_text() {
    let parsed = parse("---\na: .nan\nb: -.inf\nc: 1e999\nd: 123456789012345678901234567890\ne: no\ntrue: x\n1.5: y\n---\n").unwrap();
    for (name, value) in &parsed.metadata {
        assert!(value.is_string() || value.is_number(), "{name}: {value}");
    }
    assert_eq!(parsed.metadata["a"], ".nan");
    assert_eq!(parsed.metadata["e"], "no");
    assert_eq!(parsed.metadata["true"], "x");
    assert_eq!(parsed.metadata["1.5"], "y");
}

#[test]
fn a_file_without_front_matter_is_all_body() {
    let parsed = parse("Intro\n\n# The *title* of [[x|it]]\n\ntext\n\n").unwrap();
    assert_eq!(parsed.title.as_deref(), Some("The title of it"));
    assert_eq!(parsed.body, "Intro\n\n# The *title* of [[x|it]]\n\ntext\n");
    assert_eq!(parse("").unwrap(), Parsed::default());
    assert_eq!(parse("---x\n").unwrap().body, "---x");
}

#[test]
fn line_ends_and_marks_of_other_systems_are_taken() {
    let parsed = parse("\u{feff}---\r\ntitle: A\r\n...\r\n\r\na\r\nb\r\n").unwrap();
    assert_eq!((parsed.title.as_deref(), parsed.body.as_str()), (Some("A"), "a\nb"));
    let parsed = parse("--- \ntitle: A\n---\t\na").unwrap();
    assert_eq!((parsed.title.as_deref(), parsed.body.as_str()), (Some("A"), "a"));
    assert_eq!(parse("---\n---\n").unwrap(), Parsed::default());
    assert_eq!(parse("---\n# only a comment\n---").unwrap(), Parsed::default());
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    assert_eq!(parse("---\ntitle: x\n"), Err(FrontMatterError::Unclosed));
    for (file, line) in [
        ("---\ntitle: x\n  y: [\n---\n", 3),
        ("---\njust text\n---\n", 2),
        ("---\n- a\n---\n", 2),
        ("---\na: 1\ntitle: [x]\n---\n", 3),
        ("---\na: 1\na: 2\n---\n", 3),
        ("---\ntags: [{a: b}]\n---\n", 2),
    ] {
        match parse(file) {
            Err(FrontMatterError::Yaml { line: found, message }) => {
                assert!(found.abs_diff(line) <= 1, "{file:?}: line {found}, {message}");
                // The parser's own place is one in the front matter, and would be a second one.
                assert!(!message.is_empty() && !message.contains("column"), "{message}");
            }
            other => panic!("{file:?} gave {other:?}"),
        }
    }
}

#[test]
fn bombs_do_not_go_off() {
    let mut laughs = String::from("---\na0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for n in 1..12 {
        laughs.push_str(&format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(",")));
    }
    let long = format!(
        "---\na: &a {}\nb: &b [{}]\nc: [{}]\n",
        "x".repeat(100_000),
        vec!["*a"; 30].join(","),
        vec!["*b"; 30].join(",")
    );
    let deep = format!("---\na: {}{}\n", "[".repeat(5_000), "]".repeat(5_000));
    let stairs = format!(
        "---\n{}x: 1\n",
        (0..1_000).map(|n| format!("{}a:\n", " ".repeat(n))).collect::<String>()
    );
    for file in [
        laughs,
        long,
        deep,
        stairs,
        "---\na: &a [*a]\n".to_owned(),
        format!("---\na: {}\n", "x".repeat(LONGEST)),
    ] {
        assert!(parse(&format!("{file}---\n")).is_err(), "{file:.80}");
    }
}

#[test]
fn an_export_reads_as_a_person_would_write_it() {
    let metadata = json!({"date": "2016-01-01", "empty": [], "importance": 7, "links": [{"kb": "wardley", "target": "x"}], "nested": {"a": ["b"]},
                          "title": "taken", "url": "https://example.org/x"});
    let expected = "---\nid: pdca\ntitle: \"Plan: do\"\ntype: concept\ntags:\n- a b\n- \"2024\"\n_title: taken\ndate: \"2016-01-01\"\nempty: []\n\
                    importance: 7\nlinks:\n- kb: wardley\n  target: x\nnested:\n  a:\n  - b\nurl: https://example.org/x\n---\n\nText\n";
    let written = write(&entry("Plan: do", "Text", metadata));
    let sorted = |text: &str| {
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&written), sorted(expected), "{written}");
}

#[test]
fn awkward_texts_survive_an_export() {
    for body in [
        "",
        "\n",
        "\n\n",
        "---\na: b\n---\nx",
        "...",
        "a\n",
        "  a  \n\n",
        "\r\n",
        "a\r\nb",
        "\u{feff}x",
        "---",
    ] {
        survives(&entry("T", body, json!({})));
    }
    for text in [
        "no",
        "~",
        "a: b",
        "a #b",
        "#a",
        "- a",
        "? a",
        "a:",
        " a",
        "a ",
        "'a'",
        "\"a\"",
        "\\",
        "a\nb",
        "\t",
        "\0",
        "\u{85}",
        "\u{feff}",
        "\u{2028}",
        "1e3",
        "0x1F",
        "1_000",
        ".5",
        "2024-01-02",
        "<<",
        "=",
        "!!str a",
        "&a",
        "*a",
        "{a",
        "[a",
        "%a",
        "@a",
        "`a",
        "|",
        ">",
        "---",
        "...",
        "a\u{ffff}",
        "é",
        "日本",
        "NaN",
        "Null",
        "a, b",
        "y",
        "12:30:45",
    ] {
        let mut metadata = json!({text: text, "list": [text, [text], {text: [text]}], "map": {text: {"x": text}}});
        metadata[format!("__{text}")] = json!(1);
        let mut entry = entry(text, text, metadata);
        entry.entry_type = text.to_owned();
        entry.tags = vec![text.to_owned()];
        entry.aliases = vec![text.to_owned(), "x".to_owned()];
        survives(&entry);
    }
}

#[test]
fn members_named_like_fields_and_long_or_deep_ones_survive() {
    let mut deep = json!("x");
    for level in 0..METADATA_DEPTH {
        deep = if level % 2 == 0 { json!([deep]) } else { json!({"a": deep}) };
    }
    let long = "key ".repeat(1_000);
    survives(&entry(
        "T",
        "b",
        json!({"id": 1, "_id": 2, "__id": 3, "title": [], "type": {}, "tags": null, "aliases": "x", "_": 1, "deep": deep,
               long.as_str(): [1, {long.as_str(): {"a": 1}}], "": ""}),
    ));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((any_text(), inner), 0..5).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,12}",
        r"[a-z0-9 :#'\x22,\[\]{}&*!|>%@`~?\n\t\r\\._+-]{0,10}",
        r"(id|title|_|null|true|no|0x|1|e|\.|-|:|_id){0,4}",
        proptest::collection::vec(any::<char>(), 0..6).prop_map(|chars| chars.into_iter().collect()),
    ]
}

fn any_name() -> impl Strategy<Value = String> {
    any_text().prop_filter("an empty name is none", |text| !text.is_empty())
}

proptest! {
    #[test]
    fn every_entry_survives_a_way_through_a_file(
        title in any_name(),
        entry_type in any_name(),
        tags in proptest::collection::vec(any_name(), 0..4),
        aliases in proptest::collection::vec(any_name(), 0..4),
        members in proptest::collection::vec((any_text(), any_json()), 0..5),
        body in r"(---\n|\n|\.\.\.|\r|#|[a-c: ]|\PC){0,40}",
    ) {
        let mut entry = entry(&title, &body, json!({}));
        entry.entry_type = entry_type;
        entry.tags = tags;
        entry.aliases = aliases;
        entry.metadata = members.into_iter().collect();
        survives(&entry);
    }

    #[test]
    fn whatever_the_file_it_is_read_or_refused(file in r"(---\n|\.\.\.\n|title|tags|: |- |\[|\]|\{|\}|&a|\*a|<<|!!|\n|\r\n|'|\x22|[a-c0-9 ]|\PC){0,60}") {
        let _ = parse(&file);
        let _ = parse(&format!("---\n{file}\n---\nx"));
    }
}
