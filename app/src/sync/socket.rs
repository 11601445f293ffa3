//! Step 7, the wire: one socket, its frames in bursts, its end. Decides nothing; `session` does.

use super::session::Input;
use super::session::SocketId;
use crate::base;
use crate::protocol::Cursor;
use crate::protocol::frame::ClientFrame;
use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use leptos::prelude::window;
use leptos::task::spawn_local;

/// A socket that is open, or opening. Dropping it closes it.
pub(super) struct Socket {
    outgoing: UnboundedSender<String>,
}

impl Socket {
    /// Opens a socket that resumes at this cursor, and tells `hear` all that it brings.
    pub(super) fn open(id: SocketId, cursor: Option<&Cursor>, hear: impl Fn(Input) + 'static) -> Self {
        let (outgoing, queue) = unbounded();
        spawn_local(carry(id, address(cursor), queue, hear));
        Self { outgoing }
    }

    /// Sends a frame; one that no longer finds an open socket is lost, like all that a dying socket holds.
    pub(super) fn send(&self, frame: &ClientFrame) {
        if let Ok(text) = serde_json::to_string(frame) {
            let _ = self.outgoing.unbounded_send(text);
        }
    }
}

fn address(cursor: Option<&Cursor>) -> String {
    let location = window().location();
    let scheme = if location.protocol().is_ok_and(|protocol| protocol == "https:") {
        "wss"
    } else {
        "ws"
    };
    let host = location.host().unwrap_or_default();
    let query = cursor.map(|cursor| format!("?cursor={cursor}")).unwrap_or_default();
    format!("{scheme}://{host}{}{query}", base::at("/ws"))
}

/// Only the browser's build has sockets.
#[cfg(not(feature = "hydrate"))]
async fn carry(_: SocketId, _: String, _: UnboundedReceiver<String>, _: impl Fn(Input) + 'static) {}

#[cfg(feature = "hydrate")]
use browser::carry;

#[cfg(feature = "hydrate")]
mod browser {
    use super::*;
    use crate::sync::clock;
    use futures_util::future::{Either, FutureExt, select};
    use futures_util::{SinkExt, StreamExt};
    use gloo_net::websocket::futures::WebSocket;
    use gloo_net::websocket::{Message, WebSocketError};

    /// At most so many frames are handled at a time, so that the page can draw between them.
    const BURST: usize = 512;
    /// Frames that follow each other faster are handled together, once a drawn picture.
    const PICTURE_MS: f64 = 16.0;
    /// What a browser calls the end of a socket that was not closed.
    const ABNORMAL: u16 = 1006;

    /// Carries frames both ways until the socket ends, or its owner drops it.
    pub(super) async fn carry(id: SocketId, url: String, mut outgoing: UnboundedReceiver<String>, hear: impl Fn(Input) + 'static) {
        let Ok(socket) = WebSocket::open(&url) else {
            return hear(Input::Closed(id, ABNORMAL));
        };
        let (mut sink, stream) = socket.split();
        let mut incoming = stream.ready_chunks(BURST);
        let mut handled_at = 0.0;
        loop {
            match select(incoming.next(), outgoing.next()).await {
                Either::Left((Some(mut burst), _)) => {
                    let since = clock::now_ms() - handled_at;
                    // An end is told at once: nothing follows it.
                    let goes_on = burst.iter().all(Result::is_ok);
                    if goes_on && since < PICTURE_MS && !clock::is_hidden() {
                        clock::pause(PICTURE_MS - since).await;
                        while let Some(Some(more)) = incoming.next().now_or_never() {
                            burst.extend(more);
                        }
                    }
                    let end = hand_over(id, burst, &hear);
                    handled_at = clock::now_ms();
                    if let Some(code) = end {
                        return hear(Input::Closed(id, code));
                    }
                }
                Either::Left((None, _)) => return hear(Input::Closed(id, ABNORMAL)),
                Either::Right((Some(text), _)) => {
                    // An error here is followed by the end of the stream.
                    let _ = sink.send(Message::Text(text)).await;
                }
                Either::Right((None, _)) => return,
            }
        }
    }

    /// Hands a burst over; tells the close code where the socket ended in it.
    fn hand_over(id: SocketId, burst: Vec<Result<Message, WebSocketError>>, hear: &impl Fn(Input)) -> Option<u16> {
        let mut texts = Vec::with_capacity(burst.len());
        let mut end = None;
        for item in burst {
            match item {
                Ok(Message::Text(text)) => texts.push(text),
                // An error comes before the close that has the code.
                Ok(Message::Bytes(_)) | Err(WebSocketError::ConnectionError | WebSocketError::MessageSendError(_)) => {}
                Err(WebSocketError::ConnectionClose(close)) => end = Some(close.code),
                Err(_) => {}
            }
        }
        if !texts.is_empty() {
            hear(Input::Frames(id, texts));
        }
        end
    }
}
