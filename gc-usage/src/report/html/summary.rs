//! The section that says whether something is wrong: the verdict, four numbers, and a few facts.

use maud::{Markup, html};

use super::{
    names::breakable,
    number::{change, share, signed, typeset},
    view::View,
};
use crate::{
    projection::MonthUsage,
    report::{
        model::Report,
        sentences,
        verdict::{Level, date, facts, name_of, verdict},
    },
    text::{grouped, percent},
};

/// The names in the sentences about what is new and gone.
const NAMES: usize = 3;
const NOTHING_BEFORE: &str = "nothing to compare with";

/// The sign and the class of a level. The sign says it without colours.
pub(super) fn sign(level: Level) -> (&'static str, &'static str) {
    match level {
        Level::Neutral => ("○", "neutral"),
        Level::Good => ("✓", "good"),
        Level::Doubtful => ("!", "warn"),
        Level::Warning => ("▲", "warn"),
        Level::Bad => ("▲", "over"),
    }
}

pub(super) fn section(view: &View<'_>) -> Markup {
    let report = view.report;
    let verdict = verdict(report);
    let (sign, class) = sign(verdict.state.level());
    let mut facts = facts(report);
    facts.extend(new_and_gone(report));
    html! {
        section.panel id=(view.id("summary")) aria-label=(view.unique("Summary")) {
            div.verdict.(class) {
                span.sign aria-hidden="true" { (sign) }
                div {
                    @match view.place {
                        None => h2 { (verdict.headline) },
                        Some(_) => h3 { (verdict.headline) },
                    }
                    @if !verdict.detail.is_empty() { p { (typeset(&verdict.detail)) } }
                }
            }
            dl.tiles {
                @for (name, value, note) in tiles(report) {
                    div {
                        dt { (name) }
                        dd.value { (value) }
                        dd { (note) }
                    }
                }
            }
            @if !facts.is_empty() {
                ul.facts {
                    @for fact in facts { li { (breakable(&typeset(&fact))) } }
                }
            }
        }
        "\n"
    }
}

/// The clients that are new or gone.
fn new_and_gone(report: &Report) -> Option<String> {
    let lists = sentences::new_and_gone(report, &report.clients, NAMES, |one| one.label());
    let sentences = lists.into_iter().map(|list| match list.strip_prefix("new") {
        Some(rest) => format!("New{rest}."),
        None => format!("Gone{}.", list.trim_start_matches("no longer active")),
    });
    let sentences: Vec<_> = sentences.collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// Name, value and note of each tile.
fn tiles(report: &Report) -> [(String, String, String); 4] {
    let (now, before) = (&report.totals, &report.totals_before);
    let mut changes = change(report, now.requests, before.requests);
    if before.requests == 0 {
        NOTHING_BEFORE.clone_into(&mut changes);
    } else if report.is_compared_by_day() {
        let in_all = i128::from(now.requests) - i128::from(before.requests);
        let in_all_percent = percent(in_all.abs(), before.requests);
        let sign = if in_all < 0 { "\u{2212}" } else { "+" };
        changes = format!("{changes} a day ({sign}{} in all)", typeset(&in_all_percent));
    } else {
        changes.push_str(" against before");
    }
    let month = report.month.as_ref();
    let of_allotment = month.and_then(|month| Some((month, month.allotted()?)));
    // The requests of a period must not be taken for those of the month.
    let of_month = |month: &MonthUsage| format!("Of the allotment of {}", month.month.format("%B"));
    let is_month =
        month.is_none_or(|month| (month.month, month.until) == (report.period.first, report.period.last));
    let requests = match is_month {
        true => "Requests".to_owned(),
        false => format!("Requests, {}", name_of(report.period)),
    };
    let second = match of_allotment {
        Some((month, allotment)) if month.days_left > 0 => (
            of_month(month),
            share(month.projected, allotment),
            format!(
                "projected; {} used until {}",
                share(month.requests, allotment),
                date(month.until)
            ),
        ),
        Some((month, allotment)) => (
            of_month(month),
            share(month.requests, allotment),
            format!("{} of {}", grouped(month.requests), grouped(allotment)),
        ),
        None => {
            let days = i128::from(report.period.days());
            let mean = (i128::from(now.requests) + days / 2) / days;
            (
                "A day".to_owned(),
                grouped(mean),
                match before.requests {
                    0 => NOTHING_BEFORE.to_owned(),
                    before => format!(
                        "{} against before",
                        signed(report.change_a_day(now.requests, before))
                    ),
                },
            )
        }
    };
    let limited_before = match before.requests {
        0 => String::new(),
        requests => format!("; before {}", share(before.status429, requests)),
    };
    let otherwise = now.other_400().saturating_add(now.status500);
    [
        (requests, grouped(now.requests), changes),
        second,
        (
            "Rate limited (429)".to_owned(),
            share(now.status429, now.requests),
            format!("{}{limited_before}", grouped(now.status429)),
        ),
        (
            "Failed otherwise".to_owned(),
            share(otherwise, now.requests),
            format!(
                "{} other 4xx, {} 5xx",
                grouped(now.other_400()),
                grouped(now.status500)
            ),
        ),
    ]
}
