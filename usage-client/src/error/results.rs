//! The errors of waiting for results and reading them.

use std::time::Duration;

use super::{
    Error,
    excerpt::{self, sanitized},
    kind::Kind,
};
use crate::generated::types::QueryStatus;

impl Error {
    /// When the results were fetched again, they did not begin with the rows that were delivered before.
    pub(crate) fn changed() -> Self {
        Self::new(
            Kind::Changed,
            "the response was cut, and the new response does not begin with the same rows; start again with the same \
             execution id, and drop the rows so far",
        )
    }

    /// The response has rows, but does not say that they are complete.
    pub(crate) fn rows_without_status(status: Option<&QueryStatus>) -> Self {
        let status = match status {
            Some(status) => format!("its query status `{}` is unknown", sanitized(status.as_str())),
            None => "it has no query status".to_owned(),
        };
        Self::new(
            Kind::Decode,
            format!("the response has rows, but {status}, so some rows may be missing"),
        )
    }

    /// Reading the results took longer than [`RowsPolicy::deadline`](crate::RowsPolicy::deadline).
    pub(crate) fn too_long(limit: Duration) -> Self {
        let message = format!(
            "the results took longer than {} s, not counting pauses of the reader",
            limit.as_secs_f64()
        );
        Self::new(Kind::Timeout, message)
    }

    /// The connection was closed before the body was complete.
    pub(crate) fn cut_body() -> Self {
        Self::new(
            Kind::CutBody,
            "the connection was closed before the end of the response body",
        )
    }

    /// What is called `noun` was not complete at the deadline. `cause` is the error of the last poll, if it failed.
    pub(crate) fn deadline(
        [noun, id]: [&str; 2],
        execution_id: &str,
        waited: Duration,
        polls: u32,
        status: Option<String>,
        cause: Option<Self>,
    ) -> Self {
        let last = match (&status, &cause) {
            (Some(status), _) => format!("last status: {}", sanitized(status)),
            (None, Some(_)) => "the last poll failed".to_owned(),
            (None, None) => "the service named no status".to_owned(),
        };
        let error = Self::new(
            Kind::Deadline,
            format!(
                "the {noun} is not complete after {:.0} s and {polls} poll{} ({last}); it continues to run: resume with \
                 {id} {}",
                waited.as_secs_f64(),
                if polls == 1 { "" } else { "s" },
                excerpt::id(execution_id),
            ),
        )
        .with_execution_id(execution_id)
        .with_polls(polls);
        match cause {
            Some(cause) => error.with_attempts(cause.attempts()).with_source(cause),
            None => error,
        }
    }
}
