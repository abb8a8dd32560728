//! The report as one JSON object. Names are unchanged.

use chrono::NaiveDate;
use serde::{Serialize, Serializer, ser::SerializeMap as _};

use super::{
    contributors::Contributor,
    counts::Counts,
    model::{Entry, Report},
    pairs::Pair,
    verdict::{State, Verdict, verdict},
};
use crate::projection::{MonthDay, MonthUsage, ProjectedDay};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Client<'a> {
    client_id: &'a str,
    name: &'a str,
    #[serde(flatten)]
    counts: &'a Counts,
    requests_before: i64,
    /// The requests on each day of the period.
    #[serde(skip_serializing_if = "Option::is_none")]
    requests_by_day: Option<Vec<i64>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Endpoint<'a> {
    name: &'a str,
    #[serde(flatten)]
    counts: &'a Counts,
    requests_before: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Call<'a> {
    client_id: &'a str,
    client: &'a str,
    endpoint: &'a str,
    #[serde(flatten)]
    counts: Counts,
    /// The first and the last day with rate-limited requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_limited: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_limited: Option<NaiveDate>,
    /// Rate-limited requests in the previous period.
    status429_before: i64,
}

#[derive(Serialize)]
struct Month<'a> {
    #[serde(flatten)]
    month: &'a MonthUsage,
    days: &'a [MonthDay],
    projection: &'a [ProjectedDay],
}

#[derive(Serialize)]
struct Summary {
    state: State,
    headline: String,
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Report(report) => report.serialize(to),
            Self::Failed(failed) => failed.serialize(to),
        }
    }
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut page = to.serialize_map(None)?;
        if let Some(profile) = &self.profile {
            page.serialize_entry("profile", profile)?;
        }
        page.serialize_entry("period", &self.period)?;
        let Verdict { state, headline, .. } = verdict(self);
        page.serialize_entry("verdict", &Summary { state, headline })?;
        page.serialize_entry("totals", &self.totals)?;
        page.serialize_entry("before", &self.before)?;
        page.serialize_entry("totalsBefore", &self.totals_before)?;
        page.serialize_entry("days", &self.days)?;
        let client = |one| client(self, one);
        page.serialize_entry("clients", &List(|| self.clients.active().map(client)))?;
        page.serialize_entry("clientsGone", &List(|| self.clients.gone().map(client)))?;
        page.serialize_entry("endpoints", &List(|| self.endpoints.active().map(endpoint)))?;
        page.serialize_entry("endpointsGone", &List(|| self.endpoints.gone().map(endpoint)))?;
        let call = |pair| call(self, pair);
        page.serialize_entry("pairs", &List(|| self.pairs.all().map(call)))?;
        page.serialize_entry("rateLimited", &List(|| self.pairs.rate_limited().map(call)))?;
        if let Some(month) = &self.month {
            let (days, projection) = (&month.days, &month.projection);
            page.serialize_entry(
                "month",
                &Month {
                    month,
                    days,
                    projection,
                },
            )?;
        }
        if let Some(price) = self.price_per_request {
            page.serialize_entry("pricePerRequest", &price)?;
        }
        page.end()
    }
}

fn client<'a>(report: &'a Report, one: Contributor<'a>) -> Client<'a> {
    let days = report.days_of(one);
    Client {
        client_id: one.id(),
        name: one.name(),
        counts: one.counts(),
        requests_before: one.requests_before(),
        requests_by_day: days.map(|days| days.iter().map(|counts| counts.requests).collect()),
    }
}

fn endpoint(one: Contributor<'_>) -> Endpoint<'_> {
    Endpoint {
        name: one.id(),
        counts: one.counts(),
        requests_before: one.requests_before(),
    }
}

fn call(report: &Report, pair: Pair) -> Call<'_> {
    let client = report.client(pair);
    Call {
        client_id: client.id(),
        client: client.name(),
        endpoint: report.endpoint(pair).id(),
        counts: pair.counts,
        first_limited: pair.limited.map(|(first, _)| first),
        last_limited: pair.limited.map(|(_, last)| last),
        status429_before: pair.limited_before,
    }
}

/// A list that is made while it is written, since there may be a million items.
struct List<F>(F);

impl<F: Fn() -> I, I: Iterator<Item: Serialize>> Serialize for List<F> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq((self.0)())
    }
}
