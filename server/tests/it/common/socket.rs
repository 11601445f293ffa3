//! A client of `/ws`.

use super::soon;
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use std::fmt::Display;
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tokio_tungstenite::{WebSocketStream, client_async};
use tungstenite::client::IntoClientRequest;
use tungstenite::{Error, Message};

/// A connection, greeted.
pub struct Client {
    socket: WebSocketStream<TcpStream>,
    /// What the greeting says.
    pub ack: Value,
}

/// The places in the log of events.
pub fn seqs(events: &[Value]) -> Vec<u64> {
    events
        .iter()
        .map(|event| event["seq"].as_u64().expect("a place in the log"))
        .collect()
}

impl Client {
    /// Connects, and waits for the greeting. `query` is what follows the `?`.
    pub async fn connect(addr: SocketAddr, query: &str) -> Self {
        Self::try_connect(addr, query).await.expect("a socket")
    }

    /// Connects, and waits for the greeting. An error where there is no connection, or it ends at once.
    pub async fn try_connect(addr: SocketAddr, query: &str) -> Result<Self, Error> {
        let stream = soon("a connection", TcpStream::connect(addr)).await?;
        Self::over(stream, addr, query, &[]).await
    }

    /// The same over a connection that is there, with further headers. `base` is the server's address, with its prefix.
    pub async fn over(stream: TcpStream, base: impl Display, query: &str, headers: &[(&'static str, &str)]) -> Result<Self, Error> {
        let mut request = format!("ws://{base}/ws?{query}").into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().expect("a header"));
        }
        let (socket, _) = soon("the upgrade", client_async(request, stream)).await?;
        let mut client = Self { socket, ack: Value::Null };
        let ack = client.try_frame().await?;
        assert_eq!(ack["type"], "connection_ack", "{ack}");
        client.ack = ack["data"].clone();
        Ok(client)
    }

    /// The next message. An error where the connection ends instead.
    pub async fn try_frame(&mut self) -> Result<Value, Error> {
        loop {
            match soon("a message", self.socket.next()).await {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).expect("messages are JSON")),
                Some(Ok(Message::Close(_))) | None => return Err(Error::ConnectionClosed),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error),
            }
        }
    }

    /// The next message.
    pub async fn frame(&mut self) -> Value {
        self.try_frame().await.expect("a message")
    }

    /// The next message but heartbeats, which come when they like.
    pub async fn answer(&mut self) -> Value {
        // Heartbeats must not keep a test waiting for ever.
        soon("an answer", async {
            loop {
                let frame = self.frame().await;
                if frame["type"] != "heartbeat" {
                    return frame;
                }
            }
        })
        .await
    }

    /// The next event. Fails on any other message but a heartbeat.
    pub async fn event(&mut self) -> Value {
        let frame = self.answer().await;
        assert!(frame["seq"].is_u64(), "an event was expected: {frame}");
        frame
    }

    /// The next `count` events.
    pub async fn events(&mut self, count: usize) -> Vec<Value> {
        let mut events = vec![];
        while events.len() < count {
            events.push(self.event().await);
        }
        events
    }

    /// All events up to and with this place.
    pub async fn until(&mut self, seq: u64) -> Vec<Value> {
        let mut events = vec![];
        while events.last().is_none_or(|event: &Value| event["seq"].as_u64() < Some(seq)) {
            events.push(self.event().await);
        }
        events
    }

    /// Sends a message.
    pub async fn send(&mut self, message: Value) {
        self.send_raw(Message::text(message.to_string())).await;
    }

    /// Sends whatever it is.
    pub async fn send_raw(&mut self, message: Message) {
        soon("a message to go out", self.socket.send(message)).await.expect("it goes out");
    }

    /// The socket itself.
    pub fn raw(&mut self) -> &mut WebSocketStream<TcpStream> {
        &mut self.socket
    }

    /// Reads on to the end. Returns the code with which the server closes, 1006 where it just ends, and what came before.
    pub async fn closed(&mut self) -> (u16, Vec<Value>) {
        let mut before = vec![];
        loop {
            match soon("the end", self.socket.next()).await {
                Some(Ok(Message::Close(Some(frame)))) => return (frame.code.into(), before),
                Some(Ok(Message::Text(text))) => before.push(serde_json::from_str(&text).expect("messages are JSON")),
                Some(Ok(Message::Close(None)) | Err(_)) | None => return (1006, before),
                Some(Ok(_)) => {}
            }
        }
    }
}
