//! Fetches the rows of an execution: polls, opens the response, and fetches it again if it is cut.

use tokio::{sync::mpsc::Sender, time::Instant};

use super::{
    delivery::{Delivery, Stop},
    endpoint::Endpoint,
    polling::Polling,
    source::Source,
};
use crate::{
    error::{Result, kind::Kind},
    generated::{client::Client, types::QueryStatus},
    http::response::StreamingResponse,
    inner::Inner,
    retry::attempts::{Attempt, Attempts, Outcome},
    rows::batch::RowBatch,
};

/// Brings the batches of an execution to their reader.
pub(super) struct Fetch<'a> {
    source: &'a Source<Endpoint>,
    polling: Polling,
    delivery: Delivery<'a>,
    /// The end of the last reading. The time since then counts too, after rows have begun.
    idle_since: Instant,
}

impl<'a> Fetch<'a> {
    pub(super) fn new(source: &'a Source<Endpoint>, out: Sender<Result<RowBatch>>) -> Self {
        Self {
            source,
            polling: Polling::new(source.clone()),
            delivery: Delivery::new(&source.rows, out),
            idle_since: Instant::now(),
        }
    }

    /// Polls until the query is done, and hands out its rows. An error is the last item.
    pub(super) async fn run(mut self) {
        if let Err(Stop::Failed(error)) = self.rows().await {
            self.delivery.fail(error.with_execution_id(&self.source.id)).await;
        }
    }

    async fn rows(&mut self) -> Result<(), Stop> {
        loop {
            self.polling.wait_for_next().await?;
            let outcome = match self.response().await {
                Ok(Some(QueryStatus::Complete)) => return Ok(()),
                Ok(status) => Ok(status),
                Err(Stop::Failed(error)) if self.is_poll() => Err(error),
                Err(stop) => return Err(stop),
            };
            self.polling.not_done(outcome)?;
        }
    }

    /// Whether an error is that of one poll among several: no row was handed out, and there is time for another poll.
    fn is_poll(&self) -> bool {
        let Delivery {
            delivered, has_begun, ..
        } = self.delivery;
        delivered.rows == 0 && !self.delivery.is_over() && (self.polling.has_time() || !has_begun)
    }

    /// Fetches the response. Fetches it again if its body is cut, as the retry policy allows.
    async fn response(&mut self) -> Result<Option<QueryStatus>, Stop> {
        let Inner { retry, shared, .. } = &self.source.client.inner;
        self.idle_since = Instant::now();
        // An attempt begins only while a call would have time since the last new row, and within the time for all
        // rows.
        let deadline = self.client().inner.deadline;
        let on_retry = shared.on_retry.as_ref();
        let mut attempts = Attempts::new(retry, &shared.budget, on_retry, shared.timeout, deadline);
        attempts.run(self).await?
    }

    /// A client with the deadline of polling. After rows have begun, it has the deadline of all rows instead.
    fn client(&self) -> Client {
        if !self.delivery.has_begun {
            return self.polling.client.clone();
        }
        match self.idle_since.checked_add(self.delivery.time_left()) {
            Some(end) => self.source.client.with_deadline(end),
            None => self.source.client.clone(),
        }
    }
}

impl Attempt<Result<Option<QueryStatus>, Stop>> for Fetch<'_> {
    async fn attempt(&mut self, attempts: &mut Attempts<'_>) -> Outcome<Result<Option<QueryStatus>, Stop>> {
        attempts.begin();
        let Delivery {
            delivered, has_begun, ..
        } = self.delivery;
        let client = self.client();
        let response: Result<StreamingResponse> = self.source.kind.results(&client, &self.source.id).await;
        if has_begun {
            self.delivery.elapsed += self.idle_since.elapsed();
        }
        let response = match response {
            Ok(response) => response,
            // Opening is a call, which retries by itself.
            Err(error) => {
                return Outcome::Done(Err(match attempts.take_last_failure() {
                    _ if has_begun && self.delivery.is_over() => self.delivery.too_long(error),
                    // The time was up. The error before it is the reason.
                    Some(last) if error.kind() == Kind::Timeout => error.with_source(last),
                    _ => error,
                }));
            }
        };
        let parts = response.parts.clone();
        let Inner { shared, deadline, .. } = &client.inner;
        let outcome = self
            .delivery
            .read(response, shared.limits.silence, *deadline)
            .await;
        self.idle_since = Instant::now();
        let error = match outcome {
            Err(Stop::Failed(error)) => error.with_parts(&parts),
            // The call that opened the response has earned already.
            done => return Outcome::Done(Ok(done)),
        };
        if self.delivery.is_over() {
            return Outcome::Done(Err(self.delivery.too_long(error).with_parts(&parts)));
        }
        if self.delivery.delivered.rows > delivered.rows || self.delivery.has_begun != has_begun {
            attempts.restart(self.client().inner.deadline);
        }
        match self.source.rows.resume {
            true => Outcome::Failure(error),
            false => Outcome::Done(Err(error)),
        }
    }
}
