//! `/api/jobs`: work that takes a while.

use super::entries::parse_limit;
use crate::convert::safe_name;
use crate::domain::mutation::Request;
use crate::domain::{Caller, job};
use crate::error::Error;
use crate::http::extract::{Json, Path, Query, is_late, late};
use crate::http::problem::Failure;
use crate::jobs::Incoming;
use crate::state::AppState;
use crate::store::jobs::Wanted;
use app::protocol::job::{ItemOutcome, Job, JobItemPage, JobPage, NewCrawl, NewSync};
use app::protocol::{Code, JobId, KbName, Problem, limits};
use axum::extract::multipart::{Field, MultipartError, MultipartRejection};
use axum::extract::{Multipart, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// A job was asked for.
fn accepted(job: Job) -> Response {
    let location = format!("/api/jobs/{}", super::entries::segment(job.job_id.as_str()));
    (StatusCode::ACCEPTED, [(header::LOCATION, location)], axum::Json(job)).into_response()
}

/// Which jobs.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct JobsQuery {
    /// Of one knowledge base.
    kb: Option<String>,
    /// Only those that wait or work: `true` or `false`.
    active: Option<String>,
    /// How many, 1 to 1000; 50 where absent.
    limit: Option<String>,
    /// `next` of the piece before.
    before: Option<String>,
}

/// Lists the jobs of the knowledge bases that one may read, last asked for first.
#[utoipa::path(get, path = "/api/jobs", tag = "jobs", params(JobsQuery),
    responses((status = 200, body = JobPage), (status = 400, description = "invalid_query", body = Problem), (status = 404, description = "kb_not_found", body = Problem)))]
pub async fn list_jobs(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<JobsQuery>,
) -> Result<axum::Json<JobPage>, Failure> {
    let invalid = |detail: &str| Failure::from(Problem::new(Code::InvalidQuery, detail));
    let wanted = Wanted {
        kb: match query.kb.as_deref().filter(|text| !text.is_empty()) {
            None => None,
            Some(name) => Some(KbName::parse(name).map_err(Error::from)?),
        },
        active: match query.active.as_deref() {
            None | Some("false" | "0" | "") => false,
            Some("true" | "1") => true,
            Some(_) => return Err(invalid("active: it is true or false.")),
        },
        before: match query.before.as_deref().filter(|text| !text.is_empty()) {
            None => None,
            Some(text) => Some(
                text.parse()
                    .map_err(|_| invalid("before: take it from `next` of the piece before."))?,
            ),
        },
    };
    let limit = parse_limit(query.limit.as_deref(), limits::PAGE_ITEMS_DEFAULT)?;
    let mut page = job::list(&state.store, &caller, &wanted, limit).await?.data;
    page.items.iter_mut().for_each(|job| state.jobs.update(job));
    Ok(axum::Json(page))
}

/// One job.
#[utoipa::path(get, path = "/api/jobs/{id}", tag = "jobs", params(("id" = String, Path)),
    responses((status = 200, body = Job), (status = 404, description = "job_not_found", body = Problem)))]
pub async fn show_job(State(state): State<AppState>, caller: Caller, Path(id): Path<String>) -> Result<axum::Json<Job>, Failure> {
    let mut job = job::get(&state.store, &caller, &parse(&id)?).await?;
    state.jobs.update(&mut job);
    Ok(axum::Json(job))
}

/// What is no id names no job.
fn parse(id: &str) -> Result<JobId, Failure> {
    JobId::parse(id).map_err(|_| {
        let id: String = id.chars().take(80).collect();
        Problem::new(Code::JobNotFound, format!("There is no job {id:?}.")).into()
    })
}

/// Which items.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ItemsQuery {
    /// Of one outcome: `waiting`, `added`, `updated`, `unchanged`, `skipped` or `failed`.
    outcome: Option<String>,
    /// How many, 1 to 1000; 50 where absent.
    limit: Option<String>,
    /// `next` of the piece before.
    after: Option<String>,
}

/// Lists the items of a job, its pages or files, and what became of each.
#[utoipa::path(get, path = "/api/jobs/{id}/items", tag = "jobs", params(("id" = String, Path), ItemsQuery),
    responses((status = 200, body = JobItemPage), (status = 400, description = "invalid_query", body = Problem), (status = 404, description = "job_not_found", body = Problem)))]
pub async fn list_job_items(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<ItemsQuery>,
) -> Result<axum::Json<JobItemPage>, Failure> {
    let invalid = |detail: String| Failure::from(Problem::new(Code::InvalidQuery, detail));
    let outcome = match query.outcome.as_deref().filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => Some(ItemOutcome::parse(text).ok_or_else(|| {
            let known: Vec<&str> = ItemOutcome::ALL.iter().map(|outcome| outcome.as_str()).collect();
            invalid(format!("outcome: it is one of {}.", known.join(", ")))
        })?),
    };
    let after = match query.after.as_deref().filter(|text| !text.is_empty()) {
        None => 0,
        Some(text) => text
            .parse()
            .map_err(|_| invalid("after: take it from `next` of the piece before.".to_owned()))?,
    };
    let limit = parse_limit(query.limit.as_deref(), limits::PAGE_ITEMS_DEFAULT)?;
    Ok(axum::Json(
        job::items(&state.store, &caller, &parse(&id)?, outcome, after, limit).await?,
    ))
}

/// Has the pages of a site brought into a knowledge base.
#[utoipa::path(post, path = "/api/jobs/crawl", tag = "jobs", request_body = NewCrawl,
    responses((status = 202, body = Job), (status = 403, description = "forbidden", body = Problem), (status = 404, description = "kb_not_found", body = Problem), (status = 422, description = "invalid_value", body = Problem)))]
pub async fn crawl(State(state): State<AppState>, request: Request, Json(new): Json<NewCrawl>) -> Result<Response, Failure> {
    let job = job::crawl(&state.store, &request, new).await?;
    state.jobs.wake().await;
    Ok(accepted(job))
}

/// Has a knowledge base synced again with its folder. One that is being synced goes on, and is answered.
#[utoipa::path(post, path = "/api/jobs/sync", tag = "jobs", request_body = NewSync,
    responses((status = 202, body = Job), (status = 403, description = "forbidden", body = Problem), (status = 404, description = "kb_not_found", body = Problem), (status = 409, description = "no_folder", body = Problem)))]
pub async fn sync(State(state): State<AppState>, request: Request, Json(new): Json<NewSync>) -> Result<Response, Failure> {
    let job = job::sync(&state.store, &request, new).await?;
    state.jobs.wake().await;
    Ok(accepted(job))
}

/// What an upload consists of.
#[derive(Debug, utoipa::ToSchema)]
#[allow(dead_code, reason = "describes the form, which is read as it comes")]
pub struct Upload {
    /// The knowledge base that gets the files.
    kb: String,
    /// The files: markdown, text, HTML, PDF, DOCX, or ZIP archives of these, 50 MiB each.
    #[schema(value_type = Vec<String>, format = Binary)]
    file: Vec<Vec<u8>>,
}

/// Has files brought into a knowledge base, each as an entry, and each of those of an archive.
#[utoipa::path(post, path = "/api/jobs/upload", tag = "jobs", request_body(content = Upload, content_type = "multipart/form-data"),
    responses((status = 202, body = Job), (status = 400, description = "invalid_form", body = Problem), (status = 403, description = "forbidden", body = Problem), (status = 404, description = "kb_not_found", body = Problem), (status = 413, description = "upload_too_large", body = Problem), (status = 422, description = "invalid_value", body = Problem)))]
pub async fn upload(
    State(state): State<AppState>,
    request: Request,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Failure> {
    let mut form = form.map_err(|why| Problem::new(Code::InvalidForm, format!("Send the files as multipart/form-data: {why}.")))?;
    let mut incoming = state.jobs.uploads().begin().await?;
    let kb = match receive(&mut form, &mut incoming, &request).await {
        Ok(kb) => kb,
        Err(failure) => {
            incoming.discard().await;
            return Err(failure);
        }
    };
    let id = JobId::generate(&kb);
    let files = state.jobs.uploads().keep(incoming, &id).await?;
    match job::upload(&state.store, &request, id.clone(), files).await {
        Ok(job) => {
            if job.job_id != id {
                // The same files came before, under the same key.
                state.jobs.uploads().remove(&id).await;
            }
            state.jobs.wake().await;
            Ok(accepted(job))
        }
        Err(error) => {
            state.jobs.uploads().remove(&id).await;
            Err(error.into())
        }
    }
}

/// Receives files, and says for which knowledge base they are.
async fn receive(form: &mut Multipart, incoming: &mut Incoming, request: &Request) -> Result<KbName, Failure> {
    let mut received = Received { kb: None, bytes: 0 };
    while let Some(field) = form.next_field().await.map_err(broken)? {
        received.take(field, incoming, request).await?;
    }
    let Some(kb) = received.kb else {
        let detail = "kb: the form does not say into which knowledge base; add a field kb with its name.";
        return Err(Problem::new(Code::InvalidValue, detail).with("field", "kb").into());
    };
    if incoming.count() == 0 {
        return Err(Problem::new(Code::InvalidValue, "file: the form has no file.")
            .with("field", "file")
            .into());
    }
    Ok(kb)
}

/// What was received so far.
struct Received {
    kb: Option<KbName>,
    bytes: u64,
}

impl Received {
    async fn take(&mut self, field: Field<'_>, incoming: &mut Incoming, request: &Request) -> Result<(), Failure> {
        if let Some(name) = field.file_name() {
            let name = safe_name(name);
            if self.kb.is_none() {
                let detail = "kb: put this field before the files, so that nobody sends them for a refusal.";
                return Err(Problem::new(Code::InvalidValue, detail).with("field", "kb").into());
            }
            if incoming.count() == limits::UPLOAD_FILES {
                let detail = format!(
                    "There are more than {} files. Pack them as archives, or send them in several uploads.",
                    limits::UPLOAD_FILES
                );
                return Err(Problem::new(Code::UploadTooLarge, detail).into());
            }
            return self.store(field, name, incoming).await;
        }
        if field.name() != Some("kb") {
            let name: String = field.name().unwrap_or_default().chars().take(80).collect();
            let detail = format!("{name:?}: the form has no such field; it has kb, and files.");
            return Err(Problem::new(Code::InvalidForm, detail).into());
        }
        let kb = KbName::parse(short_text(field).await?.trim()).map_err(Error::from)?;
        request.caller.must_write(&kb)?;
        self.kb = Some(kb);
        Ok(())
    }

    async fn store(&mut self, mut field: Field<'_>, name: String, incoming: &mut Incoming) -> Result<(), Failure> {
        let mut file = incoming.file(name.clone()).await?;
        let mut bytes = 0;
        while let Some(chunk) = field.chunk().await.map_err(broken)? {
            bytes += chunk.len() as u64;
            self.bytes += chunk.len() as u64;
            if bytes > limits::UPLOAD_FILE_BYTES {
                let most = limits::UPLOAD_FILE_BYTES / 1024 / 1024;
                let detail = format!("{name}: the file has more than {most} MiB. Split it.");
                return Err(Problem::new(Code::UploadTooLarge, detail).with("field", name).into());
            }
            if self.bytes > limits::UPLOAD_BYTES {
                let most = limits::UPLOAD_BYTES / 1024 / 1024;
                return Err(Problem::new(
                    Code::UploadTooLarge,
                    format!("The files have more than {most} MiB together. Send them in several uploads."),
                )
                .into());
            }
            file.write(&chunk).await?;
        }
        Ok(file.end().await?)
    }
}

/// The text of a field that is no longer than a name.
async fn short_text(mut field: Field<'_>) -> Result<String, Failure> {
    let mut bytes = vec![];
    while let Some(chunk) = field.chunk().await.map_err(broken)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > 4 * limits::KB_NAME_BYTES {
            let detail = format!("kb: a name has at most {} bytes.", limits::KB_NAME_BYTES);
            return Err(Problem::new(Code::InvalidValue, detail).with("field", "kb").into());
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn broken(why: MultipartError) -> Failure {
    if is_late(&why) {
        return late().into();
    }
    Problem::new(
        Code::InvalidForm,
        format!("The form could not be read to its end: {why}. Send it again."),
    )
    .into()
}

/// Ends a job before it is done. What it has done stays.
#[utoipa::path(post, path = "/api/jobs/{id}/cancel", tag = "jobs", params(("id" = String, Path)),
    responses((status = 202, body = Job), (status = 404, description = "job_not_found", body = Problem), (status = 409, description = "job_over", body = Problem)))]
pub async fn cancel_job(State(state): State<AppState>, request: Request, Path(id): Path<String>) -> Result<Response, Failure> {
    Ok(accepted(state.jobs.cancel(&request, parse(&id)?).await?))
}

/// Goes on with a job that was interrupted or cancelled, or tries again what failed in it.
#[utoipa::path(post, path = "/api/jobs/{id}/retry", tag = "jobs", params(("id" = String, Path)),
    responses((status = 202, body = Job), (status = 404, description = "job_not_found", body = Problem), (status = 409, description = "nothing_to_retry", body = Problem)))]
pub async fn retry_job(State(state): State<AppState>, request: Request, Path(id): Path<String>) -> Result<Response, Failure> {
    Ok(accepted(state.jobs.retry(&request, parse(&id)?).await?))
}

/// Takes a job off the list that is over. What it has brought stays.
#[utoipa::path(delete, path = "/api/jobs/{id}", tag = "jobs", params(("id" = String, Path)),
    responses((status = 204), (status = 404, description = "job_not_found", body = Problem), (status = 409, description = "job_active", body = Problem)))]
pub async fn dismiss_job(State(state): State<AppState>, request: Request, Path(id): Path<String>) -> Result<StatusCode, Failure> {
    state.jobs.dismiss(&request, parse(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
