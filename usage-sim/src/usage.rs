//! The usage operations.

use std::time::SystemTime;

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde_json::json;

use crate::aggregate::Table;
use crate::answer::Answer;
use crate::bulk;
use crate::computing::Computing;
use crate::errors::Failure;
use crate::execution::{Execution, Executions, Poll, Running};
use crate::fault::Twist;
use crate::ids::uuid;
use crate::payload::{Compressed, Payload};
use crate::query::Query;
use crate::replay;
use crate::rows::{self, Frame};

/// What finished executions answer with.
#[derive(Clone, Debug, Default)]
pub(crate) enum Finished {
    /// The synthetic history.
    #[default]
    History,
    /// This body.
    Recorded(Bytes, Compressed),
    /// That many rows.
    Bulk(u64),
}

/// The usage service.
pub(crate) struct Usage {
    pub(crate) seed: u64,
    /// `None`: the real one.
    pub(crate) today: Option<NaiveDate>,
    pub(crate) finished: Finished,
    pub(crate) running: Running,
    /// Of the answer to an accepted query.
    pub(crate) submit_status: StatusCode,
    pub(crate) executions: Executions,
    pub(crate) computing: Computing,
}

impl Usage {
    /// Answers `POST /api/v2/usage/query`; `number` is what the execution id is made of.
    pub(crate) fn submit(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        number: u64,
        twist: &Twist,
    ) -> Result<Answer, Failure> {
        if !is_json(headers) {
            return Err(Failure::documented(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        if body.len() > crate::service::BODY_LIMIT {
            return Err(Failure::documented(StatusCode::PAYLOAD_TOO_LARGE));
        }
        let query = Query::parse(body)?;
        if twist.nulls {
            return Ok(Answer::serialized(
                self.submit_status,
                &json!({"executionId": null, "resultsUri": null}),
            ));
        }
        let id = uuid(1, self.seed, number);
        let uri = format!("/api/v2/usage/query/{id}/results");
        let answer = Answer::serialized(self.submit_status, &json!({"executionId": id, "resultsUri": uri}));
        self.executions.add(
            id,
            query,
            self.today
                .unwrap_or_else(|| DateTime::<Utc>::from(SystemTime::now()).date_naive()),
        );
        Ok(answer)
    }

    /// Answers `GET /api/v2/usage/query/{executionId}/results`.
    pub(crate) async fn results(&self, id: String, twist: &Twist) -> Result<Answer, Failure> {
        let payload = match self.executions.poll(&id, self.running) {
            Poll::Unknown => return Err(Failure::unknown_execution(id)),
            Poll::Running => {
                let status = twist.status_or("Running");
                Payload::whole(format!(r#"{{"queryStatus":{status}}}"#))
            }
            Poll::Finished(execution) => self.finished(execution, twist).await,
        };
        Ok(Answer::json(StatusCode::OK, payload))
    }

    async fn finished(&self, execution: Execution, twist: &Twist) -> Payload {
        let frame = Frame {
            status: twist.status_or("Complete"),
            nulls: twist.nulls,
        };
        let Execution { query, today, .. } = execution;
        match &self.finished {
            Finished::Recorded(body, compressed) => match replay::changed(body, twist) {
                Some(changed) => Payload::whole(changed),
                None => Payload::repeated(body.clone(), compressed.clone()),
            },
            Finished::Bulk(count) => {
                rows::document(frame, bulk::rows(self.seed, today, *count, twist.reversed))
            }
            Finished::History => {
                let (seed, metrics, reversed) = (self.seed, query.metrics, twist.reversed);
                // Years by day take long enough to hold up the other connections of a single-threaded
                // runtime.
                let compute = move || Table::compute(&query, seed, today);
                let table = self.computing.aside(compute).await;
                rows::document(frame, table.into_rows(metrics, reversed))
            }
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}
