//! Scripted faults: which requests they strike, and what they do to the answer.

use std::time::Duration;

use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderName, HeaderValue, StatusCode};

/// A scripted fault.
///
/// It is made for some kind of request, strikes the first of them ([`times`](Self::times),
/// [`after`](Self::after) and [`with_probability`](Self::with_probability) say otherwise), and does whatever
/// its other methods add up to.
///
/// One request is struck by one fault at most: the first in order of adding that wants it. Every fault counts
/// every request of its kind from its own adding on, struck by another or not.
///
/// A fault that stands for something in front of the service ([`status`](Self::status) from 300,
/// [`body`](Self::body), [`redirect`](Self::redirect), [`reset`](Self::reset)) keeps the request from the
/// service: no token is given out, no poll is counted. All others change the answer that the service gave.
///
/// ```
/// # use usage_sim::Fault;
/// // The second and third poll find a proxy without a backend.
/// let fault = Fault::on_results().after(1).times(2).status(502).body("text/html", "<h1>Bad Gateway</h1>");
/// ```
#[derive(Clone, Debug)]
pub struct Fault {
    pub(crate) on: Option<Kind>,
    pub(crate) times: Option<u64>,
    pub(crate) after: u64,
    pub(crate) probability: Option<(f64, u64)>,
    pub(crate) effect: Effect,
}

/// Kinds of requests that a fault can be limited to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Login,
    Submit,
    Results,
    Other,
}

/// What a fault does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Effect {
    pub(crate) delay: Duration,
    pub(crate) status: Option<StatusCode>,
    pub(crate) body: Option<(HeaderValue, Bytes)>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) twist: Twist,
    pub(crate) broken: Option<Break>,
}

/// What a fault changes in the text of the service's answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Twist {
    query_status: Option<Option<String>>,
    pub(crate) nulls: bool,
    pub(crate) reversed: bool,
}

/// How the transfer of an answer goes wrong, after how many bytes of the body.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Break {
    Stall(usize),
    CutLength(usize),
    CutChunked(usize),
    CloseDelimited(usize),
    Reset,
    ResetAfter(usize),
}

impl Fault {
    /// Strikes logins: requests to `/oauth/token`.
    pub fn on_login() -> Self {
        Self::on(Some(Kind::Login))
    }

    /// Strikes submits: requests to `/api/v2/usage/query`.
    pub fn on_submit() -> Self {
        Self::on(Some(Kind::Submit))
    }

    /// Strikes polls: requests to `/api/v2/usage/query/{executionId}/results`.
    pub fn on_results() -> Self {
        Self::on(Some(Kind::Results))
    }

    /// Strikes requests of every kind, those to unknown paths included.
    pub fn on_any() -> Self {
        Self::on(None)
    }

    fn on(on: Option<Kind>) -> Self {
        Self {
            on,
            times: Some(1),
            after: 0,
            probability: None,
            effect: Effect::default(),
        }
    }

    /// Strikes that many requests instead of one.
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Strikes without end.
    pub fn always(mut self) -> Self {
        self.times = None;
        self
    }

    /// Lets that many requests of its kind pass first.
    pub fn after(mut self, requests: u64) -> Self {
        self.after = requests;
        self
    }

    /// Strikes each request with probability `p`, from 0 to 1, without end unless [`times`](Self::times) is
    /// called after this. The same seed strikes the same requests.
    pub fn with_probability(mut self, p: f64, seed: u64) -> Self {
        self.probability = Some((p, seed));
        self.times = None;
        self
    }

    /// Answers with this status. From 400, and without a [`body`](Self::body), the body is the documented
    /// error; a 429 names its `Retry-After` if that [`header`](Self::header) is given too. Below 300 the body
    /// is the service's.
    ///
    /// # Panics
    /// If the code is not from 200 to 599.
    pub fn status(mut self, code: u16) -> Self {
        assert!(
            (200..600).contains(&code),
            "{code} is not the status of an answer"
        );
        self.effect.status = StatusCode::from_u16(code).ok();
        self
    }

    /// Answers with this body, as something that is not the service would: without the service's own headers.
    /// The status is 200 unless [`status`](Self::status) says otherwise. An empty content type sends none.
    ///
    /// # Panics
    /// If the content type is not a valid header value.
    pub fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.effect.body = Some((value(content_type), body.into()));
        self
    }

    /// Adds a header to the answer, in place of one of that name.
    ///
    /// # Panics
    /// If the name or the value is not valid in a header.
    pub fn header(mut self, name: &str, text: &str) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("the name of a header");
        self.effect.headers.push((name, value(text)));
        self
    }

    /// Redirects with status 307, which keeps method and body. A [`status`](Self::status) after this changes
    /// it.
    ///
    /// # Panics
    /// If the address is not a valid header value.
    pub fn redirect(mut self, url: &str) -> Self {
        self.effect.status = Some(StatusCode::TEMPORARY_REDIRECT);
        self.effect.headers.push((LOCATION, value(url)));
        self
    }

    /// Waits before it answers.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.effect.delay = delay;
        self
    }

    /// Falls silent after so many bytes of a chunked body, until the client gives up.
    pub fn stall_body_after(self, bytes: usize) -> Self {
        self.breaking(Break::Stall(bytes))
    }

    /// Closes the connection after so many bytes of a body whose announced `Content-Length` is larger.
    pub fn cut_body_after(self, bytes: usize) -> Self {
        self.breaking(Break::CutLength(bytes))
    }

    /// Closes the connection after so many bytes of a chunked body, without the chunk that ends it.
    pub fn cut_chunked_after(self, bytes: usize) -> Self {
        self.breaking(Break::CutChunked(bytes))
    }

    /// Answers as HTTP/1.0 does, with a body that ends where the connection does, and closes it after so many
    /// bytes: nothing in the framing tells that there should have been more.
    pub fn close_delimited_after(self, bytes: usize) -> Self {
        self.breaking(Break::CloseDelimited(bytes))
    }

    /// Resets the connection (TCP RST) in place of an answer.
    pub fn reset(self) -> Self {
        self.breaking(Break::Reset)
    }

    /// Resets the connection (TCP RST) after so many bytes of a chunked body.
    pub fn reset_after(self, bytes: usize) -> Self {
        self.breaking(Break::ResetAfter(bytes))
    }

    /// Tells this query status in a results answer, or `None` for null, instead of the real one.
    pub fn query_status<'a>(mut self, status: impl Into<Option<&'a str>>) -> Self {
        self.effect.twist.query_status = Some(status.into().map(str::to_owned));
        self
    }

    /// Puts nulls where values are expected: a row of nothing but nulls in front of the rows of a finished
    /// answer, and in the answer to a submit.
    pub fn nulls(mut self) -> Self {
        self.effect.twist.nulls = true;
        self
    }

    /// Sends the rows of a finished answer in another order than without this fault: from the last to the first.
    pub fn reorder_rows(mut self) -> Self {
        self.effect.twist.reversed = true;
        self
    }

    fn breaking(mut self, how: Break) -> Self {
        self.effect.broken = Some(how);
        self
    }
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("the value of a header")
}

impl Twist {
    /// The query status asked for, as JSON.
    pub(crate) fn status(&self) -> Option<String> {
        self.query_status
            .as_ref()
            .map(|status| serde_json::json!(status).to_string())
    }

    /// The query status asked for, or else the real one, as JSON.
    pub(crate) fn status_or(&self, real: &str) -> String {
        self.status().unwrap_or_else(|| format!("\"{real}\""))
    }
}
