//! Faults: which requests they apply to, and what they change.

use std::time::Duration;

use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderName, HeaderValue, StatusCode};

use crate::effect::{Break, Effect, Kind, PageEdit};

/// An error or a change that the simulator applies to chosen requests.
///
/// A fault is for one kind of request. It applies to the first request of this kind. [`times`](Self::times),
/// [`after`](Self::after) and [`with_probability`](Self::with_probability) choose other requests. The remaining methods
/// say what happens, and can be combined.
///
/// At most one fault applies to a request: the first one that was added and matches. Each fault counts all requests of its
/// kind since it was added, also those that another fault applies to.
///
/// Some faults act as something in front of the service: [`status`](Self::status) from 300, [`body`](Self::body),
/// [`redirect`](Self::redirect) and [`reset`](Self::reset). The request then does not reach the service, so no token is
/// issued and no poll is counted. All other faults change the response of the service.
///
/// A page that is lost is one with [`status`](Self::status) 503 or a broken transfer. A job that expires between two pages is
/// one with status 404 for all requests [`after`](Self::after) the first page.
///
/// ```
/// # use usage_sim::Fault;
/// // The second and third poll get the error page of a proxy.
/// let fault = Fault::on_results().after(1).times(2).status(502).body("text/html", "<h1>Bad Gateway</h1>");
/// // The first job fails, and says why.
/// let fault = Fault::on_job_submit().query_status("Failed").error_code("query.error");
/// ```
#[derive(Clone, Debug)]
pub struct Fault {
    pub(crate) on: Option<Kind>,
    pub(crate) times: Option<u64>,
    pub(crate) after: u64,
    pub(crate) probability: Option<(f64, u64)>,
    pub(crate) effect: Effect,
}

impl Fault {
    /// Applies to logins: requests to `/oauth/token`.
    pub fn on_login() -> Self {
        Self::on(Some(Kind::Login))
    }

    /// Applies to submits of queries and searches: requests to `/api/v2/usage/query`, and also to
    /// `/api/v2/oauth/clients/{clientId}/usage/query` and its `summary`, and to `/api/v2/usage/simplesearch`.
    pub fn on_submit() -> Self {
        Self::on(Some(Kind::Submit))
    }

    /// Applies to polls of queries and searches: requests to `/api/v2/usage/query/{executionId}/results`, and to the results
    /// of the other submits of [`on_submit`](Self::on_submit).
    pub fn on_results() -> Self {
        Self::on(Some(Kind::Results))
    }

    /// Applies to submits of jobs: requests to `/api/v2/usage/aggregates/query/jobs` and
    /// `/api/v2/usage/client/{clientId}/aggregates/query/jobs`.
    pub fn on_job_submit() -> Self {
        Self::on(Some(Kind::JobSubmit))
    }

    /// Applies to polls and pages of jobs: requests to the paths of [`on_job_submit`](Self::on_job_submit) with a job id.
    pub fn on_job_results() -> Self {
        Self::on(Some(Kind::JobResults))
    }

    /// Applies to requests of every kind, also to unknown paths.
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

    /// Applies to this number of requests instead of one.
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Applies to every request.
    pub fn always(mut self) -> Self {
        self.times = None;
        self
    }

    /// Skips this number of requests of its kind first.
    pub fn after(mut self, requests: u64) -> Self {
        self.after = requests;
        self
    }

    /// Applies to each request with the probability `p`, from 0 to 1. There is no limit, unless [`times`](Self::times) is
    /// called after this. The same seed chooses the same requests.
    pub fn with_probability(mut self, p: f64, seed: u64) -> Self {
        self.probability = Some((p, seed));
        self.times = None;
        self
    }

    /// Responds with this status. From 400, the body is the documented error, unless there is a [`body`](Self::body). The
    /// error of a 429 names the `Retry-After`, if this [`header`](Self::header) is set. Below 300, the body is that of the
    /// service.
    ///
    /// # Panics
    /// If the code is not between 200 and 599.
    pub fn status(mut self, code: u16) -> Self {
        assert!(
            (200..600).contains(&code),
            "{code} is not the status of a response: it must be between 200 and 599"
        );
        self.effect.status = StatusCode::from_u16(code).ok();
        self
    }

    /// Responds with this body, without the headers of the service. The status is 200, unless [`status`](Self::status)
    /// sets another. If the content type is empty, the header is not sent.
    ///
    /// # Panics
    /// If the content type is not a valid header value.
    pub fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.effect.body = Some((value(content_type), body.into()));
        self
    }

    /// Sets a header of the response. It replaces one with the same name.
    ///
    /// # Panics
    /// If the name or the value is not valid in a header.
    pub fn header(mut self, name: &str, text: &str) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("the name of a header is valid");
        self.effect.headers.push((name, value(text)));
        self
    }

    /// Redirects with status 307, which keeps method and body. Call [`status`](Self::status) after this for another status.
    ///
    /// # Panics
    /// If the address is not a valid header value.
    pub fn redirect(mut self, url: &str) -> Self {
        self.effect.status = Some(StatusCode::TEMPORARY_REDIRECT);
        self.effect.headers.push((LOCATION, value(url)));
        self
    }

    /// Waits before the response.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.effect.delay = delay;
        self
    }

    /// Sends this number of bytes of a chunked body, then nothing until the client gives up.
    pub fn stall_body_after(self, bytes: usize) -> Self {
        self.breaking(Break::Stall(bytes))
    }

    /// Closes the connection after this number of bytes of a body. The `Content-Length` of the body is larger.
    pub fn cut_body_after(self, bytes: usize) -> Self {
        self.breaking(Break::CutLength(bytes))
    }

    /// Closes the connection after this number of bytes of a chunked body, without the last chunk.
    pub fn cut_chunked_after(self, bytes: usize) -> Self {
        self.breaking(Break::CutChunked(bytes))
    }

    /// Responds with HTTP/1.0 and closes the connection after this number of bytes. The body ends with the connection, so
    /// the client cannot see from the framing that the body is incomplete.
    pub fn close_delimited_after(self, bytes: usize) -> Self {
        self.breaking(Break::CloseDelimited(bytes))
    }

    /// Resets the connection (TCP RST) instead of sending a response.
    pub fn reset(self) -> Self {
        self.breaking(Break::Reset)
    }

    /// Resets the connection (TCP RST) after this number of bytes of a chunked body.
    pub fn reset_after(self, bytes: usize) -> Self {
        self.breaking(Break::ResetAfter(bytes))
    }

    /// Replaces the query status in the response to a poll. `None` stands for null. On a submit, it is the status that the
    /// execution or job ends with.
    ///
    /// A job has rows only if its status is `Succeeded`, and the response has the HTTP status 202 for any other. With
    /// [`status`](Self::status), it is another: 200 that says `Running`, or 202 that says `Succeeded`.
    pub fn query_status<'a>(mut self, status: impl Into<Option<&'a str>>) -> Self {
        self.effect.edit.query_status = Some(status.into().map(str::to_owned));
        self
    }

    /// The code of the service's error. With a [`status`](Self::status) from 400, it replaces the usual code of that status.
    /// With a [`query_status`](Self::query_status), the job contains an `errorBody` with it, which it does not otherwise.
    pub fn error_code(mut self, code: &str) -> Self {
        self.effect.edit.error_code = Some(code.to_owned());
        self
    }

    /// Refuses a page of more rows than this with `max.response.size.reached`, which has the status 400 for a job, and 500 for
    /// a search. A smaller page is sent.
    pub fn page_limit(mut self, rows: u64) -> Self {
        self.effect.edit.page_limit = Some(rows);
        self
    }

    /// Sends a page without rows. Its new cursor leads to the page that was asked for.
    pub fn empty_page(self) -> Self {
        self.paging(PageEdit::Empty)
    }

    /// Sends the rows of the page before again. The new cursor leads to the page that was asked for. The first page is sent
    /// twice.
    pub fn repeat_page(self) -> Self {
        self.paging(PageEdit::Repeated)
    }

    /// The cursor of the page leads to the page with this number instead of the following one. 0 is the first page. So a page
    /// can lead to itself or back to an earlier page, with a cursor that was sent before. The last page can lead on.
    pub fn next_page(self, number: u64) -> Self {
        self.paging(PageEdit::LeadsTo(number))
    }

    /// Makes the URIs in the body absolute, by this in front of them: `https://api.example.com`. By default they are paths.
    ///
    /// # Panics
    /// If it contains a character that JSON would escape.
    pub fn uri_base(mut self, base: &str) -> Self {
        assert!(
            !base.contains(|c: char| c.is_control() || matches!(c, '"' | '\\')),
            "{base:?} is not the start of a URI"
        );
        base.clone_into(&mut self.effect.edit.uri_base);
        self
    }

    /// Sends null instead of values. The first row of a complete response or of a page has only nulls, and so has the response
    /// to a submit. A job has null instead of absent values.
    pub fn nulls(mut self) -> Self {
        self.effect.edit.nulls = true;
        self
    }

    /// Reverses the rows of a complete response or of a page.
    pub fn reorder_rows(mut self) -> Self {
        self.effect.edit.reversed = true;
        self
    }

    fn paging(mut self, page: PageEdit) -> Self {
        self.effect.edit.page = page;
        self
    }

    fn breaking(mut self, how: Break) -> Self {
        self.effect.broken = Some(how);
        self
    }
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("the value of a header is valid")
}
