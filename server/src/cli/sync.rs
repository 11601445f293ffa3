//! `tidings sync` and `tidings export`: folders of markdown files.

use super::{Global, owner, print, stopped, with_new_store, with_store};
use crate::domain::Caller;
use crate::sync::{self, Announce, Report};
use app::protocol::KbName;
use clap::Args;
use clap::builder::FalseyValueParser;
use serde::Serialize;
use std::path::PathBuf;
use tokio_util::sync::CancellationToken;

/// What to bring in.
#[derive(Debug, Args)]
pub(super) struct Sync {
    /// The folder with the markdown files
    folder: PathBuf,
    /// The knowledge base that shall have them; it is made where it is missing
    #[arg(long, env = "TIDINGS_KB", value_name = "NAME")]
    kb: KbName,
    /// Sync again whenever a file changes, until Ctrl-C
    #[arg(long, env = "TIDINGS_WATCH", value_parser = FalseyValueParser::new())]
    watch: bool,
    /// End with exit code 1 when a file was skipped; the others are brought in all the same
    #[arg(long, env = "TIDINGS_STRICT", value_parser = FalseyValueParser::new())]
    strict: bool,
}

/// What to write out.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// The knowledge base
    kb: KbName,
    /// The folder, which is made where it is missing. Files in it that are no entries are left alone
    folder: PathBuf,
}

#[derive(Serialize)]
struct Line<'r> {
    kb_name: &'r KbName,
    #[serde(flatten)]
    report: &'r Report,
}

pub(super) async fn run(global: &Global, command: Sync) -> anyhow::Result<()> {
    let Sync { folder, kb, watch, strict } = command;
    let judge = |skipped: u64| match skipped {
        1 if strict => Err(anyhow::anyhow!("1 file was skipped; mend it, and sync again.")),
        2.. if strict => Err(anyhow::anyhow!("{skipped} files were skipped; mend them, and sync again.")),
        _ => Ok(()),
    };
    with_new_store(global, async |store| {
        if !watch {
            let report = sync::sync(store, &owner(), &kb, &folder, Announce::Always).await?;
            print_report(global, &kb, &report)?;
            return judge(report.counts.failed);
        }
        let (asked, stop) = (stopped(), CancellationToken::new());
        let mut printed = Ok(());
        let mut skipped = 0;
        let owner = owner();
        let watching = sync::watch(store, &owner, &kb, &folder, &stop, |report| {
            skipped = skipped.max(report.counts.failed);
            if printed.is_ok() {
                printed = print_report(global, &kb, report);
            }
            if printed.is_err() {
                stop.cancel();
            }
        });
        let signal = async {
            asked.await;
            stop.cancel();
            std::future::pending::<()>().await;
        };
        tokio::select! {
            result = watching => result?,
            () = signal => {}
        }
        printed?;
        judge(skipped)
    })
    .await
}

fn print_report(global: &Global, kb_name: &KbName, report: &Report) -> anyhow::Result<()> {
    if global.json {
        return print::json(&Line { kb_name, report });
    }
    for failure in &report.failures {
        eprintln!("tidings: skipped {}: {}", failure.path, failure.why);
    }
    let counts = report.counts;
    print::line(format_args!(
        "{kb_name}: {} added, {} updated, {} removed, {} unchanged, {} failed",
        counts.added, counts.updated, counts.removed, counts.unchanged, counts.failed
    ))
}

pub(super) async fn export(global: &Global, command: Export) -> anyhow::Result<()> {
    with_store(global, async |store| {
        let done = sync::export(store, &Caller::owner(), &command.kb, &command.folder).await?;
        if global.json {
            return print::json(&done);
        }
        print::line(format_args!(
            "{}: {} written, {} unchanged",
            command.folder.display(),
            done.written,
            done.unchanged
        ))
    })
    .await
}
