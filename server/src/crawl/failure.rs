//! Why something was not fetched, in words for whoever started the crawl.

use super::resolve::NoAddress;
use reqwest::StatusCode;
use std::error::Error;
use std::net::IpAddr;
use std::time::Duration;
use tokio_rustls::rustls;

/// Why something was not fetched.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FetchError {
    /// It cannot be read as a URL.
    #[error("“{text}” is not a web address: {why}. Write it in full, such as https://example.org/docs/.")]
    NotAUrl {
        /// What was written.
        text: String,
        /// What is wrong with it.
        why: String,
    },
    /// It is neither HTTP nor HTTPS.
    #[error("{url} is a {scheme} address. Only http and https can be crawled.")]
    Scheme {
        /// Which.
        url: String,
        /// What it is instead.
        scheme: String,
    },
    /// The name has no address.
    #[error("the host {host} does not resolve. Check how it is written, and that it is online.")]
    Unresolved {
        /// Which.
        host: String,
    },
    /// The address is not public.
    #[error(
        "{} is not a public address. To crawl it, start the server with --crawl-allow {host}.",
        named(host, address)
    )]
    Refused {
        /// Which.
        host: String,
        /// Where to.
        address: IpAddr,
    },
    /// The server answered with an error.
    #[error("{url} answered {status}.")]
    Status {
        /// Which.
        url: String,
        /// What.
        status: StatusCode,
        /// How long it wants to be left alone (RFC 9110, 10.2.3).
        retry_after: Option<Duration>,
    },
    /// The answer was not complete in time.
    #[error("{url} did not answer in full within {} s.", .after.as_secs_f32())]
    TimedOut {
        /// Which.
        url: String,
        /// How long it had.
        after: Duration,
    },
    /// The answer is too long.
    #[error("{url} is larger than {} KiB, which is the most that is read.", .most / 1024)]
    TooBig {
        /// Which.
        url: String,
        /// Allowed, in bytes after decompression.
        most: usize,
    },
    /// It is nothing to read.
    #[error("{url} is {found}, which is no text to read.")]
    WrongType {
        /// Which.
        url: String,
        /// The type that it has, or claims wrongly.
        found: String,
    },
    /// Redirects lead in a circle.
    #[error("{url} is redirected in a circle, and so is never reached.")]
    RedirectLoop {
        /// Where the circle closes.
        url: String,
    },
    /// There are too many redirects.
    #[error("{url} is redirected more than {most} times.")]
    TooManyRedirects {
        /// Where it began.
        url: String,
        /// Allowed.
        most: usize,
    },
    /// No connection, or one that broke.
    #[error("the connection to {url} failed: {why}. Check that the site is online.")]
    Connection {
        /// Which.
        url: String,
        /// What happened.
        why: String,
    },
    /// Its certificate is not good, or it speaks no TLS.
    #[error("{url} cannot be reached securely: {why}. Check its certificate, and whether it should be http.")]
    Tls {
        /// Which.
        url: String,
        /// What happened.
        why: String,
    },
}

impl FetchError {
    /// Whether another try may go better.
    pub fn is_worth_a_retry(&self) -> bool {
        match self {
            Self::Status { status, .. } => {
                status.is_server_error() && *status != StatusCode::NOT_IMPLEMENTED
                    || matches!(
                        *status,
                        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY
                    )
            }
            Self::TimedOut { .. } | Self::Connection { .. } | Self::Unresolved { .. } => true,
            _ => false,
        }
    }

    /// How long the server wants to be left alone, where it says so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The status that the server answered with, where it did.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// What the client's error means.
    pub(super) fn of(url: &str, error: &reqwest::Error) -> Self {
        let url = url.to_owned();
        let mut why = error.to_string();
        for cause in causes(error) {
            if let Some(none) = cause.downcast_ref::<NoAddress>() {
                return match none.to_owned() {
                    NoAddress::Unresolved(host) => Self::Unresolved { host: host.clone() },
                    NoAddress::Refused(host, address) => Self::Refused {
                        host: host.clone(),
                        address: *address,
                    },
                };
            }
            if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
                return Self::Tls { url, why: tls.to_string() };
            }
            why = cause.to_string();
        }
        Self::Connection { url, why }
    }
}

/// An error's causes, the nearest first, also those that an I/O error hides.
fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'e (dyn Error + 'static)| {
        let error: &'e (dyn Error + 'static) = *error;
        let hidden = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        hidden.map(|hidden| hidden as &(dyn Error + 'static)).or_else(|| error.source())
    })
    .skip(1)
}
/// A host with its address, where the name does not say it.
fn named(host: &str, address: &IpAddr) -> String {
    let text = address.to_string();
    if host.trim_matches(['[', ']']) == text {
        text
    } else {
        format!("{host} ({text})")
    }
}
