//! The data of a report, independent of its format.

use chrono::NaiveDate;
use serde::Serialize;

use super::{
    contributors::{Contributor, Contributors},
    counts::Counts,
    pairs::{Pair, Pairs},
    series::Series,
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
    pub(super) series: Series,
    pub(crate) endpoints: Contributors,
    pub(crate) pairs: Pairs,
    /// `None` for counts that are not in line with billing.
    pub(crate) month: Option<MonthUsage>,
    pub(crate) price_per_request: Option<f64>,
}

/// A day of the period.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Day {
    pub(crate) date: NaiveDate,
    #[serde(flatten)]
    pub(crate) counts: Counts,
}

/// The report of one organization, or why there is none.
#[derive(Debug)]
pub(crate) enum Entry {
    Report(Box<Report>),
    Failed(Failed),
}

/// An organization without a report.
#[derive(Debug, Serialize)]
pub(crate) struct Failed {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) profile: Option<String>,
    /// Why there is none.
    pub(crate) error: String,
}

impl Failed {
    /// The reason on one line.
    pub(super) fn line(&self) -> String {
        let lines: Vec<_> = self.error.lines().map(str::trim).collect();
        lines.join("; ")
    }
}

impl Entry {
    /// The report, if there is one.
    pub(crate) fn report(&self) -> Option<&Report> {
        match self {
            Self::Report(report) => Some(report),
            Self::Failed(_) => None,
        }
    }

    pub(crate) fn profile(&self) -> Option<&str> {
        match self {
            Self::Report(report) => report.profile.as_deref(),
            Self::Failed(failed) => failed.profile.as_deref(),
        }
    }
}

impl Report {
    pub(super) fn client(&self, pair: Pair) -> Contributor<'_> {
        self.clients.at(pair.client)
    }

    pub(super) fn endpoint(&self, pair: Pair) -> Contributor<'_> {
        self.endpoints.at(pair.endpoint)
    }

    /// Whether the periods have different lengths, so that requests per day are compared.
    pub(super) fn is_compared_by_day(&self) -> bool {
        self.period.days() != self.before.days()
    }

    /// The counts of a client on each day of the period. `None` if there are too many clients to know them.
    pub(super) fn days_of(&self, client: Contributor<'_>) -> Option<Vec<Counts>> {
        self.series.of(client.place())
    }

    /// How many more requests there are on a day, compared with the previous period.
    pub(super) fn change_a_day(&self, now: i64, before: i64) -> i128 {
        let (days, days_before) = (i128::from(self.period.days()), i128::from(self.before.days()));
        let difference = i128::from(now) * days_before - i128::from(before) * days;
        // Rounded half away from zero.
        let whole = days * days_before;
        (2 * difference + difference.signum() * whole) / (2 * whole)
    }

    /// The change compared with the previous period: 0.5 is half more. `None` if there was nothing before.
    #[allow(clippy::cast_precision_loss, reason = "a ratio does not need all digits")]
    pub(super) fn change_ratio(&self, now: i64, before: i64) -> Option<f64> {
        let a_day = |count: i64, period: &Period| count as f64 / period.days() as f64;
        (before != 0).then(|| a_day(now, &self.period) / a_day(before, &self.before) - 1.0)
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
