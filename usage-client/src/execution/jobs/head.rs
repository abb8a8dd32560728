//! What a page says about its job and about the next page, without its rows.

use reqwest::Url;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::kind::{JobKind, Judged as _, Stage};
use crate::{
    error::{Error, Result, excerpt::sanitized, kind::Kind},
    generated::types::Cursors,
    http::{
        json,
        response::{Parts, Response},
    },
};

/// The rows are not decoded yet, so that the next page can be requested first.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound = "S: serde::de::DeserializeOwned")]
struct Head<S> {
    query_status: Option<S>,
    /// The rows of a job.
    entities: Option<Box<RawValue>>,
    /// The rows of a search.
    results: Option<Box<RawValue>>,
    next_uri: Option<String>,
    cursors: Option<Cursors>,
    /// Why a job failed.
    error_body: Option<Box<RawValue>>,
}

/// What a response of the job's results says.
pub(super) enum Turn<S> {
    Page(Page),
    /// There are no results yet.
    Unfinished(Option<S>),
}

/// A page of a job that has succeeded.
pub(super) struct Page {
    /// The JSON list of its rows.
    pub(super) rows: String,
    /// The cursor of the next page.
    pub(super) next: Option<String>,
    pub(super) parts: Parts,
}

impl Page {
    /// Whether it has no rows. If its rows are not a list, it is not empty, but unreadable.
    pub(super) fn is_empty(&self) -> bool {
        let list = self.rows.strip_prefix('[');
        list.is_some_and(|list| list.trim_ascii_start().starts_with(']'))
    }

    pub(super) fn unreadable(&self, reason: &str) -> Error {
        let message = format!("a page of the results cannot be read: {reason}");
        Error::new(Kind::Decode, message).with_parts(&self.parts)
    }
}

/// Reads a page up to its rows. Only `queryStatus` says how the job is: the status of the response does not.
pub(super) fn read<K: JobKind>(response: Response) -> Result<Turn<K::Status>> {
    let head: Head<K::Status> =
        json::from_slice(&response.body).map_err(|unreadable| Error::undecodable(&response, &unreadable))?;
    let stage = match &head.query_status {
        Some(status) => status.stage(),
        None => match Error::error_under_success(&response.parts, &response.body) {
            Some(error) => return Err(error),
            None => Stage::Unfinished,
        },
    };
    let failed = |what: &str| {
        let reason = head
            .error_body
            .as_ref()
            .map_or(&response.body[..], |body| body.get().as_bytes());
        let what = format!("the {} {what}", K::Status::NOUN);
        Error::query_failed(&response.parts, &what, reason)
    };
    match stage {
        Stage::Unfinished => Ok(Turn::Unfinished(head.query_status)),
        Stage::Failed => Err(failed("failed")),
        Stage::Cancelled => Err(failed("was cancelled")),
        Stage::Done => Ok(Turn::Page(Page {
            next: next(&head).map_err(|reason| {
                Error::new(Kind::Decode, format!("the page of results {reason}")).with_parts(&response.parts)
            })?,
            rows: match head.entities.or(head.results) {
                Some(rows) => Box::<str>::from(rows).into(),
                None => "[]".to_owned(),
            },
            parts: response.parts,
        })),
    }
}

/// The cursor of the next page. Of `nextUri` only the cursor counts: its host and path are not followed, because they
/// may be those of a gateway or of another service.
fn next<S>(head: &Head<S>) -> std::result::Result<Option<String>, String> {
    let is_set = |text: &&String| !text.is_empty();
    if let Some(cursor) = head
        .cursors
        .as_ref()
        .and_then(|cursors| cursors.after.as_ref())
        .filter(is_set)
    {
        return Ok(Some(cursor.clone()));
    }
    let Some(uri) = head.next_uri.as_ref().filter(is_set) else {
        return Ok(None);
    };
    // It may be relative. The host is not used.
    let base = Url::parse("https://host.invalid/").map_err(|error| error.to_string())?;
    let url = base.join(uri).ok();
    let cursor = url.and_then(|url| {
        let mut pairs = url.query_pairs();
        let (_, cursor) = pairs.find(|(key, value)| key == "after" && !value.is_empty())?;
        Some(cursor.into_owned())
    });
    match cursor {
        Some(cursor) => Ok(Some(cursor)),
        None => Err(format!(
            "has a `nextUri` without the cursor `after`, so the next page is unknown: \"{}\"",
            sanitized(uri)
        )),
    }
}
