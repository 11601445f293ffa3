//! Step 7, the way back: sends what this tab writes, until the server has answered.

use super::cache::{Anticipated, Change};
use super::clock;
use super::{Link, Sync};
use crate::api;
use crate::protocol::entry::{EntryDraft, EntryPatch, KbPatch, KbSummary, NewKb, TrashItem, Written};
use crate::protocol::{Code, EntryId, KbName, MutationId, Problem, Timestamp, Version, slug};
use futures_channel::oneshot;
use futures_util::future::{Either, select};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::any::Any;
use std::future::Future;
use std::pin::{Pin, pin};

/// The first wait before a write is sent again is at most this long; each further one doubles it.
const BACKOFF_MS: f64 = 1_000.0;
/// No wait is longer.
const BACKOFF_MAX_MS: f64 = 30_000.0;
/// The event of a write that was answered comes by then, or there is none: the write changed nothing.
const ECHO_MS: f64 = 5_000.0;

/// Where a write is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WriteState {
    /// Nothing is under way: not yet begun, or answered.
    #[default]
    Idle,
    /// It is being sent.
    Sending,
    /// The server cannot be reached; it will be sent again.
    Waiting,
}

/// What the server answers to a write, of whatever type.
type Answer = Box<dyn Any + Send>;
/// A write on its way.
type Sending = Pin<Box<dyn Future<Output = Result<Answer, Problem>> + Send>>;
/// Sends a write, as often as it takes.
type SendAgain = Box<dyn Fn(MutationId) -> Sending + Send>;

/// Whether the same write may succeed by itself later: it did not arrive, or its answer did not. A server that answers
/// that it cannot write (its disk is full) has to be mended by somebody, who must see it.
fn is_worth_another_try(problem: &Problem) -> bool {
    matches!(problem.code, Code::Unreachable | Code::ShuttingDown)
}

/// The wait before try number `failures` + 1, with full jitter.
fn backoff(failures: i32, dice: f64) -> f64 {
    dice * (BACKOFF_MS * 2_f64.powi(failures.min(10))).min(BACKOFF_MAX_MS)
}

/// Writes, each kept and sent again with the same id while the server cannot be reached.
/// Any other problem is returned at once. A write goes on when nobody waits for it any longer.
impl Sync {
    /// Makes a knowledge base.
    pub async fn create_kb(self, new: NewKb) -> Result<KbSummary, Problem> {
        self.write(None, None, move |mutation| api::kb::create_kb(new.clone(), mutation))
            .await
    }

    /// Changes what a knowledge base is called, and what it says of itself.
    pub async fn update_kb(self, kb: KbName, patch: KbPatch) -> Result<KbSummary, Problem> {
        self.write(None, None, move |mutation| api::kb::update_kb(kb.clone(), patch.clone(), mutation))
            .await
    }

    /// Deletes a knowledge base with all that is in it.
    pub async fn delete_kb(self, kb: KbName) -> Result<(), Problem> {
        self.write(None, None, move |mutation| api::kb::delete_kb(kb.clone(), mutation))
            .await
    }

    /// Makes an entry; it shows at once.
    pub async fn create_entry(self, kb: KbName, draft: EntryDraft) -> Result<Written, Problem> {
        let wanted = draft.entry_id.as_deref().and_then(|id| EntryId::parse(id).ok());
        let id = wanted.unwrap_or_else(|| slug::entry_id(&draft.title));
        let shown = (kb.clone(), id, Change::Create(draft.clone()));
        self.write(Some(shown), None, move |mutation| {
            api::entry::create_entry(kb.clone(), draft.clone(), mutation)
        })
        .await
    }

    /// Changes an entry; it shows at once. `state` tells where the write is on its way.
    pub async fn update_entry(
        self,
        kb: KbName,
        id: EntryId,
        patch: EntryPatch,
        if_match: Option<Version>,
        state: Option<RwSignal<WriteState>>,
    ) -> Result<Written, Problem> {
        let shown = (kb.clone(), id.clone(), Change::Update(patch.clone()));
        self.write(Some(shown), state, move |mutation| {
            api::entry::update_entry(kb.clone(), id.clone(), patch.clone(), if_match, mutation)
        })
        .await
    }

    /// Moves an entry to the trash; it goes at once.
    pub async fn delete_entry(self, kb: KbName, id: EntryId) -> Result<TrashItem, Problem> {
        let shown = (kb.clone(), id.clone(), Change::Delete);
        self.write(Some(shown), None, move |mutation| {
            api::entry::delete_entry(kb.clone(), id.clone(), mutation)
        })
        .await
    }

    /// Brings an entry back from the trash.
    pub async fn restore_entry(self, kb: KbName, trash_id: i64) -> Result<Written, Problem> {
        self.write(None, None, move |mutation| {
            api::entry::restore_entry(kb.clone(), trash_id, mutation)
        })
        .await
    }

    /// Deletes an entry of the trash for good.
    pub async fn purge_entry(self, kb: KbName, trash_id: i64) -> Result<(), Problem> {
        self.write(None, None, move |mutation| api::entry::purge_entry(kb.clone(), trash_id, mutation))
            .await
    }

    /// Writes an old version of an entry as its newest.
    pub async fn restore_version(self, kb: KbName, id: EntryId, version: Version) -> Result<Written, Problem> {
        self.write(None, None, move |mutation| {
            api::entry::restore_version(kb.clone(), id.clone(), version, mutation)
        })
        .await
    }

    async fn write<A, Fut>(
        self,
        shown: Option<(KbName, EntryId, Change)>,
        state: Option<RwSignal<WriteState>>,
        send: impl Fn(MutationId) -> Fut + Send + 'static,
    ) -> Result<A, Problem>
    where
        A: Send + 'static,
        Fut: Future<Output = Result<A, Problem>> + Send + 'static,
    {
        // Whatever is written goes the same way, which is there once and not once for each type.
        let send = Box::new(move |mutation| -> Sending {
            let sending = send(mutation);
            Box::pin(async move { Ok(Box::new(sending.await?) as Answer) })
        });
        let answer = self.keep_sending(shown, state, send).await?;
        answer
            .downcast()
            .map(|answer| *answer)
            .map_err(|_| Problem::new(Code::Internal, "The answer is of another write."))
    }

    fn keep_sending(self, shown: Option<(KbName, EntryId, Change)>, state: Option<RwSignal<WriteState>>, send: SendAgain) -> Sending {
        Box::pin(async move {
            let mutation = MutationId::generate();
            if !self.is_in_browser() {
                return send(mutation).await;
            }
            let (answered, answer) = oneshot::channel();
            self.begin_write(&mutation, shown);
            spawn_local(async move {
                let result = self.send_until_answered(&mutation, state, send).await;
                self.end_write(mutation, result.is_ok());
                let _ = answered.send(result);
            });
            answer
                .await
                .unwrap_or_else(|_| Err(Problem::new(Code::Internal, "The write was given up.")))
        })
    }

    async fn send_until_answered(
        self,
        mutation: &MutationId,
        state: Option<RwSignal<WriteState>>,
        send: SendAgain,
    ) -> Result<Answer, Problem> {
        let tell = |now: WriteState| {
            if let Some(state) = state {
                let _ = state.try_set(now);
            }
        };
        let mut failures = 0;
        loop {
            tell(WriteState::Sending);
            match send(mutation.clone()).await {
                Err(problem) if is_worth_another_try(&problem) => {
                    tell(WriteState::Waiting);
                    self.wait_for_another_try(failures).await;
                    failures += 1;
                }
                answer => {
                    tell(WriteState::Idle);
                    return answer;
                }
            }
        }
    }

    /// Is over after a while, and at once when the connection comes back.
    async fn wait_for_another_try(self, failures: i32) {
        let wait = clock::pause(backoff(failures, clock::dice()));
        match self.link.try_get_untracked() {
            // The server is there and still refuses: there is no connection to wait for.
            Some(Link::Live) | None => wait.await,
            Some(_) => {
                if let Either::Right((Err(_), wait)) = select(pin!(wait), self.next_connection()).await {
                    wait.await;
                }
            }
        }
    }

    fn begin_write(self, mutation: &MutationId, shown: Option<(KbName, EntryId, Change)>) {
        self.with_client(|client| {
            let anticipated = shown.map(|(kb, id, change)| Anticipated {
                mutation: mutation.clone(),
                kb,
                id,
                at: Timestamp::from_millis(clock::now_ms() as i64),
                by: client.actor(),
                change,
            });
            client.begin_write(mutation, anticipated);
        });
    }

    fn end_write(self, mutation: MutationId, succeeded: bool) {
        self.with_client(|client| client.end_write());
        if succeeded {
            clock::after(ECHO_MS, move || {
                self.with_client(|client| client.expect_no_event(&mutation));
            });
        } else {
            self.with_client(|client| client.take_back(&mutation));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_is_sent_again_only_where_that_may_help() {
        for code in [Code::Unreachable, Code::ShuttingDown] {
            assert!(is_worth_another_try(&Problem::new(code, "")), "{code}");
        }
        for code in [
            Code::StaleVersion,
            Code::StoreUnavailable,
            Code::Internal,
            Code::EntryNotFound,
            Code::TitleEmpty,
            Code::Forbidden,
        ] {
            assert!(!is_worth_another_try(&Problem::new(code, "")), "{code}");
        }
    }

    #[test]
    fn waits_grow_to_half_a_minute() {
        let waits: Vec<f64> = (0..7).map(|failures| backoff(failures, 1.0) / 1_000.0).collect();
        assert_eq!(waits, [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]);
        assert_eq!(backoff(i32::MAX, 0.5), 15_000.0);
    }
}
