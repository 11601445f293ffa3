//! What pages ask about jobs and about the log: each method is a command of the domain.

use super::pages::{CallersBackend, answer};
use crate::domain::job;
use crate::error::Error;
use crate::store::jobs::Wanted;
use app::backend::JobsBackend;
use app::protocol::job::{ItemOutcome, Job, JobItemPage, JobPage, NewCrawl, NewSync};
use app::protocol::log::{LogFilter, LogPage};
use app::protocol::{JobId, MutationId, Problem, Snapshot, limits};
use async_trait::async_trait;

impl CallersBackend {
    async fn list(&self, wanted: Wanted, limit: usize) -> Result<Snapshot<JobPage>, Error> {
        let limit = limit.clamp(1, limits::PAGE_ITEMS);
        let mut page = job::list(&self.state.store, &self.caller, &wanted, limit).await?;
        page.data.items.iter_mut().for_each(|job| self.state.jobs.update(job));
        Ok(page)
    }

    async fn begun(&self, job: Result<Job, Error>) -> Result<Job, Problem> {
        let job = answer(job)?;
        self.state.jobs.wake().await;
        Ok(job)
    }
}

#[async_trait]
impl JobsBackend for CallersBackend {
    async fn jobs(&self, limit: usize, before: Option<String>) -> Result<Snapshot<JobPage>, Problem> {
        let wanted = Wanted {
            before: before.and_then(|before| before.parse().ok()),
            ..Wanted::default()
        };
        answer(self.list(wanted, limit).await)
    }

    async fn active_jobs(&self) -> Result<Snapshot<JobPage>, Problem> {
        let wanted = Wanted {
            active: true,
            ..Wanted::default()
        };
        answer(self.list(wanted, limits::PAGE_ITEMS).await)
    }

    async fn job_items(&self, id: JobId, outcome: Option<ItemOutcome>, limit: usize, after: i64) -> Result<JobItemPage, Problem> {
        let limit = limit.clamp(1, limits::PAGE_ITEMS);
        answer(job::items(&self.state.store, &self.caller, &id, outcome, after, limit).await)
    }

    async fn crawl(&self, new: NewCrawl, mutation: MutationId) -> Result<Job, Problem> {
        self.begun(job::crawl(&self.state.store, &self.write(mutation), new).await).await
    }

    async fn sync(&self, new: NewSync, mutation: MutationId) -> Result<Job, Problem> {
        self.begun(job::sync(&self.state.store, &self.write(mutation), new).await).await
    }

    async fn cancel_job(&self, id: JobId) -> Result<Job, Problem> {
        answer(self.state.jobs.cancel(&self.asks(), id).await)
    }

    async fn retry_job(&self, id: JobId) -> Result<Job, Problem> {
        answer(self.state.jobs.retry(&self.asks(), id).await)
    }

    async fn dismiss_job(&self, id: JobId) -> Result<(), Problem> {
        answer(self.state.jobs.dismiss(&self.asks(), id).await)
    }

    async fn logs(&self, filter: LogFilter, limit: usize, after: Option<u64>) -> Result<LogPage, Problem> {
        answer(self.caller.must_own())?;
        Ok(self.state.logs.page(&filter, limit.clamp(1, limits::PAGE_ITEMS), after))
    }

    async fn clear_logs(&self) -> Result<(), Problem> {
        answer(self.caller.must_own())?;
        self.state.logs.clear();
        Ok(())
    }
}
