//! The bodies and limits of jobs.

use bytes::{BufMut, BytesMut};
use chrono::{Months, NaiveDate, TimeDelta};
use http::StatusCode;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::effect::BodyEdit;
use crate::errors::ApiError;
use crate::interval::Interval;
use crate::job_rows;
use crate::page::Page;
use crate::payload::Payload;
use crate::response::Response;
use crate::source::{RowWriter, Source, Write};

/// How many days the end of an interval can be after its start.
const LONGEST: TimeDelta = TimeDelta::days(90);

/// About the length of a row.
const ROW: usize = 512;

/// The name of every job. It is not known which names the service gives.
const NAME: &str = "API usage";

/// The query status of a job that has rows, as JSON.
pub(crate) const SUCCEEDED: &str = r#""Succeeded""#;

/// Refuses an interval that no job accepts.
pub(crate) fn check(interval: Interval, today: NaiveDate) -> Result<(), ApiError> {
    let Interval { first, last } = interval;
    let earliest = today
        .checked_sub_months(Months::new(12))
        .unwrap_or(NaiveDate::MIN);
    if first < earliest {
        return Err(ApiError::constraint(format!(
            "The start date [{first}] is more than a year ago. The first possible day is [{earliest}]."
        )));
    }
    if last - first > LONGEST {
        return Err(ApiError::constraint(format!(
            "The end date [{last}] is more than 90 days after the start date [{first}]."
        )));
    }
    Ok(())
}

/// The body of an accepted submit. `path` is that of the results.
pub(crate) fn handle(id: &str, path: &str, edit: &BodyEdit) -> Value {
    let uri = format!("{}{path}", edit.uri_base);
    json!({"id": id, "name": NAME, "resultsUri": uri, "selfUri": uri})
}

/// The body of an accepted submit, without values.
pub(crate) fn nulls() -> Value {
    json!({"id": null, "name": null, "resultsUri": null, "selfUri": null})
}

/// What a poll of a job is told.
pub(crate) struct Report<'a> {
    /// The path of the job.
    pub(crate) path: &'a str,
    pub(crate) of_client: bool,
    /// The query status as JSON.
    pub(crate) status: String,
    /// The error as JSON.
    pub(crate) error: Option<String>,
    /// The rows, and the size of the page that was asked for.
    pub(crate) page: Option<(&'a Source, Page, u64)>,
    pub(crate) edit: &'a BodyEdit,
}

impl Report<'_> {
    /// Only a job that succeeded has the status 200 and rows.
    pub(crate) fn into_response(self) -> Response {
        let status = if self.status == SUCCEEDED {
            StatusCode::OK
        } else {
            StatusCode::ACCEPTED
        };
        let rows = self
            .page
            .as_ref()
            .map_or(0, |(_, page, _)| page.rows.end - page.rows.start);
        let mut text = BytesMut::with_capacity(ROW * (rows as usize + 1));
        self.write(&mut text);
        Response::json(status, Payload::whole(text.freeze()))
    }

    fn write(&self, text: &mut BytesMut) {
        let base = format!("{}{}", self.edit.uri_base, self.path);
        let next = self.page.as_ref().and_then(|(_, page, size)| {
            let after = utf8_percent_encode(page.after.as_ref()?, NON_ALPHANUMERIC);
            Some(format!(r#""{base}?pageSize={size}&after={after}""#))
        });
        let nulls = self.edit.nulls;
        let real = |value: String| Some(value).filter(|_| !nulls);
        text.put_slice(br#"{"queryStatus":"#);
        text.put_slice(self.status.as_bytes());
        for (name, value) in [
            ("name", real(format!(r#""{NAME}""#))),
            ("selfUri", real(format!(r#""{base}""#))),
            ("errorBody", self.error.clone()),
            ("nextUri", next),
        ] {
            if let Some(value) = value.as_deref().or(nulls.then_some("null")) {
                text.put_slice(format!(r#","{name}":{value}"#).as_bytes());
            }
        }
        if let Some((source, page, _)) = &self.page {
            text.put_slice(br#","entities":["#);
            self.entities(text, source, page);
            text.put_u8(b']');
        }
        text.put_u8(b'}');
    }

    fn entities(&self, text: &mut BytesMut, source: &Source, page: &Page) {
        let (nulls, write): (_, Write) = if self.of_client {
            (job_rows::NULL_CLIENT_ROW, job_rows::write_of_client)
        } else {
            (job_rows::NULL_ORGANIZATION_ROW, job_rows::write_of_organization)
        };
        let start = text.len();
        if self.edit.nulls {
            text.put_slice(nulls.as_bytes());
        }
        let mut rows = RowWriter {
            source,
            rows: page.rows.clone(),
            reversed: self.edit.reversed,
            write,
        };
        loop {
            let end = text.len();
            if end > start {
                text.put_u8(b',');
            }
            if !rows.append(text) {
                text.truncate(end);
                break;
            }
        }
    }
}
