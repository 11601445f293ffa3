//! Tables as pipe tables.

use super::blocks::{self, Block, BlockKind};

/// Most columns that one cell spans.
const SPAN: usize = 64;

/// A table that is being read.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Vec<Vec<String>>,
    row: Vec<String>,
    /// What the open cell holds.
    pub(super) cell: Vec<Block>,
    pub(super) span: usize,
    /// The table's only blocks, kept as long as it may turn out to be a frame around them.
    frame: Vec<Block>,
    cells: usize,
}

impl Table {
    pub(super) fn open_cell(&mut self) {
        self.cell.clear();
        self.span = 1;
    }

    pub(super) fn close_cell(&mut self) {
        let cell = std::mem::take(&mut self.cell);
        self.row.push(blocks::one_line(&cell));
        self.row.extend((1..self.span.min(SPAN)).map(|_| String::new()));
        self.cells += 1;
        self.frame = if self.cells == 1 { cell } else { Vec::new() };
    }

    pub(super) fn close_row(&mut self) {
        let row = std::mem::take(&mut self.row);
        // A row whose deletion is tracked is empty.
        if row.iter().any(|cell| !cell.is_empty()) {
            self.rows.push(row);
        }
    }

    /// The table as blocks. One of a single cell is a frame, and within another table it is text.
    pub(super) fn finish(mut self, is_nested: bool) -> Vec<Block> {
        self.close_row();
        if self.rows.is_empty() {
            return Vec::new();
        }
        if self.cells == 1 {
            return self.frame;
        }
        let (kind, text) = if is_nested {
            let rows = self.rows.iter().map(|row| row.join(" / "));
            (BlockKind::Plain, rows.collect::<Vec<_>>().join("\n"))
        } else {
            (BlockKind::Table, pipes(&self.rows))
        };
        vec![Block { kind, text }]
    }
}

fn pipes(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut lines = Vec::with_capacity(rows.len() + 1);
    for (index, row) in rows.iter().enumerate() {
        let mut line = String::from("|");
        for cell in row {
            line.push(' ');
            line.push_str(&cell.replace('|', "\\|"));
            line.push_str(" |");
        }
        // What is missing of a row at its end may be left out, but not in the first.
        if index == 0 {
            line.push_str(&"  |".repeat(columns - row.len()));
        }
        lines.push(line);
        if index == 0 {
            lines.push(format!("|{}", " --- |".repeat(columns)));
        }
    }
    lines.join("\n")
}
