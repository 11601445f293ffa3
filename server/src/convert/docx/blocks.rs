//! Writes paragraphs, lists and tables as markdown.

use super::super::escape;
use super::numbering::ItemMark;

/// A paragraph or table that is read to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) kind: BlockKind,
    /// Markdown within a line, with `\n` for line breaks; the plain text for code; all of it for a table.
    pub(super) text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BlockKind {
    Plain,
    Heading(u8),
    Item(u8, ItemMark),
    Quote,
    Code,
    Table,
}

/// How far items at each depth are indented.
type Indents = Vec<(u8, usize)>;

/// All blocks.
pub(super) fn markdown(blocks: &[Block]) -> String {
    let mut out = String::new();
    let mut indents = Indents::new();
    for group in blocks.chunk_by(|a, b| a.kind == BlockKind::Code && b.kind == BlockKind::Code) {
        let first = &group[0];
        let is_item = matches!(first.kind, BlockKind::Item(..));
        if !out.is_empty() {
            out.push_str(if is_item && !indents.is_empty() { "\n" } else { "\n\n" });
        }
        if !is_item {
            indents.clear();
        }
        match first.kind {
            BlockKind::Plain => out.push_str(&broken(&escape_start(&first.text), "")),
            BlockKind::Heading(level) => {
                out.push_str(&"#".repeat(usize::from(level)));
                out.push(' ');
                out.push_str(&first.text.replace('\n', " "));
            }
            BlockKind::Item(level, mark) => push_item(&mut out, &mut indents, level, mark, &first.text),
            BlockKind::Quote => {
                out.push_str("> ");
                out.push_str(&broken(&escape_start(&first.text), "> "));
            }
            BlockKind::Code => push_code(&mut out, group),
            BlockKind::Table => out.push_str(&first.text),
        }
    }
    out
}

/// Blocks within a cell of a table, which has one line.
pub(super) fn one_line(blocks: &[Block]) -> String {
    let texts = blocks.iter().map(|block| {
        let text = match block.kind {
            BlockKind::Code => escape::code(block.text.trim()),
            _ => block.text.trim().to_owned(),
        };
        match block.kind {
            BlockKind::Item(_, ItemMark::Bullet) => format!("• {text}"),
            BlockKind::Item(_, ItemMark::Number(number)) => format!("{number}. {text}"),
            _ => text,
        }
    });
    texts
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join("<br>")
        .replace('\n', "<br>")
}

/// Text that begins with what is escaped already, or with a mark, needs nothing more.
fn escape_start(text: &str) -> String {
    text.split('\n')
        .map(|line| escape::block_start(line.trim()))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Line breaks that are kept, with what stands before each further line.
fn broken(text: &str, indent: &str) -> String {
    text.trim().replace('\n', &format!("\\\n{indent}"))
}

fn push_item(out: &mut String, indents: &mut Indents, level: u8, mark: ItemMark, text: &str) {
    while indents.last().is_some_and(|(open, _)| *open >= level) {
        indents.pop();
    }
    let mark = match mark {
        ItemMark::Bullet => "-".to_owned(),
        ItemMark::Number(number) => format!("{number}."),
    };
    let before = indents.last().map_or(0, |(_, width)| *width);
    let width = before + mark.len() + 1;
    indents.push((level, width));
    out.push_str(&" ".repeat(before));
    out.push_str(&mark);
    out.push(' ');
    out.push_str(&broken(&escape_start(text), &" ".repeat(width)));
}

fn push_code(out: &mut String, group: &[Block]) {
    let lines: Vec<&str> = group.iter().map(|block| block.text.trim_end()).collect();
    let code = lines.join("\n");
    let code = code.trim_matches('\n');
    let fence = escape::fence(code);
    out.push_str(&format!("{fence}\n{code}\n{fence}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(kind: BlockKind, text: &str) -> Block {
        Block {
            kind,
            text: text.to_owned(),
        }
    }

    #[test]
    fn lists_are_nested_below_the_text_of_their_items() {
        let item = |level, mark, text| block(BlockKind::Item(level, mark), text);
        let blocks = [
            item(0, ItemMark::Number(10), "ten"),
            item(1, ItemMark::Bullet, "deep\nbroken"),
            item(3, ItemMark::Bullet, "deeper"),
            item(0, ItemMark::Number(11), "# eleven"),
            block(BlockKind::Plain, "end"),
        ];
        assert_eq!(
            markdown(&blocks),
            "10. ten\n    - deep\\\n      broken\n      - deeper\n11. \\# eleven\n\nend"
        );
    }

    #[test]
    fn code_is_one_block() {
        let blocks = [
            block(BlockKind::Code, "a {"),
            block(BlockKind::Code, "  b"),
            block(BlockKind::Plain, "- c"),
        ];
        assert_eq!(markdown(&blocks), "```\na {\n  b\n```\n\n\\- c");
    }
}
