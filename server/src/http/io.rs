//! The bytes of one connection, with what keeps it from costing much: time limits, and a gentle end.
//!
//! hyper knows where a request begins and ends, and [`Progress`] hears it from the service; the limits are kept here, where
//! every byte passes. A connection that was upgraded to a socket has left HTTP: its task keeps limits of its own.

use super::listen::Stream;
use futures_util::task::AtomicWaker;
use std::future::Future;
use std::io::{Error, ErrorKind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::sync::Semaphore;
use tokio::time::{Instant, Sleep, sleep_until};

/// How long a client may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For the head of a request, from its first byte to its last.
    pub head: Duration,
    /// Between two bytes of a body.
    pub body: Duration,
    /// Between two requests.
    pub idle: Duration,
    /// Until it takes a byte of an answer.
    pub stall: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(30),
            idle: Duration::from_secs(75),
            stall: Duration::from_secs(15),
        }
    }
}

/// How far a connection is with its requests.
#[derive(Debug, Default)]
pub struct Progress {
    state: AtomicU8,
    /// The task that reads, which waits for the end of an answer without a limit.
    reader: AtomicWaker,
}

impl Progress {
    const IDLE: u8 = 0;
    const BUSY: u8 = 1;
    const UPGRADED: u8 = 2;

    /// A request is being answered.
    pub fn begin(&self) {
        self.state.store(Self::BUSY, Ordering::Relaxed);
    }

    /// The answer is complete, or was given up. An upgrade is for good.
    pub fn end(&self) {
        let ended = self
            .state
            .compare_exchange(Self::BUSY, Self::IDLE, Ordering::Relaxed, Ordering::Relaxed);
        if ended.is_ok() {
            self.reader.wake();
        }
    }

    /// The connection has left HTTP.
    pub fn upgrade(&self) {
        self.state.store(Self::UPGRADED, Ordering::Relaxed);
    }

    fn get(&self) -> u8 {
        self.state.load(Ordering::Relaxed)
    }
}

/// A deadline that is set while something is waited for. Its timer is made when it is first needed.
#[derive(Debug, Default)]
struct Deadline {
    timer: Option<Pin<Box<Sleep>>>,
    is_set: bool,
}

impl Deadline {
    fn set(&mut self, after: Duration) {
        let at = Instant::now() + after;
        match &mut self.timer {
            Some(timer) => timer.as_mut().reset(at),
            None => self.timer = Some(Box::pin(sleep_until(at))),
        }
        self.is_set = true;
    }

    /// Ready when it has passed.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match &mut self.timer {
            Some(timer) if self.is_set => timer.as_mut().poll(context),
            _ => Poll::Pending,
        }
    }
}

/// What the reading end waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Awaited {
    /// Nothing that has a limit here.
    Nothing,
    /// The first byte of a request.
    Request,
    /// The rest of its head.
    Head,
}

/// A connection.
#[derive(Debug)]
pub struct Io<G: Send + 'static> {
    /// Taken when it is dropped.
    stream: Option<Stream>,
    progress: Arc<Progress>,
    timeouts: Timeouts,
    awaited: Awaited,
    reading: Deadline,
    writing: Deadline,
    /// The client has ended its side: nothing more will come.
    has_ended: bool,
    /// Held as long as the connection lasts.
    guard: Option<G>,
}

impl<G: Send + 'static> Io<G> {
    /// Keeps time for a connection; `guard` lives as long as it does.
    pub fn new(stream: Stream, progress: Arc<Progress>, timeouts: Timeouts, guard: G) -> Self {
        Self {
            stream: Some(stream),
            progress,
            timeouts,
            awaited: Awaited::Nothing,
            reading: Deadline::default(),
            writing: Deadline::default(),
            has_ended: false,
            guard: Some(guard),
        }
    }

    fn stream(&mut self) -> Result<Pin<&mut Stream>, Error> {
        self.stream.as_mut().map(Pin::new).ok_or_else(|| ErrorKind::NotConnected.into())
    }

    /// Whether the client has waited too long with what it is to send.
    fn poll_late(&mut self, context: &mut Context<'_>) -> Poll<Error> {
        match self.progress.get() {
            Progress::IDLE => {}
            Progress::BUSY => {
                self.awaited = Awaited::Nothing;
                self.progress.reader.register(context.waker());
                // The answer may have ended before that.
                if self.progress.get() == Progress::BUSY {
                    return Poll::Pending;
                }
            }
            _ => {
                // Thousands of sockets wait at rest: what they need no longer is let go.
                self.reading = Deadline::default();
                return Poll::Pending;
            }
        }
        if self.awaited == Awaited::Nothing {
            self.awaited = Awaited::Request;
            self.reading.set(self.timeouts.idle);
        }
        ready!(self.reading.poll(context));
        Poll::Ready(ErrorKind::TimedOut.into())
    }

    /// Bytes came.
    fn note_read(&mut self) {
        if self.progress.get() == Progress::IDLE && self.awaited != Awaited::Head {
            self.awaited = Awaited::Head;
            self.reading.set(self.timeouts.head);
        }
    }

    /// Gives up on a client that takes nothing.
    fn poll_stalled<T>(&mut self, context: &mut Context<'_>, written: Poll<Result<T, Error>>) -> Poll<Result<T, Error>> {
        if self.progress.get() == Progress::UPGRADED {
            self.writing = Deadline::default();
            return written;
        }
        if written.is_ready() {
            self.writing.is_set = false;
            return written;
        }
        if !self.writing.is_set {
            self.writing.set(self.timeouts.stall);
        }
        ready!(self.writing.poll(context));
        Poll::Ready(Err(ErrorKind::TimedOut.into()))
    }
}

impl<G: Send + Unpin + 'static> AsyncRead for Io<G> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<(), Error>> {
        let before = buffer.filled().len();
        match self.stream()?.poll_read(context, buffer) {
            Poll::Ready(Ok(())) => {
                if buffer.filled().len() > before {
                    self.note_read();
                } else {
                    self.has_ended = true;
                }
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => {
                self.has_ended = true;
                Poll::Ready(Err(error))
            }
            Poll::Pending => self.poll_late(context).map(Err),
        }
    }
}

impl<G: Send + Unpin + 'static> AsyncWrite for Io<G> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize, Error>> {
        let written = self.stream()?.poll_write(context, bytes);
        self.poll_stalled(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[std::io::IoSlice<'_>],
    ) -> Poll<Result<usize, Error>> {
        let written = self.stream()?.poll_write_vectored(context, bytes);
        self.poll_stalled(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.as_ref().is_some_and(AsyncWrite::is_write_vectored)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let flushed = self.stream()?.poll_flush(context);
        self.poll_stalled(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let shut = self.stream()?.poll_shutdown(context);
        self.poll_stalled(context, shut)
    }
}

/// Connections that linger at the same time; more are cut off.
static LINGERING: Semaphore = Semaphore::const_new(256);
/// How long a connection lingers, and how many bytes it takes to nowhere.
const LINGER: Duration = Duration::from_secs(2);
const LINGER_BYTES: usize = 16 * 1024 * 1024;

/// A connection that is closed while bytes of its client are unread is reset, and with it goes the answer that the client has
/// not read yet: why its request was refused, or the code with which its socket was closed. So the end is announced, and what
/// still comes is read for a moment.
impl<G: Send + 'static> Drop for Io<G> {
    fn drop(&mut self) {
        let (stream, guard) = (self.stream.take(), self.guard.take());
        let Some(stream) = stream.filter(|_| !self.has_ended) else { return };
        // There is no runtime any more where the process ends.
        if let (Ok(runtime), Ok(permit)) = (tokio::runtime::Handle::try_current(), LINGERING.try_acquire()) {
            runtime.spawn(async move {
                let _ = tokio::time::timeout(LINGER, linger(stream)).await;
                drop((permit, guard));
            });
        }
    }
}

async fn linger(mut stream: Stream) {
    let mut nowhere = vec![0; 8 * 1024];
    let mut read = 0;
    if stream.shutdown().await.is_err() {
        return;
    }
    while let Ok(count @ 1..) = stream.read(&mut nowhere).await {
        read += count;
        if read > LINGER_BYTES {
            return;
        }
    }
}
