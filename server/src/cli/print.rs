//! Standard output. Whoever reads it may stop at any time (`| head`), which is no error.

use serde::Serialize;
use std::fmt::Display;
use std::io::{IsTerminal, Write};

/// Nobody reads the output any more: the command ends quietly.
#[derive(Debug, thiserror::Error)]
#[error("the output was closed")]
pub(super) struct Closed;

/// Prints a text and ends the line.
pub(super) fn line(text: impl Display) -> anyhow::Result<()> {
    print(format_args!("{text}\n"))
}

/// Prints a text as it is.
pub(super) fn text(text: &str) -> anyhow::Result<()> {
    print(format_args!("{text}"))
}

/// Prints a value as one line of JSON.
pub(super) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    line(serde_json::to_string(value)?)
}

fn print(text: std::fmt::Arguments<'_>) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let written = match out.is_terminal() {
        true => out.write_all(harmless(&text.to_string()).as_bytes()),
        false => out.write_fmt(text),
    };
    written.and_then(|()| out.flush()).map_err(|error| match error.kind() {
        std::io::ErrorKind::BrokenPipe => Closed.into(),
        _ => anyhow::Error::from(error).context("cannot write the output"),
    })
}

/// A text as a terminal may get it: what somebody wrote into an entry must not command it.
fn harmless(text: &str) -> String {
    text.chars()
        .flat_map(|c| match c {
            '\n' | '\t' => vec![c],
            c if c.is_control() => c.escape_default().collect(),
            c => vec![c],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_commands_a_terminal_is_spelled_out() {
        assert_eq!(super::harmless("a\tb\u{1b}[2Jc\r\nd\u{9b}é"), "a\tb\\u{1b}[2Jc\\r\nd\\u{9b}é");
    }
}
