//! Keeps text that is not markdown from being read as markdown. As little as possible is escaped, as people and
//! programs read the source as well.

/// Escapes what would be read as HTML, and so be hidden. Links in angle brackets stay.
pub(super) fn tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if c == '<' && is_tag(&text[at + 1..]) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// How far a link in angle brackets is looked for.
const LINK_BYTES: usize = 2_048;

fn is_tag(rest: &str) -> bool {
    if !rest.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
        return false;
    }
    // A tag goes on over lines, but what matters of a link is in its first word; and no link is longer than this.
    let near = &rest[..rest.floor_char_boundary(LINK_BYTES)];
    let word = near
        .split(|c: char| c.is_whitespace() || matches!(c, '<' | '>'))
        .next()
        .unwrap_or_default();
    let is_mail = word.starts_with("mailto:") || (word.contains('@') && !word.starts_with('/'));
    !word.contains("://") && !is_mail
}

/// Escapes text that stands within a line. What stands before and after it is not known, and may be anything.
pub(super) fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 32);
    const EDGE: char = '\0';
    let mut before = EDGE;
    for (at, c) in text.char_indices() {
        let rest = &text[at + c.len_utf8()..];
        let after = rest.chars().next().unwrap_or(EDGE);
        let both = |is: fn(char) -> bool| is(before) && is(after);
        let has_meaning = match c {
            '\\' => after.is_ascii_punctuation() || rest.is_empty(),
            '`' => true,
            '*' => !both(char::is_whitespace),
            // Within a word it means nothing.
            '_' => !both(char::is_alphanumeric) && !both(char::is_whitespace),
            '~' => after == '~' || before == '~',
            '<' => is_tag(rest),
            '[' => after == '[' || after == '^',
            ']' => matches!(after, '(' | '[' | ':'),
            '&' => is_reference(rest),
            _ => false,
        };
        if has_meaning {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
    out
}

/// `&amp;` and `&#65;`.
fn is_reference(rest: &str) -> bool {
    let body: &str = &rest[..rest.bytes().take(32).position(|b| b == b';').unwrap_or(0)];
    !body.is_empty() && body.trim_start_matches('#').bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Escapes what would make the start of a paragraph a heading, a list, a quotation or a rule.
pub(super) fn block_start(text: &str) -> String {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let ends_mark = |at: usize| text[at..].chars().next().is_none_or(char::is_whitespace);
    let is_number = (1..=9).contains(&digits) && text[digits..].starts_with(['.', ')']) && ends_mark(digits + 1);
    let hashes = text.bytes().take_while(|&b| b == b'#').count();
    let is_heading = (1..=6).contains(&hashes) && ends_mark(hashes);
    let is_bullet = text.starts_with(['-', '+', '*']) && ends_mark(1);
    let is_rule = text.len() >= 3 && text.bytes().all(|b| matches!(b, b'-' | b'=' | b' '));
    let is_fence = text.starts_with("~~~") || text.starts_with("```");
    if is_number {
        format!("{}\\{}", &text[..digits], &text[digits..])
    } else if is_heading || is_bullet || is_rule || is_fence || text.starts_with('>') {
        format!("\\{text}")
    } else {
        text.to_owned()
    }
}

/// A fence that is longer than every run of backticks in the text.
pub(super) fn fence(text: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for byte in text.bytes() {
        run = if byte == b'`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    "`".repeat((longest + 1).max(3))
}

/// Code within a line, whatever backticks it has.
pub(super) fn code(text: &str) -> String {
    let mark = if text.contains('`') { fence(text) } else { "`".to_owned() };
    if text.starts_with('`') || text.ends_with('`') {
        format!("{mark} {text} {mark}")
    } else {
        format!("{mark}{text}{mark}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_shown_and_links_work() {
        assert_eq!(
            tags("a < b <b>x</b> <https://a.b> <me@a.b> <!-- c"),
            "a < b \\<b>x\\</b> <https://a.b> <me@a.b> \\<!-- c"
        );
        assert_eq!(tags("<"), "<");
    }

    #[test]
    fn only_what_has_a_meaning_is_escaped() {
        for (plain, escaped) in [
            ("snake_case and 2 * 3", "snake_case and 2 * 3"),
            ("*stars* and _lines_", "\\*stars\\* and \\_lines\\_"),
            ("a [link](x) [1]", "a [link\\](x) [1]"),
            ("[[page]]", "\\[[page]]"),
            ("AT&T &amp; &#65;", "AT&T \\&amp; \\&#65;"),
            ("C:\\dir \\*", "C:\\dir \\\\\\*"),
            ("~~no~~ ~5", "\\~\\~no\\~\\~ ~5"),
            ("`x`", "\\`x\\`"),
        ] {
            assert_eq!(inline(plain), escaped);
        }
    }

    #[test]
    fn a_paragraph_stays_one() {
        for (plain, escaped) in [
            ("# x", "\\# x"),
            ("#x", "#x"),
            ("- x", "\\- x"),
            ("-5 degrees", "-5 degrees"),
            ("2024. A year", "2024\\. A year"),
            ("2.5 m", "2.5 m"),
            ("> x", "\\> x"),
            ("----", "\\----"),
            ("==", "=="),
        ] {
            assert_eq!(block_start(plain), escaped);
        }
    }

    #[test]
    fn code_is_fenced_off() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("`a"), "``` `a ```");
        assert_eq!(fence("a ```` b"), "`````");
    }
}
