//! Fonts: how bytes are cut into codes, what text these stand for, and how wide they are.

use super::cmap::{CMap, CodeSpace};
use super::{encoding, number};
use encoding_rs::{BIG5, EUC_KR, Encoding, GBK, SHIFT_JIS};
use lopdf::{Dictionary, Document, Object};
use std::collections::HashMap;

/// Most widths that a font is read with. There are no more codes.
const WIDTHS: usize = 65_536;

/// Widths of Helvetica from the space on, for files that rely on everybody to know them.
const HELVETICA: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278,
    278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722,
    667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556,
    556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/// Widths of Times, likewise.
const TIMES: [u16; 95] = [
    250, 333, 408, 500, 500, 833, 778, 180, 333, 333, 500, 564, 250, 333, 250, 278, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 278,
    278, 564, 564, 564, 444, 921, 722, 667, 667, 722, 611, 556, 722, 722, 333, 389, 722, 611, 889, 722, 722, 556, 722, 667, 556, 611, 722,
    722, 944, 722, 722, 611, 333, 278, 333, 469, 500, 333, 444, 500, 444, 500, 444, 333, 500, 500, 278, 278, 500, 278, 778, 500, 500, 500,
    500, 333, 389, 278, 500, 500, 722, 500, 500, 444, 480, 200, 480, 541,
];

#[derive(Debug)]
enum Codes {
    /// One byte each, with a table.
    Simple(encoding::Table),
    /// Two bytes each.
    Two,
    /// Two bytes each, which are UTF-16.
    Utf16,
    /// As many bytes as the first one says, in an encoding of the far East.
    Legacy(&'static Encoding),
    /// As many bytes as a map says.
    Spaces(Vec<CodeSpace>),
}

#[derive(Debug)]
pub(super) struct Font {
    codes: Codes,
    to_unicode: Option<CMap>,
    /// In parts of the font's size.
    widths: HashMap<u32, f32>,
    other_width: f32,
    /// Whether all letters are of the same width.
    pub(super) is_mono: bool,
}

/// A code that is shown.
#[derive(Debug, PartialEq)]
pub(super) struct Shown {
    /// The replacement character where nobody knows.
    pub(super) text: String,
    /// In parts of the font's size.
    pub(super) width: f32,
    /// Whether the spacing of words applies.
    pub(super) is_space: bool,
}

impl Font {
    pub(super) fn read(doc: &Document, font: &Dictionary) -> Self {
        let kind = font.get_deref(b"Subtype", doc).and_then(Object::as_name).unwrap_or_default();
        let name = font.get_deref(b"BaseFont", doc).and_then(Object::as_name).unwrap_or_default();
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        let to_unicode = font.get_deref(b"ToUnicode", doc).and_then(Object::as_stream);
        let to_unicode = to_unicode.and_then(|stream| stream.get_plain_content_with_limit(super::STREAM_BYTES));
        let to_unicode = to_unicode.ok().map(|source| CMap::read(&source));
        let mut read = Self {
            codes: Codes::Two,
            to_unicode,
            widths: HashMap::new(),
            other_width: 0.5,
            is_mono: is_mono(doc, font, &name),
        };
        if kind == b"Type0" {
            read.codes = composite_codes(doc, font);
            let below = font.get_deref(b"DescendantFonts", doc).and_then(Object::as_array).ok();
            let below = below.and_then(|fonts| doc.dereference(fonts.first()?).ok()?.1.as_dict().ok());
            if let Some(below) = below {
                read.read_composite_widths(doc, below);
            }
        } else {
            read.codes = Codes::Simple(encoding::table(doc, font));
            read.read_simple_widths(doc, font, &name);
        }
        read
    }

    /// What a string shows.
    pub(super) fn show(&self, mut bytes: &[u8], mut each: impl FnMut(Shown)) {
        while !bytes.is_empty() {
            let length = self.code_length(bytes).clamp(1, bytes.len());
            let (code, rest) = bytes.split_at(length);
            bytes = rest;
            let number = code.iter().fold(0, |number, &byte| (number << 8) | u32::from(byte));
            each(Shown {
                text: self.text(code, number),
                width: self.widths.get(&number).copied().unwrap_or(self.other_width),
                is_space: code == b" ",
            });
        }
    }

    fn code_length(&self, bytes: &[u8]) -> usize {
        match &self.codes {
            Codes::Simple(_) => 1,
            Codes::Two | Codes::Utf16 => 2,
            Codes::Legacy(encoding) => match bytes[0] {
                ..0x80 | 0xFF => 1,
                0xA0..=0xDF if *encoding == SHIFT_JIS => 1,
                _ => 2,
            },
            Codes::Spaces(spaces) => {
                let fits = |length: &usize| bytes.get(..*length).is_some_and(|code| spaces.iter().any(|space| space.has(code)));
                let shortest = || spaces.iter().map(|space| space.bytes).min().unwrap_or(1);
                (1..=4).find(fits).unwrap_or_else(shortest)
            }
        }
    }

    fn text(&self, code: &[u8], number: u32) -> String {
        // Some programs map what they do not know to nothing.
        let is_telling = |text: &String| !text.is_empty() && !text.contains(['\0', '\u{FFFD}']);
        if let Some(text) = self.to_unicode.as_ref().and_then(|map| map.text(number)).filter(is_telling) {
            return text;
        }
        match &self.codes {
            Codes::Simple(table) => table.get(number as usize).cloned().unwrap_or_default(),
            Codes::Utf16 => encoding_rs::UTF_16BE.decode_without_bom_handling(code).0.into_owned(),
            Codes::Legacy(encoding) => encoding.decode_without_bom_handling(code).0.into_owned(),
            Codes::Two | Codes::Spaces(_) => char::REPLACEMENT_CHARACTER.to_string(),
        }
    }

    fn read_simple_widths(&mut self, doc: &Document, font: &Dictionary, name: &str) {
        // Glyphs that are drawn by the file have a scale of their own.
        let matrix = font.get_deref(b"FontMatrix", doc).and_then(Object::as_array).ok();
        let scale = matrix.and_then(|matrix| number(matrix.first()?)).map_or(0.001, f32::abs);
        let first = font
            .get_deref(b"FirstChar", doc)
            .ok()
            .and_then(number)
            .unwrap_or(0.0)
            .clamp(0.0, 65_535.0) as u32;
        if let Ok(widths) = font.get_deref(b"Widths", doc).and_then(Object::as_array) {
            let widths = widths
                .iter()
                .take(256)
                .map(|width| doc.dereference(width).ok().and_then(|(_, width)| number(width)));
            self.widths = (first..).zip(widths.map(|width| width.unwrap_or(0.0) * scale)).collect();
            let descriptor = font.get_deref(b"FontDescriptor", doc).and_then(Object::as_dict);
            let missing = descriptor
                .and_then(|descriptor| descriptor.get(b"MissingWidth"))
                .ok()
                .and_then(number);
            self.other_width = missing.unwrap_or(0.0) * scale;
            return;
        }
        let known = match name {
            _ if self.is_mono => {
                self.other_width = 0.6;
                return;
            }
            _ if name.contains("times") => &TIMES,
            _ => &HELVETICA,
        };
        self.widths = (32..).zip(known.iter().map(|&width| f32::from(width) / 1000.0)).collect();
    }

    /// `[1 [500 600] 10 20 700]`: widths one by one from a code on, or one width from a code to another.
    fn read_composite_widths(&mut self, doc: &Document, font: &Dictionary) {
        let default = font.get_deref(b"DW", doc).ok().and_then(number).unwrap_or(1000.0);
        self.other_width = default / 1000.0;
        let Ok(widths) = font.get_deref(b"W", doc).and_then(Object::as_array) else {
            return;
        };
        let mut objects = widths.iter().filter_map(|object| Some(doc.dereference(object).ok()?.1));
        while let (Some(first), Some(second)) = (objects.next().and_then(number), objects.next()) {
            let first = first.clamp(0.0, 65_535.0) as u32;
            let room = WIDTHS.saturating_sub(self.widths.len());
            if let Object::Array(each) = second {
                let each = each.iter().filter_map(number).map(|width| width / 1000.0);
                self.widths.extend((first..).zip(each).take(room));
            } else if let (Some(last), Some(width)) = (number(second), objects.next().and_then(number)) {
                self.widths.extend(
                    (first..=last.clamp(0.0, 65_535.0) as u32)
                        .map(|code| (code, width / 1000.0))
                        .take(room),
                );
            }
        }
    }
}

/// Whether the font says that it is, or is known to be.
fn is_mono(doc: &Document, font: &Dictionary, name: &str) -> bool {
    const FIXED_PITCH: i64 = 1;
    let descriptor = font.get_deref(b"FontDescriptor", doc).and_then(Object::as_dict);
    let flags = descriptor
        .and_then(|descriptor| descriptor.get_deref(b"Flags", doc))
        .and_then(Object::as_i64);
    let names = ["courier", "mono", "nimbusmonl", "consol", "typewriter", "cmtt", "sftt", "menlo"];
    flags.is_ok_and(|flags| flags & FIXED_PITCH != 0) || names.iter().any(|part| name.contains(part))
}

fn composite_codes(doc: &Document, font: &Dictionary) -> Codes {
    match font.get_deref(b"Encoding", doc) {
        Ok(Object::Stream(stream)) => {
            let source = stream.get_plain_content_with_limit(super::STREAM_BYTES).unwrap_or_default();
            match CMap::read(&source).spaces {
                spaces if spaces.is_empty() => Codes::Two,
                spaces => Codes::Spaces(spaces),
            }
        }
        Ok(Object::Name(name)) => {
            let name = String::from_utf8_lossy(name);
            let has = |part: &str| name.contains(part);
            match () {
                () if has("UCS2") || has("UTF16") => Codes::Utf16,
                () if has("GBK") || has("GB-EUC") || has("GBpc") => Codes::Legacy(GBK),
                () if has("RKSJ") => Codes::Legacy(SHIFT_JIS),
                () if has("B5") => Codes::Legacy(BIG5),
                () if has("KSC") => Codes::Legacy(EUC_KR),
                () => Codes::Two,
            }
        }
        _ => Codes::Two,
    }
}
