//! Serves connections: accepts them, bounds how many one address has and how long they may take, and ends them in order.

use super::io::{Io, Progress, Timeouts};
use super::listen::Listening;
use super::reach::Peer;
use super::router::Below;
use crate::domain::person::network_of;
use axum::body::Body;
use axum::extract::connect_info::ConnectInfo;
use axum::http::{HeaderMap, Request, Response, StatusCode, header};
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;
use tower_http::timeout::TimeoutBody;

/// Connections of one address, sockets included. Loopback has no limit, and neither has a proxy, which brings those of many.
const PER_ADDRESS: usize = 1_024;
/// Memory for the head of a request.
const HEAD_BYTES: usize = 32 * 1024;

/// How many connections each address has.
#[derive(Debug, Clone, Default)]
struct Counts(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// One of the connections of an address, as long as it lasts.
#[derive(Debug)]
pub struct Counted {
    counts: Counts,
    network: IpAddr,
}

impl Counts {
    /// Counts a connection; none where its address has too many.
    fn count(&self, network: IpAddr) -> Option<Counted> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(network).or_default();
        if *count >= PER_ADDRESS {
            return None;
        }
        *count += 1;
        drop(counts);
        let counts = self.clone();
        Some(Counted { counts, network })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut counts = self.counts.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.network);
            }
        }
    }
}

/// The body of an answer; the connection is idle again when it is dropped.
struct Answer {
    body: Body,
    progress: Arc<Progress>,
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.progress.end();
    }
}

impl hyper::body::Body for Answer {
    type Data = axum::body::Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Answers connections until `stopping`, and then finishes what is under way. Who trusts a proxy counts no addresses.
pub async fn serve(mut listening: Listening, service: Below, timeouts: Timeouts, trust_proxy: bool, stopping: impl Future<Output = ()>) {
    let (open, closing) = (TaskTracker::new(), CancellationToken::new());
    let counts = Counts::default();
    let mut builder = http1::Builder::new();
    // Io keeps the time of heads, which hyper would count from the end of the request before.
    builder.timer(TokioTimer::new()).header_read_timeout(None).max_buf_size(HEAD_BYTES);
    let mut stopping = std::pin::pin!(stopping);
    loop {
        let (stream, peer) = tokio::select! {
            () = &mut stopping => break,
            accepted = listening.accept() => accepted,
        };
        let mut counted = None;
        if !trust_proxy && !peer.address.to_canonical().is_loopback() {
            counted = counts.count(network_of(peer.address));
            if counted.is_none() {
                tracing::debug!(address = %peer.address, "a connection was refused: its address has too many");
                continue;
            }
        }
        let progress = Arc::new(Progress::default());
        let io = TokioIo::new(Io::new(stream, Arc::clone(&progress), timeouts, counted));
        let answer = answering(service.clone(), peer, progress, timeouts);
        let connection = builder.serve_connection(io, service_fn(answer)).with_upgrades();
        open.spawn(until_over(connection, closing.clone()));
    }
    drop(listening);
    closing.cancel();
    open.close();
    open.wait().await;
}

/// Serves a connection until its client ends it, or until the request that is under way when the server stops is answered.
async fn until_over<S>(connection: http1::UpgradeableConnection<TokioIo<Io<Option<Counted>>>, S>, closing: CancellationToken)
where
    S: HttpService<Incoming, ResBody = Answer> + 'static,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut connection = std::pin::pin!(connection);
    let over = tokio::select! {
        over = connection.as_mut() => over,
        () = closing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = over {
        tracing::trace!(%error, "a connection broke");
    }
}

type Answering = Pin<Box<dyn Future<Output = Result<Response<Answer>, Infallible>> + Send>>;

/// Answers the requests of one connection.
fn answering(service: Below, peer: Peer, progress: Arc<Progress>, timeouts: Timeouts) -> impl Fn(Request<Incoming>) -> Answering {
    move |request| {
        progress.begin();
        let progress = Arc::clone(&progress);
        let mut request = request.map(|body| Body::new(TimeoutBody::new(timeouts.body, body)));
        request.extensions_mut().insert(ConnectInfo(peer));
        let mut service = service.clone();
        Box::pin(async move {
            // The router is always ready.
            let response = service.call(request).await?;
            if response.status() == StatusCode::SWITCHING_PROTOCOLS {
                progress.upgrade();
            }
            let has_end = !is_event_stream(response.headers());
            Ok(response.map(|body| {
                // A page is streamed while it is made; one that does not go on must not wait for ever.
                let body = match has_end && body.size_hint().exact().is_none() {
                    true => Body::new(TimeoutBody::new(timeouts.body, body)),
                    false => body,
                };
                Answer { body, progress }
            }))
        })
    }
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|value| value == "text/event-stream")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_connections_and_no_more() {
        let counts = Counts::default();
        let here: IpAddr = "192.0.2.7".parse().unwrap();
        let mut held: Vec<Counted> = (0..PER_ADDRESS).map(|_| counts.count(here).unwrap()).collect();
        assert!(counts.count(here).is_none());
        assert!(counts.count("192.0.2.8".parse().unwrap()).is_some());
        held.pop();
        assert!(counts.count(here).is_some());
        drop(held);
        assert!(counts.0.lock().unwrap().is_empty(), "what is over is forgotten");
    }
}
