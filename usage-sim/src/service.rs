//! From a request to its response: log, fault, checks, operation, headers.

use std::net::IpAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::header::{ALLOW, HOST};
use http::request::Parts;
use http::uri::Authority;
use http::{Method, Request, StatusCode};
use hyper::body::Incoming;
use tokio::time::sleep;

use crate::body;
use crate::broken::BrokenResponse;
use crate::effect::{BodyEdit, Break, Effect, Kind};
use crate::errors::ApiError;
use crate::ids::uuid;
use crate::limit::{self, Windows};
use crate::oauth::{self, Logins};
use crate::payload::Payload;
use crate::record::{RequestLog, lock};
use crate::response::Response;
use crate::route::{Action, Family, Target};
use crate::schedule::FaultSchedule;
use crate::usage::{Usage, UsageRequest};

/// Everything that connections share.
pub(crate) struct Service {
    pub(crate) seed: u64,
    pub(crate) logins: Logins,
    pub(crate) usage: Usage,
    pub(crate) gateway: Gateway,
    /// Host names that are allowed in addition to those of the loopback address.
    pub(crate) hosts: Vec<String>,
    pub(crate) rate_limit: Option<u64>,
    pub(crate) compression: bool,
    pub(crate) windows: Mutex<Windows>,
    pub(crate) faults: Mutex<FaultSchedule>,
    pub(crate) log: RequestLog,
    pub(crate) numbers: AtomicU64,
}

/// What happens to a request.
pub(crate) enum Outcome {
    Response(hyper::Response<Payload>),
    Broken(BrokenResponse),
}

/// Path prefixes of a gateway in front of the service; empty without one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gateway {
    pub(crate) api: String,
    pub(crate) login: String,
}

/// The path of a request.
enum Route {
    Login,
    Usage(Target),
    Unknown,
}

/// A request with its body.
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
        let body = body::read(body).await;
        let place = self.log.add(&head, body.clone());
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let route = Route::of(head.uri.path(), &self.gateway);
        let call = Call {
            head,
            body,
            route,
            number,
            correlation: uuid(2, self.seed, number),
        };

        let effect = lock(&self.faults).next(call.route.kind());
        if !effect.delay.is_zero() {
            sleep(effect.delay).await;
        }
        let response = self.response(&call, &effect).await;
        if !matches!(effect.broken, Some(Break::Reset)) {
            self.log.set_status(place, response.status);
        }
        match effect.broken {
            None => Outcome::Response(response.into_response()),
            Some(how) => Outcome::Broken(BrokenResponse { response, how }),
        }
    }

    async fn response(&self, call: &Call, effect: &Effect) -> Response {
        let mut response = match in_front(call, effect) {
            Some(response) => response,
            None => {
                let response = self.serve(call, &effect.edit).await;
                if self.compression {
                    response.encoded_for(&call.head.headers)
                } else {
                    response
                }
            }
        };
        if effect.body.is_none() {
            response.set("inin-correlation-id", &call.correlation);
            if !response.headers.contains_key("inin-ratelimit-count") {
                limit::Level::unused(self.allowed()).describe(&mut response);
            }
        }
        response.status = effect.status.unwrap_or(response.status);
        for (name, value) in &effect.headers {
            response.headers.insert(name, value.clone());
        }
        response
    }

    async fn serve(&self, call: &Call, edit: &BodyEdit) -> Response {
        if let Some(host) = foreign_host(&call.head, &self.hosts) {
            return ApiError::foreign_host(&host).into_response(&call.correlation);
        }
        if let (Route::Login, &Method::POST) = (&call.route, &call.head.method) {
            return self.logins.response(&call.head.headers, &call.body);
        }
        if let Route::Login = call.route {
            return not_allowed(call, &Method::POST);
        }
        let token = match self.logins.authenticate(&call.head.headers) {
            Ok(token) => token,
            Err(error) => return error.into_response(&call.correlation),
        };
        let window = lock(&self.windows).count(&token, self.allowed());
        let mut response = if self.rate_limit.is_some() && window.is_over() {
            ApiError::rate_limited(window.allowed, window.reset).into_response(&call.correlation)
        } else {
            self.operate(call, edit).await
        };
        window.describe(&mut response);
        response
    }

    async fn operate(&self, call: &Call, edit: &BodyEdit) -> Response {
        let Route::Usage(target) = &call.route else {
            return ApiError::not_found().into_response(&call.correlation);
        };
        let allowed = &target.operation.method;
        if call.head.method != allowed {
            return not_allowed(call, allowed);
        }
        let request = UsageRequest {
            target,
            headers: &call.head.headers,
            query: call.head.uri.query().unwrap_or_default(),
            body: &call.body,
            number: call.number,
            edit,
        };
        let done = self.usage.respond(&request).await;
        done.unwrap_or_else(|error| error.into_response(&call.correlation))
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

/// The response of a fault that acts in front of the service.
fn in_front(call: &Call, effect: &Effect) -> Option<Response> {
    if let Some((content_type, body)) = &effect.body {
        let payload = Payload::whole(body.clone());
        let mut response = Response::new(StatusCode::OK, content_type.clone(), payload);
        if content_type.is_empty() {
            response.headers.clear();
        }
        return Some(response);
    }
    if let Some(Break::Reset) = effect.broken {
        return Some(Response::empty(StatusCode::OK));
    }
    match effect.status? {
        status if status.as_u16() < 300 => None,
        status if status.as_u16() < 400 => Some(Response::empty(status)),
        status @ (StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED) if call.route.kind() == Kind::Login => {
            Some(oauth::refused(status))
        }
        status => Some(documented(status, call, effect).into_response(&call.correlation)),
    }
}

/// The error of a fault with only a status.
fn documented(status: StatusCode, call: &Call, effect: &Effect) -> ApiError {
    if let Some(code) = &effect.edit.error_code {
        return ApiError::with_code(status, code);
    }
    if let (StatusCode::FORBIDDEN, Route::Usage(target)) = (status, &call.route) {
        return ApiError::forbidden(target.operation.permissions);
    }
    let retry_after = effect.headers.iter().find(|(name, _)| name == "retry-after");
    match retry_after.and_then(|(_, value)| value.to_str().ok()?.parse().ok()) {
        Some(seconds) if status == StatusCode::TOO_MANY_REQUESTS => {
            ApiError::rate_limited(limit::DEFAULT_ALLOWED, seconds)
        }
        _ => ApiError::documented(status),
    }
}

fn not_allowed(call: &Call, allowed: &Method) -> Response {
    let mut response = ApiError::documented(StatusCode::METHOD_NOT_ALLOWED).into_response(&call.correlation);
    response.set(ALLOW.as_str(), allowed);
    response
}

impl Route {
    fn of(path: &str, gateway: &Gateway) -> Self {
        if path.strip_prefix(&gateway.login) == Some("/oauth/token") {
            return Self::Login;
        }
        let target = path.strip_prefix(&gateway.api).and_then(Target::of);
        target.map_or(Self::Unknown, Self::Usage)
    }

    fn kind(&self) -> Kind {
        let Self::Usage(target) = self else {
            return match self {
                Self::Login => Kind::Login,
                _ => Kind::Other,
            };
        };
        let operation = target.operation;
        match (operation.family, operation.action) {
            (Family::Jobs, Action::Results) => Kind::JobResults,
            (Family::Jobs, _) => Kind::JobSubmit,
            (_, Action::Results) => Kind::Results,
            (_, Action::Submit | Action::Summary) => Kind::Submit,
        }
    }
}
