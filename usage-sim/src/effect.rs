//! What a fault changes, and in which requests.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};

/// Kinds of requests that a fault can be limited to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Login,
    Submit,
    Results,
    JobSubmit,
    JobResults,
    Other,
}

/// What a fault does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Effect {
    pub(crate) delay: Duration,
    pub(crate) status: Option<StatusCode>,
    pub(crate) body: Option<(HeaderValue, Bytes)>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) edit: BodyEdit,
    pub(crate) broken: Option<Break>,
}

/// What a fault changes in the body of the service's response.
#[derive(Clone, Debug, Default)]
pub(crate) struct BodyEdit {
    /// `Some(None)` stands for null.
    pub(crate) query_status: Option<Option<String>>,
    /// The code of the error that a response is, or that the body of a job contains.
    pub(crate) error_code: Option<String>,
    pub(crate) nulls: bool,
    pub(crate) reversed: bool,
    pub(crate) page: PageEdit,
    /// Pages with more rows than this are refused.
    pub(crate) page_limit: Option<u64>,
    /// What the URIs of the service begin with.
    pub(crate) uri_base: String,
}

/// What a fault changes in a page.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum PageEdit {
    #[default]
    None,
    Empty,
    Repeated,
    /// The next cursor leads to the page with this number.
    LeadsTo(u64),
}

/// How the transfer of a response breaks. The number is the bytes of the body that are sent before.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Break {
    Stall(usize),
    CutLength(usize),
    CutChunked(usize),
    CloseDelimited(usize),
    Reset,
    ResetAfter(usize),
}

impl BodyEdit {
    /// The query status of the fault, as JSON.
    pub(crate) fn status(&self) -> Option<String> {
        self.query_status
            .as_ref()
            .map(|status| serde_json::json!(status).to_string())
    }

    /// The query status of the fault or else the real one, as JSON.
    pub(crate) fn status_or(&self, real: &str) -> String {
        self.status().unwrap_or_else(|| format!("\"{real}\""))
    }
}
