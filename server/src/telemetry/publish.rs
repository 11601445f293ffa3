//! Carries the log to who listens to it: several records in one message, and never from within what is being logged.

use super::Logs;
use crate::live::Hub;
use app::protocol::Topic;
use app::protocol::frame::{Control, LogRecords};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Records that come closer together than this are sent together.
const TOGETHER: Duration = Duration::from_millis(50);
/// Most records of a message.
const MOST: usize = 200;

/// Publishes what comes until `stop`.
pub async fn publish(logs: Logs, hub: Hub, stop: CancellationToken) {
    let mut news = logs.news();
    let (mut sent, mut cleared) = (logs.last(), news.borrow().cleared);
    while let Some(Ok(())) = stop.run_until_cancelled(news.changed()).await {
        tokio::time::sleep(TOGETHER).await;
        let now = *news.borrow_and_update();
        if now.cleared != cleared {
            cleared = now.cleared;
            hub.pass(&Topic::Logs, &Control::LogsCleared { topic: Topic::Logs }, None);
        }
        loop {
            let items = logs.after(sent, MOST);
            let Some(last) = items.last() else { break };
            sent = last.id;
            let records = Control::LogRecords {
                topic: Topic::Logs,
                data: LogRecords { items },
            };
            hub.pass(&Topic::Logs, &records, None);
        }
    }
}
