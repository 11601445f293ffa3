//! What came of asking for a page.

use crate::crawl::{Answer, Page, Validators};
use crate::store::job_items::Waiting;
use crate::store::sources::Known;
use url::Url;

/// What came of an item.
pub(super) struct Found {
    pub(super) item: Waiting,
    /// What was known of it from an earlier crawl.
    pub(super) known: Option<Known>,
    /// What it is, or why it could not be had.
    pub(super) read: Result<Read, String>,
}

/// What a page is.
pub(super) enum Read {
    /// What it was before.
    Same,
    /// It leads to another site.
    Elsewhere(Url),
    /// This.
    Page {
        /// Where it was at last.
        url: Url,
        page: Box<Page>,
        validators: Validators,
    },
}

/// Reads an answer, on a thread where that may take its time.
pub(super) async fn read(answer: Answer) -> Result<Read, String> {
    let read = move || {
        let mut page = Page::read(&answer.body, answer.content_type.as_deref(), &answer.url);
        page.is_noindex |= answer.is_noindex;
        Read::Page {
            page: Box::new(page),
            url: answer.url,
            validators: answer.validators,
        }
    };
    tokio::task::spawn_blocking(read)
        .await
        .map_err(|why| format!("It could not be read: {why}"))
}
