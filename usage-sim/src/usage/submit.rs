//! Submits: of a body, and of the last days of a client.

use std::sync::Arc;

use chrono::{Days, NaiveDate};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::{Usage, UsageRequest};
use crate::body;
use crate::errors::ApiError;
use crate::execution::{Ending, Execution};
use crate::ids::uuid;
use crate::job;
use crate::query::{self, models};
use crate::response::Response;
use crate::route::{Action, Family};
use crate::selection::{Dimension, Selection};

/// How many days a summary has if the request does not say so.
const SUMMARY_DAYS: u64 = 7;

/// The history is shorter than this, so a summary of more days has the same rows. The limit of the service is not known.
const MAX_SUMMARY_DAYS: u64 = 36_500;

impl Usage {
    /// Accepts or refuses a submit. The id is made from the number of the request.
    pub(super) fn submit(&self, request: &UsageRequest<'_>) -> Result<Response, ApiError> {
        let today = self.today();
        let (target, edit) = (request.target, request.edit);
        let family = target.operation.family;
        let mut selection = match target.operation.action {
            Action::Summary => summary(request.query, today)?,
            _ => submitted(request)?,
        };
        if let Some(client) = &target.client {
            selection.filter.values[Dimension::ClientId as usize] = vec![client.clone()];
        }
        if family == Family::Jobs {
            job::check(selection.interval, today)?;
        }
        let id = uuid(1, self.seed, request.number);
        let path = target.results_path(&id);
        let accepted = |value: &Value| Ok(Response::serialized(self.submit_status, value));
        if edit.nulls {
            return accepted(&match family {
                Family::Jobs => job::nulls(),
                _ => json!({"executionId": null, "resultsUri": null}),
            });
        }
        let handle = match family {
            Family::Jobs => job::handle(&id, &path, edit),
            _ => json!({"executionId": id, "resultsUri": format!("{}{path}", edit.uri_base)}),
        };
        let execution = Execution {
            owner: request.owner(),
            selection: Arc::new(selection),
            today,
            ending: Ending::of(edit),
        };
        self.executions.add(id, execution);
        accepted(&handle)
    }
}

/// What the body selects.
fn submitted(request: &UsageRequest<'_>) -> Result<Selection, ApiError> {
    if !is_json(request.headers) {
        return Err(ApiError::documented(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    if request.body.len() > body::LIMIT {
        return Err(ApiError::documented(StatusCode::PAYLOAD_TOO_LARGE));
    }
    let target = request.target;
    let model = match (target.operation.family, target.client.is_some()) {
        (Family::Query, false) => &models::ORGANIZATION_QUERY,
        (Family::Query, true) => &models::CLIENT_QUERY,
        (Family::Search, _) => &models::SIMPLE_SEARCH,
        (Family::Jobs, false) => &models::ORGANIZATION_JOB,
        (Family::Jobs, true) => &models::CLIENT_JOB,
    };
    query::parse(model, request.body)
}

/// The last days before today, as if submitted with only an interval.
fn summary(query: &str, today: NaiveDate) -> Result<Selection, ApiError> {
    let given = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "days");
    let days = match given {
        None => SUMMARY_DAYS,
        Some((_, text)) => {
            let is_number = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
            if text.is_empty() || !is_number {
                return Err(ApiError::invalid_parameter(&text, "days", "whole numbers from 1"));
            }
            // Only a number that is too large cannot be parsed now.
            text.parse().unwrap_or(MAX_SUMMARY_DAYS)
        }
    };
    let before = |days: u64| today - Days::new(days);
    let (first, last) = (before(days.min(MAX_SUMMARY_DAYS)), before(1));
    let body = json!({"interval": format!("{first}/{last}")});
    query::parse(&models::CLIENT_QUERY, body.to_string().as_bytes())
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}
