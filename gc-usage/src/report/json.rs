//! The report as one JSON object. Names are unchanged.

use serde::{Serialize, Serializer, ser::SerializeMap as _};

use super::{
    contributors::Contributor,
    counts::Counts,
    model::{RateLimitedPair, Report},
};

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
        let mut page = to.serialize_map(None)?;
        if let Some(profile) = &self.profile {
            page.serialize_entry("profile", profile)?;
        }
        page.serialize_entry("period", &self.period)?;
        page.serialize_entry("totals", &self.totals)?;
        page.serialize_entry("before", &self.before)?;
        page.serialize_entry("totalsBefore", &self.totals_before)?;
        page.serialize_entry("days", &self.days)?;
        page.serialize_entry("clients", &List(|| self.clients.active().map(client)))?;
        page.serialize_entry("clientsGone", &List(|| self.clients.gone().map(client)))?;
        page.serialize_entry("endpoints", &List(|| self.endpoints.active().map(endpoint)))?;
        page.serialize_entry("endpointsGone", &List(|| self.endpoints.gone().map(endpoint)))?;
        let pairs = || self.rate_limited.iter().map(|limited| pair(self, limited));
        page.serialize_entry("rateLimited", &List(pairs))?;
        if let Some(month) = &self.month {
            page.serialize_entry("month", month)?;
        }
        if let Some(price) = self.price_per_request {
            page.serialize_entry("pricePerRequest", &price)?;
        }
        page.end()
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

impl<F: Fn() -> I, I: Iterator<Item: Serialize>> Serialize for List<F> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq((self.0)())
    }
}
