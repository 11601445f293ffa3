//! Writes tables.

use super::inline::{Line, Manner};
use dom_query::{NodeRef, Selection};

/// Most columns. What has more is no table to read.
const MOST_COLUMNS: usize = 100;

/// A table in pipes, with its caption before it. `None` when it only lays out the page: then what is in its cells is to be
/// written as it is.
pub(super) fn table(node: &NodeRef) -> Option<Vec<String>> {
    let inside = Selection::from(*node);
    if node.attr_or("role", "").eq_ignore_ascii_case("presentation") || inside.select("table, pre, h1, h2, h3, blockquote").exists() {
        return None;
    }
    let rows: Vec<Vec<NodeRef>> = inside
        .select("tr")
        .iter()
        .map(|row| cells(row.nodes().first()))
        .filter(|row| !row.is_empty())
        .collect();
    let columns = rows.iter().map(|row| row.iter().map(span).sum()).max().unwrap_or(0);
    if columns == 0 || columns > MOST_COLUMNS || (columns == 1 && !inside.select("th").exists()) {
        return None;
    }
    let has_head = rows
        .first()
        .is_some_and(|row| row.iter().all(|cell| cell.has_name("th")) || is_in_head(row));
    let mut lines = Vec::with_capacity(rows.len() + 2);
    let mut rows = rows.into_iter();
    let head = if has_head { rows.next().unwrap_or_default() } else { Vec::new() };
    lines.push(line(&head, columns));
    lines.push(format!("|{}", " --- |".repeat(columns)));
    lines.extend(rows.map(|row| line(&row, columns)));
    let caption = inside.select_single("caption");
    let caption = caption.nodes().first().map(|caption| written(caption, Manner::line()));
    Some(
        caption
            .into_iter()
            .filter(|caption| !caption.is_empty())
            .chain([lines.join("\n")])
            .collect(),
    )
}

fn cells<'a>(row: Option<&NodeRef<'a>>) -> Vec<NodeRef<'a>> {
    let children = row.into_iter().flat_map(|row| row.children_it(false));
    children.filter(|cell| cell.has_name("td") || cell.has_name("th")).collect()
}

fn is_in_head(row: &[NodeRef]) -> bool {
    let group = row.first().and_then(NodeRef::parent).and_then(|row| row.parent());
    group.is_some_and(|group| group.has_name("thead"))
}

/// How many columns a cell takes.
fn span(cell: &NodeRef) -> usize {
    cell.attr_or("colspan", "1").trim().parse().unwrap_or(1).clamp(1, MOST_COLUMNS)
}

fn line(row: &[NodeRef], columns: usize) -> String {
    let mut line = "|".to_owned();
    let mut filled = 0;
    for cell in row {
        let text = written(cell, Manner::cell());
        line.push_str(&format!(" {text} |"));
        line.push_str(&"  |".repeat(span(cell) - 1));
        filled += span(cell);
    }
    line.push_str(&"  |".repeat(columns - filled.min(columns)));
    line
}

fn written(node: &NodeRef, manner: Manner) -> String {
    let mut line = Line::default();
    line.children(node, manner);
    line.finish()
}
