//! PDFs that are written here.

use super::super::{Kind, Unfit, convert};
use super::read;
use lopdf::{Dictionary, Document, EncryptionState, EncryptionVersion, Object, Permissions, Stream, dictionary};
use std::io::Write;

/// A text at a place, in a font (`F` Helvetica, `M` Courier) and size.
fn at(x: i32, y: i32, font: &str, size: i32, text: &str) -> String {
    format!("BT /{font} {size} Tf {x} {y} Td ({text}) Tj ET\n")
}

/// Lines below each other, from a place on.
fn lines(x: i32, y: i32, texts: &[&str]) -> String {
    (0..).zip(texts).map(|(index, text)| at(x, y - 12 * index, "F", 10, text)).collect()
}

fn document(pages: &[String]) -> Document {
    let fonts = dictionary! {
        "F" => dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding" },
        "M" => dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Courier" },
    };
    with_resources(pages, dictionary! { "Font" => fonts })
}

fn with_resources(pages: &[String], resources: Dictionary) -> Document {
    let mut doc = Document::with_version("1.5");
    let tree = doc.new_object_id();
    let resources = doc.add_object(resources);
    let kids: Vec<Object> = pages
        .iter()
        .map(|content| {
            let content = doc.add_object(Stream::new(Dictionary::new(), content.clone().into_bytes()));
            doc.add_object(dictionary! { "Type" => "Page", "Parent" => tree, "Contents" => content })
                .into()
        })
        .collect();
    let count = kids.len() as i64;
    doc.objects.insert(
        tree,
        dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count, "Resources" => resources }.into(),
    );
    let catalog = doc.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    doc.trailer.set("Root", catalog);
    doc
}

fn bytes(doc: &mut Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    doc.save_to(&mut bytes).unwrap();
    bytes
}

fn markdown(pages: &[String]) -> String {
    read(&bytes(&mut document(pages))).unwrap().markdown
}

pub(in super::super) fn sample() -> Vec<u8> {
    let page = at(50, 750, "F", 18, "Head") + &lines(50, 700, &["Some text that is long enough to be a line of a para-", "graph."]);
    let mut doc = document(&[page.clone(), page]);
    doc.compress();
    bytes(&mut doc)
}

#[test]
fn lines_become_paragraphs() {
    let page = lines(
        50,
        700,
        &[
            "This is the first line of a paragraph that has three lines in hyphen-",
            "ated form, with its second line as long as all of the others are here",
            "and a short end.",
            "The next begins after a short line, though nothing else tells so, you see",
            "and it ends.",
        ],
    );
    assert_eq!(
        markdown(&[page]),
        "This is the first line of a paragraph that has three lines in hyphenated form, with its second line as long as all of \
         the others are here and a short end.\n\nThe next begins after a short line, though nothing else tells so, you see and it ends."
    );
}

#[test]
fn headings_lists_and_code_are_seen() {
    let page = at(50, 750, "F", 20, "The title")
        + &at(50, 710, "F", 14, "1. Section")
        + &lines(50, 690, &["A paragraph of some words, with *stars* in it."])
        + &lines(60, 670, &["\\225 first item", "\\225 second item"])
        + &at(50, 630, "M", 10, "fn main\\(\\) {")
        + &at(62, 618, "M", 10, "body\\(\\);")
        + &at(50, 606, "M", 10, "}");
    let read = read(&bytes(&mut document(&[page]))).unwrap();
    assert_eq!(
        read.markdown,
        "# The title\n\n## 1. Section\n\nA paragraph of some words, with \\*stars\\* in it.\n\n- first item\n- second item\n\n\
         ```\nfn main() {\n  body();\n}\n```"
    );
    assert_eq!(read.title.as_deref(), Some("The title"));
}

#[test]
fn pages_do_not_cut_paragraphs_and_their_furniture_goes() {
    let page = |number: i32, body: &[&str]| {
        at(50, 780, "F", 8, "My book") + &lines(50, 700, body) + &at(300, 30, "F", 8, &format!("Page {number} of 3"))
    };
    let pages = [
        page(
            1,
            &[
                "The paragraph begins on the first of the pages of this small book",
                "and it goes on where the first page has its end, without a stop of",
            ],
        ),
        page(
            2,
            &["any kind, on the next page. Here is another sentence in the same one", "that ends."],
        ),
        page(3, &["The last page."]),
    ];
    assert_eq!(
        markdown(&pages),
        "The paragraph begins on the first of the pages of this small book and it goes on where the first page has its end, without a \
         stop of any kind, on the next page. Here is another sentence in the same one that ends.\n\nThe last page."
    );
}

#[test]
fn columns_are_read_one_after_the_other() {
    let page = lines(50, 700, &["The left column is", "read first, all of it", "down to its end"])
        + &lines(320, 700, &["and then the right", "one comes in its turn."]);
    assert_eq!(
        markdown(&[page]),
        "The left column is read first, all of it down to its end and then the right one comes in its turn."
    );
}

#[test]
fn words_are_told_by_gaps() {
    let page = "BT /F 10 Tf 50 700 Td [(Ker) 20 (ned) -300 (wo) 15 (rds)] TJ ET BT /F 10 Tf 50 680 Td (a) Tj 200 0 Td (b) Tj ET".to_owned();
    assert_eq!(markdown(&[page]), "Kerned words\n\na  b");
}

#[test]
fn composite_fonts_are_read_by_their_maps() {
    let map = "1 begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfrange <0001> <0003> <0391> endbfrange";
    let mut doc = with_resources(&["BT /C 12 Tf 50 700 Td <000100020003> Tj ET".to_owned()], Dictionary::new());
    let map = doc.add_object(Stream::new(Dictionary::new(), map.as_bytes().to_vec()));
    let below = dictionary! { "Type" => "Font", "Subtype" => "CIDFontType2", "DW" => 600 };
    let font = dictionary! {
        "Type" => "Font", "Subtype" => "Type0", "Encoding" => "Identity-H", "ToUnicode" => map, "DescendantFonts" => vec![below.into()],
    };
    let resources = dictionary! { "Font" => dictionary! { "C" => font.clone() } };
    let tree = doc.catalog().unwrap().get(b"Pages").unwrap().as_reference().unwrap();
    doc.get_object_mut(tree).unwrap().as_dict_mut().unwrap().set("Resources", resources);
    assert_eq!(read(&bytes(&mut doc)).unwrap().markdown, "ΑΒΓ");
    // Without the map nobody knows what is shown.
    let mut font = font;
    font.remove(b"ToUnicode");
    let resources = dictionary! { "Font" => dictionary! { "C" => font } };
    doc.get_object_mut(tree).unwrap().as_dict_mut().unwrap().set("Resources", resources);
    assert_eq!(read(&bytes(&mut doc)).unwrap_err(), Unfit::Undecodable);
}

#[test]
fn the_title_is_that_of_the_file_unless_a_program_made_it_up() {
    let titled = |title: &str| {
        let mut doc = document(&[at(50, 700, "F", 10, "Text")]);
        let info = doc.add_object(dictionary! { "Title" => Object::string_literal(title) });
        doc.trailer.set("Info", info);
        read(&bytes(&mut doc)).unwrap().title
    };
    assert_eq!(titled("A good  title").as_deref(), Some("A good title"));
    assert_eq!(titled("Microsoft Word - x.doc"), None);
    assert_eq!(titled("Untitled"), None);
}

#[test]
fn encrypted_files_are_read_only_when_anybody_may() {
    let encrypted = |user: &str| {
        let mut doc = document(&[at(50, 700, "F", 10, "Secret text")]);
        let id = Object::string_literal("0123456789abcdef");
        doc.trailer.set("ID", vec![id.clone(), id]);
        let version = EncryptionVersion::V2 {
            document: &doc,
            owner_password: "owner",
            user_password: user,
            key_length: 128,
            permissions: Permissions::all(),
        };
        let state = EncryptionState::try_from(version).unwrap();
        doc.encrypt(&state).unwrap();
        read(&bytes(&mut doc))
    };
    assert_eq!(encrypted("").unwrap().markdown, "Secret text");
    assert_eq!(encrypted("user").unwrap_err(), Unfit::Encrypted);
}

#[test]
fn what_has_no_text_is_refused() {
    let why = |bytes: &[u8]| read(bytes).unwrap_err();
    assert_eq!(why(&bytes(&mut document(&["0 0 100 100 re f".to_owned()]))), Unfit::Scanned);
    assert!(why(b"%PDF-1.7\nnothing of use").to_string().contains("broken"));
    assert!(why(&bytes(&mut document(&[]))).to_string().contains("no pages"));
    let mixed = read(&bytes(&mut document(&[at(50, 700, "F", 10, "Text"), String::new()]))).unwrap();
    assert_eq!(mixed.warnings, ["1 of 2 pages have no text; they may be pictures."]);
}

#[test]
fn forms_are_painted_and_may_be_circles() {
    let mut doc = document(&["/X Do".to_owned()]);
    let form = doc.new_object_id();
    let inner = at(50, 700, "F", 10, "In a form") + "/X Do /X Do /X Do";
    let tree = doc.catalog().unwrap().get(b"Pages").unwrap().as_reference().unwrap();
    let resources = doc.get_dictionary(tree).unwrap().get(b"Resources").unwrap().as_reference().unwrap();
    doc.objects.insert(
        form,
        Stream::new(dictionary! { "Type" => "XObject", "Subtype" => "Form" }, inner.into_bytes()).into(),
    );
    doc.get_object_mut(resources)
        .unwrap()
        .as_dict_mut()
        .unwrap()
        .set("XObject", dictionary! { "X" => form });
    // Three to the power of how deep forms may be is too much work, and is given up.
    match read(&bytes(&mut doc)) {
        Ok(read) => assert!(read.markdown.starts_with("In a form")),
        Err(why) => assert_eq!(why, Unfit::TooSlow),
    }
}

#[test]
fn a_bomb_does_not_go_off() {
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    for _ in 0..40 {
        zlib.write_all(&[b' '; 1024 * 1024]).unwrap();
    }
    let mut doc = document(&[String::new()]);
    let page = doc.page_iter().next().unwrap();
    let mut content = Stream::new(dictionary! { "Filter" => "FlateDecode" }, zlib.finish().unwrap());
    content.allows_compression = false;
    let content = doc.add_object(content);
    doc.get_object_mut(page).unwrap().as_dict_mut().unwrap().set("Contents", content);
    assert!(read(&bytes(&mut doc)).unwrap_err().to_string().contains("no page can be unpacked"));
}

#[test]
fn deep_nesting_does_not_overflow_the_stack() {
    let deep = [b"%PDF-1.4\n1 0 obj\n".to_vec(), b"[".repeat(20_000), b"(".repeat(20_000)].concat();
    assert!(read(&deep).is_err());
    let page = "[".repeat(20_000) + &"<<".repeat(20_000);
    assert!(convert(Kind::Pdf, &bytes(&mut document(&[page])), &|_| Err(String::new())).is_err());
}
