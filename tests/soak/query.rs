//! One query: waited for, streamed, left unread for a while, or cancelled at a random point.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Result, ensure};
use futures_util::{Stream, TryStreamExt as _};
use usage_client::{
    ApiUsageQuery, ApiUsageRow, Client, Credentials, Execution, Granularity, PollPolicy, RetryPolicy,
    RowBatch,
};
use usage_sim::{DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, Simulator};

/// Rows of a large answer, of 1.1 MB.
pub(crate) const BULK: u64 = 3_000;
const DAYS: u32 = 28;

/// The number of rows, and a hash of the rows in their order.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Digest {
    rows: u64,
    hash: u64,
}

impl Digest {
    fn add(&mut self, row: &ApiUsageRow) {
        self.rows += 1;
        let text = format!("{row:?}");
        self.hash = BuildHasherDefault::<DefaultHasher>::default().hash_one((self.hash, text));
    }

    fn of<'a>(rows: impl IntoIterator<Item = &'a ApiUsageRow>) -> Self {
        let mut digest = Self::default();
        rows.into_iter().for_each(|row| digest.add(row));
        digest
    }
}

/// What is right.
pub(crate) struct Expected {
    small: HashMap<u32, Digest>,
    bulk: Digest,
}

impl Expected {
    pub(crate) async fn ask(small: &Client, bulk: &Client) -> Result<Self> {
        let mut digests = HashMap::new();
        for day in 0..DAYS {
            digests.insert(day, waited(submit(small, day).await?).await?);
        }
        Ok(Self {
            small: digests,
            bulk: waited(submit(bulk, 0).await?).await?,
        })
    }
}

/// Whether an answer was read to its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    Whole,
    Cancelled,
}

/// What all tasks of a round share.
#[derive(Clone)]
pub(crate) struct Queries {
    small: Client,
    bulk: Client,
    expected: Arc<Expected>,
}

impl Queries {
    pub(crate) fn new(
        small: &Simulator,
        bulk: &Simulator,
        expected: &Arc<Expected>,
        retries: &Arc<AtomicU64>,
    ) -> Result<Self> {
        let client = |service: &Simulator| {
            let retries = Arc::clone(retries);
            let policy = RetryPolicy::default()
                .with_max_attempts(40)
                .with_initial_wait(Duration::from_millis(2))
                .with_max_wait(Duration::from_millis(20));
            Client::builder()
                .base_url(service.url())
                .login_url(service.url())
                .credentials(Credentials::client_credentials(
                    DEMO_CLIENT_ID,
                    DEMO_CLIENT_SECRET,
                ))
                .retry(policy)
                .on_retry(move |_| {
                    retries.fetch_add(1, Ordering::Relaxed);
                })
                .build()
        };
        Ok(Self {
            small: client(small)?,
            bulk: client(bulk)?,
            expected: Arc::clone(expected),
        })
    }

    /// A small query that is waited for, and compared.
    pub(crate) async fn small(&self, day: u32) -> Result<Outcome> {
        let digest = waited(submit(&self.small, day).await?).await?;
        ensure!(digest == self.expected.small[&day], "day {day}: {digest:?} came");
        Ok(Outcome::Whole)
    }

    /// Any query.
    pub(crate) async fn one(&self, random: &mut fastrand::Rng) -> Result<Outcome> {
        let day = random.u32(0..DAYS);
        match random.u8(0..100) {
            0..40 => self.small(day).await,
            40..55 => {
                let rows = submit(&self.small, day).await?.rows();
                let digest = read(rows).await?;
                ensure!(
                    digest == self.expected.small[&day],
                    "day {day}: {digest:?} was streamed"
                );
                Ok(Outcome::Whole)
            }
            55..62 => self.bulk(Duration::ZERO).await,
            // Nobody reads for a while.
            62..65 => self.bulk(Duration::from_millis(random.u64(1..100))).await,
            65..82 => {
                let patience = Duration::from_millis(random.u64(0..60));
                let outcome = tokio::time::timeout(patience, self.small(day)).await;
                outcome.unwrap_or(Ok(Outcome::Cancelled))
            }
            82..92 => {
                self.dropped(random.usize(0..6), Duration::from_millis(random.u64(0..40)))
                    .await
            }
            _ => {
                // A single poll may fail, and its body is dropped half read.
                if let Ok(mut body) = submit(&self.bulk, 0).await?.body().await {
                    let _ = body.chunk().await;
                }
                Ok(Outcome::Cancelled)
            }
        }
    }

    /// A large answer in batches, with a pause behind the first.
    async fn bulk(&self, pause: Duration) -> Result<Outcome> {
        let mut batches = submit(&self.bulk, 0).await?.row_batches();
        let mut digest = Digest::default();
        while let Some(batch) = batches.try_next().await? {
            if digest.rows == 0 && !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
            add(&mut digest, &batch);
        }
        ensure!(digest == self.expected.bulk, "bulk: {digest:?} was streamed");
        Ok(Outcome::Whole)
    }

    /// A stream that is dropped behind so many batches, or when the time is over.
    async fn dropped(&self, batches: usize, patience: Duration) -> Result<Outcome> {
        let mut stream = submit(&self.bulk, 0).await?.row_batches();
        let some = async {
            for _ in 0..batches {
                stream.try_next().await?;
            }
            Ok(Outcome::Cancelled)
        };
        tokio::time::timeout(patience, some)
            .await
            .unwrap_or(Ok(Outcome::Cancelled))
    }
}

fn add(digest: &mut Digest, batch: &RowBatch) {
    batch.iter().for_each(|row| digest.add(&row.to_row()));
}

async fn submit(client: &Client, day: u32) -> Result<Execution> {
    let query = ApiUsageQuery::builder()
        .interval(format!("2024-02-{:02}/2024-03-15", day + 1))
        .granularity(Granularity::Week);
    let polls = PollPolicy::default()
        .with_initial_wait(Duration::from_millis(2))
        .with_max_wait(Duration::from_millis(20));
    Ok(client.submit(query).await?.with_polling(polls))
}

async fn waited(execution: Execution) -> Result<Digest> {
    Ok(Digest::of(&execution.wait().await?.into_rows()))
}

async fn read(rows: impl Stream<Item = usage_client::Result<ApiUsageRow>>) -> Result<Digest> {
    let mut rows = pin!(rows);
    let mut digest = Digest::default();
    while let Some(row) = rows.try_next().await? {
        digest.add(&row);
    }
    Ok(digest)
}
