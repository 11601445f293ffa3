//! Maps from the codes of a font to text (`/ToUnicode`), and which codes have how many bytes. The one that comes with
//! the library expands ranges, and so can be made to fill the memory.

use std::collections::HashMap;

/// Codes of so many bytes, from the first to the last, byte by byte.
#[derive(Debug, Clone, Copy)]
pub(super) struct CodeSpace {
    pub(super) bytes: usize,
    first: u32,
    last: u32,
}

#[derive(Debug, Default)]
pub(super) struct CMap {
    pub(super) spaces: Vec<CodeSpace>,
    single: HashMap<u32, String>,
    /// First code, last code, text of the first; in order.
    ranges: Vec<(u32, u32, Vec<u16>)>,
}

enum Token<'t> {
    /// The value, and how many bytes it has.
    Hex(Vec<u8>),
    Word(&'t [u8]),
    Open,
    Close,
}

impl CMap {
    pub(super) fn read(source: &[u8]) -> Self {
        let mut map = Self::default();
        let mut operands: Vec<Token<'_>> = Vec::new();
        for token in Tokens(source) {
            match token {
                Token::Word(b"begincodespacerange" | b"beginbfchar" | b"beginbfrange") => operands.clear(),
                Token::Word(b"endcodespacerange") => map.add_spaces(&operands),
                Token::Word(b"endbfchar") => map.add_single(&operands),
                Token::Word(b"endbfrange") => map.add_ranges(&operands),
                Token::Word(_) => {}
                other => operands.push(other),
            }
        }
        map.ranges.sort_by_key(|(first, ..)| *first);
        map
    }

    /// The text of a code.
    pub(super) fn text(&self, code: u32) -> Option<String> {
        if let Some(text) = self.single.get(&code) {
            return Some(text.clone());
        }
        let at = self.ranges.partition_point(|(first, ..)| *first <= code).checked_sub(1)?;
        let (first, last, text) = &self.ranges[at];
        if code > *last {
            return None;
        }
        let mut text = text.clone();
        let unit = text.last_mut()?;
        // The last sixteen bits count on.
        *unit = unit.wrapping_add(u16::try_from(code - first).ok()?);
        Some(String::from_utf16_lossy(&text))
    }

    fn add_spaces(&mut self, operands: &[Token<'_>]) {
        for pair in operands.chunks_exact(2) {
            if let [Token::Hex(first), Token::Hex(last)] = pair
                && (1..=4).contains(&first.len())
            {
                self.spaces.push(CodeSpace {
                    bytes: first.len(),
                    first: number(first),
                    last: number(last),
                });
            }
        }
    }

    fn add_single(&mut self, operands: &[Token<'_>]) {
        for pair in operands.chunks_exact(2) {
            if let [Token::Hex(code), Token::Hex(text)] = pair {
                self.single.insert(number(code), String::from_utf16_lossy(&units(text)));
            }
        }
    }

    fn add_ranges(&mut self, operands: &[Token<'_>]) {
        let mut operands = operands.iter();
        while let (Some(Token::Hex(first)), Some(Token::Hex(last))) = (operands.next(), operands.next()) {
            let (first, last) = (number(first), number(last));
            match operands.next() {
                Some(Token::Hex(text)) => self.ranges.push((first, last, units(text))),
                Some(Token::Open) => {
                    let texts = operands.by_ref().map_while(|token| match token {
                        Token::Hex(text) => Some(String::from_utf16_lossy(&units(text))),
                        _ => None,
                    });
                    self.single.extend((first..=last).zip(texts));
                }
                _ => return,
            }
        }
    }
}

impl CodeSpace {
    /// Whether it has a code; each byte has bounds of its own.
    pub(super) fn has(&self, code: &[u8]) -> bool {
        code.len() == self.bytes
            && code.iter().rev().enumerate().all(|(index, &byte)| {
                let bound = |of: u32| (of >> (8 * index)) as u8;
                (bound(self.first)..=bound(self.last)).contains(&byte)
            })
    }
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, &byte| (number << 8) | u32::from(byte))
}

fn units(bytes: &[u8]) -> Vec<u16> {
    match bytes {
        [one] => vec![u16::from(*one)],
        _ => bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect(),
    }
}

struct Tokens<'t>(&'t [u8]);

impl<'t> Iterator for Tokens<'t> {
    type Item = Token<'t>;

    fn next(&mut self) -> Option<Token<'t>> {
        loop {
            self.0 = self.0.trim_ascii_start();
            match self.0 {
                [] => return None,
                [b'%', ..] => {
                    self.until(|byte| matches!(byte, b'\n' | b'\r'));
                }
                [b'<', b'<', ..] => self.0 = &self.0[2..],
                [b'<', ..] => {
                    let body = self.until(|byte| byte == b'>');
                    self.0 = self.0.get(1..).unwrap_or_default();
                    return Some(Token::Hex(hex(&body[1..])));
                }
                [b'[', rest @ ..] => {
                    self.0 = rest;
                    return Some(Token::Open);
                }
                [b']', rest @ ..] => {
                    self.0 = rest;
                    return Some(Token::Close);
                }
                _ => {
                    let ends = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'<' | b'[' | b']' | b'%');
                    let word = self.until(ends);
                    return Some(Token::Word(word));
                }
            }
        }
    }
}

impl<'t> Tokens<'t> {
    /// What stands before the first byte that ends it; at least one byte.
    fn until(&mut self, ends: impl Fn(u8) -> bool) -> &'t [u8] {
        let length = self.0.iter().skip(1).position(|&byte| ends(byte)).map_or(self.0.len(), |at| at + 1);
        let (before, after) = self.0.split_at(length);
        self.0 = after;
        before
    }
}

fn hex(digits: &[u8]) -> Vec<u8> {
    let values: Vec<u8> = digits
        .iter()
        .filter_map(|&digit| char::from(digit).to_digit(16))
        .map(|value| value as u8)
        .collect();
    values
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_text() {
        let map = CMap::read(
            b"/CMapName /X def 1 begincodespacerange <0000><FFFF> endcodespacerange % comment\n\
              2 beginbfchar <0003> <0020> <0010><00660069> endbfchar\n\
              3 beginbfrange <0024> <0026> <0041> <0030><0031> [<0061> <D83DDE00>] <0000000A><FFFFFFFF> <0100> endbfrange",
        );
        let text = |code| map.text(code);
        assert_eq!(text(3).as_deref(), Some(" "));
        assert_eq!(text(0x10).as_deref(), Some("fi"));
        assert_eq!(text(0x25).as_deref(), Some("B"));
        assert_eq!(text(0x31).as_deref(), Some("😀"));
        assert_eq!(text(1), None);
        assert!(map.spaces[0].has(&[0, 3]) && !map.spaces[0].has(&[3]));
    }

    #[test]
    fn nonsense_is_no_map() {
        for source in [
            &b"<"[..],
            b"<41",
            b"beginbfchar <",
            b"beginbfrange <1> <2> endbfrange",
            b"beginbfrange <1> <2> [ endbfrange",
            b"]]>>",
        ] {
            assert_eq!(CMap::read(source).text(1), None);
        }
    }
}
