//! How a browser asks the server: one request for all functions, and of each only what reads its answer.

use crate::base;
use crate::protocol::{Code, Problem};
use crate::ui::browser;
use leptos::prelude::window;
use send_wrapper::SendWrapper;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Headers, RequestInit, Response};

type Asking = Pin<Box<dyn Future<Output = Result<String, Problem>> + Send>>;

/// A question to the server. It is sent when it is first polled, and given up when it is dropped.
pub struct Call<T> {
    asking: Asking,
    answer: PhantomData<fn() -> T>,
}

impl<T> Call<T> {
    /// Will ask at this path; arguments are JSON by their names.
    pub(super) fn new<const N: usize>(path: &'static str, arguments: [(&'static str, serde_json::Result<String>); N]) -> Self {
        Self {
            asking: ask(path, Box::new(arguments)),
            answer: PhantomData,
        }
    }
}

impl<T: DeserializeOwned> Future for Call<T> {
    type Output = Result<T, Problem>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = ready!(self.asking.as_mut().poll(context));
        Poll::Ready(answer.and_then(|text| serde_json::from_str(&text).map_err(not_ours)))
    }
}

fn ask(path: &'static str, arguments: Box<[(&'static str, serde_json::Result<String>)]>) -> Asking {
    Box::pin(SendWrapper::new(async move {
        let body = object(arguments)?;
        let (ok, text) = post(path, &body).await.map_err(unreachable)?;
        if ok {
            Ok(text)
        } else {
            Err(serde_json::from_str(&text).unwrap_or_else(not_ours))
        }
    }))
}

fn object(arguments: Box<[(&'static str, serde_json::Result<String>)]>) -> Result<String, Problem> {
    let mut object = String::from("{");
    for (name, value) in arguments {
        let value = value.map_err(|why| Problem::new(Code::InvalidJson, format!("The request could not be written: {why}")))?;
        if object.len() > 1 {
            object.push(',');
        }
        object.extend(["\"", name, "\":", &value]);
    }
    object.push('}');
    Ok(object)
}

/// Sends a request; answers with whether it succeeded and what it brought.
async fn post(path: &str, body: &str) -> Result<(bool, String), JsValue> {
    let given_up = GivenUp(AbortController::new()?);
    let headers = Headers::new()?;
    headers.set("content-type", "application/json")?;
    headers.set("accept", "application/json")?;
    // A page that was left open must not act in the name of whoever logged in after its reader.
    if let Some(user) = browser::viewer() {
        headers.set(super::VIEWER, &String::from(js_sys::encode_uri_component(&user)))?;
    }
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_headers(&headers);
    request.set_body(&body.into());
    request.set_signal(Some(&given_up.0.signal()));
    let response: Response = JsFuture::from(window().fetch_with_str_and_init(&base::at(path), &request))
        .await?
        .dyn_into()?;
    let text = JsFuture::from(response.text()?).await?;
    Ok((response.ok(), text.as_string().unwrap_or_default()))
}

/// Ends a request that nobody waits for any longer; does nothing to one that is over.
struct GivenUp(AbortController);

impl Drop for GivenUp {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What a browser says of it is the same for all that may have happened, and tells nobody anything.
fn unreachable(_: JsValue) -> Problem {
    Problem::new(Code::Unreachable, "The server could not be reached.")
}

/// An answer that is none of ours comes from something between: a proxy whose server is gone, or a cut line.
fn not_ours(why: serde_json::Error) -> Problem {
    Problem::new(Code::Unreachable, format!("Something else answered in place of the server: {why}."))
}
