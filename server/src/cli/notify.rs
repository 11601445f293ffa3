//! `tidings notify` and `tidings announce`: telling one, and telling all.

use super::{Global, owner, print, with_store};
use crate::domain::{announcement, notification};
use app::protocol::Timestamp;
use app::protocol::notification::{NewAnnouncement, NewNotification, Weight};
use clap::{Args, ValueEnum};
use serde_json::{Map, json};

/// Tells somebody something.
#[derive(Debug, Args)]
pub(super) struct Notify {
    /// Whom
    user: String,
    /// What it is about, in a line
    #[arg(long, env = "TIDINGS_TITLE", value_name = "T")]
    title: String,
    /// The rest
    #[arg(long, env = "TIDINGS_MESSAGE", value_name = "M", default_value = "", hide_default_value = true)]
    message: String,
    /// The kind, by which people choose how they hear of it
    #[arg(long = "type", env = "TIDINGS_TYPE", value_name = "KIND", default_value = "message")]
    kind: String,
    /// Where it leads: a path of the server, or an address
    #[arg(long, env = "TIDINGS_LINK", value_name = "LINK")]
    link: Option<String>,
}

pub(super) async fn notify(global: &Global, command: Notify) -> anyhow::Result<()> {
    let new = NewNotification {
        user: command.user.clone(),
        title: command.title,
        message: command.message,
        kind: Some(command.kind),
        link: command.link,
        data: Map::new(),
    };
    with_store(global, async |store| {
        let sent = notification::send(store, &owner(), new).await?.0;
        match sent {
            Some((_, sent)) if global.json => print::json(&sent),
            None if global.json => print::json(&json!({ "sent": false })),
            Some((_, sent)) => print::line(sent.id),
            None => print::line(format_args!("{} does not want to hear of this kind", command.user)),
        }
    })
    .await
}

/// How much an announcement weighs.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Level {
    /// Good to know
    Info,
    /// Something will not be as usual
    Warning,
    /// Something is wrong
    Critical,
}

/// Tells everybody something.
#[derive(Debug, Args)]
pub(super) struct Announce {
    /// What
    message: String,
    /// How much it weighs
    #[arg(long, env = "TIDINGS_LEVEL", value_enum, default_value_t = Level::Info)]
    level: Level,
    /// Until when it shows, such as 2026-12-24T18:00:00Z
    #[arg(long, env = "TIDINGS_EXPIRES_AT", value_name = "TIME")]
    expires_at: Option<Timestamp>,
}

pub(super) async fn announce(global: &Global, command: Announce) -> anyhow::Result<()> {
    let new = NewAnnouncement {
        message: command.message,
        level: Some(match command.level {
            Level::Info => Weight::Info,
            Level::Warning => Weight::Warning,
            Level::Critical => Weight::Critical,
        }),
        expires_at: command.expires_at,
    };
    with_store(global, async |store| {
        let made = announcement::announce(store, &owner(), new).await?;
        if global.json { print::json(&made) } else { print::line(made.id) }
    })
    .await
}
