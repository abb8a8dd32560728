//! The data of a report, independent of its format.

use chrono::NaiveDate;
use serde::Serialize;

use super::{
    contributors::{Contributor, Contributors},
    counts::Counts,
};
use crate::{calendar::Period, projection::MonthUsage, text::percent};

/// The data of a report.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) profile: Option<String>,
    pub(crate) period: Period,
    pub(crate) totals: Counts,
    /// The previous period, which it is compared with, and its totals.
    pub(crate) before: Period,
    pub(crate) totals_before: Counts,
    pub(crate) days: Vec<Day>,
    pub(crate) clients: Contributors,
    pub(crate) endpoints: Contributors,
    /// Pairs of client and endpoint that are being rate limited, most 429 first.
    pub(crate) rate_limited: Vec<RateLimitedPair>,
    /// `None` for counts that are not in line with billing.
    pub(crate) month: Option<MonthUsage>,
    pub(crate) price_per_request: Option<f64>,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Day {
    pub(crate) date: NaiveDate,
    pub(crate) requests: i128,
}

/// A client and an endpoint, by their indexes in the report's lists.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RateLimitedPair {
    pub(super) client: u32,
    pub(super) endpoint: u32,
    pub(super) status429: i64,
    pub(super) requests: i64,
}

impl Report {
    pub(super) fn client(&self, pair: &RateLimitedPair) -> Contributor<'_> {
        self.clients.at(pair.client)
    }

    pub(super) fn endpoint(&self, pair: &RateLimitedPair) -> Contributor<'_> {
        self.endpoints.at(pair.endpoint)
    }

    /// Whether the periods have different lengths, so that requests per day are compared.
    pub(super) fn is_compared_by_day(&self) -> bool {
        self.period.days() != self.before.days()
    }

    /// The change compared with the previous period, for people.
    pub(super) fn change(&self, now: i64, before: i64) -> String {
        if before == 0 {
            return if now == 0 { "same" } else { "new" }.to_owned();
        }
        let now = i128::from(now) * i128::from(self.before.days());
        let before = i128::from(before) * i128::from(self.period.days());
        if now == before {
            return "same".to_owned();
        }
        let sign = if now > before { "+" } else { "-" };
        let percent = percent((now - before).abs(), before);
        format!("{sign}{percent}")
    }
}
