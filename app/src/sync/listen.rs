//! Topics that a tab hears only while it asks for them: the server's log.

use super::client::Notice;
use super::{Link, Sync};
use crate::protocol::Topic;
use crate::protocol::frame::ClientFrame;
use crate::protocol::log::LogRecord;
use leptos::prelude::*;

/// What the server says of itself.
#[derive(Debug, Clone, Copy)]
pub enum LogNews<'n> {
    /// These, oldest first.
    Records(&'n [LogRecord]),
    /// What it said before is gone.
    Cleared,
}

impl Sync {
    /// Calls `f` with what the server says of itself, until the current owner is disposed. What came while there was no
    /// connection must be read. Never on the server.
    pub fn on_log(self, f: impl Fn(LogNews<'_>) + 'static) {
        let remove = self.listen(move |notice| match notice {
            Notice::Log(records) => f(LogNews::Records(records)),
            Notice::LogsCleared => f(LogNews::Cleared),
            _ => {}
        });
        let Some(remove) = remove else { return };
        let live = Memo::new(move |_| self.link.get() == Link::Live);
        Effect::new(move || {
            // Each connection is told anew.
            if live.get() {
                self.ask(ClientFrame::Subscribe {
                    topics: vec![Topic::Logs],
                    cursor: None,
                });
            }
        });
        on_cleanup(move || {
            remove();
            self.ask(ClientFrame::Unsubscribe { topics: vec![Topic::Logs] });
        });
    }

    fn ask(self, frame: ClientFrame) {
        self.with_client(|client| client.send(&frame));
    }
}
