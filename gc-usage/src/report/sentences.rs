//! The sentences of a report, for all formats for people.

use super::{
    contributors::{Contributor, Contributors},
    model::Report,
};
use crate::{
    projection::MonthUsage,
    text::{counted, grouped, percent},
};

/// The number of days, and the period that they are compared with.
pub(super) fn period(report: &Report) -> String {
    let (period, before) = (&report.period, &report.before);
    let days = period.length();
    match report.is_compared_by_day() {
        true => format!(
            "{days}; change per day compared with {} to {} ({})",
            before.first,
            before.last,
            before.length()
        ),
        false => format!("{days}; change compared with {} to {}", before.first, before.last),
    }
}

/// The new clients or endpoints, and those that are no longer active: at most `top` of each.
pub(super) fn new_and_gone(
    report: &Report,
    contributors: &Contributors,
    top: usize,
    label: impl Fn(Contributor<'_>) -> String,
) -> Vec<String> {
    // Without previous data, all would be new.
    if report.totals_before.requests == 0 {
        return Vec::new();
    }
    let list = |what: &str, all: Vec<String>| {
        let more = match all.len().saturating_sub(top) {
            0 => String::new(),
            more => format!(" and {} more", grouped(more)),
        };
        let shown = all[..all.len().min(top)].join(", ");
        (!all.is_empty()).then(|| format!("{what}: {shown}{more}"))
    };
    let new = contributors
        .active()
        .filter(|one| one.requests_before() == 0)
        .map(|one| format!("{} ({})", label(one), grouped(one.counts().requests)));
    let gone = contributors
        .gone()
        .map(|one| format!("{} ({} before)", label(one), grouped(one.requests_before())));
    [
        list("new", new.collect()),
        list("no longer active", gone.collect()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Why there is no month.
pub(super) const NO_MONTH: &str = "These are the counts of usage jobs. They include requests that are not billed, such as \
     those of Genesys's own clients, so they say nothing about the allotment of a month; --source query does.";

/// The sentences about the month, each with one fact.
pub(super) fn month(report: &Report, month: &MonthUsage, unicode: bool) -> Vec<String> {
    let mut sentences = Vec::new();
    let requests = counted(month.requests, "request");
    sentences.push(match &month.allotment {
        Some(allotment) => format!(
            "{requests} until {}: {} of the {} included{}",
            month.until,
            percent(month.requests, allotment.requests),
            grouped(allotment.requests),
            allotment.formula(unicode)
        ),
        None => format!("{requests} until {}", month.until),
    });
    if month.days_left > 0 {
        let range = match month.range {
            Some((low, high)) => format!(
                " (in four of five such months, between {} and {})",
                grouped(low),
                grouped(high)
            ),
            None => " (with too few days for a range)".to_owned(),
        };
        sentences.push(format!(
            "projected for the end of the month, with {} left: {}{range}",
            counted(month.days_left, "day"),
            grouped(month.projected)
        ));
    }
    match month.overage() {
        Some(overage) => outcome(report, month, overage, &mut sentences),
        None => {
            sentences.push("give --allotment or --licences to see how much of it is included".to_owned());
        }
    }
    sentences
}

/// By how much the allotment is exceeded, and what this costs.
fn outcome(report: &Report, month: &MonthUsage, overage: i128, sentences: &mut Vec<String>) {
    let is_over = month.days_left == 0;
    let allotment = month.allotted().map_or(0, i128::from);
    // The headline says that the month is within its allotment.
    if overage > 0 {
        let verb = match (is_over, overage) {
            (false, _) => "will be",
            (true, 1) => "is",
            (true, _) => "are",
        };
        sentences.push(format!(
            "{} {verb} beyond the allotment",
            counted(overage, "request")
        ));
    }
    let Some(price) = report.price_per_request else {
        return;
    };
    let bill = |requests: i128| price_of((requests - allotment).max(0), price);
    let range = match month.range {
        Some((low, high)) if !is_over => format!(", between {} and {}", bill(low), bill(high)),
        _ => String::new(),
    };
    let whole = bill(month.projected);
    sentences.push(format!("at {price} each: {whole}{range}"));
}

/// The price of requests.
#[allow(clippy::cast_precision_loss, reason = "an amount of money, rounded to cents")]
pub(super) fn price_of(requests: i128, price: f64) -> String {
    money(requests as f64 * price)
}

fn money(amount: f64) -> String {
    let text = format!("{amount:.2}");
    let (whole, cents) = text.split_once('.').unwrap_or((&text, "00"));
    format!("{}.{cents}", grouped(whole))
}
