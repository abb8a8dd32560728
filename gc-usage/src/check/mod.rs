//! Usage against limits: what is over, by how much, and by whom.

mod openmetrics;

use std::io::{self, Write};

use serde::Serialize;

use crate::{
    args::CheckArgs,
    report::{Counts, Report, Share},
    text::{grouped, percent},
};

pub(crate) use self::openmetrics::{labels, openmetrics};

/// How many clients are named.
const NAMED: usize = 3;
/// The limit of a month, which is not that of the period.
pub(crate) const ALLOTMENT: &str = "allotment";

/// One limit and what came of it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Finding {
    pub(crate) limit: &'static str,
    pub(crate) is_over: bool,
    /// The limit, and what it is compared with: requests, or shares between 0 and 1.
    pub(crate) allowed: f64,
    pub(crate) measured: f64,
    /// The same for people.
    #[serde(skip)]
    text: String,
    /// Who contributes most, where it is over.
    pub(crate) by: Vec<By>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct By {
    client: String,
    count: i128,
}

/// The findings of one organization.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Checked {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) profile: Option<String>,
    pub(crate) is_over: bool,
    pub(crate) period: crate::report::Period,
    pub(crate) totals: Counts,
    pub(crate) month: crate::month::MonthUse,
    pub(crate) findings: Vec<Finding>,
}

impl Checked {
    pub(crate) fn new(report: &Report, args: &CheckArgs) -> Self {
        let findings: Vec<_> = findings(report, args);
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

#[allow(clippy::cast_precision_loss, reason = "shares, and counts far below 2^53")]
fn findings(report: &Report, args: &CheckArgs) -> Vec<Finding> {
    let totals = &report.totals;
    let mut findings = Vec::new();
    if let Some(most) = args.max_requests {
        let is_over = totals.requests > i128::from(most);
        findings.push(Finding {
            limit: "max-requests",
            is_over,
            allowed: most as f64,
            measured: totals.requests as f64,
            text: format!(
                "{} requests, at most {} are allowed",
                grouped(totals.requests),
                grouped(most)
            ),
            by: by(&report.clients, is_over, |counts| counts.requests),
        });
    }
    type Limit = (&'static str, Option<f64>, &'static str, fn(&Counts) -> i128);
    let shares: [Limit; 2] = [
        (
            "max-429-share",
            args.max_429_share.map(|share| share.0),
            "were rate limited",
            |counts| counts.status429,
        ),
        (
            "max-error-share",
            args.max_error_share.map(|share| share.0),
            "failed",
            Counts::errors,
        ),
    ];
    for (limit, most, verb, count) in shares {
        let Some(most) = most else { continue };
        let part = count(totals);
        let share = if totals.requests == 0 {
            0.0
        } else {
            part as f64 / totals.requests as f64
        };
        let is_over = share > most;
        findings.push(Finding {
            limit,
            is_over,
            allowed: most,
            measured: share,
            text: format!(
                "{} of {} requests {verb} ({}), at most {} % are allowed",
                grouped(part),
                grouped(totals.requests),
                percent(part, totals.requests),
                most * 100.0
            ),
            by: by(&report.clients, is_over, count),
        });
    }
    if let Some(allotment) = report.month.allotment {
        let month = &report.month;
        let is_over = month.projected > i128::from(allotment);
        let how = match month.days_left {
            0 => "requests".to_owned(),
            days => format!(
                "requests projected ({} until {}, {days} days left)",
                grouped(month.requests),
                month.until
            ),
        };
        findings.push(Finding {
            limit: ALLOTMENT,
            is_over,
            allowed: allotment as f64,
            measured: month.projected as f64,
            text: format!(
                "{}: {} {how}, {} are included",
                month.month.format("%B %Y"),
                grouped(month.projected),
                grouped(allotment)
            ),
            by: by(&report.month_clients, is_over, |counts| counts.requests),
        });
    }
    findings
}

fn by(clients: &[Share], is_over: bool, count: fn(&Counts) -> i128) -> Vec<By> {
    let mut shares: Vec<&Share> = clients
        .iter()
        .filter(|share| is_over && count(&share.counts) > 0)
        .collect();
    shares.sort_by_key(|share| std::cmp::Reverse(count(&share.counts)));
    let by = shares.into_iter().take(NAMED).map(|share| By {
        client: share.name.clone(),
        count: count(&share.counts),
    });
    by.collect()
}

pub(crate) fn text(out: &mut impl Write, checked: &Checked) -> io::Result<()> {
    let whose = checked
        .profile
        .as_deref()
        .map(|name| format!("{name}: "))
        .unwrap_or_default();
    let period = &checked.period;
    for finding in &checked.findings {
        let state = if finding.is_over { "OVER" } else { "ok" };
        writeln!(out, "{state:<4} {whose}{}: {}", finding.limit, finding.text)?;
        // Of a month under way, who made those that are projected is not known.
        let is_projected = finding.limit == ALLOTMENT && checked.month.days_left > 0;
        let so_far = if is_projected { " so far" } else { "" };
        for by in &finding.by {
            writeln!(out, "       {}{so_far} by {}", grouped(by.count), by.client)?;
        }
    }
    // The allotment is that of a month, which its own line names.
    match checked.findings.iter().any(|finding| finding.limit != ALLOTMENT) {
        true => writeln!(out, "{whose}{} to {} (UTC days)", period.first, period.last),
        false => Ok(()),
    }
}

pub(crate) fn json(out: &mut impl Write, checked: &[Checked]) -> io::Result<()> {
    match checked {
        [one] if one.profile.is_none() => serde_json::to_writer_pretty(&mut *out, one)?,
        _ => serde_json::to_writer_pretty(&mut *out, checked)?,
    }
    writeln!(out)
}
