//! The section that says what the numbers mean, and how the page was made.

use maud::{Markup, html};

use crate::{
    projection::MonthUsage,
    report::{
        about::About,
        model::{Entry, Report},
        sentences,
    },
};

pub(super) fn section(entries: &[Entry], about: &About) -> Markup {
    let reports = || entries.iter().filter_map(Entry::report);
    let by_day = reports().find(|report| report.is_compared_by_day());
    html! {
        section.panel #notes aria-label="How to read this" {
            h2 { "How to read this" }
            ul {
                @if reports().any(|report| report.month.is_none()) { li { (sentences::NO_MONTH) } }
                @else {
                    li {
                        "All numbers are requests to the Platform API as Genesys counts them, by UTC day. Today is never \
                         included. Requests of Genesys’ own clients (the web and mobile apps, the embedded clients) do not count. \
                         Your contract and your bill decide what is paid."
                    }
                }
                li {
                    "429 means rate limited. It is a part of 4xx here and everywhere, so do not add it to the others. “4xx, 5xx” is \
                     the share of all that failed, with 429."
                }
                li {
                    "“Change” compares with the period before"
                    @if let Some(report) = by_day {
                        ", which has " (report.before.days()) " days against " (report.period.days())
                        ", so it is the change of a day"
                    }
                    ". “new” was not there before; “gone” is not there any more."
                }
                @if reports().any(|report| is_over(report) && report.price_per_request.is_none()) {
                    li { "No price of a request was given (--price-per-request), so the page does not say what the overage costs." }
                }
                @if reports().any(|report| report.month.as_ref().is_some_and(|month| month.days_left > 0)) {
                    li {
                        "The end of the month is projected from the same weekdays of the last four weeks. In four of five such \
                         months, the result is in the range."
                    }
                }
            }
            (how_it_was_made(about))
        }
        "\n"
    }
}

fn is_over(report: &Report) -> bool {
    let overage = report.month.as_ref().and_then(MonthUsage::overage);
    overage.is_some_and(|overage| overage > 0)
}

pub(super) fn how_it_was_made(about: &About) -> Markup {
    html! {
        dl.made {
            dt { "Created with" } dd { "gc-usage " (env!("CARGO_PKG_VERSION")) }
            dt { "Created" } dd { (about.created.format("%-d %b %Y, %H:%M UTC")) }
            @if !about.command.is_empty() {
                dt { "Command" } dd { code { (about.command) } }
            }
        }
    }
}
