//! Server functions, one file a noun: step 1 for pages. Every read returns a `Snapshot`, so that a page
//! knows from which event on it must listen.

#[cfg(not(feature = "ssr"))]
mod call;

/// The header by which a page says whose it is, percent-encoded: the server answers nobody else.
pub const VIEWER: &str = "x-tidings-user";

/// Declares functions that pages call. On the server each is a server function, which asks the backend. In a browser it
/// asks the server: Leptos would do that as well, but with code of its own for each function, all of it in the first load.
macro_rules! server_functions {
    ($($(#[$doc:meta])* $endpoint:literal, $method:ident: $name:ident($($argument:ident: $of:ty),*) -> $answer:ty;)*) => {$(
        $(#[$doc])*
        #[cfg(feature = "ssr")]
        #[leptos::server(prefix = "/api/pages", endpoint = $endpoint, input = leptos::server_fn::codec::Json)]
        pub async fn $name($($argument: $of),*) -> Result<$answer, $crate::protocol::Problem> {
            $crate::api::respond($crate::api::backend().$method($($argument),*).await)
        }

        $(#[$doc])*
        #[cfg(not(feature = "ssr"))]
        pub fn $name($($argument: $of),*) -> $crate::api::call::Call<$answer> {
            $crate::api::call::Call::new(
                concat!("/api/pages/", $endpoint),
                [$((stringify!($argument), serde_json::to_string(&$argument))),*],
            )
        }
    )*};
}

pub mod entry;
pub mod jobs;
pub mod kb;
pub mod people;

#[cfg(feature = "ssr")]
use crate::protocol::{Code, Problem};

#[cfg(feature = "ssr")]
impl leptos::server_fn::error::FromServerFnError for Problem {
    type Encoder = leptos::server_fn::codec::JsonEncoding;

    fn from_server_fn_error(error: leptos::server_fn::error::ServerFnErrorErr) -> Self {
        use leptos::server_fn::error::ServerFnErrorErr::{Args, Deserialization, MissingArg};
        let problem = match error {
            Args(why) | MissingArg(why) | Deserialization(why) => {
                Problem::new(Code::InvalidJson, format!("The request could not be read: {why}"))
            }
            other => Problem::new(Code::Internal, other.to_string()),
        };
        set_status(&problem);
        problem
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
    if let Err(problem) = &result {
        set_status(problem);
    }
    result
}

#[cfg(feature = "ssr")]
fn set_status(problem: &Problem) {
    if let Some(response) = leptos::prelude::use_context::<leptos_axum::ResponseOptions>()
        && let Ok(status) = problem.status.try_into()
    {
        response.set_status(status);
    }
}
