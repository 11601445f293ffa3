//! Notices what other processes commit to the same database (the command line beside a running server).

use super::{Store, files, open};
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How often the database is asked. `PRAGMA data_version` reads one word of shared memory, so this costs next to
/// nothing, and unlike a watch on the file it works on every file system.
const INTERVAL: Duration = Duration::from_millis(100);

/// How often a server looks whether the files are still its own.
const LOOK: Duration = Duration::from_secs(1);

impl Store {
    /// Notifies `changed` after every commit to the database, by whichever connection, until `stop`. One's own commits
    /// notify too: whoever is woken compares the log's head with what it knows.
    pub async fn watch(&self, changed: &Notify, stop: &CancellationToken) {
        let mut connection = None;
        let mut seen: Option<i64> = None;
        let mut looked = Instant::now();
        let mut timer = tokio::time::interval(INTERVAL);
        timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                _ = timer.tick() => {}
            }
            if looked.elapsed() >= LOOK {
                looked = Instant::now();
                self.writer.look().await;
            }
            if files::is_lost(&self.lost).is_err() {
                break;
            }
            match self.data_version(&mut connection).await {
                Ok(version) => {
                    // The first look notifies too: who watches may have read before it.
                    if seen != Some(version) {
                        changed.notify_one();
                    }
                    seen = Some(version);
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot see whether other processes write; trying again");
                    connection = None;
                    seen = None;
                    // What happened meanwhile is found by reading the log.
                    changed.notify_one();
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
        if let Some(connection) = connection {
            let _ = connection.close().await;
        }
    }

    /// `data_version` is a property of a connection: it must always be the same one.
    async fn data_version(&self, connection: &mut Option<SqliteConnection>) -> Result<i64, sqlx::Error> {
        let connection = match connection {
            Some(connection) => connection,
            None => connection.insert(open::options(self.file()).read_only(true).connect().await?),
        };
        sqlx::query_scalar("PRAGMA data_version").fetch_one(connection).await
    }
}
