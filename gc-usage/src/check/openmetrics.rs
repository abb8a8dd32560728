//! The result of a check for Prometheus: <https://prometheus.io/docs/specs/om/open_metrics_spec/>.

use std::io::{self, Write};

use chrono::{Days, NaiveTime};

use super::{
    finding::{Checked, Finding},
    limits::Limits,
};

/// A metric: its name, its help text, and its samples.
type Metric = (&'static str, &'static str, Vec<(String, f64)>);

#[allow(clippy::cast_precision_loss, reason = "a sample is a float")]
pub(crate) fn openmetrics(out: &mut impl Write, all: &[Checked]) -> io::Result<()> {
    let metric = |name, help, value: fn(&Checked) -> Option<f64>| -> Metric {
        let samples = all
            .iter()
            .filter_map(|checked| Some((labels(profile(checked), &[]), value(checked)?)));
        (name, help, samples.collect())
    };
    let metrics = [
        by_status(all),
        metric(
            "gc_usage_rate_limited_requests",
            "Rate-limited requests in the period, which are a part of 4xx.",
            |checked| Some(checked.totals.status429 as f64),
        ),
        metric(
            "gc_usage_period_days",
            "Number of days in the period.",
            |checked| Some(checked.period.days() as f64),
        ),
        metric(
            "gc_usage_period_end_timestamp_seconds",
            "When the last day of the period ended.",
            |checked| {
                let end = checked.period.last.and_time(NaiveTime::MIN).and_utc() + Days::new(1);
                Some(end.timestamp() as f64)
            },
        ),
        metric(
            "gc_usage_month_requests",
            "Requests so far in the month in which the period ends.",
            |checked| Some(checked.month.as_ref()?.requests as f64),
        ),
        metric(
            "gc_usage_month_projected_requests",
            "Requests in that month, projected to its end.",
            |checked| Some(checked.month.as_ref()?.projected as f64),
        ),
        metric(
            "gc_usage_month_allotment_requests",
            "Requests that the allotment of the month includes.",
            |checked| Some(checked.month.as_ref()?.allotted()? as f64),
        ),
        limit(of_findings(all, |finding| finding.allowed)),
        over_limit(of_findings(all, |finding| f64::from(u8::from(finding.is_over)))),
    ];
    write(out, &metrics)
}

#[allow(clippy::cast_precision_loss, reason = "a sample is a float")]
fn by_status(all: &[Checked]) -> Metric {
    let samples = all.iter().flat_map(|checked| {
        let totals = &checked.totals;
        [
            ("2xx", totals.status200),
            ("3xx", totals.status300),
            ("4xx", totals.status400),
            ("5xx", totals.status500),
        ]
        .map(|(status, count)| (labels(profile(checked), &[("status", status)]), count as f64))
    });
    (
        "gc_usage_requests",
        "Requests in the period, by status class.",
        samples.collect(),
    )
}

fn of_findings(all: &[Checked], value: fn(&Finding) -> f64) -> Vec<(String, f64)> {
    let findings = all
        .iter()
        .flat_map(|checked| checked.findings.iter().map(move |finding| (checked, finding)));
    findings
        .map(|(checked, finding)| {
            let labels = labels(profile(checked), &[("limit", finding.limit)]);
            (labels, value(finding))
        })
        .collect()
}

/// Writes that no limit is exceeded, if there is no data yet.
pub(crate) fn openmetrics_without_data<'a>(
    out: &mut impl Write,
    profiles: impl Iterator<Item = Option<&'a str>> + Clone,
    limits: &Limits,
) -> io::Result<()> {
    let samples = |value: fn(f64) -> f64| {
        let limits = profiles
            .clone()
            .flat_map(|profile| limits.allowed().map(move |limit| (profile, limit)));
        limits
            .map(|(profile, (limit, allowed))| (labels(profile, &[("limit", limit)]), value(allowed)))
            .collect()
    };
    write(
        out,
        &[limit(samples(|allowed| allowed)), over_limit(samples(|_| 0.0))],
    )
}

fn limit(samples: Vec<(String, f64)>) -> Metric {
    (
        "gc_usage_limit",
        "The limit: requests, or a share between 0 and 1.",
        samples,
    )
}

fn over_limit(samples: Vec<(String, f64)>) -> Metric {
    ("gc_usage_over_limit", "Whether usage is over the limit.", samples)
}

fn write(out: &mut impl Write, metrics: &[Metric]) -> io::Result<()> {
    for (name, help, samples) in metrics {
        if samples.is_empty() {
            continue;
        }
        writeln!(out, "# TYPE {name} gauge\n# HELP {name} {help}")?;
        for (labels, value) in samples {
            writeln!(out, "{name}{labels} {value}")?;
        }
    }
    writeln!(out, "# EOF")
}

fn profile(checked: &Checked) -> Option<&str> {
    checked.profile.as_deref()
}

/// The labels after a metric's name.
fn labels(profile: Option<&str>, labels: &[(&str, &str)]) -> String {
    let profile = profile.map(|name| ("profile", name));
    let labels = profile.iter().chain(labels).map(|(name, value)| {
        let value = value
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n");
        format!("{name}=\"{value}\"")
    });
    let labels: Vec<_> = labels.collect();
    if labels.is_empty() {
        String::new()
    } else {
        format!("{{{}}}", labels.join(","))
    }
}
