//! Work that keeps a core busy: away from the threads that serve everybody, a bounded number at a time, and with a bounded
//! queue. What is refused can be asked for again.

use crate::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Runs work of one kind. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Pool {
    /// What is done, for whoever is refused: `Rendering`.
    what: &'static str,
    free: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    most_waiting: usize,
}

/// Counts one that waits, also where it gives up.
struct Waiting<'w>(&'w AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Pool {
    /// A pool that runs so many pieces of work at the same time, while so many others wait.
    pub fn new(what: &'static str, at_once: usize, most_waiting: usize) -> Self {
        Self {
            what,
            free: Arc::new(Semaphore::new(at_once)),
            waiting: Arc::default(),
            most_waiting,
        }
    }

    /// Waits for a turn, which lasts until it is dropped. `Busy` where too many wait already. Whoever stops waiting gives up its place.
    pub async fn turn(&self) -> Result<OwnedSemaphorePermit, Error> {
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= self.most_waiting && self.free.available_permits() == 0 {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(Error::Busy(self.what));
        }
        let _waiting = Waiting(&self.waiting);
        self.patient_turn().await
    }

    /// The same however many wait: for those of which there are few.
    pub async fn patient_turn(&self) -> Result<OwnedSemaphorePermit, Error> {
        Arc::clone(&self.free).acquire_owned().await.map_err(|_| Error::Busy(self.what))
    }

    /// Runs `work` on a thread of its own, in a turn. Work that has begun keeps it until it is done, since it cannot be stopped.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let permit = self.turn().await?;
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        done.await.map_err(|failed| Error::Panicked(failed.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[tokio::test]
    async fn so_many_run_so_many_wait_and_the_rest_is_refused() {
        let pool = Pool::new("Testing", 1, 2);
        let (release, held) = mpsc::channel::<()>();
        let first = tokio::spawn({
            let pool = pool.clone();
            async move { pool.run(move || held.recv()).await }
        });
        while pool.free.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let others: Vec<_> = (0..2)
            .map(|n| {
                let pool = pool.clone();
                tokio::spawn(async move { pool.run(move || n).await })
            })
            .collect();
        while pool.waiting.load(Ordering::Relaxed) < 2 {
            tokio::task::yield_now().await;
        }
        assert!(matches!(pool.run(|| ()).await, Err(Error::Busy("Testing"))));
        // Whoever gives up makes room for another.
        others[1].abort();
        while pool.waiting.load(Ordering::Relaxed) > 1 {
            tokio::task::yield_now().await;
        }
        let late = tokio::spawn({
            let pool = pool.clone();
            async move { pool.run(|| 3).await }
        });
        drop(release);
        assert!(first.await.unwrap().unwrap().is_err());
        assert_eq!(late.await.unwrap().unwrap(), 3);
        assert!(matches!(pool.run(|| panic!("on purpose")).await, Err::<(), _>(Error::Panicked(_))));
        assert_eq!(pool.run(|| 4).await.unwrap(), 4);
    }
}
