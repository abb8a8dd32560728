//! From a request to its answer: record, fault, checks, operation, headers.

use std::net::IpAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::{Bytes, BytesMut};
use http::header::{ALLOW, HOST};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::BodyExt;
use hyper::Response;
use hyper::body::Incoming;
use percent_encoding::percent_decode_str;
use tokio::time::sleep;

use crate::answer::Answer;
use crate::armed::Faults;
use crate::errors::Failure;
use crate::fault::{Break, Effect, Kind, Twist};
use crate::ids::uuid;
use crate::limit::{self, Windows};
use crate::oauth::{self, Logins};
use crate::payload::Payload;
use crate::raw::Broken;
use crate::record::{Record, lock};
use crate::usage::Usage;

/// Largest body that the service takes. What it really takes is not known.
pub(crate) const BODY_LIMIT: usize = 1024 * 1024;

/// Everything that connections share.
pub(crate) struct Service {
    pub(crate) seed: u64,
    pub(crate) logins: Logins,
    pub(crate) usage: Usage,
    pub(crate) gateway: Gateway,
    /// Host names beside those of the loopback address.
    pub(crate) hosts: Vec<String>,
    pub(crate) rate_limit: Option<u64>,
    pub(crate) windows: Mutex<Windows>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) record: Record,
    pub(crate) numbers: AtomicU64,
}

/// What becomes of a request.
pub(crate) enum Outcome {
    Answered(Response<Payload>),
    Broken(Broken),
}

/// Path prefixes of a gateway in front of the service; empty without one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gateway {
    pub(crate) api: String,
    pub(crate) login: String,
}

/// A path, as far as it is known.
enum Route {
    Login,
    Submit,
    Results(String),
    Unknown,
}

/// A request that was read.
struct Call {
    head: Parts,
    body: Bytes,
    route: Route,
    number: u64,
    correlation: String,
}

impl Service {
    pub(crate) async fn respond(&self, request: Request<Incoming>) -> Outcome {
        let (head, body) = request.into_parts();
        let body = read(body).await;
        let place = self.record.add(&head, body.clone());
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let route = Route::of(head.uri.path(), &self.gateway);
        let call = Call {
            head,
            body,
            route,
            number,
            correlation: uuid(2, self.seed, number),
        };

        let effect = lock(&self.faults).strike(call.route.kind());
        if !effect.delay.is_zero() {
            sleep(effect.delay).await;
        }
        let answer = self.answer(&call, &effect).await;
        if !matches!(effect.broken, Some(Break::Reset)) {
            self.record.answered(place, answer.status);
        }
        match effect.broken {
            None => Outcome::Answered(answer.into_response()),
            Some(how) => Outcome::Broken(Broken { answer, how }),
        }
    }

    async fn answer(&self, call: &Call, effect: &Effect) -> Answer {
        let mut answer = match in_front(call, effect) {
            Some(answer) => answer,
            None => self
                .serve(call, &effect.twist)
                .await
                .encoded_for(&call.head.headers),
        };
        if effect.body.is_none() {
            answer.set("inin-correlation-id", &call.correlation);
            if !answer.headers.contains_key("inin-ratelimit-count") {
                limit::Level::unused(self.allowed()).describe(&mut answer);
            }
        }
        answer.status = effect.status.unwrap_or(answer.status);
        for (name, value) in &effect.headers {
            answer.headers.insert(name, value.clone());
        }
        answer
    }

    async fn serve(&self, call: &Call, twist: &Twist) -> Answer {
        if let Some(host) = foreign_host(&call.head, &self.hosts) {
            return Failure::foreign_host(&host).into_answer(&call.correlation);
        }
        if let (Route::Login, &Method::POST) = (&call.route, &call.head.method) {
            return self.logins.answer(&call.head.headers, &call.body);
        }
        if let Route::Login = call.route {
            return not_allowed(call, "POST");
        }
        let token = match self.logins.authenticate(&call.head.headers) {
            Ok(token) => token,
            Err(failure) => return failure.into_answer(&call.correlation),
        };
        let window = lock(&self.windows).count(&token, self.allowed());
        let mut answer = if self.rate_limit.is_some() && window.is_over() {
            Failure::rate_limited(window.allowed, window.reset).into_answer(&call.correlation)
        } else {
            self.operate(call, twist).await
        };
        window.describe(&mut answer);
        answer
    }

    async fn operate(&self, call: &Call, twist: &Twist) -> Answer {
        let Parts { method, headers, .. } = &call.head;
        let done = match &call.route {
            Route::Submit if method == Method::POST => {
                self.usage.submit(headers, &call.body, call.number, twist)
            }
            Route::Results(id) if method == Method::GET => self.usage.results(id.clone(), twist).await,
            Route::Submit => return not_allowed(call, "POST"),
            Route::Results(_) => return not_allowed(call, "GET"),
            Route::Login | Route::Unknown => Err(Failure::not_found()),
        };
        done.unwrap_or_else(|failure| failure.into_answer(&call.correlation))
    }

    fn allowed(&self) -> u64 {
        self.rate_limit.unwrap_or(limit::UNLIMITED)
    }
}

/// The host that a request names, if it is not this one. A browser names the host of the page's own URL, however that host
/// is looked up: a page must not reach a simulator by a name that leads to the loopback address.
fn foreign_host(head: &Parts, allowed: &[String]) -> Option<String> {
    let of_target = head.uri.authority().map(ToString::to_string);
    let of_headers = head.headers.get_all(HOST).into_iter();
    let of_headers = of_headers.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    of_target
        .into_iter()
        .chain(of_headers)
        .find(|host| !is_ours(host, allowed))
}

/// Whether a host, with its port, is on the loopback address or has one of these names.
fn is_ours(host: &str, allowed: &[String]) -> bool {
    let Ok(authority) = host.parse::<Authority>() else {
        return false;
    };
    let host = authority.host().trim_matches(['[', ']']);
    let is = |name: &str| name.eq_ignore_ascii_case(host);
    let is_loopback = host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    is_loopback || is("localhost") || allowed.iter().any(|name| is(name))
}

/// The answer of a fault that keeps the request from the service.
fn in_front(call: &Call, effect: &Effect) -> Option<Answer> {
    if let Some((content_type, body)) = &effect.body {
        let payload = Payload::whole(body.clone());
        let mut answer = Answer::new(StatusCode::OK, content_type.clone(), payload);
        if content_type.is_empty() {
            answer.headers.clear();
        }
        return Some(answer);
    }
    if let Some(Break::Reset) = effect.broken {
        return Some(Answer::empty(StatusCode::OK));
    }
    match effect.status? {
        status if status.as_u16() < 300 => None,
        status if status.as_u16() < 400 => Some(Answer::empty(status)),
        status @ (StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED) if call.route.kind() == Kind::Login => {
            Some(oauth::refused(status))
        }
        status => Some(documented(status, effect).into_answer(&call.correlation)),
    }
}

fn documented(status: StatusCode, effect: &Effect) -> Failure {
    let retry_after = effect.headers.iter().find(|(name, _)| name == "retry-after");
    match retry_after.and_then(|(_, value)| value.to_str().ok()?.parse().ok()) {
        Some(seconds) if status == StatusCode::TOO_MANY_REQUESTS => {
            Failure::rate_limited(limit::DEFAULT_ALLOWED, seconds)
        }
        _ => Failure::documented(status),
    }
}

fn not_allowed(call: &Call, allowed: &'static str) -> Answer {
    let mut answer = Failure::documented(StatusCode::METHOD_NOT_ALLOWED).into_answer(&call.correlation);
    answer.headers.insert(ALLOW, HeaderValue::from_static(allowed));
    answer
}

/// Reads a body to its end, also beyond the limit: an answer to a half-read request would be lost in a reset.
/// Keeps enough of it to tell that it is too large.
pub(crate) async fn read(mut body: Incoming) -> Bytes {
    let mut kept = BytesMut::new();
    while let Some(Ok(frame)) = body.frame().await {
        if let (Ok(data), true) = (frame.into_data(), kept.len() <= BODY_LIMIT) {
            kept.extend_from_slice(&data);
        }
    }
    kept.freeze()
}

impl Route {
    fn of(path: &str, gateway: &Gateway) -> Self {
        if path.strip_prefix(&gateway.login) == Some("/oauth/token") {
            return Self::Login;
        }
        match path.strip_prefix(&gateway.api) {
            Some("/api/v2/usage/query") => Self::Submit,
            Some(path) => Self::results(path).unwrap_or(Self::Unknown),
            None => Self::Unknown,
        }
    }

    fn results(path: &str) -> Option<Self> {
        let id = path
            .strip_prefix("/api/v2/usage/query/")?
            .strip_suffix("/results")?;
        let is_segment = !id.is_empty() && !id.contains('/');
        is_segment.then(|| Self::Results(percent_decode_str(id).decode_utf8_lossy().into_owned()))
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Login => Kind::Login,
            Self::Submit => Kind::Submit,
            Self::Results(_) => Kind::Results,
            Self::Unknown => Kind::Other,
        }
    }
}
