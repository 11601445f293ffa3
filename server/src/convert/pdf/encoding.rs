//! What the codes of simple fonts mean: a base, and names of glyphs that differ from it. The tables are the library's.

use lopdf::{Dictionary, Document, Object};

/// The text of each code of one byte; empty where it has none.
pub(super) type Table = Vec<String>;

/// Letters of the font Symbol, from `A` and from `a`.
const GREEK: [(u8, &str); 2] = [(b'A', "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ"), (b'a', "αβχδεφγηιϕκλμνοπθρστυϖωξψζ")];

/// The table of a font.
pub(super) fn table(doc: &Document, font: &Dictionary) -> Table {
    let encoding = font.get_deref(b"Encoding", doc).ok();
    let name = |object: &Object| object.as_name().ok().map(<[u8]>::to_vec);
    let (base, differences) = match encoding {
        Some(Object::Dictionary(encoding)) => (
            encoding.get_deref(b"BaseEncoding", doc).ok().and_then(name),
            encoding.get_deref(b"Differences", doc).and_then(Object::as_array).ok(),
        ),
        Some(other) => (name(other), None),
        None => (None, None),
    };
    let mut table = match base {
        Some(base) => named(&base),
        None => built_in(doc, font),
    };
    let mut code = 0;
    for object in differences.into_iter().flatten() {
        match object {
            Object::Integer(first) => code = usize::try_from(*first).unwrap_or(256),
            Object::Name(name) => {
                if let Some(text) = table.get_mut(code) {
                    *text = glyph(name);
                }
                code += 1;
            }
            _ => {}
        }
    }
    table
}

/// What a font means by itself.
fn built_in(doc: &Document, font: &Dictionary) -> Table {
    let name = font.get(b"BaseFont").and_then(Object::as_name).unwrap_or_default();
    if name.ends_with(b"Symbol") {
        return symbol();
    }
    let descriptor = font.get_deref(b"FontDescriptor", doc).and_then(Object::as_dict);
    let program = descriptor
        .and_then(|descriptor| descriptor.get_deref(b"FontFile", doc))
        .and_then(Object::as_stream);
    if let Some(table) = program
        .ok()
        .and_then(|program| program.get_plain_content_with_limit(super::STREAM_BYTES).ok())
        .and_then(type1)
    {
        return table;
    }
    let is_true_type = font.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"TrueType");
    named(if is_true_type { b"WinAnsiEncoding" } else { b"StandardEncoding" })
}

fn symbol() -> Table {
    let mut table = named(b"StandardEncoding");
    for (first, letters) in GREEK {
        for (index, letter) in letters.chars().enumerate() {
            table[usize::from(first) + index] = letter.to_string();
        }
    }
    table[0xB7] = "•".to_owned();
    table
}

/// The encoding that a Type 1 program states before its encrypted part: `dup 65 /A put`.
fn type1(program: Vec<u8>) -> Option<Table> {
    let clear = &program[..program.windows(5).position(|window| window == b"eexec")?];
    let at = clear.windows(9).position(|window| window == b"/Encoding")?;
    let words: Vec<&[u8]> = clear[at..].split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
    let mut table = vec![String::new(); 256];
    let mut is_any = false;
    for window in words.windows(4) {
        if let [b"dup", code, [b'/', name @ ..], b"put"] = window
            && let Some(text) = str::from_utf8(code)
                .ok()
                .and_then(|code| code.parse::<usize>().ok())
                .and_then(|code| table.get_mut(code))
        {
            *text = glyph(name);
            is_any = true;
        }
    }
    is_any.then_some(table)
}

fn named(name: &[u8]) -> Table {
    let known = matches!(
        name,
        b"StandardEncoding" | b"MacRomanEncoding" | b"MacExpertEncoding" | b"WinAnsiEncoding"
    );
    let name = if known { name } else { b"WinAnsiEncoding" };
    ask(Object::Name(name.to_vec()), (0..=255).map(|code| [code]))
}

/// The text that the name of a glyph stands for.
fn glyph(name: &[u8]) -> String {
    // What follows a point is a form of the same letter.
    let name = name.split(|&byte| byte == b'.').next().unwrap_or_default();
    if name.is_empty() {
        return String::new();
    }
    let text = ask_name(name);
    if !text.is_empty() {
        return text;
    }
    let text = String::from_utf8_lossy(name);
    if let Some(units) = text.strip_prefix("uni").filter(|units| units.len() >= 4) {
        let units: Vec<u16> = units
            .as_bytes()
            .chunks_exact(4)
            .filter_map(|unit| u16::from_str_radix(str::from_utf8(unit).ok()?, 16).ok())
            .collect();
        return String::from_utf16_lossy(&units);
    }
    let code = text
        .strip_prefix('u')
        .filter(|code| (4..=6).contains(&code.len()))
        .and_then(|code| u32::from_str_radix(code, 16).ok());
    if let Some(c) = code.and_then(char::from_u32) {
        return c.to_string();
    }
    // Ligatures are named by their letters: `f_f_i`.
    if text.contains('_') {
        return text.split('_').map(|part| ask_name(part.as_bytes())).collect();
    }
    String::new()
}

fn ask_name(name: &[u8]) -> String {
    let mut encoding = Dictionary::new();
    encoding.set("Differences", vec![Object::Integer(0), Object::Name(name.to_vec())]);
    ask(Object::Dictionary(encoding), [[0]]).pop().unwrap_or_default()
}

/// Asks the library, which tells its tables only to fonts.
fn ask(encoding: Object, codes: impl IntoIterator<Item = [u8; 1]>) -> Table {
    let mut font = Dictionary::new();
    font.set("Type", Object::Name(b"Font".to_vec()));
    font.set("Encoding", encoding);
    let doc = Document::new();
    let encoding = font.get_font_encoding_with_limit(&doc, 0).ok();
    let text = |code: [u8; 1]| {
        encoding
            .as_ref()
            .and_then(|encoding| encoding.bytes_to_string(&code).ok())
            .unwrap_or_default()
    };
    codes.into_iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_glyphs_are_text() {
        for (name, text) in [
            ("A", "A"),
            ("eacute", "é"),
            ("a.alt", "a"),
            ("uni00E9", "é"),
            ("u1F600", "😀"),
            ("T_h", "Th"),
            ("g27", ""),
            (".notdef", ""),
        ] {
            assert_eq!(glyph(name.as_bytes()), text, "{name}");
        }
    }

    #[test]
    fn tables_are_those_of_the_names() {
        assert_eq!(named(b"WinAnsiEncoding")[0xE9], "é");
        assert_eq!(named(b"MacRomanEncoding")[0x8E], "é");
        assert_eq!(symbol()[usize::from(b'a')], "α");
        let table = type1(b"/Encoding 256 array dup 3 /eacute put readonly def currentfile eexec".to_vec());
        assert_eq!(table.unwrap()[3], "é");
    }
}
