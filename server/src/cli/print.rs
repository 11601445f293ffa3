//! Standard output. Whoever reads it may stop at any time (`| head`), which is no error.

use serde::Serialize;
use std::fmt::Display;
use std::io::Write;

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
    out.write_fmt(text).and_then(|()| out.flush()).map_err(|error| match error.kind() {
        std::io::ErrorKind::BrokenPipe => Closed.into(),
        _ => anyhow::Error::from(error).context("cannot write the output"),
    })
}
