//! Errors at the edge: `application/problem+json`, RFC 9457.

use crate::error::Error;
use app::protocol::{Code, Problem};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// An error on its way out.
#[derive(Debug)]
pub struct Failure(pub Problem);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if matches!(
            error,
            Error::Store(_) | Error::Damaged(_) | Error::Panicked(_) | Error::StoreUnavailable(_)
        ) {
            tracing::error!(%error, "a request failed");
        }
        Self(error.into())
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry = match status {
            StatusCode::SERVICE_UNAVAILABLE => Some(1),
            _ => self.0.extra.get("retry_after").and_then(serde_json::Value::as_u64),
        };
        let mut response = (status, axum::Json(self.0)).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UPGRADE_REQUIRED {
            let headers = response.headers_mut();
            headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
            headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
            headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        }
        if let Some(seconds) = retry {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// 404 for addresses below `/api` that there are not.
pub async fn not_found(uri: axum::http::Uri) -> Failure {
    Problem::new(Code::NotFound, format!("There is nothing at {}; /docs lists the API.", uri.path())).into()
}

/// 405.
pub async fn method_not_allowed(method: axum::http::Method, uri: axum::http::Uri) -> Failure {
    Problem::new(
        Code::MethodNotAllowed,
        format!("{} does not answer to {method}; /docs lists what does.", uri.path()),
    )
    .into()
}
