//! Brings a site in, page by page: what is fetched is stored at once, and what it leads to waits as further items.

mod found;
mod link;
mod store;

use super::task::{Became, Task, add_in};
use crate::config::Crawl as Settings;
use crate::crawl::{
    Allowed, Ask, Disallowed, Fetched, Fetcher, Limits, Listing, Pace, PaceSettings, Page, Patterns, Robots, Start, Validators, address,
    discover,
};
use crate::domain::job::Plan;
use crate::error::Error;
use crate::store::job_items::{self, Waiting};
use crate::store::jobs;
use crate::store::sources::{self, Known};
use app::protocol::job::{ItemOutcome, JobPhase};
use app::protocol::{Code, EntryId, Problem};
use found::{Found, Read};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use url::Url;

/// Pages that are not fetched and are remembered all the same, of each kind.
const REMEMBERED: usize = 1_000;

/// Fetches pages, no faster than is polite. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Crawler {
    allowed: Allowed,
    limits: Limits,
    settings: PaceSettings,
    /// Made with the first crawl: it needs the system's certificates, and a server without any serves all the same.
    fetcher: Arc<OnceLock<Fetcher>>,
    /// Those in use, by their sites: two jobs that crawl the same one share it.
    paces: Arc<Mutex<HashMap<String, Weak<Pace>>>>,
}

impl Crawler {
    /// Keeps to these settings.
    pub fn new(settings: &Settings) -> Self {
        Self {
            allowed: settings.allowed.clone(),
            limits: settings.limits,
            settings: settings.pace,
            fetcher: Arc::default(),
            paces: Arc::default(),
        }
    }

    fn fetcher(&self) -> Result<Fetcher, Error> {
        if let Some(fetcher) = self.fetcher.get() {
            return Ok(fetcher.clone());
        }
        let made = Fetcher::with_limits(self.allowed.clone(), self.limits);
        let made = made.map_err(|why| Problem::new(Code::Internal, why.to_string()))?;
        Ok(self.fetcher.get_or_init(|| made).clone())
    }

    fn pace(&self, site: &Url) -> Arc<Pace> {
        let site = site.origin().ascii_serialization();
        // Nothing panics while it is held.
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        paces.retain(|_, pace| pace.strong_count() > 0);
        if let Some(pace) = paces.get(&site).and_then(Weak::upgrade) {
            return pace;
        }
        let pace = Arc::new(Pace::new(self.settings));
        paces.insert(site, Arc::downgrade(&pace));
        pace
    }
}

/// The site that is crawled.
struct Site {
    /// Where the crawl begins.
    start: Url,
    pace: Arc<Pace>,
    robots: Robots,
}

impl Site {
    /// None where the job is to end before.
    async fn find(task: &Task, crawler: &Crawler, fetcher: &Fetcher, start: Url) -> Option<Self> {
        let pace = crawler.pace(&start);
        let robots = task.unless_halted(Robots::fetch(fetcher, &pace, &start)).await?;
        pace.heed(robots.crawl_delay());
        Some(Self { start, pace, robots })
    }

    fn has(&self, url: &Url) -> bool {
        address::same_site(&self.start, url)
    }

    async fn list(&self, fetcher: &Fetcher) -> Listing {
        discover(fetcher, &self.pace, &self.start, &self.robots).await
    }
}

/// A crawl at work.
struct Crawl<'t> {
    task: &'t Task,
    crawler: &'t Crawler,
    fetcher: Fetcher,
    site: Arc<Site>,
    plan: Plan,
    patterns: Patterns,
    /// What tells each page that is known of from others.
    known: HashSet<String>,
    /// Pages that were taken up to be fetched.
    admitted: u64,
    /// Pages that are closed to crawlers.
    closed: usize,
    /// Pages that were not taken up, because there are more than were asked for.
    beyond: HashSet<String>,
    /// The pages that are entries, of this crawl and of earlier ones.
    entries: Arc<HashMap<String, EntryId>>,
    queue: VecDeque<Waiting>,
}

/// Crawls what the job asks for.
pub async fn run(task: &Task, crawler: &Crawler) -> Result<(), Error> {
    let plan: Plan = serde_json::from_value(task.stored.params.clone())?;
    task.enter(JobPhase::Discovering).await?;
    let Some(mut crawl) = Crawl::begin(task, crawler, plan).await? else {
        return Ok(());
    };
    if task.job().counts.total == 0 {
        crawl.discover().await?;
    }
    task.enter(JobPhase::Fetching).await?;
    crawl.fetch_all(crawler.settings.at_once).await?;
    // What links do not lead to comes last: it is what one has asked for least.
    crawl.add_listed().await?;
    crawl.fetch_all(crawler.settings.at_once).await?;
    if task.is_halted() {
        return Ok(());
    }
    if !crawl.beyond.is_empty() {
        let (most, beyond) = (crawl.plan.max_pages, crawl.beyond.len());
        let at_least = if beyond < REMEMBERED { "" } else { "at least " };
        task.say(format!(
            "{most} pages were asked for; {at_least}{beyond} further ones were not followed"
        ));
    }
    task.enter(JobPhase::Linking).await?;
    link::link_all(task, &crawl.entries).await
}

impl<'t> Crawl<'t> {
    /// None where the job is to end before it has begun.
    async fn begin(task: &'t Task, crawler: &'t Crawler, plan: Plan) -> Result<Option<Self>, Error> {
        let invalid = |why: String| Error::from(Problem::new(Code::InvalidValue, why));
        let start = address::parse(&plan.url).map_err(|why| invalid(why.to_string()))?;
        let patterns = Patterns::new(&plan.include, &plan.exclude).map_err(|why| invalid(why.to_string()))?;
        let fetcher = crawler.fetcher()?;
        let Some(site) = Site::find(task, crawler, &fetcher, start).await else {
            return Ok(None);
        };
        let mut tx = task.store.read().await?;
        let names = job_items::names(&mut tx, task.stored.number).await?;
        let known = names
            .iter()
            .filter_map(|(name, _)| Some(address::identity(&Url::parse(name).ok()?)));
        let mut crawl = Self {
            task,
            crawler,
            fetcher,
            site: Arc::new(site),
            plan,
            patterns,
            known: known.collect(),
            admitted: names.iter().filter(|(_, is_skipped)| !is_skipped).count() as u64,
            closed: 0,
            beyond: HashSet::new(),
            entries: Arc::new(sources::all(&mut tx, &task.stored.job.kb_name).await?),
            queue: VecDeque::new(),
        };
        crawl.queue = job_items::waiting(&mut tx, task.stored.number).await?.into();
        Ok(Some(crawl))
    }

    /// Finds out with which pages to begin.
    async fn discover(&mut self) -> Result<(), Error> {
        let pages = match Start::of(&self.site.start) {
            Start::Page => vec![self.site.start.clone()],
            Start::Sitemap | Start::LlmsTxt => {
                let Some(listing) = self.task.unless_halted(self.site.list(&self.fetcher)).await else {
                    return Ok(());
                };
                self.listed(listing)?
            }
        };
        let is_list = pages.len() != 1;
        let new = pages.into_iter().filter_map(|url| self.admit(&url, 0, is_list)).collect();
        self.queue.extend(self.task.add(new).await?);
        Ok(())
    }

    /// Takes up what the site lists below where the crawl began, where it began at a page.
    async fn add_listed(&mut self) -> Result<(), Error> {
        let is_over = self.task.is_halted() || self.admitted >= self.plan.max_pages || self.plan.max_depth == 0;
        // Without any page there is no site to look about in.
        if is_over || Start::of(&self.site.start) != Start::Page || self.task.job().counts.done == 0 {
            return Ok(());
        }
        let Some(listing) = self.task.unless_halted(self.site.list(&self.fetcher)).await else {
            return Ok(());
        };
        let folder = self.site.start.path().rsplit_once('/').map_or("/", |(folder, _)| folder).to_owned() + "/";
        let new = listing
            .pages
            .iter()
            .filter(|page| page.url.path().starts_with(&folder))
            .filter_map(|page| self.admit(&page.url, 1, true))
            .collect();
        self.queue.extend(self.task.add(new).await?);
        Ok(())
    }

    fn listed(&self, listing: Listing) -> Result<Vec<Url>, Error> {
        for failure in &listing.failures {
            self.task.say(failure.to_string());
        }
        if listing.is_cut {
            self.task.say("The site lists more pages than are read of a list.");
        }
        match (listing.pages.is_empty(), listing.failures.first()) {
            (true, Some(failure)) => Err(Problem::new(Code::InvalidValue, failure.to_string()).into()),
            _ => Ok(listing.pages.into_iter().map(|page| page.url).collect()),
        }
    }

    /// A page as an item, where it is new and one that is wanted. The first one is wanted whatever the patterns say.
    fn admit(&mut self, url: &Url, depth: u32, by_pattern: bool) -> Option<job_items::New> {
        let is_wanted = self.site.has(url) && depth <= self.plan.max_depth;
        if !is_wanted || (by_pattern && !self.patterns.wants(url)) {
            return None;
        }
        let identity = address::identity(url);
        if self.known.contains(&identity) {
            return None;
        }
        let skipped = match self.site.robots.check(url) {
            Err(why @ Disallowed::Rule { .. }) => Some(why.to_string()),
            // Where the rules are out of reach it fails, and may be tried again.
            Ok(()) | Err(Disallowed::Unknown { .. }) => None,
        };
        if skipped.is_some() {
            if self.closed >= REMEMBERED {
                return None;
            }
            self.closed += 1;
        } else if self.admitted >= self.plan.max_pages {
            if self.beyond.len() < REMEMBERED {
                self.beyond.insert(identity);
            }
            return None;
        } else {
            self.admitted += 1;
        }
        self.known.insert(identity);
        Some(job_items::New {
            name: address::tidy(url).into(),
            depth,
            skipped,
        })
    }

    async fn fetch_all(&mut self, at_once: usize) -> Result<(), Error> {
        let task = self.task;
        let kb = task.stored.job.kb_name.clone();
        let mut under_way = FuturesUnordered::new();
        loop {
            while under_way.len() < at_once.max(1)
                && let Some(item) = self.queue.pop_front()
            {
                let known = match Url::parse(&item.name) {
                    Ok(url) => sources::find(task.store.read().await?.connection(), &kb, &address::identity(&url)).await?,
                    Err(_) => None,
                };
                task.at(&item.name);
                under_way.push(fetch(self.site.clone(), self.fetcher.clone(), item, known));
            }
            match task.unless_halted(under_way.next()).await {
                Some(Some(found)) => self.take(found).await?,
                Some(None) | None => return Ok(()),
            }
        }
    }

    /// Says what became of a page, and takes up where it leads.
    async fn take(&mut self, found: Found) -> Result<(), Error> {
        let Found { item, known, read } = found;
        match read {
            Err(why) => {
                self.task.say(&why);
                self.task.settle(item.item, Became::failed(why)).await
            }
            Ok(Read::Elsewhere(url)) if self.site.has(&url) => {
                let why = format!("It leads to {url}, which is closed to crawlers");
                self.task.settle(item.item, Became::skipped(why)).await
            }
            Ok(Read::Elsewhere(url)) if item.name == address::tidy(&self.site.start).as_str() => self.move_to(item, url).await,
            Ok(Read::Elsewhere(url)) => {
                let why = format!("It leads to another site: {url} is to be crawled by itself");
                self.task.settle(item.item, Became::skipped(why)).await
            }
            Ok(Read::Same) => {
                let leads_to = known.as_ref().map(|known| known.leads_to.clone()).unwrap_or_default();
                let links = leads_to.iter().filter_map(|link| Url::parse(link).ok()).collect();
                let became = Became {
                    outcome: ItemOutcome::Unchanged,
                    uid: known.map(|known| known.uid),
                    why: None,
                    words: 0,
                };
                self.settle(&item, became, links).await
            }
            Ok(Read::Page { url, page, validators }) => self.take_page(item, url, *page, validators).await,
        }
    }

    /// The site is another than was asked for, as where it is called `www.` now: the crawl goes on there.
    async fn move_to(&mut self, item: Waiting, url: Url) -> Result<(), Error> {
        let Some(site) = Site::find(self.task, self.crawler, &self.fetcher, url.clone()).await else {
            return Ok(());
        };
        self.site = Arc::new(site);
        let why = format!("It leads to {url}, where the crawl goes on");
        self.task.say(&why);
        self.plan.url = url.to_string();
        let params = serde_json::to_value(&self.plan)?;
        let new: Vec<job_items::New> = self.admit(&url, 0, false).into_iter().collect();
        let (number, item, became) = (self.task.stored.number, item.item, Became::skipped(why));
        let added = self.task.write(move |tx, _, job| {
            Box::pin(async move {
                // Also after a restart.
                jobs::put_params(tx, number, &params).await?;
                became.count(job);
                job_items::settle(tx, number, item, became.outcome, None, became.why.as_deref()).await?;
                add_in(tx, number, job, &new).await
            })
        });
        self.queue.extend(added.await?);
        Ok(())
    }

    async fn take_page(&mut self, item: Waiting, url: Url, page: Page, validators: Validators) -> Result<(), Error> {
        let links = page.links.clone();
        let asked = Url::parse(&item.name).map(|url| address::identity(&url)).unwrap_or_default();
        // Its own word on where it belongs counts more than the address that led to it.
        let place = page.canonical.clone().filter(|canonical| self.site.has(canonical)).unwrap_or(url);
        let identity = address::identity(&place);
        if identity != asked && !self.known.insert(identity.clone()) {
            let why = format!("It is the same page as {place}");
            return self.settle(&item, Became::skipped(why), links).await;
        }
        if let Err(why) = self.site.robots.check(&place) {
            return self.settle(&item, Became::skipped(why.to_string()), vec![]).await;
        }
        if page.is_noindex {
            return self
                .settle(&item, Became::skipped("It says that it is not to be kept (noindex)"), links)
                .await;
        }
        if page.is_cut {
            self.task.say(format!("{place} is larger than pages are read; its end is missing"));
        }
        if page.markdown.trim().is_empty() {
            return self.settle(&item, Became::skipped("It has no text"), links).await;
        }
        self.store_page(
            item,
            store::Fresh {
                place,
                identity,
                page,
                validators,
            },
            links,
        )
        .await
    }

    /// Says what became of a page that is not stored anew, together with where it leads.
    async fn settle(&mut self, item: &Waiting, became: Became, links: Vec<Url>) -> Result<(), Error> {
        let new = self.lead(item, links);
        let (number, item) = (self.task.stored.number, item.item);
        let added = self.task.write(move |tx, _, job| {
            Box::pin(async move {
                became.count(job);
                job_items::settle(tx, number, item, became.outcome, became.uid, became.why.as_deref()).await?;
                add_in(tx, number, job, &new).await
            })
        });
        self.queue.extend(added.await?);
        Ok(())
    }

    /// The further items to which a page leads.
    fn lead(&mut self, item: &Waiting, links: Vec<Url>) -> Vec<job_items::New> {
        links.iter().filter_map(|link| self.admit(link, item.depth + 1, true)).collect()
    }
}

/// Asks for a page, and reads what comes.
async fn fetch(site: Arc<Site>, fetcher: Fetcher, item: Waiting, known: Option<Known>) -> Found {
    let read = async {
        let url = Url::parse(&item.name).map_err(|why| format!("{}: {why}", item.name))?;
        site.robots.check(&url).map_err(|why| why.to_string())?;
        let ask = match &known {
            None => Ask::page(),
            Some(known) => Ask::page_unless(Validators {
                etag: known.etag.clone(),
                last_modified: known.last_modified.clone(),
            }),
        };
        let may_follow = |hop: &Url| site.has(hop) && site.robots.allows(hop);
        let fetched = site.pace.get(&fetcher, &url, &ask, may_follow).await;
        match fetched.map_err(|why| why.to_string())? {
            Fetched::NotModified => Ok(Read::Same),
            Fetched::Elsewhere(url) => Ok(Read::Elsewhere(url)),
            Fetched::Answer(answer) => found::read(answer).await,
        }
    }
    .await;
    Found { item, known, read }
}
