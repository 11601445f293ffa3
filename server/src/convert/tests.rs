//! Whole files, and damaged ones.

use super::*;
use proptest::prelude::*;

const HTML: Html<'static> = &|bytes| match str::from_utf8(bytes) {
    Ok(text) => Ok((Some("Page".to_owned()), text.to_uppercase())),
    Err(_) => Err("it is not UTF-8".to_owned()),
};

fn one(kind: Kind, bytes: &[u8]) -> Document {
    let mut documents = convert(kind, bytes, HTML).unwrap();
    assert_eq!(documents.len(), 1);
    documents.remove(0)
}

#[test]
fn each_kind_is_converted() {
    assert_eq!(
        one(Kind::Markdown, b"---\nid: x\n---\n# A <b>\n").markdown,
        "---\nid: x\n---\n# A <b>\n"
    );
    assert_eq!(one(Kind::Text, b"A\n\n1 <b> 2").markdown, "A\n\n1 \\<b> 2");
    assert_eq!(one(Kind::Lines, b"a;b\nc;d\n").markdown, "```\na;b\nc;d\n```");
    assert_eq!(one(Kind::Html, b"text").full_title("other"), "Page");
    assert_eq!(one(Kind::Docx, &docx::tests::sample()).markdown, "# Head\n\n3. one\n\n**bold**");
    let pdf = one(Kind::Pdf, &pdf::tests::sample());
    assert!(
        pdf.markdown
            .starts_with("# Head\n\nSome text that is long enough to be a line of a paragraph.")
    );
    assert_eq!(pdf.title.as_deref(), Some("Head"));
}

#[test]
fn what_is_no_document_is_refused() {
    assert_eq!(convert(Kind::Text, b"", HTML), Err(Unfit::Empty));
    assert_eq!(convert(Kind::Text, b" \n", HTML), Err(Unfit::Empty));
    assert_eq!(convert(Kind::Zip, b"PK", HTML), Err(Unfit::NotADocument));
    assert_eq!(
        convert(Kind::Html, b"\xff", HTML).unwrap_err().to_string(),
        "the page cannot be read: it is not UTF-8"
    );
    let large = vec![b'a'; FILE_BYTES + 1];
    assert!(matches!(convert(Kind::Text, &large, HTML), Err(Unfit::TooLarge { .. })));
    assert_eq!(
        convert(Kind::Html, b"x", &|_| panic!("on purpose")),
        Err(Unfit::Panicked(Kind::Html))
    );
}

#[test]
fn a_long_text_comes_in_parts() {
    let text = format!("The title\n\n{}", "A paragraph of some words.\n\n".repeat(80_000));
    let parts = convert(Kind::Text, text.as_bytes(), HTML).unwrap();
    assert_eq!(parts.len(), 3);
    assert!(parts.iter().all(|part| part.markdown.len() <= PART_BYTES));
    assert_eq!(parts[1].full_title("other"), "The title (2 of 3)");
    let log = "2024-01-01 something happened\n".repeat(50_000);
    let parts = convert(Kind::Lines, log.as_bytes(), HTML).unwrap();
    assert_eq!(parts.len(), 2);
    assert!(
        parts
            .iter()
            .all(|part| part.markdown.len() <= PART_BYTES && part.markdown.starts_with("```\n") && part.markdown.ends_with("\n```"))
    );
    assert_eq!(parts[0].full_title("server.log"), "server.log (1 of 2)");
}

#[test]
fn front_matter_stays_with_the_first_part() {
    let text = format!("---\nid: x\n---\n{}", "words and words\n\n".repeat(100_000));
    let parts = convert(Kind::Markdown, text.as_bytes(), HTML).unwrap();
    assert!(parts[0].markdown.starts_with("---\nid: x\n---\nwords"));
    assert!(parts[0].markdown.len() <= PART_BYTES + 14);
    assert!(parts[1].markdown.starts_with("words"));
}

fn damaged(mut bytes: Vec<u8>, flips: &[(prop::sample::Index, u8)], cut: Option<prop::sample::Index>) -> Vec<u8> {
    for (at, bit) in flips {
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << (bit % 8);
    }
    if let Some(cut) = cut {
        bytes.truncate(cut.index(bytes.len()));
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn damaged_files_never_panic(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        for (kind, sample) in [(Kind::Pdf, pdf::tests::sample()), (Kind::Docx, docx::tests::sample())] {
            let found = convert(kind, &damaged(sample, &flips, cut), HTML);
            prop_assert_ne!(found, Err(Unfit::Panicked(kind)));
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..600), name in "[a-z]{0,4}\\.(md|txt|log|html|pdf|docx|zip|doc)") {
        let _ = Kind::of(&name, &bytes);
        for kind in [Kind::Markdown, Kind::Text, Kind::Lines, Kind::Html, Kind::Pdf, Kind::Docx] {
            let found = convert(kind, &bytes, HTML);
            prop_assert_ne!(found, Err(Unfit::Panicked(kind)));
        }
    }
}
