//! Lists that are loaded a piece at a time: asking for the next piece of one, and taking it in.

use super::{Answer, LiveRead};
use crate::protocol::{Envelope, Snapshot};
use crate::sync::cache::{Applied, Live};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::future::Future;
use std::sync::Arc;

/// After a piece that failed; the reader still waits for it.
const RETRY_MS: f64 = 2_000.0;

impl<T: Live> LiveRead<T> {
    /// Whether a piece is on its way.
    pub fn loading_more(self) -> Signal<bool> {
        self.loading_more.into()
    }

    /// Asks for the next piece, unless one is on its way or `ask` sees that all is there; `ask` says where it begins. With
    /// that, `take` puts the answer into the list; it gets all events since the piece was read that the list contains.
    pub(super) fn grow<A, P, Fut>(
        self,
        ask: impl FnOnce(&T) -> Option<(A, Fut)>,
        take: impl FnOnce(&mut Snapshot<T>, A, Snapshot<P>, &[Arc<Envelope>]) -> Applied + 'static,
    ) where
        A: 'static,
        Fut: Future<Output = Answer<P>> + 'static,
    {
        let Some(reader) = self.reader.try_get_value() else { return };
        if self.loading_more.try_get_untracked() != Some(false) {
            return;
        }
        let asked = reader.write(|value| match value {
            Some(Ok(snapshot)) => (false, ask(&snapshot.data)),
            _ => (false, None),
        });
        let Some(Some((after, answer))) = asked else { return };
        if self.loading_more.try_set(true).is_some() {
            return;
        }
        let tab = reader.tab();
        spawn_local(async move {
            let resyncs = tab.resyncs();
            let piece = answer.await;
            let failed = piece.is_err();
            let result = match piece {
                Ok(piece) if tab.resyncs() == resyncs => reader.write(|value| match value {
                    Some(Ok(list)) => {
                        let result = match tab.since(&piece.cursor) {
                            Some(recent) => take(list, after, piece, &recent),
                            None => Applied::Stale,
                        };
                        (result != Applied::Ignored, result)
                    }
                    _ => (false, Applied::Ignored),
                }),
                _ => None,
            };
            if failed {
                // It counts as on its way until it may be tried again.
                tab.pause(RETRY_MS).await;
            }
            let _ = self.loading_more.try_set(false);
            if result == Some(Applied::Stale) {
                reader.refresh();
            }
        });
    }
}
