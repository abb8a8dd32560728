//! The report as one JSON object. Names are unchanged.

use serde::{Serialize, Serializer};

use super::{
    contributors::Contributor,
    counts::Counts,
    model::{Day, RateLimitedPair, Report},
};
use crate::{calendar::Period, projection::MonthUsage};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a, C, D, E, F, L> {
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<&'a str>,
    period: Period,
    totals: Counts,
    before: Period,
    totals_before: Counts,
    days: &'a [Day],
    clients: C,
    clients_gone: D,
    endpoints: E,
    endpoints_gone: F,
    rate_limited: L,
    month: &'a MonthUsage,
    #[serde(skip_serializing_if = "Option::is_none")]
    price_per_request: Option<f64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Client<'a> {
    client_id: &'a str,
    name: &'a str,
    #[serde(flatten)]
    counts: &'a Counts,
    requests_before: i64,
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
struct Pair<'a> {
    client_id: &'a str,
    client: &'a str,
    endpoint: &'a str,
    status429: i64,
    requests: i64,
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Page {
            profile: self.profile.as_deref(),
            period: self.period,
            totals: self.totals,
            before: self.before,
            totals_before: self.totals_before,
            days: &self.days,
            clients: list(|| self.clients.active().map(client)),
            clients_gone: list(|| self.clients.gone().map(client)),
            endpoints: list(|| self.endpoints.active().map(endpoint)),
            endpoints_gone: list(|| self.endpoints.gone().map(endpoint)),
            rate_limited: list(|| self.rate_limited.iter().map(|limited| pair(self, limited))),
            month: &self.month,
            price_per_request: self.price_per_request,
        }
        .serialize(to)
    }
}

fn client(one: Contributor<'_>) -> Client<'_> {
    Client {
        client_id: one.id(),
        name: one.name(),
        counts: one.counts(),
        requests_before: one.requests_before(),
    }
}

fn endpoint(one: Contributor<'_>) -> Endpoint<'_> {
    Endpoint {
        name: one.id(),
        counts: one.counts(),
        requests_before: one.requests_before(),
    }
}

fn pair<'a>(report: &'a Report, limited: &RateLimitedPair) -> Pair<'a> {
    let client = report.client(limited);
    Pair {
        client_id: client.id(),
        client: client.name(),
        endpoint: report.endpoint(limited).id(),
        status429: limited.status429,
        requests: limited.requests,
    }
}

/// A list that is made while it is written, since there may be a million items.
struct List<F>(F);

fn list<F: Fn() -> I, I: Iterator>(items: F) -> List<F> {
    List(items)
}

impl<F: Fn() -> I, I: Iterator<Item: Serialize>> Serialize for List<F> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq((self.0)())
    }
}
