//! Resolves names and refuses addresses in one step, so that the address that was checked is the one connected to.

use super::guard::is_public;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, SocketAddr};

/// Why a name leads nowhere. Found again among the sources of the client's error.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoAddress {
    #[error("the host {0} does not resolve")]
    Unresolved(String),
    #[error("the host {0} leads to {1}")]
    Refused(String, IpAddr),
}

/// Resolves as the system does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resolver {
    /// Whether addresses that are not public are left out.
    pub(super) is_guarded: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guarded = self.is_guarded;
        let host = name.as_str().to_owned();
        Box::pin(async move { Ok(Box::new(resolved(host, guarded).await?.into_iter()) as Addrs) })
    }
}

async fn resolved(host: String, is_guarded: bool) -> Result<Vec<SocketAddr>, NoAddress> {
    // The client puts the port of the URL in.
    let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0))
        .await
        .map(Iterator::collect)
        .unwrap_or_default();
    let public: Vec<SocketAddr> = found.iter().copied().filter(|found| !is_guarded || is_public(found.ip())).collect();
    match found.first() {
        None => Err(NoAddress::Unresolved(host)),
        Some(first) if public.is_empty() => Err(NoAddress::Refused(host, first.ip())),
        Some(_) => Ok(public),
    }
}
