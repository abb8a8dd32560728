//! A results answer as it comes, for whoever stores it unchanged.

use std::fmt;

use bytes::Bytes;

use crate::{
    error::{Error, Result},
    rows::RowDecoder,
    transport::Head,
};

/// The body of a results answer: see [`Execution::body`](crate::Execution::body).
#[must_use = "its bytes are still to be read"]
pub struct ResultsBody {
    head: Head,
    execution_id: String,
    /// Reads along only where the connection's close is the body's end, and so may be a cut.
    decoder: Option<RowDecoder>,
}

impl ResultsBody {
    pub(crate) fn new(head: Head, execution_id: &str) -> Self {
        let decoder = head.body.ends_unmarked.then(RowDecoder::new);
        Self {
            head,
            execution_id: execution_id.to_owned(),
            decoder,
        }
    }

    /// The next piece, decompressed if need be. Nothing at the body's end.
    ///
    /// # Errors
    ///
    /// The body is cut ([`is_connect`](Error::is_connect)), or does not go on ([`is_timeout`](Error::is_timeout)).
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        let chunk = self.head.body.chunk().await;
        let chunk = chunk.and_then(|chunk| self.checked(chunk));
        chunk.map_err(|error| error.answered(&self.head.parts).of_execution(&self.execution_id))
    }

    fn checked(&mut self, chunk: Option<Bytes>) -> Result<Option<Bytes>> {
        let Some(decoder) = &mut self.decoder else {
            return Ok(chunk);
        };
        match &chunk {
            Some(chunk) => {
                let mut input = &chunk[..];
                // What is no answer at all is not this one's to tell, but a missing end is.
                while let Ok(Some(_)) = decoder.decode(&mut input) {}
            }
            None if decoder.finish().is_err() && decoder.ends_early() => return Err(Error::cut_body()),
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
