//! Documents that are written here, part by part.

use super::super::{Html, Kind, Unfit, convert};
use super::read;
use std::io::{Cursor, Write};
use zip::write::{SimpleFileOptions, ZipWriter};

const NO_HTML: Html<'static> = &|_| Err("no HTML here".to_owned());

fn zip(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const W: &str = r#"xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006""#;

const STYLES: &str = r#"
<w:style w:styleId="berschrift1"><w:name w:val="heading 1"/><w:rPr><w:b/></w:rPr></w:style>
<w:style w:styleId="Mine"><w:name w:val="My own"/><w:basedOn w:val="berschrift1"/></w:style>
<w:style w:styleId="Deep"><w:name w:val="Deep"/><w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>
<w:style w:styleId="Titel"><w:name w:val="Title"/></w:style>
<w:style w:styleId="Zitat"><w:name w:val="Quote"/></w:style>
<w:style w:styleId="V1"><w:name w:val="toc 1"/></w:style>
<w:style w:styleId="Fett"><w:name w:val="Strong"/><w:rPr><w:b/></w:rPr></w:style>
<w:style w:styleId="Circle"><w:name w:val="Circle"/><w:basedOn w:val="Circle"/></w:style>
<w:style w:styleId="ListBullet"><w:name w:val="List Bullet"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>"#;

const NUMBERING: &str = r#"
<w:abstractNum w:abstractNumId="7"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl><w:lvl w:ilvl="1"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="8"><w:lvl w:ilvl="0"><w:start w:val="3"/><w:numFmt w:val="decimal"/></w:lvl><w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="8"/></w:num>"#;

fn docx(body: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let document = format!("<?xml version=\"1.0\"?><w:document {W}><w:body>{body}<w:sectPr/></w:body></w:document>");
    let styles = format!("<w:styles {W}>{STYLES}</w:styles>");
    let numbering = format!("<w:numbering {W}>{NUMBERING}</w:numbering>");
    let mut parts = vec![
        ("word/document.xml", document.as_str()),
        ("word/styles.xml", &styles),
        ("word/numbering.xml", &numbering),
    ];
    parts.extend(more);
    zip(&parts)
}

fn p(style: &str, runs: &str) -> String {
    format!("<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr>{runs}</w:p>")
}

fn r(properties: &str, text: &str) -> String {
    format!("<w:r><w:rPr>{properties}</w:rPr><w:t xml:space=\"preserve\">{text}</w:t></w:r>")
}

fn item(list: u8, level: u8, text: &str) -> String {
    format!(
        "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"{list}\"/></w:numPr></w:pPr>{}</w:p>",
        r("", text)
    )
}

fn markdown(body: &str) -> String {
    read(&docx(body, &[])).unwrap().markdown
}

#[test]
fn headings_are_known_by_what_their_styles_mean() {
    let body = [
        p("Titel", &r("", "The title")),
        p("V1", &r("", "One ........ 1")),
        p("berschrift1", &r("<w:b/>", "One")),
        p("Mine", &r("", "Two")),
        p("Deep", &r("", "Three")),
        "<w:p><w:pPr><w:outlineLvl w:val=\"1\"/></w:pPr><w:r><w:t>Four</w:t></w:r></w:p>".to_owned(),
        p("Circle", &r("", "Plain")),
        p("Zitat", &r("", "Said")),
    ]
    .concat();
    assert_eq!(
        markdown(&body),
        "# The title\n\n# One\n\n# Two\n\n### Three\n\n## Four\n\nPlain\n\n> Said"
    );
    assert_eq!(read(&docx(&body, &[])).unwrap().title.as_deref(), Some("The title"));
}

#[test]
fn runs_keep_how_they_look() {
    let body = p(
        "",
        &[
            r("<w:b/>", "bo"),
            r("<w:b w:val=\"1\"/>", "ld "),
            r("<w:b w:val=\"0\"/><w:i/>", "slanted"),
            r("", ", "),
            r("<w:strike/>", "gone"),
            r("", " and "),
            r("<w:rFonts w:ascii=\"Courier New\"/>", "code_x()"),
            r("<w:rStyle w:val=\"Fett\"/>", " strong"),
            r("<w:vanish/>", "hidden"),
            "<w:r><w:t>a</w:t><w:br/><w:t>b &lt;&amp;&#65; *</w:t></w:r>".to_owned(),
        ]
        .concat(),
    );
    assert_eq!(
        markdown(&body),
        "**bold** *slanted*, ~~gone~~ and `code_x()` **strong**a\\\nb <&A \\*"
    );
}

#[test]
fn lists_are_nested_and_numbered() {
    let body = [
        item(1, 0, "dot"),
        item(1, 1, "deeper"),
        p("ListBullet", &r("", "by style")),
        p("", &r("", "between")),
        item(2, 0, "three"),
        item(2, 1, "a"),
        item(2, 1, "b"),
        item(2, 0, "four"),
        item(2, 1, "a again"),
        item(0, 0, "- none"),
    ]
    .concat();
    assert_eq!(
        markdown(&body),
        "- dot\n  - deeper\n- by style\n\nbetween\n\n3. three\n   1. a\n   2. b\n4. four\n   1. a again\n\n\\- none"
    );
}

#[test]
fn tables_are_pipe_tables() {
    let cell = |inner: &str| format!("<w:tc>{inner}</w:tc>");
    let text = |t: &str| p("", &r("", t));
    let body = format!(
        "<w:tbl><w:tr>{}{}</w:tr><w:tr>{}{}</w:tr><w:tr><w:tc><w:tcPr><w:gridSpan w:val=\"2\"/></w:tcPr>{}</w:tc></w:tr></w:tbl>",
        cell(&text("A")),
        cell(&text("B | C")),
        cell(&(text("one") + &text("two"))),
        cell(&format!("<w:tbl><w:tr>{}{}</w:tr></w:tbl>", cell(&text("in")), cell(&text("ner")))),
        text("wide"),
    );
    assert_eq!(
        markdown(&body),
        "| A | B \\| C |\n| --- | --- |\n| one<br>two | in / ner |\n| wide |  |"
    );
    let frame = format!("<w:tbl><w:tr>{}</w:tr></w:tbl>", cell(&(text("x") + &item(1, 0, "y"))));
    assert_eq!(markdown(&frame), "x\n\n- y");
}

#[test]
fn code_is_kept_line_by_line() {
    let code = |t: &str| p("", &r("<w:rFonts w:ascii=\"Consolas\"/>", t));
    assert_eq!(
        markdown(&(code("fn *a() {") + &code("    b") + &code("}") + &p("", &r("", "end")))),
        "```\nfn *a() {\n    b\n}\n```\n\nend"
    );
}

#[test]
fn tracked_changes_are_taken_as_made() {
    let body = p(
        "",
        &format!(
            "{}<w:ins>{}</w:ins><w:del><w:r><w:delText>old</w:delText></w:r><w:r><w:t>odd</w:t></w:r></w:del>",
            r("", "kept "),
            r("", "new")
        ),
    );
    assert_eq!(markdown(&body), "kept new");
}

#[test]
fn links_fields_and_notes_are_kept() {
    const RELATION: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink";
    let rels = format!(
        "<Relationships><Relationship Id=\"rId1\" Type=\"{RELATION}\" Target=\"https://a.b/?x=1&amp;y=2\" TargetMode=\"External\"/></Relationships>"
    );
    let notes = format!(
        "<w:footnotes {W}><w:footnote w:id=\"-1\">{0}</w:footnote><w:footnote w:id=\"2\">{0}</w:footnote></w:footnotes>",
        p("", &r("", "A note"))
    );
    let core = "<c xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title> A &amp;  title </dc:title></c>";
    let field = "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText> HYPERLINK \"https://c.d/\" </w:instrText></w:r>\
        <w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>field</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r>";
    let body = p(
        "",
        &format!(
            "<w:hyperlink r:id=\"rId1\">{}{}</w:hyperlink> {field}<w:r><w:footnoteReference w:id=\"2\"/></w:r>",
            r("", "a "),
            r("<w:b/>", "link")
        ),
    );
    let parts = [
        ("word/_rels/document.xml.rels", rels.as_str()),
        ("word/footnotes.xml", &notes),
        ("docProps/core.xml", core),
    ];
    let read = read(&docx(&body, &parts)).unwrap();
    assert_eq!(
        read.markdown,
        "[a **link**](https://a.b/?x=1&y=2)[field](https://c.d/)[^2]\n\n[^2]: A note"
    );
    assert_eq!(read.title.as_deref(), Some("A & title"));
}

#[test]
fn a_text_box_is_read_once() {
    let body = format!(
        "<w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent>{0}</w:txbxContent></mc:Choice><mc:Fallback>{0}</mc:Fallback></mc:AlternateContent></w:r>{1}</w:p>",
        p("", &r("", "boxed")),
        r("", "around")
    );
    assert_eq!(markdown(&body), "boxed\n\naround");
}

#[test]
fn what_is_no_document_is_refused() {
    let why = |bytes: &[u8]| convert(Kind::Docx, bytes, NO_HTML).unwrap_err().to_string();
    assert_eq!(
        convert(Kind::Docx, b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", NO_HTML),
        Err(Unfit::Encrypted)
    );
    assert!(why(b"PK\x03\x04 and nothing").contains("broken"));
    assert!(why(&zip(&[("xl/workbook.xml", "")])).contains("word/document.xml"));
    assert!(why(&docx("<w:p><w:oops></w:p>", &[])).contains("broken"));
    assert_eq!(convert(Kind::Docx, &docx("<w:p/>", &[]), NO_HTML), Err(Unfit::Empty));
}

#[test]
fn bombs_do_not_go_off() {
    let entities = "<!DOCTYPE x [<!ENTITY a \"boom\"><!ENTITY b \"&a;&a;&a;\">]>";
    let document = format!("{entities}<w:document {W}>{}</w:document>", p("", &r("", "x&b;y")));
    assert_eq!(read(&zip(&[("word/document.xml", &document)])).unwrap().markdown, "xy");
    let huge = docx(&" ".repeat(70 * 1024 * 1024), &[]);
    assert_eq!(read(&huge).unwrap_err(), Unfit::Bomb { megabytes: 64 });
    // Nothing overflows the stack.
    let deep = "<w:tbl><w:tr><w:tc>".repeat(100_000) + &p("", &r("", "deep"));
    assert!(read(&docx(&deep, &[])).is_err() || markdown(&deep).contains("deep"));
}

pub(in super::super) fn sample() -> Vec<u8> {
    docx(
        &[p("berschrift1", &r("", "Head")), item(2, 0, "one"), p("", &r("<w:b/>", "bold"))].concat(),
        &[],
    )
}
