//! The findings of a check: each limit with the measured value, and the clients that contribute most.

use serde::Serialize;

use super::limits::{ALLOTMENT, Limits};
use crate::{
    calendar::Period,
    projection::MonthUsage,
    report::{Contributor, Counts, Report, of_month},
    text::{counted, grouped, percent},
};

/// How many clients a finding names.
const NAMED: usize = 3;

/// One limit, and whether usage exceeds it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Finding {
    pub(crate) limit: &'static str,
    pub(crate) is_over: bool,
    /// The limit and the measured value: requests, or shares between 0 and 1.
    pub(crate) allowed: f64,
    pub(crate) measured: f64,
    /// The same for people.
    #[serde(skip)]
    pub(super) text: String,
    /// The clients that contribute most, if the limit is exceeded.
    pub(crate) by: Vec<TopContributor>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TopContributor {
    client_id: String,
    /// The name as the service sent it.
    client: String,
    /// The name for people.
    #[serde(skip)]
    pub(super) label: String,
    pub(super) count: i64,
}

/// The findings of one organization.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Checked {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) profile: Option<String>,
    pub(crate) is_over: bool,
    pub(crate) period: Period,
    pub(crate) totals: Counts,
    /// `None` for counts that are not in line with billing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) month: Option<MonthUsage>,
    pub(crate) findings: Vec<Finding>,
}

impl Checked {
    pub(crate) fn new(report: &Report, limits: &Limits, unicode: bool) -> Self {
        let findings: Vec<_> = findings(report, limits, unicode);
        Self {
            profile: report.profile.clone(),
            is_over: findings.iter().any(|finding| finding.is_over),
            period: report.period,
            totals: report.totals,
            month: report.month.clone(),
            findings,
        }
    }
}

fn findings(report: &Report, limits: &Limits, unicode: bool) -> Vec<Finding> {
    let findings = [
        limits.requests.map(|most| requests(report, most)),
        limits.rate_limited_share.map(|most| {
            let verb = if report.totals.status429 == 1 {
                "was "
            } else {
                "were "
            };
            let state = format!("{verb}rate limited");
            share(report, "max-429-share", most, &state, |counts| counts.status429)
        }),
        limits
            .error_share
            .map(|most| share(report, "max-error-share", most, "failed", Counts::errors)),
        allotment(report, unicode),
    ];
    findings.into_iter().flatten().collect()
}

#[allow(clippy::cast_precision_loss, reason = "counts far below 2^53")]
fn requests(report: &Report, most: u64) -> Finding {
    let requests = report.totals.requests;
    let is_over = requests > i64::try_from(most).unwrap_or(i64::MAX);
    Finding {
        limit: "max-requests",
        is_over,
        allowed: most as f64,
        measured: requests as f64,
        text: format!("{}, at most {} allowed", counted(requests, "request"), are(most)),
        by: top_contributors(report, is_over, |one| one.counts().requests),
    }
}

#[allow(clippy::cast_precision_loss, reason = "a share")]
fn share(report: &Report, limit: &'static str, most: f64, state: &str, count: fn(&Counts) -> i64) -> Finding {
    let (part, requests) = (count(&report.totals), report.totals.requests);
    let measured = match requests {
        0 => 0.0,
        requests => part as f64 / requests as f64,
    };
    let is_over = measured > most;
    Finding {
        limit,
        is_over,
        allowed: most,
        measured,
        text: format!(
            "{} of {} {state} ({}), at most {} % are allowed",
            grouped(part),
            counted(requests, "request"),
            percent(part, requests),
            most * 100.0
        ),
        by: top_contributors(report, is_over, |one| count(one.counts())),
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts far below 2^53")]
fn allotment(report: &Report, unicode: bool) -> Option<Finding> {
    let month = report.month.as_ref()?;
    let allotment = month.allotment.as_ref()?;
    let (state, headline) = of_month(month, i128::from(allotment.requests));
    let is_over = state.is_over();
    let requests = counted(month.projected, "request");
    let made = match month.days_left {
        0 => requests,
        days => format!(
            "{requests} projected ({} until {}, {} left)",
            grouped(month.requests),
            month.until,
            counted(days, "day")
        ),
    };
    Some(Finding {
        limit: ALLOTMENT,
        is_over,
        allowed: allotment.requests as f64,
        measured: month.projected as f64,
        text: format!(
            "{headline}: {made}, {} included{}",
            are(allotment.requests),
            allotment.formula(unicode)
        ),
        by: top_contributors(report, is_over, |one| one.requests_of_month()),
    })
}

fn are(count: u64) -> String {
    let verb = if count == 1 { "is" } else { "are" };
    format!("{} {verb}", grouped(count))
}

fn top_contributors(
    report: &Report,
    is_over: bool,
    count: impl Fn(Contributor<'_>) -> i64,
) -> Vec<TopContributor> {
    if !is_over {
        return Vec::new();
    }
    let by = report
        .clients
        .by(count)
        .take(NAMED)
        .map(|(one, count)| TopContributor {
            client_id: one.id().to_owned(),
            client: one.name().to_owned(),
            label: one.label(),
            count,
        });
    by.collect()
}
