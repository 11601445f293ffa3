//! Sends files by a request that says how far it is: `fetch` does not.

use super::Sending;
use super::files::Chosen;
use crate::api::VIEWER;
use crate::base;
use crate::protocol::job::Job;
use crate::protocol::{Code, KbName, Problem};
use crate::ui::browser;
use futures_channel::oneshot;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{FormData, ProgressEvent, XmlHttpRequest};

/// Sends files into a knowledge base, and tells `sending` how far that is. None where somebody ended it.
pub async fn send(kb: KbName, files: &[Chosen], sending: RwSignal<Option<Sending>>) -> Option<Result<Job, Problem>> {
    let answer = match begin(&kb, files, sending) {
        Ok((request, over)) => {
            // It is over in any case: an error is an end too.
            let _ = over.await;
            if sending.with_untracked(Option::is_none) {
                return None;
            }
            read(&request)
        }
        Err(why) => Err(Problem::new(
            Code::Internal,
            format!("This browser could not send the files: {why:?}."),
        )),
    };
    sending.set(None);
    Some(answer)
}

/// Ends what is being sent.
pub fn end(sending: RwSignal<Option<Sending>>) {
    if let Some(sending) = sending.try_update(Option::take).flatten() {
        // Fails never.
        drop(sending.request.abort());
    }
}

type Begun = (SendWrapper<XmlHttpRequest>, oneshot::Receiver<()>);

fn begin(kb: &KbName, files: &[Chosen], sending: RwSignal<Option<Sending>>) -> Result<Begun, JsValue> {
    let form = FormData::new()?;
    // First, so that who may not write there is told before the files were sent.
    form.append_with_str("kb", kb.as_str())?;
    for Chosen { file, .. } in files {
        form.append_with_blob_and_filename("file", file, &file.name())?;
    }
    let request = XmlHttpRequest::new()?;
    request.open("POST", &base::at("/api/jobs/upload"))?;
    request.set_request_header("accept", "application/json")?;
    // A page that was left open must not act in the name of whoever logged in after its reader.
    if let Some(user) = browser::viewer() {
        request.set_request_header(VIEWER, &String::from(js_sys::encode_uri_component(&user)))?;
    }
    // Of a type that the module itself has: wasm-bindgen does not find the code of others in what is loaded later.
    let moved = Closure::<dyn Fn(web_sys::Event)>::new(move |ev: web_sys::Event| {
        let ev: ProgressEvent = ev.unchecked_into();
        sending.try_update(|sending| {
            if let Some(sending) = sending {
                (sending.sent, sending.bytes) = (ev.loaded(), ev.total());
            }
        });
    });
    let upload = request.upload()?;
    upload.set_onprogress(Some(moved.as_ref().unchecked_ref()));
    let (tell, over) = oneshot::channel();
    let ended = Closure::once_into_js(move || {
        // Nobody may wait any longer.
        let _ = tell.send(());
        // It is heard of until here.
        drop(moved);
    });
    request.set_onloadend(Some(ended.unchecked_ref()));
    let request = SendWrapper::new(request);
    sending.set(Some(Sending {
        kb: kb.clone(),
        files: files.len(),
        sent: 0.0,
        bytes: files.iter().map(|chosen| chosen.file.size()).sum(),
        request: request.clone(),
    }));
    if let Err(why) = request.send_with_opt_form_data(Some(&form)) {
        sending.set(None);
        return Err(why);
    }
    Ok((request, over))
}

fn read(request: &XmlHttpRequest) -> Result<Job, Problem> {
    let text = request.response_text().ok().flatten().unwrap_or_default();
    let failed = |detail: &str| Problem::new(Code::Unreachable, detail);
    match request.status() {
        Ok(200..300) => {
            serde_json::from_str(&text).map_err(|why| failed(&format!("Something else answered in place of the server: {why}.")))
        }
        Ok(1..) => Err(serde_json::from_str(&text).unwrap_or_else(|_| {
            failed("Something between this browser and the server did not take the files; it may allow less at once.")
        })),
        _ => Err(failed(
            "The connection broke before all was sent, or a file has changed or gone meanwhile. Nothing was stored; try again.",
        )),
    }
}
