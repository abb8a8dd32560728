//! What a report says, apart from how it looks.

use chrono::NaiveDate;
use serde::Serialize;

use super::{
    contributors::{Contributor, Contributors},
    counts::Counts,
};
use crate::{calendar::Period, projection::MonthUsage, text::percent};

/// Everything that a report says.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) profile: Option<String>,
    pub(crate) period: Period,
    pub(crate) totals: Counts,
    /// The period that it is compared with, and what was in it.
    pub(crate) before: Period,
    pub(crate) totals_before: Counts,
    pub(crate) days: Vec<Day>,
    pub(crate) clients: Contributors,
    pub(crate) endpoints: Contributors,
    /// Who is being rate limited where: the most first.
    pub(crate) rate_limited: Vec<RateLimitedPair>,
    pub(crate) month: MonthUsage,
    pub(crate) price_per_request: Option<f64>,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Day {
    pub(crate) date: NaiveDate,
    pub(crate) requests: i128,
}

/// A client and an endpoint, by their places in the report's lists.
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

    /// Whether the periods have different lengths: then a day of the one is compared with a day of the other.
    pub(super) fn is_compared_by_day(&self) -> bool {
        self.period.days() != self.before.days()
    }

    /// What went over or below the amount before, as people say it.
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
