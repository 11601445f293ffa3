//! Server functions, one file a noun: step 1 for pages. Every read returns a `Snapshot`, so that a page
//! knows from which event on it must listen.

pub mod entry;
pub mod kb;

use crate::protocol::{Code, Problem};
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};

impl FromServerFnError for Problem {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            // An answer that is none of ours comes from something between: a proxy whose server is gone, or a cut line.
            ServerFnErrorErr::Request(why) | ServerFnErrorErr::Response(why) | ServerFnErrorErr::Deserialization(why) => {
                Problem::new(Code::Unreachable, format!("The server could not be reached: {why}"))
            }
            ServerFnErrorErr::Args(why) | ServerFnErrorErr::MissingArg(why) => {
                Problem::new(Code::InvalidJson, format!("The request could not be read: {why}"))
            }
            other => Problem::new(Code::Internal, other.to_string()),
        }
    }
}

/// The server, for the caller of this request.
#[cfg(feature = "ssr")]
fn backend() -> std::sync::Arc<dyn crate::backend::Backend> {
    leptos::prelude::expect_context()
}

/// Gives the response the status of its problem, which would else be 500 for all.
#[cfg(feature = "ssr")]
fn respond<T>(result: Result<T, Problem>) -> Result<T, Problem> {
    if let Err(problem) = &result
        && let Some(response) = leptos::prelude::use_context::<leptos_axum::ResponseOptions>()
        && let Ok(status) = problem.status.try_into()
    {
        response.set_status(status);
    }
    result
}
