//! Usage against limits: what is over, by how much, and by whom.

mod openmetrics;

use std::io::{self, Write};

use serde::Serialize;

use crate::{
    args::CheckArgs,
    report::{Counts, Report, Share},
    screen::Screen,
    text::{counted, grouped, percent, visible},
};

pub(crate) use self::openmetrics::{labels, openmetrics};

/// How many clients are named.
const NAMED: usize = 3;
/// The limit of a month, which is not that of the period.
pub(crate) const ALLOTMENT: &str = "allotment";

/// One limit, and whether usage is over it.
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
#[serde(rename_all = "camelCase")]
pub(crate) struct By {
    client_id: String,
    /// The name as the service sent it.
    client: String,
    /// What people are shown.
    #[serde(skip)]
    label: String,
    count: i64,
}

/// The findings of one organization.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Checked {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) profile: Option<String>,
    pub(crate) is_over: bool,
    pub(crate) period: crate::calendar::Period,
    pub(crate) totals: Counts,
    pub(crate) month: crate::month::MonthUse,
    pub(crate) findings: Vec<Finding>,
}

impl Checked {
    pub(crate) fn new(report: &Report, args: &CheckArgs, screen: &Screen) -> Self {
        let findings: Vec<_> = findings(report, args, screen.unicode);
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
fn findings(report: &Report, args: &CheckArgs, unicode: bool) -> Vec<Finding> {
    let totals = &report.totals;
    let mut findings = Vec::new();
    if let Some(most) = args.max_requests {
        let is_over = totals.requests > i64::try_from(most).unwrap_or(i64::MAX);
        findings.push(Finding {
            limit: "max-requests",
            is_over,
            allowed: most as f64,
            measured: totals.requests as f64,
            text: format!(
                "{}, at most {} allowed",
                counted(totals.requests, "request"),
                are(most)
            ),
            by: by(report, is_over, |share| share.counts().requests),
        });
    }
    type Limit = (&'static str, Option<f64>, &'static str, fn(&Counts) -> i64);
    let shares: [Limit; 2] = [
        (
            "max-429-share",
            args.max_429_share.map(|share| share.0),
            "rate limited",
            |counts| counts.status429,
        ),
        (
            "max-error-share",
            args.max_error_share.map(|share| share.0),
            "failed",
            Counts::errors,
        ),
    ];
    for (limit, most, state, count) in shares {
        let Some(most) = most else { continue };
        let part = count(totals);
        let share = if totals.requests == 0 {
            0.0
        } else {
            part as f64 / totals.requests as f64
        };
        let is_over = share > most;
        let verb = match (state, part) {
            ("failed", _) => "",
            (_, 1) => "was ",
            _ => "were ",
        };
        findings.push(Finding {
            limit,
            is_over,
            allowed: most,
            measured: share,
            text: format!(
                "{} of {} {verb}{state} ({}), at most {} % are allowed",
                grouped(part),
                counted(totals.requests, "request"),
                percent(part, totals.requests),
                most * 100.0
            ),
            by: by(report, is_over, |share| count(share.counts())),
        });
    }
    findings.extend(allotment(report, unicode));
    findings
}

#[allow(clippy::cast_precision_loss, reason = "counts far below 2^53")]
fn allotment(report: &Report, unicode: bool) -> Option<Finding> {
    let month = &report.month;
    let allotment = month.allotment.as_ref()?;
    let is_over = month.projected > i128::from(allotment.requests);
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
    let formula = allotment.formula(unicode);
    let formula = formula.map(|formula| format!(" ({formula})")).unwrap_or_default();
    Some(Finding {
        limit: ALLOTMENT,
        is_over,
        allowed: allotment.requests as f64,
        measured: month.projected as f64,
        text: format!(
            "{}: {made}, {} included{formula}",
            month.month.format("%B %Y"),
            are(allotment.requests)
        ),
        by: by(report, is_over, |share| share.requests_of_month()),
    })
}

fn are(count: u64) -> String {
    let verb = if count == 1 { "is" } else { "are" };
    format!("{} {verb}", grouped(count))
}

fn by(report: &Report, is_over: bool, count: impl Fn(Share<'_>) -> i64) -> Vec<By> {
    if !is_over {
        return Vec::new();
    }
    let by = report.clients.by(count).take(NAMED).map(|(share, count)| By {
        client_id: share.id().to_owned(),
        client: share.name().to_owned(),
        label: share.label(),
        count,
    });
    by.collect()
}

pub(crate) fn text(out: &mut impl Write, checked: &Checked) -> io::Result<()> {
    let whose = match &checked.profile {
        Some(name) => format!("{}: ", visible(name)),
        None => String::new(),
    };
    let period = &checked.period;
    for finding in &checked.findings {
        let state = if finding.is_over { "OVER" } else { "ok" };
        writeln!(out, "{state:<4} {whose}{}: {}", finding.limit, finding.text)?;
        // Of a month under way, who made those that are projected is not known.
        let is_projected = finding.limit == ALLOTMENT && checked.month.days_left > 0;
        let so_far = if is_projected { " so far" } else { "" };
        for by in &finding.by {
            writeln!(out, "       {}{so_far} by {}", grouped(by.count), by.label)?;
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
