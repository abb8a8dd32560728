//! The page that a person looks at: what it says, apart from how it looks.

mod json;
mod markdown;
mod text;

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use serde::Serialize;
use usage_client::{Aggregation, Granularity, GroupBy, Interval, RowBatch, Totals};

use crate::{
    args::last_of_month,
    exit::Failure,
    month::{self, DailyRequests, MonthUse},
};

pub(crate) use self::{json::json, markdown::markdown, text::text};

/// What is to be reported on.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub(crate) struct Period {
    pub(crate) first: NaiveDate,
    pub(crate) last: NaiveDate,
}

/// Everything that a report says.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) profile: Option<String>,
    pub(crate) period: Period,
    pub(crate) totals: Counts,
    /// The period of the same length before, and what was in it.
    pub(crate) before: Period,
    pub(crate) totals_before: Counts,
    pub(crate) days: Vec<Day>,
    /// The busiest first; all of them.
    pub(crate) clients: Vec<Share>,
    pub(crate) endpoints: Vec<Share>,
    /// Who is being rate limited where: the most first.
    pub(crate) rate_limited: Vec<Limited>,
    pub(crate) month: MonthUse,
    /// Who made the month's requests, the busiest first.
    #[serde(skip)]
    pub(crate) month_clients: Vec<Share>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) price_per_request: Option<f64>,
}

/// Requests by how they ended. `status429` is a part of `status400`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub(crate) struct Counts {
    pub(crate) requests: i128,
    pub(crate) status200: i128,
    pub(crate) status300: i128,
    pub(crate) status400: i128,
    pub(crate) status429: i128,
    pub(crate) status500: i128,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Day {
    pub(crate) date: NaiveDate,
    pub(crate) requests: i128,
}

/// A client or an endpoint.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Share {
    pub(crate) name: String,
    #[serde(flatten)]
    pub(crate) counts: Counts,
    pub(crate) requests_before: i128,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Limited {
    pub(crate) client: String,
    pub(crate) endpoint: String,
    pub(crate) status429: i128,
    pub(crate) requests: i128,
}

impl Counts {
    /// Requests that failed: 4xx, 429 among them, and 5xx.
    pub(crate) fn errors(&self) -> i128 {
        self.status400 + self.status500
    }
}

impl From<Totals> for Counts {
    fn from(totals: Totals) -> Self {
        let count = |count: Option<i64>| i128::from(count.unwrap_or(0));
        Self {
            requests: count(totals.requests),
            status200: count(totals.status200),
            status300: count(totals.status300),
            status400: count(totals.status400),
            status429: count(totals.status429),
            status500: count(totals.status500),
        }
    }
}

impl Period {
    pub(crate) fn of(interval: &Interval) -> Self {
        Self {
            first: interval.first_day(),
            last: interval.last_day(),
        }
    }

    /// The same number of days before it; of whole months, the months before.
    pub(crate) fn before(&self) -> Self {
        let last = self.first - Days::new(1);
        let is_month = chrono::Datelike::day(&self.first) == 1 && self.last == last_of_month(self.first);
        let first = if is_month {
            chrono::Datelike::with_day(&last, 1).unwrap_or(last)
        } else {
            let days = (self.last - self.first).num_days();
            last - Days::new(u64::try_from(days).unwrap_or(0))
        };
        Self { first, last }
    }

    pub(crate) fn days(&self) -> i64 {
        (self.last - self.first).num_days() + 1
    }

    fn contains(&self, day: NaiveDate) -> bool {
        self.first <= day && day <= self.last
    }

    /// What to ask for: this, all there is of the month that it ends in with enough days to project from, and, if that
    /// is compared, the period before.
    pub(crate) fn asked(&self, compared: bool, yesterday: NaiveDate) -> Result<Interval, Failure> {
        let month = month_of(self.last);
        let last = last_of_month(month).min(yesterday).max(self.last);
        let mut first = self.first.min(month).min(last - Days::new(month::HISTORY - 1));
        if compared {
            first = first.min(self.before().first);
        }
        Ok(Interval::new(first, last)?)
    }
}

fn month_of(day: NaiveDate) -> NaiveDate {
    chrono::Datelike::with_day(&day, 1).unwrap_or(day)
}

/// Sums up the rows of a query by day, client and endpoint, in memory that grows with those and not with the rows.
pub(crate) struct Summing {
    period: Period,
    before: Period,
    asked: Interval,
    days: Aggregation,
    clients: Aggregation,
    clients_before: Aggregation,
    month_clients: Aggregation,
    endpoints: Aggregation,
    endpoints_before: Aggregation,
    pairs: Aggregation,
}

/// The dimensions that [`Summing`] needs.
pub(crate) const DIMENSIONS: [GroupBy; 2] = [GroupBy::OAuthClientId, GroupBy::TemplateUri];

impl Summing {
    pub(crate) fn new(period: Period, asked: Interval) -> Self {
        let [client, endpoint] = DIMENSIONS;
        Self {
            period,
            before: period.before(),
            asked,
            days: Aggregation::by([]).with_buckets(Granularity::Day),
            clients: Aggregation::by([client]),
            clients_before: Aggregation::by([client]),
            month_clients: Aggregation::by([client]),
            endpoints: Aggregation::by([endpoint]),
            endpoints_before: Aggregation::by([endpoint]),
            pairs: Aggregation::by([client, endpoint]),
        }
    }

    pub(crate) fn add(&mut self, batch: &RowBatch) -> Result<(), Failure> {
        for row in batch {
            let Some(day) = row.date.map(|date| date.date_naive()) else {
                return Err(Failure::new(
                    crate::exit::Code::Service,
                    "the service sent a row without a date, though days were asked for",
                ));
            };
            self.days.add(&row)?;
            if month_of(day) == month_of(self.asked.last_day()) {
                self.month_clients.add(&row)?;
            }
            if self.period.contains(day) {
                self.clients.add(&row)?;
                self.endpoints.add(&row)?;
                self.pairs.add(&row)?;
            } else if self.before.contains(day) {
                self.clients_before.add(&row)?;
                self.endpoints_before.add(&row)?;
            }
        }
        Ok(())
    }

    pub(crate) fn report(self, allotment: Option<u64>) -> Report {
        let asked = self
            .asked
            .first_day()
            .iter_days()
            .take_while(|day| *day <= self.asked.last_day());
        // The service has no rows of days without requests.
        let mut daily: DailyRequests = asked.map(|day| (day, 0)).collect();
        let (mut totals, mut totals_before) = (Counts::default(), Counts::default());
        for group in self.days.into_groups() {
            let counts = Counts::from(group.totals);
            let Some(day) = group.date.map(|date| date.date_naive()) else {
                continue;
            };
            *daily.entry(day).or_default() += counts.requests;
            if self.period.contains(day) {
                totals.add(&counts);
            } else if self.before.contains(day) {
                totals_before.add(&counts);
            }
        }
        let days = daily.range(self.period.first..=self.period.last);
        let days = days.map(|(date, requests)| Day {
            date: *date,
            requests: *requests,
        });
        let limited = self.pairs.into_groups().map(|group| {
            let counts = Counts::from(group.totals);
            Limited {
                client: name(group.client_name.as_deref(), group.client_id.as_deref()),
                endpoint: name(None, group.template_uri.as_deref()),
                status429: counts.status429,
                requests: counts.requests,
            }
        });
        let mut rate_limited: Vec<_> = limited.filter(|pair| pair.status429 > 0).collect();
        rate_limited.sort_by_key(|pair| std::cmp::Reverse(pair.status429));
        Report {
            profile: None,
            period: self.period,
            totals,
            before: self.before,
            totals_before,
            days: days.collect(),
            clients: shares(self.clients, self.clients_before, |group| {
                name(group.client_name.as_deref(), group.client_id.as_deref())
            }),
            endpoints: shares(self.endpoints, self.endpoints_before, |group| {
                name(None, group.template_uri.as_deref())
            }),
            rate_limited,
            month: MonthUse::new(&daily, self.asked.last_day(), allotment),
            month_clients: shares(self.month_clients, Aggregation::by([]), |group| {
                name(group.client_name.as_deref(), group.client_id.as_deref())
            }),
            price_per_request: None,
        }
    }
}

impl Counts {
    fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.status200 += other.status200;
        self.status300 += other.status300;
        self.status400 += other.status400;
        self.status429 += other.status429;
        self.status500 += other.status500;
    }
}

fn shares(
    now: Aggregation,
    before: Aggregation,
    name: impl Fn(&usage_client::Group) -> String,
) -> Vec<Share> {
    let key = |group: &usage_client::Group| (group.client_id.clone(), group.template_uri.clone());
    let before: HashMap<_, _> = before
        .into_groups()
        .map(|group| (key(&group), Counts::from(group.totals).requests))
        .collect();
    let shares = now.into_groups().map(|group| Share {
        name: name(&group),
        counts: group.totals.into(),
        requests_before: before.get(&key(&group)).copied().unwrap_or(0),
    });
    let mut shares: Vec<_> = shares.collect();
    shares.sort_by_key(|share| std::cmp::Reverse(share.counts.requests));
    shares
}

fn name(name: Option<&str>, id: Option<&str>) -> String {
    let name = name.filter(|name| !name.is_empty()).or(id);
    let name = name.filter(|name| !name.is_empty()).unwrap_or("(none)");
    crate::text::visible(name).into_owned()
}

/// What went over or below the amount before, as people say it.
fn change(now: i128, before: i128) -> String {
    match (now, before) {
        (now, before) if now == before => "same".to_owned(),
        (_, 0) => "new".to_owned(),
        (now, before) => {
            let sign = if now > before { "+" } else { "-" };
            let percent = crate::text::percent((now - before).abs(), before);
            format!("{sign}{percent}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn period(first: &str, last: &str) -> Period {
        Period {
            first: day(first),
            last: day(last),
        }
    }

    #[test]
    fn a_month_is_compared_with_the_month_before_and_other_days_with_as_many() {
        for (now, before) in [
            (("2026-03-01", "2026-03-31"), ("2026-02-01", "2026-02-28")),
            (("2026-03-01", "2026-03-30"), ("2026-01-30", "2026-02-28")),
            (("2026-03-10", "2026-03-10"), ("2026-03-09", "2026-03-09")),
        ] {
            let before_it = period(now.0, now.1).before();
            assert_eq!((before_it.first, before_it.last), (day(before.0), day(before.1)));
        }
    }

    /// The report of rows of `(date, client, endpoint, requests, status400, status429)`.
    fn report(period: Period, yesterday: NaiveDate, rows: &[(&str, &str, &str, i64, i64, i64)]) -> Report {
        let rows = rows
            .iter()
            .map(|(date, client, endpoint, requests, status400, status429)| {
                serde_json::json!({
                    "date": format!("{date}T00:00:00Z"),
                    "clientId": client,
                    "clientName": "",
                    "templateUri": endpoint,
                    "requests": requests,
                    "status400": status400,
                    "status429": status429,
                })
            });
        let rows: Vec<_> = rows.collect();
        let answer = serde_json::json!({"results": rows, "queryStatus": "Complete"}).to_string();
        let mut decoder = usage_client::RowDecoder::new();
        assert!(decoder.decode(&mut answer.as_bytes()).unwrap().is_none());
        let mut summing = Summing::new(period, period.asked(true, yesterday).unwrap());
        summing.add(&decoder.finish().unwrap().unwrap()).unwrap();
        summing.report(Some(1_500))
    }

    #[test]
    fn rows_are_summed_up_by_period_client_and_endpoint() {
        let period = period("2026-02-10", "2026-02-11");
        let yesterday = day("2026-02-12");
        assert_eq!(
            period.asked(true, yesterday).unwrap().to_string(),
            "2026-01-16/2026-02-12"
        );
        let report = report(
            period,
            yesterday,
            &[
                ("2026-02-10", "a", "x", 100, 10, 5),
                ("2026-02-11", "a", "x", 50, 0, 0),
                ("2026-02-11", "b", "y", 70, 3, 3),
                // The period before, and a day that is asked for only because of the month.
                ("2026-02-09", "a", "x", 30, 0, 0),
                ("2026-02-01", "b", "x", 1_000, 0, 0),
                ("2026-02-12", "b", "x", 1, 0, 0),
                ("2026-01-31", "a", "x", 5_000, 0, 0),
            ],
        );
        let totals = &report.totals;
        assert_eq!((totals.requests, totals.errors(), totals.status429), (220, 13, 8));
        assert_eq!(report.totals_before.requests, 30);
        let days: Vec<_> = report.days.iter().map(|day| day.requests).collect();
        assert_eq!(days, [100, 120]);
        let clients = report.clients.iter();
        let clients: Vec<_> = clients
            .map(|share| (share.name.as_str(), share.requests_before))
            .collect();
        assert_eq!(clients, [("a", 30), ("b", 0)]);
        assert_eq!(report.endpoints[0].name, "x");
        let pair = &report.rate_limited[0];
        assert_eq!(
            (report.rate_limited.len(), pair.status429, pair.requests),
            (2, 5, 150)
        );
        // The month is counted as far as it is known, whatever the period.
        let month = &report.month;
        assert_eq!(
            (month.requests, month.until, month.days_left),
            (1_251, yesterday, 16)
        );
        let month_clients = report.month_clients.iter();
        let month_clients: Vec<_> = month_clients
            .map(|share| (share.name.as_str(), share.counts.requests))
            .collect();
        assert_eq!(month_clients, [("b", 1_071), ("a", 180)]);
    }

    #[test]
    fn a_page_is_no_wider_than_the_screen_but_for_its_sentences() {
        let endpoint =
            "api/v2/conversations/messages/{conversationId}/communications/{communicationId}/messages";
        let client = "The client with the long name of the other department";
        let report = report(
            period("2026-01-01", "2026-03-31"),
            day("2026-03-31"),
            &[
                ("2026-01-10", client, endpoint, 1_234_567, 999_999, 99_999),
                ("2026-03-11", "b\u{1b}[31m", "y", 70, 3, 3),
            ],
        );
        for (width, unicode) in [(52, true), (60, false), (80, true), (200, true)] {
            let screen = crate::screen::Screen {
                columns: Some(width),
                color: false,
                color_files: false,
                unicode,
                watched: false,
            };
            let mut page = Vec::new();
            text(&mut page, &report, 10, &screen).unwrap();
            let page = String::from_utf8(page).unwrap();
            let (tables, sentences) = page.split_once("March 2026\n").unwrap();
            let gauge = sentences.lines().next().unwrap();
            for line in tables.lines().skip(2).chain([gauge]) {
                assert!(line.chars().count() <= width, "{width}: {line}");
            }
            assert!(!page.contains('\u{1b}') && (unicode || page.is_ascii()), "{page}");
        }
    }
}
