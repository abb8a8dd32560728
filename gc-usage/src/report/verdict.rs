//! Whether something is wrong: one headline about the month, and a few facts. All formats use them.

use chrono::NaiveDate;
use serde::Serialize;

use super::{contributors::Contributor, model::Report, pairs::Pair, sentences};
use crate::{
    calendar::{Period, first_of_month, last_of_month},
    labels::plain,
    projection::MonthUsage,
    text::{counted, grouped, percent},
};

/// What a report says about the month.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum State {
    NoRequests,
    NoAllotment,
    /// The month has ended, and it is over its allotment.
    Over,
    /// The month is over its allotment and goes on.
    AlreadyOver,
    WillGoOver,
    LikelyGoesOver,
    MayGoOver,
    Within,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Level {
    Neutral,
    Good,
    /// It may become bad.
    Doubtful,
    Warning,
    Bad,
}

pub(crate) struct Verdict {
    pub(crate) state: State,
    pub(crate) headline: String,
    /// A sentence with the numbers behind the headline; empty if there is nothing to add.
    pub(crate) detail: String,
}

impl State {
    pub(crate) fn level(self) -> Level {
        match self {
            Self::NoRequests | Self::NoAllotment => Level::Neutral,
            Self::Over | Self::AlreadyOver => Level::Bad,
            Self::WillGoOver | Self::LikelyGoesOver => Level::Warning,
            Self::MayGoOver => Level::Doubtful,
            Self::Within => Level::Good,
        }
    }

    /// Whether the expected requests exceed the allotment.
    pub(crate) fn is_over(self) -> bool {
        matches!(self.level(), Level::Bad | Level::Warning)
    }
}

pub(crate) fn verdict(report: &Report) -> Verdict {
    let new = |state, headline: String, detail: String| Verdict {
        state,
        headline,
        detail,
    };
    let Some(month) = &report.month else {
        let requests = counted(report.totals.requests, "request");
        return new(
            State::NoAllotment,
            format!("{requests} {}", within(report.period)),
            sentences::NO_MONTH.to_owned(),
        );
    };
    let Some(allotment) = month.allotted().map(i128::from) else {
        if report.totals.requests == 0 && month.requests == 0 {
            return new(State::NoRequests, "No requests".to_owned(), String::new());
        }
        let requests = counted(report.totals.requests, "request");
        return new(
            State::NoAllotment,
            format!("{requests} {}", within(report.period)),
            "No allotment was given, so this report cannot tell whether the month is within it.".to_owned(),
        );
    };
    let (state, headline) = of_month(month, allotment);
    new(state, headline, detail(report, month, allotment))
}

/// The headline of a month with an allotment.
pub(crate) fn of_month(month: &MonthUsage, allotment: i128) -> (State, String) {
    let name = month.month.format("%B %Y");
    let is_past = month.days_left == 0;
    let when = month.exceeds_on(allotment).map(date).unwrap_or_default();
    let (low, high) = month.range.unwrap_or((month.projected, month.projected));
    // Without a range, nothing is certain.
    let is_certain = month.range.is_some() && low > allotment;
    match () {
        () if month.requests == 0 && month.projected == 0 => (State::NoRequests, "No requests".to_owned()),
        () if is_past && month.requests > allotment => {
            let beyond = counted(month.requests - allotment, "request");
            (State::Over, format!("{name} is over its allotment by {beyond}"))
        }
        () if month.requests > allotment => (
            State::AlreadyOver,
            format!("{name} has been over its allotment since {when}"),
        ),
        () if is_certain => (
            State::WillGoOver,
            format!("{name} will go over its allotment, about {when}"),
        ),
        () if month.projected > allotment => (
            State::LikelyGoesOver,
            format!("{name} is likely to go over its allotment, about {when}"),
        ),
        () if high > allotment => (State::MayGoOver, format!("{name} may go over its allotment")),
        () if is_past => (State::Within, format!("{name} stayed within its allotment")),
        () => (State::Within, format!("{name} will stay within its allotment")),
    }
}

/// The numbers of the month.
fn detail(report: &Report, month: &MonthUsage, allotment: i128) -> String {
    let used = grouped(month.requests);
    let included = grouped(allotment);
    let share = percent(month.requests, allotment);
    let beyond = month.overage().filter(|overage| *overage > 0);
    let mut detail = if month.days_left == 0 {
        let mut detail = format!("{used} of {included} included requests ({share})");
        if let Some(day) = month.exceeds_on(allotment) {
            detail.push_str(&format!("; used up on {}", date(day)));
        }
        detail
    } else {
        let range = match month.range {
            Some((low, high)) => format!(
                "in four of five such months, {} to {}",
                grouped(low),
                grouped(high)
            ),
            None => "too few days for a range".to_owned(),
        };
        let more = beyond.map(|more| format!(", {} more than included", grouped(more)));
        format!(
            "{used} of {included} used until {} ({share}); {} projected for the end of the month ({range}){}",
            date(month.until),
            grouped(month.projected),
            more.unwrap_or_default()
        )
    };
    detail.push('.');
    if let (Some(price), Some(beyond)) = (report.price_per_request, beyond) {
        detail.push_str(&format!(
            " At {price} each, {}.",
            sentences::price_of(beyond, price)
        ));
    }
    detail
}

/// Who uses most, who is rate limited most, and what changed most: at most three sentences.
pub(crate) fn facts(report: &Report) -> Vec<String> {
    let mut facts = Vec::new();
    let totals = &report.totals;
    if let Some(top) = report.clients.active().next().filter(|_| totals.requests > 0) {
        let share = percent(top.counts().requests, totals.requests);
        let mut fact = format!("{} made {share} of the requests", top.label());
        if let Some((limited, count)) = report.clients.by(|one| one.counts().status429).next() {
            let share = percent(count, totals.status429);
            match limited.place() == top.place() {
                true => fact.push_str(&format!(" and {share} of the rate-limited ones")),
                false => fact.push_str(&format!(
                    "; {} made {share} of the rate-limited ones",
                    limited.label()
                )),
            }
        }
        facts.push(format!("{fact}."));
    }
    if let Some(pair) = report.pairs.rate_limited().next() {
        facts.push(format!(
            "{} is rate limited most on {}: {} ({} of its requests there), {}.",
            report.client(pair).label(),
            plain("", report.endpoint(pair).id()),
            counted(pair.counts.status429, "request"),
            percent(pair.counts.status429, pair.counts.requests),
            when(report, pair)
        ));
    }
    facts.extend(changes(report));
    facts
}

/// On which days a pair was rate limited.
pub(crate) fn when(report: &Report, pair: Pair) -> String {
    let Some((first, last)) = pair.limited else {
        return String::new();
    };
    let is_older = first == report.period.first && pair.limited_before > 0;
    let has_ended = last < report.period.last;
    match (is_older, has_ended) {
        (true, false) => format!("since before {}", date(first)),
        (true, true) => format!("since before {}, until {}", date(first), date(last)),
        (false, false) => format!("since {}", date(first)),
        (false, true) if first == last => format!("on {}", date(first)),
        (false, true) => format!("from {} to {}", date(first), date(last)),
    }
}

/// The endpoints that grew and fell most.
fn changes(report: &Report) -> Option<String> {
    let known = report.endpoints.active().filter(|one| one.requests_before() > 0);
    let changes = known.map(|one| {
        let (now, before) = (one.counts().requests, one.requests_before());
        (report.change_a_day(now, before), one)
    });
    let changes: Vec<_> = changes.collect();
    // If several changed as much, the busiest, which is the first.
    let largest = |sign: i128| {
        let sides = changes.iter().filter(|(change, _)| change.signum() == sign);
        sides.min_by_key(|(change, _)| -change.abs())
    };
    let sentence = |what: &str, (change, one): &(i128, Contributor<'_>)| {
        let sign = if *change > 0 { '+' } else { '-' };
        format!(
            "{} {what} most: {sign}{} a day ({})",
            plain("", one.id()),
            counted(change.abs(), "request"),
            report.change(one.counts().requests, one.requests_before())
        )
    };
    let sides = [("grew", largest(1)), ("fell", largest(-1))];
    let sides = sides
        .into_iter()
        .filter_map(|(what, most)| Some(sentence(what, most?)));
    let sides: Vec<_> = sides.collect();
    (!sides.is_empty()).then(|| format!("{}.", sides.join("; ")))
}

/// A period for people: "March 2024", or "26 Oct to 24 Nov 2026".
pub(crate) fn name_of(period: Period) -> String {
    let Period { first, last } = period;
    let is_month = first == first_of_month(first) && last == last_of_month(first);
    match () {
        () if is_month => first.format("%B %Y").to_string(),
        () if first == last => long_date(first),
        () if first.format("%Y").to_string() == last.format("%Y").to_string() => {
            format!("{} to {}", date(first), long_date(last))
        }
        () => format!("{} to {}", long_date(first), long_date(last)),
    }
}

/// A period within a sentence: "in March 2024", "on 4 Mar 2024", "from 26 Oct to 24 Nov 2026".
fn within(period: Period) -> String {
    let preposition = match period {
        Period { first, last } if first == last => "on",
        Period { first, last } if first == first_of_month(first) && last == last_of_month(first) => "in",
        _ => "from",
    };
    format!("{preposition} {}", name_of(period))
}

/// A day without its year: "4 Mar".
pub(crate) fn date(day: NaiveDate) -> String {
    day.format("%-d %b").to_string()
}

/// A day with its year: "4 Mar 2024".
pub(crate) fn long_date(day: NaiveDate) -> String {
    day.format("%-d %b %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{projection::DailyRequests, testing::day};

    /// The headline of November 2026, with so many requests on each day until a day.
    fn headline(until: &str, requests: impl Fn(u32) -> i128, allotment: u64) -> (State, String) {
        let days = day("2026-10-01")
            .iter_days()
            .take_while(|date| *date <= day(until));
        let days: DailyRequests = (0..)
            .zip(days)
            .map(|(place, date)| (date, requests(place)))
            .collect();
        let month = MonthUsage::new(&days, day(until), Some(allotment.into()));
        of_month(&month, allotment.into())
    }

    #[test]
    fn the_first_rule_that_is_true_makes_the_headline() {
        let noisy = |place: u32| 100 + i128::from(place % 5) * 10;
        let (state, text) = headline("2026-11-30", |_| 0, 100);
        assert_eq!((state, text.as_str()), (State::NoRequests, "No requests"));
        for (until, allotment, state, text) in [
            (
                "2026-11-30",
                2_000,
                State::Over,
                "November 2026 is over its allotment by 1,600 requests",
            ),
            (
                "2026-11-30",
                9_000,
                State::Within,
                "November 2026 stayed within its allotment",
            ),
            (
                "2026-11-20",
                1_000,
                State::AlreadyOver,
                "November 2026 has been over its allotment since 9 Nov",
            ),
            (
                "2026-11-20",
                3_000,
                State::WillGoOver,
                "November 2026 will go over its allotment, about 26 Nov",
            ),
            (
                "2026-11-20",
                3_580,
                State::LikelyGoesOver,
                "November 2026 is likely to go over its allotment, about 30 Nov",
            ),
            (
                "2026-11-20",
                3_620,
                State::MayGoOver,
                "November 2026 may go over its allotment",
            ),
            (
                "2026-11-20",
                9_000,
                State::Within,
                "November 2026 will stay within its allotment",
            ),
        ] {
            let found = headline(until, noisy, allotment);
            assert_eq!(
                (found.0, found.1.as_str()),
                (state, text),
                "{allotment} until {until}"
            );
        }
    }

    #[test]
    fn without_a_range_nothing_is_certain() {
        let days: DailyRequests = day("2026-11-01")
            .iter_days()
            .take(5)
            .map(|date| (date, 100))
            .collect();
        let month = MonthUsage::new(&days, day("2026-11-05"), Some(1_000.into()));
        assert_eq!(of_month(&month, 1_000).0, State::LikelyGoesOver);
    }

    #[test]
    fn the_headline_and_a_check_agree() {
        for until in ["2026-11-03", "2026-11-15", "2026-11-29", "2026-11-30"] {
            for allotment in (1..80).map(|step| step * 100) {
                let days = day("2026-10-01")
                    .iter_days()
                    .take_while(|date| *date <= day(until));
                let days: DailyRequests = days.map(|date| (date, 120)).collect();
                let month = MonthUsage::new(&days, day(until), Some(allotment.into()));
                let state = of_month(&month, allotment.into()).0;
                assert_eq!(
                    state.is_over(),
                    month.projected > allotment.into(),
                    "{allotment} until {until}"
                );
            }
        }
    }

    #[test]
    fn periods_have_names() {
        let name = |first, last| {
            within(Period {
                first: day(first),
                last: day(last),
            })
        };
        assert_eq!(name("2024-02-01", "2024-02-29"), "in February 2024");
        assert_eq!(name("2024-02-01", "2024-02-28"), "from 1 Feb to 28 Feb 2024");
        assert_eq!(name("2023-12-31", "2024-01-01"), "from 31 Dec 2023 to 1 Jan 2024");
        assert_eq!(name("2024-02-29", "2024-02-29"), "on 29 Feb 2024");
    }
}
