//! Requests by status class.

use serde::Serialize;
use usage_client::RowRef;

use crate::error::{CliError, Code};

/// Requests by status class. `status429` is a part of `status400`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub(crate) struct Counts {
    pub(crate) requests: i64,
    pub(crate) status200: i64,
    pub(crate) status300: i64,
    pub(crate) status400: i64,
    pub(crate) status429: i64,
    pub(crate) status500: i64,
}

impl Counts {
    /// Failed requests: 4xx, including 429, and 5xx.
    pub(crate) fn errors(&self) -> i64 {
        self.status400.saturating_add(self.status500)
    }

    /// Requests with a status of 4xx that were not rate limited.
    pub(crate) fn other_400(&self) -> i64 {
        self.status400.saturating_sub(self.status429)
    }

    pub(super) fn sum(all: &[Self]) -> Self {
        let sum = |count: fn(&Self) -> i64| all.iter().map(count).fold(0, i64::saturating_add);
        Self {
            requests: sum(|one| one.requests),
            status200: sum(|one| one.status200),
            status300: sum(|one| one.status300),
            status400: sum(|one| one.status400),
            status429: sum(|one| one.status429),
            status500: sum(|one| one.status500),
        }
    }

    pub(super) fn add(&mut self, row: &RowRef<'_>) -> Result<(), CliError> {
        add(&mut self.requests, "requests", row.requests)?;
        add(&mut self.status200, "status200", row.status200)?;
        add(&mut self.status300, "status300", row.status300)?;
        add(&mut self.status400, "status400", row.status400)?;
        add(&mut self.status429, "status429", row.status429)?;
        add(&mut self.status500, "status500", row.status500)
    }
}

pub(super) fn add(sum: &mut i64, metric: &str, count: Option<i64>) -> Result<(), CliError> {
    *sum = sum
        .checked_add(count.unwrap_or(0))
        .ok_or_else(|| CliError::new(Code::Service, format!("the sum of `{metric}` exceeds 64 bits")))?;
    Ok(())
}
