//! The unchanged body of a results response, for storage.

use std::{fmt, time::Duration};

use bytes::Bytes;
use tokio::time::Instant;

use super::pace::{Pace, within};
use crate::{
    error::{Error, Result},
    http::response::StreamingResponse,
    rows::{decoder::RowDecoder, policy::RowsPolicy},
};

/// The body of a results response: see [`Execution::body`](crate::Execution::body).
#[must_use = "its bytes are still to be read"]
pub struct ResultsBody {
    response: StreamingResponse,
    execution_id: String,
    /// Counts rows, because a body must not go on forever without one. It also notices a cut in a body that ends
    /// where its connection closes.
    decoder: RowDecoder,
    pace: Pace,
    deadline: Duration,
    /// How long reading took.
    elapsed: Duration,
    /// When the last piece was returned.
    handed_out: Option<Instant>,
}

/// At most this much of the time between two pieces counts. Using a piece takes less, so a longer time is a pause of
/// the caller.
const MAX_USE: Duration = Duration::from_millis(10);

impl ResultsBody {
    /// `silence` is how long the service may be silent. It is also the window in which the body must be fast enough.
    pub(crate) fn new(
        response: StreamingResponse,
        execution_id: &str,
        policy: &RowsPolicy,
        silence: Duration,
    ) -> Self {
        let max_row_bytes = policy.max_row_bytes;
        Self {
            response,
            execution_id: execution_id.to_owned(),
            decoder: RowDecoder::new().with_max_row_bytes(max_row_bytes),
            pace: Pace::new(silence, None, max_row_bytes),
            deadline: policy.deadline,
            elapsed: Duration::ZERO,
            handed_out: None,
        }
    }

    /// The next piece, decompressed. Nothing at the end of the body.
    ///
    /// # Errors
    ///
    /// The body is cut ([`is_connect`](Error::is_connect)), or it stops, is too slow or takes longer than
    /// [`RowsPolicy::deadline`] ([`is_timeout`](Error::is_timeout)). Pauses between two pieces do not count.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        if let Some(handed_out) = self.handed_out {
            self.elapsed += handed_out.elapsed().min(MAX_USE);
        }
        let chunk = self.in_time().await;
        let chunk = chunk.and_then(|chunk| self.checked(chunk));
        self.handed_out = Some(Instant::now());
        chunk.map_err(|error| {
            error
                .with_parts(&self.response.parts)
                .with_execution_id(&self.execution_id)
        })
    }

    /// The error in the body, after `decoder` has read all of it. Nothing if the query is complete or running.
    ///
    /// - [`is_query_failed`](Error::is_query_failed): the query failed, with the service's reason;
    /// - any other: the body is an error, although the status is a success.
    #[must_use]
    pub fn refusal(&self, decoder: &RowDecoder) -> Option<Error> {
        let refusal = decoder.refusal(&self.response.parts)?;
        Some(refusal.with_execution_id(&self.execution_id))
    }

    async fn in_time(&mut self) -> Result<Option<Bytes>> {
        loop {
            let timeout = self.pace.timeout(self.deadline.saturating_sub(self.elapsed));
            let (arrived, wait) = within(timeout, self.response.body.chunk()).await;
            self.elapsed += wait;
            let bytes = match &arrived {
                Some(Ok(Some(piece))) => piece.len(),
                Some(_) => return arrived.unwrap_or(Ok(None)),
                None => 0,
            };
            if self.elapsed >= self.deadline {
                return Err(Error::too_long(self.deadline));
            }
            self.pace.record(wait, bytes, self.decoder.row_bytes())?;
            if let Some(piece) = arrived {
                return piece;
            }
        }
    }

    fn checked(&mut self, chunk: Option<Bytes>) -> Result<Option<Bytes>> {
        let decoder = &mut self.decoder;
        match &chunk {
            Some(chunk) => {
                let mut input = &chunk[..];
                // A body that is not a response is for the caller to judge. A missing end is an error here.
                while let Ok(Some(_)) = decoder.decode(&mut input) {}
            }
            None if self.response.body.is_close_delimited
                && decoder.finish().is_err()
                && decoder.ends_early() =>
            {
                return Err(Error::cut_body());
            }
            None => {}
        }
        Ok(chunk)
    }
}

impl fmt::Debug for ResultsBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResultsBody").finish_non_exhaustive()
    }
}
