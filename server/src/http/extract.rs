//! Decoding requests, with errors that name what is wrong.

use super::problem::Failure;
use crate::domain::Caller;
use crate::domain::mutation::Request as Write;
use app::protocol::{Code, MutationId, Problem, Version};
use axum::body::Bytes;
use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use serde::de::DeserializeOwned;
use std::collections::HashSet;
use tower_http::timeout::TimeoutError;
use utoipa::IntoParams;

/// Largest body of a request: an entry of 1 MiB whose characters are all escaped, with room for the rest.
pub const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// Who asks for a write, and the idempotency key that they gave.
impl<S: Sync> FromRequestParts<S> for Write {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let mutation = match text_header(&parts.headers, "idempotency-key")? {
            None => None,
            Some(key) => Some(
                // The draft standard writes it as a quoted string; most clients send it bare.
                MutationId::parse(key.trim_matches('"'))
                    .map_err(|why| Problem::new(Code::InvalidHeader, format!("Idempotency-Key: the {why}; a UUID is a good one.")))?,
            ),
        };
        Ok(Self::new(caller, mutation))
    }
}

fn text_header<'h>(headers: &'h HeaderMap, name: &'static str) -> Result<Option<&'h str>, Failure> {
    let bad = |_| {
        Failure::from(Problem::new(
            Code::InvalidHeader,
            format!("{name}: only visible ASCII characters are allowed"),
        ))
    };
    headers.get(name).map(|value| value.to_str().map_err(bad)).transpose()
}

/// What `If-Match` asks for.
#[derive(Debug, Clone, Copy)]
pub enum IfMatch {
    /// The header is absent.
    Unsaid,
    /// `*`: whatever version there is.
    Any,
    /// This version.
    Version(Version),
}

impl IfMatch {
    /// The version to write over, where the request names one: the header counts, and without it the version in the body.
    pub fn or(self, in_body: Option<Version>) -> Option<Version> {
        match self {
            Self::Unsaid => in_body,
            Self::Any => None,
            Self::Version(version) => Some(version),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let Some(text) = text_header(&parts.headers, "if-match")?.map(str::trim) else {
            return Ok(Self::Unsaid);
        };
        if text == "*" {
            return Ok(Self::Any);
        }
        let number = text.trim_start_matches("W/").trim_matches('"').parse().ok();
        match number {
            Some(number) => Ok(Self::Version(Version::new(number))),
            None => Err(Problem::new(
                Code::InvalidHeader,
                "If-Match: send the ETag of the version that you know, such as \"7\".",
            )
            .into()),
        }
    }
}

/// A JSON body.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Failure;
    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        // Its type was checked by `guard`, or there is none.
        if !request.headers().contains_key(header::CONTENT_TYPE) {
            let detail = "The body must be JSON: send it with Content-Type: application/json.";
            return Err(Problem::new(Code::UnsupportedMediaType, detail).into());
        }
        let body = Bytes::from_request(request, state).await.map_err(|rejection| {
            if is_late(&rejection) {
                late()
            } else if rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
                Problem::new(
                    Code::BodyTooLarge,
                    format!("The body is too large: {BODY_LIMIT} bytes are read, and of one that logs in 16,384. Split it."),
                )
            } else {
                Problem::new(Code::InvalidJson, format!("The body could not be read: {rejection}"))
            }
        })?;
        // Serde takes a list for the members of a struct in their order; nobody means that.
        if !body.trim_ascii_start().starts_with(b"{") {
            return Err(Problem::new(Code::InvalidJson, "The body must be a JSON object: {…}.").into());
        }
        let mut input = serde_json::Deserializer::from_slice(&body);
        let parsed = serde_path_to_error::deserialize(&mut input).map_err(|error| {
            let member = error.path().to_string();
            let problem = Problem::new(Code::InvalidJson, wrong_json(&member, error.inner()));
            // A whole body that is wrong has a dot for its path.
            if member == "." { problem } else { problem.with("field", member) }
        })?;
        input
            .end()
            .map_err(|error| Problem::new(Code::InvalidJson, wrong_json(".", &error)))?;
        Ok(Self(parsed))
    }
}

/// Whether a body could not be read because its client sent nothing for too long.
pub fn is_late(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<TimeoutError>() {
            return true;
        }
        next = error.source();
    }
    false
}

/// The answer to such a client.
pub fn late() -> Problem {
    Problem::new(Code::RequestTimeout, "The body stopped before its end. Send the request again.")
}

fn wrong_json(member: &str, error: &serde_json::Error) -> String {
    if member == "." {
        format!("The body is not the JSON that is asked for: {error}.")
    } else {
        format!("The body is not the JSON that is asked for: {member}: {error}.")
    }
}

/// The query of the URL. Unknown members are refused, so that a misspelt filter is not taken for none.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

impl<S: Sync, T: DeserializeOwned + IntoParams> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        axum::extract::Query::try_from_uri(&parts.uri)
            .map(|query| Self(query.0))
            .map_err(|_| Problem::new(Code::InvalidQuery, wrong_query::<T>(&parts.uri)).into())
    }
}

/// What is wrong with a query all of whose parameters are texts: one is there twice, or is none that there is.
fn wrong_query<T: IntoParams>(uri: &Uri) -> String {
    let known: Vec<String> = T::into_params(|| None).into_iter().map(|parameter| parameter.name).collect();
    let given = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri).unwrap_or_default();
    let names: Vec<&str> = given.iter().map(|(name, _)| name.as_str()).collect();
    let mut seen = HashSet::new();
    let twice = names.iter().find(|name| !seen.insert(**name));
    match (names.iter().find(|name| !known.iter().any(|known| known == *name)), twice) {
        (Some(name), _) => {
            let name: String = name.chars().take(80).collect();
            format!("{name}: the query has no such parameter; it may have {}.", known.join(", "))
        }
        (None, Some(name)) => format!("{name}: the query has it more than once; give it once."),
        (None, None) => format!("The query of the URL is not understood; it may have {}.", known.join(", ")),
    }
}

/// Path parameters.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let rejection = match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(path) => return Ok(Self(path.0)),
            Err(rejection) => rejection,
        };
        let names: Vec<String> = RawPathParams::from_request_parts(parts, state)
            .await
            .map(|raw| raw.iter().map(|(name, _)| name.to_owned()).collect())
            .unwrap_or_default();
        Err(wrong_path(rejection, &names).into())
    }
}

/// What is wrong with a parameter of the path. `names` are those of all its parameters, in order.
fn wrong_path(rejection: PathRejection, names: &[String]) -> Problem {
    let PathRejection::FailedToDeserializePathParams(error) = rejection else {
        return Problem::new(Code::Internal, "The server failed to read the address.");
    };
    let number = |name: &str, value: &str| {
        let value: String = value.chars().take(80).collect();
        Problem::new(Code::InvalidValue, format!("{name}: {value:?} is not a number that it can be.")).with("field", name)
    };
    match error.into_kind() {
        ErrorKind::ParseErrorAtIndex { index, value, .. } => number(names.get(index).map_or("address", String::as_str), &value),
        ErrorKind::ParseErrorAtKey { key, value, .. } => number(&key, &value),
        ErrorKind::ParseError { value, .. } => number(names.first().map_or("address", String::as_str), &value),
        ErrorKind::InvalidUtf8InPathParam { key } => Problem::new(
            Code::InvalidSlug,
            format!("{key}: it is not UTF-8; encode it so, with percent signs."),
        )
        .with("field", key),
        // Names and ids say what is wrong themselves.
        ErrorKind::DeserializeError { message, .. } | ErrorKind::Message(message) => {
            Problem::new(Code::InvalidSlug, format!("The {message}."))
        }
        _ => Problem::new(Code::Internal, "The server failed to read the address."),
    }
}
