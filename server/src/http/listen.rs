//! Connections, plain or by TLS (rustls).

use super::reach::Peer;
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

/// The stream of a connection. What TLS needs is boxed, so that a plain one does not carry room for it.
pub type Stream = Either<TcpStream, Box<TlsStream<TcpStream>>>;

/// Listens, and brings connections that are ready.
#[derive(Debug)]
pub enum Listening {
    /// Without TLS.
    Plain(TcpListener),
    /// With connections that have agreed on keys; slow handshakes hold nobody up.
    Tls(mpsc::Receiver<(Stream, SocketAddr)>),
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
    pub fn new(socket: TcpListener, tls: Option<TlsAcceptor>) -> Self {
        let Some(acceptor) = tls else { return Self::Plain(socket) };
        let (sender, ready) = mpsc::channel(READY);
        tokio::spawn(shake_hands(socket, acceptor, sender));
        Self::Tls(ready)
    }

    /// The next connection, and who is at its other end.
    pub async fn accept(&mut self) -> (Stream, Peer) {
        let (stream, address) = match self {
            Self::Plain(socket) => {
                let (stream, address) = accept(socket).await;
                (Either::Left(stream), address)
            }
            Self::Tls(ready) => match ready.recv().await {
                Some(accepted) => accepted,
                None => std::future::pending().await,
            },
        };
        let peer = Peer {
            address: address.ip(),
            is_secure: matches!(stream, Either::Right(_)),
        };
        (stream, peer)
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

async fn shake_hands(socket: TcpListener, acceptor: TlsAcceptor, ready: mpsc::Sender<(Stream, SocketAddr)>) {
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
