//! Jobs as live reads.

use super::{Answer, LiveRead, live, live_to_extent};
use crate::api::jobs::{load_active_jobs, load_jobs};
use crate::protocol::limits::PAGE_ITEMS;
use crate::sync::cache::{JobList, Pieces};

/// Jobs of the first page and of each further one.
const PAGE: usize = 30;

/// The jobs that wait or work, kept live.
pub fn active_jobs() -> LiveRead<JobList> {
    live(|| "active", async |_| Ok(JobList::begin(true, load_active_jobs().await?)))
}

/// All jobs, last asked for first, kept live; [`LiveRead::load_more_jobs`] makes the list longer.
pub fn jobs() -> LiveRead<JobList> {
    live_to_extent(|| "all", |_, extent| read(extent))
}

/// Reads the newest jobs, at least so many where there are so many.
async fn read(extent: usize) -> Answer<JobList> {
    Ok(JobList::begin(false, load_jobs(extent.clamp(PAGE, PAGE_ITEMS), None).await?))
}

impl LiveRead<JobList> {
    /// Loads older jobs, unless some are on their way or all are there.
    pub fn load_more_jobs(self) {
        let ask = |list: &JobList| {
            let before = list.next.clone()?;
            Some((before.clone(), load_jobs(PAGE, Some(before))))
        };
        self.grow(ask, |list, before: String, page, recent| {
            JobList::extend(list, &before, page, recent.iter().map(AsRef::as_ref))
        });
    }
}
