//! A connection whose every byte the test writes itself.

use super::soon;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub struct Wire {
    stream: TcpStream,
    read: Vec<u8>,
}

/// How the other side ended a connection.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// In order: all that was sent has arrived.
    Closed,
    /// Cut off; what was on its way may be lost.
    Reset,
}

/// An answer, as it came.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub body: String,
}

impl Wire {
    pub async fn open(addr: SocketAddr) -> Self {
        let stream = soon("a connection", TcpStream::connect(addr)).await.expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        Self { stream, read: vec![] }
    }

    /// Sends bytes, and does not mind when nobody takes them any longer.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = soon("the server to read", self.stream.write_all(bytes.as_ref())).await;
    }

    /// Sends bytes as long as somebody takes them; whether all were taken.
    pub async fn try_send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).await.is_ok()
    }

    async fn read(&mut self) -> std::io::Result<usize> {
        let mut buffer = vec![0; 16 * 1024];
        let count = soon("bytes", self.stream.read(&mut buffer)).await?;
        self.read.extend_from_slice(&buffer[..count]);
        Ok(count)
    }

    /// Exactly so many bytes; none where the connection ends before.
    pub async fn take(&mut self, count: usize) -> Option<Vec<u8>> {
        while self.read.len() < count {
            match self.read().await {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
        let rest = self.read.split_off(count);
        Some(std::mem::replace(&mut self.read, rest))
    }

    /// What comes until the other side ends, and how it ends.
    pub async fn rest(&mut self) -> (Vec<u8>, End) {
        loop {
            match self.read().await {
                Ok(0) => return (std::mem::take(&mut self.read), End::Closed),
                Ok(_) => {}
                Err(_) => return (std::mem::take(&mut self.read), End::Reset),
            }
        }
    }

    /// The head of an answer.
    pub async fn head(&mut self) -> (u16, String) {
        let end = loop {
            if let Some(at) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            let count = self.read().await.expect("an answer, and no reset");
            assert!(
                count > 0,
                "the connection ended in the head: {:?}",
                String::from_utf8_lossy(&self.read)
            );
        };
        let rest = self.read.split_off(end);
        let head = String::from_utf8(std::mem::replace(&mut self.read, rest)).expect("ASCII");
        let status = head.get(9..12).and_then(|text| text.parse().ok());
        (status.unwrap_or_else(|| panic!("no status in {head:?}")), head)
    }

    /// A whole answer that says how long it is.
    pub async fn reply(&mut self) -> Reply {
        let (status, head) = self.head().await;
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse::<usize>().ok())
                .flatten()
        });
        let body = self.take(length.unwrap_or(0)).await.expect("the body of an answer");
        Reply {
            status,
            body: String::from_utf8(body).expect("text"),
        }
    }
}
