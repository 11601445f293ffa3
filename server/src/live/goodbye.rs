//! How a socket ends (RFC 6455, sections 5.5.1 and 7): with a code and a reason, and with an answer to the client's own goodbye.

use app::protocol::frame::close;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use std::error::Error;
use std::time::Duration;
use tungstenite::error::{CapacityError, Error as Broken, ProtocolError};

/// A client that takes nothing for so long is too slow.
pub(super) const STALL: Duration = Duration::from_secs(15);
/// How long a closing connection may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// Why a connection is over: what to tell the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// It is gone, there is nobody to tell.
    Gone,
    /// It has said goodbye, and is answered with the code that it gave.
    Answered,
    /// Close with this code.
    Close(u16, &'static str),
}

/// What to tell a client whose bytes are no messages.
pub(super) fn broken(error: axum::Error) -> Over {
    let error: Box<dyn Error + Send + Sync> = error.into_inner();
    match error.downcast_ref::<Broken>() {
        Some(Broken::Capacity(CapacityError::MessageTooLong { .. })) => Over::Close(close::TOO_BIG, "the message is too big"),
        Some(Broken::Utf8(_)) => Over::Close(close::NOT_UTF8, "a text must be UTF-8"),
        // The connection ended without a goodbye.
        Some(Broken::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => Over::Gone,
        Some(Broken::Protocol(_)) => Over::Close(close::PROTOCOL_ERROR, "these bytes are no WebSocket frame"),
        _ => Over::Gone,
    }
}

/// Says why a socket ends, and waits for a moment until the client has heard it.
pub async fn end(mut socket: WebSocket, code: u16, reason: &'static str) {
    say(&mut socket, Over::Close(code, reason)).await;
}

/// The same for any end.
pub(super) async fn say(socket: &mut WebSocket, over: Over) {
    let (frame, patience) = match over {
        Over::Gone => return,
        Over::Answered => (None, GOODBYE),
        Over::Close(code, reason) => {
            let reason = Utf8Bytes::from_static(reason);
            let patience = if code == close::TOO_SLOW { STALL } else { GOODBYE };
            (Some(CloseFrame { code, reason }), patience)
        }
    };
    let goodbye = async {
        if let Some(frame) = frame
            && socket.send(Message::Close(Some(frame))).await.is_err()
        {
            return;
        }
        // Until the client has said goodbye too: else what is still under way would be lost. Reading sends the answer to its own.
        while let Some(Ok(_)) = socket.recv().await {}
    };
    let _ = tokio::time::timeout(patience, goodbye).await;
}
