//! Keeps text text: escapes what markdown would take for markup.

/// Appends text that means nothing. `before` is the character that it follows.
pub(in super::super) fn push(out: &mut String, text: &str, is_in_table: bool) {
    let mut before = out.chars().next_back();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let after = rest.peek().copied();
        let is_markup = match c {
            '\\' | '`' | '*' | '[' | ']' | '~' => true,
            // Within a word it means nothing.
            '_' => !(before.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphanumeric)),
            '<' => after.is_some_and(|after| after.is_ascii_alphabetic() || matches!(after, '/' | '!' | '?')),
            '&' => after.is_some_and(|after| after.is_ascii_alphanumeric() || after == '#'),
            '|' => is_in_table,
            _ => false,
        };
        if is_markup {
            out.push('\\');
        }
        out.push(c);
        before = Some(c);
    }
}

/// Escapes what would make something else than a paragraph of its lines.
pub(super) fn paragraph(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| guarded(line.trim_start())).collect();
    lines.join("\n")
}

fn guarded(line: &str) -> String {
    let ends_marker = |rest: &str| rest.is_empty() || rest.starts_with([' ', '\t']);
    let digits = line.chars().take_while(char::is_ascii_digit).count();
    if (1..=9).contains(&digits) && line[digits..].starts_with(['.', ')']) && ends_marker(&line[digits + 1..]) {
        return format!("{}\\{}", &line[..digits], &line[digits..]);
    }
    let hashes = line.chars().take_while(|c| *c == '#').count();
    let is_heading = (1..=6).contains(&hashes) && ends_marker(&line[hashes..]);
    let is_item = line.starts_with(['-', '+']) && ends_marker(&line[1..]);
    // A line of these makes a heading of the one before, a table, or a rule.
    let is_rule = !line.is_empty() && line.chars().all(|c| matches!(c, '-' | '=' | '_' | ':' | '|' | ' '));
    if is_heading || is_item || is_rule || line.starts_with('>') {
        return format!("\\{line}");
    }
    line.to_owned()
}

/// Where a link leads to, as it can stand in markdown. `None` when it cannot.
pub(super) fn destination(url: &str) -> Option<String> {
    if url
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '\\'))
    {
        return None;
    }
    let url = url.replace('|', "%7C").replace('*', "%2A").replace('`', "%60");
    Some(if url.contains(['(', ')']) { format!("<{url}>") } else { url })
}
