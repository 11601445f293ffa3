//! Connections, plain or by TLS (rustls).

use super::reach::Peer;
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;

/// How long a client may take to agree on keys.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Connections that have agreed on keys and wait to be served.
const READY: usize = 64;
/// After a failure to accept, such as for want of file descriptors.
const PAUSE: Duration = Duration::from_millis(500);

/// A connection. What TLS needs is boxed, so that a plain one does not carry room for it.
pub type Io = Either<TcpStream, Box<TlsStream<TcpStream>>>;

/// Listens, and brings connections that are ready.
#[derive(Debug)]
pub enum Listening {
    /// Without TLS.
    Plain(TcpListener),
    /// With TLS; slow handshakes hold nobody up.
    Tls {
        /// Where.
        addr: SocketAddr,
        /// Connections that have agreed on keys.
        ready: mpsc::Receiver<(Io, SocketAddr)>,
    },
}

/// Reads a certificate chain and its key.
pub fn tls(cert: &Path, key: &Path) -> Result<TlsAcceptor, String> {
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect)
        .map_err(|why| format!("--tls-cert {}: {why}", cert.display()))?;
    if chain.is_empty() {
        return Err(format!("--tls-cert {}: it holds no certificate in PEM", cert.display()));
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|why| format!("--tls-key {}: {why}", key.display()))?;
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .map_err(|why| format!("--tls-cert and --tls-key do not go together: {why}"))?;
    // Sockets are upgraded from HTTP/1.1.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

impl Listening {
    /// Listens on a socket that is bound.
    pub fn new(socket: TcpListener, tls: Option<TlsAcceptor>) -> std::io::Result<Self> {
        let Some(acceptor) = tls else { return Ok(Self::Plain(socket)) };
        let addr = socket.local_addr()?;
        let (sender, ready) = mpsc::channel(READY);
        tokio::spawn(shake_hands(socket, acceptor, sender));
        Ok(Self::Tls { addr, ready })
    }
}

async fn accept(socket: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match socket.accept().await {
            Ok((stream, peer)) => {
                // Events are small and must not wait for the next one.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "no TCP_NODELAY");
                }
                return (stream, peer);
            }
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn shake_hands(socket: TcpListener, acceptor: TlsAcceptor, ready: mpsc::Sender<(Io, SocketAddr)>) {
    loop {
        let (stream, peer) = tokio::select! {
            () = ready.closed() => return,
            accepted = accept(&socket) => accepted,
        };
        let (acceptor, ready) = (acceptor.clone(), ready.clone());
        tokio::spawn(async move {
            match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                // Nobody takes it where the server stops.
                Ok(Ok(stream)) => drop(ready.send((Either::Right(Box::new(stream)), peer)).await),
                Ok(Err(error)) => tracing::debug!(%error, "no TLS"),
                Err(_) => tracing::debug!("a client took too long to agree on keys"),
            }
        });
    }
}

impl Listener for Listening {
    type Io = Io;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Io, SocketAddr) {
        match self {
            Self::Plain(socket) => {
                let (stream, peer) = accept(socket).await;
                (Either::Left(stream), peer)
            }
            Self::Tls { ready, .. } => match ready.recv().await {
                Some(accepted) => accepted,
                None => std::future::pending().await,
            },
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        match self {
            Self::Plain(socket) => socket.local_addr(),
            Self::Tls { addr, .. } => Ok(*addr),
        }
    }
}

impl Connected<IncomingStream<'_, Listening>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Listening>) -> Self {
        Self {
            address: stream.remote_addr().ip(),
            is_secure: matches!(stream.io(), Either::Right(_)),
        }
    }
}
