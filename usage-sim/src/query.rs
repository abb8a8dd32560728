//! The body of a query, read as strictly as by the service.

use serde_json::{Map, Value};

use crate::errors::ApiError;
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
    pub(crate) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
            return Err(ApiError::bad_request("The request body is not a JSON object."));
        };
        // It is not known whether the service refuses these. The document does, because such a query means something else.
        if let Some(name) = members.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
            return Err(ApiError::bad_request(format!(
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

fn interval(members: &Map<String, Value>) -> Result<Interval, ApiError> {
    let Some(text) = text(members, "interval")? else {
        return Err(ApiError::invalid_date("An interval is required."));
    };
    Interval::parse(text).ok_or_else(|| ApiError::invalid_date(format!("Invalid interval [{text}].")))
}

fn granularity(members: &Map<String, Value>) -> Result<Option<Granularity>, ApiError> {
    let Some(text) = text(members, "granularity")? else {
        return Ok(None);
    };
    match text {
        "Day" => Ok(Some(Granularity::Day)),
        "Week" => Ok(Some(Granularity::Week)),
        "Month" => Ok(Some(Granularity::Month)),
        _ => Err(ApiError::invalid_value(
            text,
            "Granularity",
            "granularity",
            &GRANULARITIES,
        )),
    }
}

/// The string of a key, if there is one. The document has no `null` in requests, so `null` has the wrong type.
fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, ApiError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(ApiError::bad_request(format!(
            "The member [{name}] is not a string."
        ))),
    }
}

/// Which of the allowed values are in the list of a key.
fn list<const N: usize>(
    members: &Map<String, Value>,
    name: &'static str,
    kind: &str,
    allowed: [&str; N],
) -> Result<[bool; N], ApiError> {
    let mut chosen = [false; N];
    let items = match members.get(name) {
        None => return Ok(chosen),
        Some(Value::Array(items)) => items,
        Some(_) => {
            return Err(ApiError::bad_request(format!(
                "The member [{name}] is not a list."
            )));
        }
    };
    for item in items {
        let Value::String(text) = item else {
            return Err(ApiError::bad_request(format!(
                "The member [{name}] holds something not a string."
            )));
        };
        match allowed.iter().position(|value| value == text) {
            Some(position) => chosen[position] = true,
            None => return Err(ApiError::invalid_value(text, kind, name, &allowed)),
        }
    }
    Ok(chosen)
}
