//! Fetches the pages of a job, one ahead of their reader.

use std::{collections::HashSet, hash::BuildHasher as _, time::Duration};

use foldhash::quality::RandomState;
use futures_util::future::join;
use tokio::{sync::mpsc::Sender, task::spawn_blocking, time::Instant};

use super::{
    super::{polling::Polling, source::Source},
    head::{self, Page, Turn},
    kind::JobKind,
    rows,
};
use crate::{
    error::{Error, Result, kind::Kind},
    generated::client::Client,
};

/// The largest page that the service allows.
pub(super) const MAX_PAGE_SIZE: i32 = 1_000;
/// The code of a page that would be too large.
const TOO_LARGE: &str = "max.response.size.reached";
/// How many pages in a row may be empty. More of them are an end that the service does not mark.
const MAX_EMPTY: u32 = 3;

/// Sends the rows of all pages to a reader, made into what it reads. Stops without an error if there is no reader any
/// more.
pub(super) async fn send_all<K: JobKind, T: Send + 'static>(
    job: &Source<K>,
    out: &Sender<Result<T>>,
    make: fn(String, Page) -> Result<T>,
) -> Result<()> {
    let mut pages = Pages::new(job);
    let mut page = pages.fetch(None).await?;
    while let Some(cursor) = page.next.take() {
        // The next page is requested before this one is decoded.
        let (next, sent) = join(pages.fetch(Some(cursor)), send(job, page, out, make)).await;
        if !sent? {
            return Ok(());
        }
        page = next?;
    }
    send(job, page, out, make).await.map(|_| ())
}

/// The rows of all pages, if they take at most `limit` bytes as JSON.
pub(super) async fn collect<K: JobKind>(job: &Source<K>, limit: usize) -> Result<Vec<K::Row>> {
    let mut pages = Pages::new(job);
    let (mut all, mut length, mut cursor) = (Vec::new(), 0, None);
    loop {
        let mut page = pages.fetch(cursor.take()).await?;
        length += page.rows.len();
        if length > limit {
            let message = format!(
                "the results are larger than the limit of {limit} bytes; `rows` and `row_batches` read any size in \
                 bounded memory, and `ClientBuilder::max_result_bytes` sets the limit"
            );
            return Err(Error::new(Kind::TooLarge, message).with_parts(&page.parts));
        }
        cursor = page.next.take();
        all.extend(rows::typed::<K>(page)?);
        if cursor.is_none() {
            return Ok(all);
        }
    }
}

/// Sends the rows of a page to a reader. Returns whether they have one. They are made into an item on another thread, so
/// that the next page is received meanwhile.
async fn send<K: JobKind, T: Send + 'static>(
    job: &Source<K>,
    page: Page,
    out: &Sender<Result<T>>,
    make: fn(String, Page) -> Result<T>,
) -> Result<bool> {
    if page.is_empty() {
        return Ok(true);
    }
    let id = job.id.clone();
    match spawn_blocking(move || make(id, page)).await {
        Ok(item) => Ok(out.send(Ok(item?)).await.is_ok()),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is shutting down.
            Err(error) => Err(Error::cut_body().with_source(error)),
        },
    }
}

/// The pages of one job, and what shows that they make progress.
struct Pages<'a, K: JobKind> {
    job: &'a Source<K>,
    size: i32,
    hasher: RandomState,
    /// Hashes of the cursors so far.
    cursors: HashSet<u64>,
    /// Hash of the rows of the last page.
    last: Option<u64>,
    /// How many pages were empty since the last one that was not.
    empty: u32,
    /// How long fetching pages took. The reader's pauses are not in it.
    elapsed: Duration,
}

impl<'a, K: JobKind> Pages<'a, K> {
    fn new(job: &'a Source<K>) -> Self {
        Self {
            job,
            size: MAX_PAGE_SIZE,
            hasher: RandomState::default(),
            cursors: HashSet::new(),
            last: None,
            empty: 0,
            elapsed: Duration::ZERO,
        }
    }

    /// The first page, for which the job must be done, or the page at a cursor.
    async fn fetch(&mut self, after: Option<String>) -> Result<Page> {
        let page = match &after {
            None => self.wait(None).await?,
            Some(cursor) => {
                let (began, limit) = (Instant::now(), self.job.rows.deadline);
                let left = limit.saturating_sub(self.elapsed);
                let page = tokio::time::timeout(left, self.wait(Some(cursor))).await;
                self.elapsed += began.elapsed();
                page.map_err(|_| Error::too_long(limit))??
            }
        };
        self.check(&page)?;
        Ok(page)
    }

    /// Polls until the service has the page.
    async fn wait(&mut self, after: Option<&str>) -> Result<Page> {
        let mut polling = match after {
            None => Polling::new(self.job.clone()),
            Some(_) => Polling::at_once(self.job.clone()),
        };
        loop {
            polling.wait_for_next().await?;
            let turn = turn(self.job, &polling.client, after, &mut self.size).await;
            let outcome = match turn {
                Ok(Turn::Page(page)) => return Ok(page),
                Ok(Turn::Unfinished(status)) => Ok(status),
                Err(error) if after.is_some() && error.is_not_found() => {
                    return Err(error.with_advice("the service has dropped the results; submit it again"));
                }
                Err(error) => Err(error),
            };
            polling.not_done(outcome)?;
        }
    }

    /// A page that repeats, or pages that do not end, are an error: the rows would be wrong, or the loop endless.
    fn check(&mut self, page: &Page) -> Result<()> {
        let stuck = |what: &str| {
            let message = format!("the pages of the results make no progress: {what}; submit it again");
            Err(Error::new(Kind::Decode, message).with_parts(&page.parts))
        };
        if let Some(cursor) = &page.next
            && !self.cursors.insert(self.hasher.hash_one(cursor))
        {
            return stuck("the cursor of the next page is one of an earlier page");
        }
        if page.is_empty() {
            self.empty += 1;
            if page.next.is_some() && self.empty >= MAX_EMPTY {
                return stuck(&format!(
                    "{MAX_EMPTY} pages in a row are empty, and there is always a next one"
                ));
            }
            return Ok(());
        }
        self.empty = 0;
        let hash = self.hasher.hash_one(&page.rows);
        if self.last.replace(hash) == Some(hash) {
            return stuck("a page has the same rows as the page before it");
        }
        Ok(())
    }
}

/// Requests one page, and a smaller one if the service cannot send so much at once.
pub(super) async fn turn<K: JobKind>(
    job: &Source<K>,
    client: &Client,
    after: Option<&str>,
    size: &mut i32,
) -> Result<Turn<K::Status>> {
    loop {
        let response = job.kind.page(client, &job.id, after, *size).await;
        let outcome = response.and_then(head::read::<K>);
        return match outcome {
            Err(error) if is_too_large(&error) && *size > 1 => {
                *size /= 2;
                continue;
            }
            outcome => outcome,
        };
    }
}

/// With status 500, the whole results are too large, and a smaller page does not help.
fn is_too_large(error: &Error) -> bool {
    let is_request = error.status().is_some_and(|status| status.is_client_error());
    is_request && error.code() == Some(TOO_LARGE)
}
