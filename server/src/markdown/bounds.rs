//! Which bodies are markdown at all. pulldown-cmark takes time or memory out of all proportion for a few shapes of text that no
//! author writes: containers nested by the thousand, tables whose rows leave most columns out, and titles of links that span
//! thousands of lines. Such a body is plain text to everybody who reads it here. Looking at it takes one pass.

/// Steps through open containers: as many as the deepest line has, for each line. A mail quoted a hundred times over, of ten
/// thousand lines, takes a million.
const CONTAINER_STEPS: usize = 10_000_000;
/// Cells of tables, those that their rows leave out included. A cell that is there takes at least two bytes, so a body that is
/// full of them has half a million.
const CELLS: usize = 600_000;
/// Steps through a paragraph in which a link may have a title: the square of its lines.
const TITLE_STEPS: usize = 100_000_000;

/// Whether parsing this body takes no more than its size allows for.
pub(super) fn is_markdown(body: &str) -> bool {
    let mut shape = Shape::default();
    for line in body.split('\n') {
        shape.add(line);
    }
    shape.end_paragraph();
    shape.deepest.saturating_mul(shape.lines) <= CONTAINER_STEPS && shape.cells <= CELLS && shape.title_steps <= TITLE_STEPS
}

/// What was counted so far.
#[derive(Default)]
struct Shape {
    lines: usize,
    /// Most containers that one line opens.
    deepest: usize,
    cells: usize,
    /// Of the table that may be open; 0 where none is.
    columns: usize,
    title_steps: usize,
    /// Lines of the paragraph that is open, and whether it may hold a link.
    paragraph: usize,
    has_link: bool,
}

impl Shape {
    fn add(&mut self, line: &str) {
        self.lines += 1;
        let (containers, indent, text) = containers(line);
        // An item of a list within another is indented by two at least.
        self.deepest = self.deepest.max(containers + indent / 2);
        let is_blank = text.trim_ascii().is_empty();
        // Deeper lines may go on with the paragraph before them, whatever they look like.
        let begins_block = indent < 4 && (containers > 0 || text.starts_with(['#', '|']));
        if is_blank || begins_block {
            self.end_paragraph();
        }
        if is_blank {
            self.columns = 0;
            return;
        }
        self.paragraph += 1;
        self.has_link |= text.contains("](") || text.contains("]:");
        let is_delimiter =
            text.contains('-') && text.contains('|') && text.bytes().all(|b| matches!(b, b'-' | b'|' | b':' | b'>' | b' ' | b'\t' | b'\r'));
        if is_delimiter {
            self.columns = self.columns.max(text.bytes().filter(|b| *b == b'|').count() + 1);
        }
        self.cells += self.columns;
    }

    fn end_paragraph(&mut self) {
        if std::mem::take(&mut self.has_link) {
            self.title_steps = self.title_steps.saturating_add(self.paragraph.saturating_mul(self.paragraph));
        }
        self.paragraph = 0;
    }
}

/// The containers that a line opens or goes on with (quotations, items of lists), how far it is indented, and what follows.
fn containers(line: &str) -> (usize, usize, &str) {
    let indent = line.bytes().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let mut rest = &line[indent..];
    let mut count = 0;
    loop {
        let behind = match rest.as_bytes() {
            [b'>', ..] => &rest[1..],
            [b'-' | b'+' | b'*', b' ' | b'\t', ..] => &rest[2..],
            _ => {
                let digits = rest.bytes().take(9).take_while(u8::is_ascii_digit).count();
                match &rest.as_bytes()[digits..] {
                    [b'.' | b')', b' ' | b'\t', ..] if digits > 0 => &rest[digits + 2..],
                    _ => return (count, indent, rest),
                }
            }
        };
        count += 1;
        rest = behind.trim_start_matches([' ', '\t']);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_markdown() {
        let list: String = (0..20_000)
            .map(|n| format!("- [Item {n}](https://example.org/{n} \"title\")\n"))
            .collect();
        let table = format!("| a | b | c | d |\n|---|---|---|---|\n{}", "| 1 | 2 | 3 | 4 |\n".repeat(30_000));
        let quoted = format!("{} deep\n", ">".repeat(60)).repeat(8_000);
        let prose = "A line of prose with a [link](/x).\n".repeat(9_000);
        let paragraphs = "Prose with a [link](/x \"title\").\nAnd more.\n\n".repeat(20_000);
        for body in [
            "",
            "x",
            &list,
            &table,
            &quoted,
            &prose,
            &paragraphs,
            &"-".repeat(1 << 20),
            &"[".repeat(1 << 20),
        ] {
            assert!(is_markdown(body), "{body:.40}");
        }
    }

    #[test]
    fn what_no_parser_bears_is_not() {
        let tables: String = (0..340)
            .map(|_| format!("{}\n{}\n{}\n", "a|".repeat(500), "-|".repeat(500), "a\n".repeat(500)))
            .collect();
        for (what, body) in [
            (
                "quotations in each other",
                format!("{}a\n{}", ">".repeat(500_000), "a\n".repeat(260_000)),
            ),
            (
                "lists in each other",
                format!("{}a\n{}", "- ".repeat(200_000), "a\n".repeat(260_000)),
            ),
            (
                "numbers in each other",
                format!("{}a\n{}", "1. ".repeat(100_000), "a\n".repeat(260_000)),
            ),
            ("half-empty tables", tables),
            (
                "one wide table",
                format!("{}\n{}\n{}", "a|".repeat(1_000), "-|".repeat(1_000), "a\n".repeat(400_000)),
            ),
            ("an endless title", format!("[a](b \"{}\")", "x\n".repeat(500_000))),
            (
                "an endless title of a reference",
                format!("[a]: b \"{}\"\n\n[a]", "x\n".repeat(500_000)),
            ),
            (
                "an endless title of what looks like a list",
                format!("[a](b \"{}\")", "      - x\n".repeat(100_000)),
            ),
        ] {
            assert!(!is_markdown(&body), "{what}");
        }
    }
}
