//! The body of a query, read as strictly as the service reads it.

use serde_json::{Map, Value};

use crate::errors::Failure;
use crate::interval::Interval;

/// Width of the date buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Granularity {
    Day,
    Week,
    Month,
}

const MEMBERS: [&str; 4] = ["interval", "granularity", "groupBy", "metrics"];
pub(crate) const GRANULARITIES: [&str; 3] = ["Day", "Week", "Month"];
/// In the order of the rows' keys.
pub(crate) const DIMENSIONS: [&str; 5] = [
    "OAuthClientId",
    "OrganizationId",
    "UserId",
    "TemplateUri",
    "HttpMethod",
];
/// In the order of the rows' keys.
pub(crate) const METRICS: [&str; 6] = [
    "Status200",
    "Status300",
    "Status400",
    "Status500",
    "Status429",
    "Requests",
];

/// A query that the service would accept.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Query {
    pub(crate) interval: Interval,
    pub(crate) granularity: Option<Granularity>,
    /// Whether rows are grouped by each of [`DIMENSIONS`].
    pub(crate) dimensions: [bool; 5],
    /// Whether rows have each of [`METRICS`].
    pub(crate) metrics: [bool; 6],
}

impl Query {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Failure> {
        let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
            return Err(Failure::bad_request("The request body is not a JSON object."));
        };
        // Whether the service refuses them is not known. The document does: such a query asks for something else.
        if let Some(name) = members.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
            return Err(Failure::bad_request(format!(
                "The member [{name}] is not known. Allowable members are: {}",
                MEMBERS.join(", ")
            )));
        }
        let interval = interval(&members)?;
        let granularity = granularity(&members)?;
        let mut dimensions = list(&members, "groupBy", "GroupBy", DIMENSIONS)?;
        if dimensions == [false; 5] {
            dimensions[0] = true;
        }
        let mut metrics = list(&members, "metrics", "Metric", METRICS)?;
        if metrics == [false; 6] {
            metrics = [true; 6];
        }
        Ok(Self {
            interval,
            granularity,
            dimensions,
            metrics,
        })
    }
}

fn interval(members: &Map<String, Value>) -> Result<Interval, Failure> {
    let Some(text) = text(members, "interval")? else {
        return Err(Failure::invalid_date("An interval is required."));
    };
    Interval::parse(text).ok_or_else(|| Failure::invalid_date(format!("Invalid interval [{text}].")))
}

fn granularity(members: &Map<String, Value>) -> Result<Option<Granularity>, Failure> {
    let Some(text) = text(members, "granularity")? else {
        return Ok(None);
    };
    match text {
        "Day" => Ok(Some(Granularity::Day)),
        "Week" => Ok(Some(Granularity::Week)),
        "Month" => Ok(Some(Granularity::Month)),
        _ => Err(Failure::invalid_value(
            text,
            "Granularity",
            "granularity",
            &GRANULARITIES,
        )),
    }
}

/// A string member, if it is there. The document has no `null` in requests, so it is a wrong type like any other.
fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Failure> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Failure::bad_request(format!(
            "The member [{name}] is not a string."
        ))),
    }
}

/// Which of the allowed values a list member holds.
fn list<const N: usize>(
    members: &Map<String, Value>,
    name: &'static str,
    kind: &str,
    allowed: [&str; N],
) -> Result<[bool; N], Failure> {
    let mut chosen = [false; N];
    let items = match members.get(name) {
        None => return Ok(chosen),
        Some(Value::Array(items)) => items,
        Some(_) => {
            return Err(Failure::bad_request(format!(
                "The member [{name}] is not a list."
            )));
        }
    };
    for item in items {
        let Value::String(text) = item else {
            return Err(Failure::bad_request(format!(
                "The member [{name}] holds something not a string."
            )));
        };
        match allowed.iter().position(|value| value == text) {
            Some(position) => chosen[position] = true,
            None => return Err(Failure::invalid_value(text, kind, name, &allowed)),
        }
    }
    Ok(chosen)
}
