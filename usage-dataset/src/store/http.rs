//! The requests of stores, through the HTTP client of the caller. It makes typed failures of their responses.

use std::{
    error::Error as StdError,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt as _;
use http_body::{Body, Frame, SizeHint};
use object_store::{
    ClientConfigKey, ClientOptions,
    client::{
        HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody,
        HttpService,
    },
};
use tokio::time::{Instant, Sleep, sleep, timeout};
use usage_client::reqwest::StatusCode;

use super::failure::{Failure, Reason};

/// How long a store may be silent.
const SILENCE: Duration = Duration::from_secs(60);
/// The slowest upload that is waited for, in bytes per second.
const SLOWEST: usize = 32 * 1024;
/// How long the services may take that hand out credentials within a cloud. Outside a cloud they never respond.
const METADATA: Duration = Duration::from_secs(2);
/// The largest response. Pages of lists and parts of objects are far smaller.
const LARGEST_BODY: usize = 64 << 20;
/// How much is read of a response that is an error.
const LARGEST_ERROR: usize = 64 * 1024;

/// Gives the stores the caller's client. Their own would bring another TLS library.
#[derive(Debug)]
pub(super) struct Connector(pub(super) HttpClient);

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let allow_http = options.get_config_value(&ClientConfigKey::AllowHttp);
        let allow_http = allow_http.unwrap_or_default().to_ascii_lowercase();
        Ok(HttpClient::new(Service {
            client: self.0.clone(),
            // The values that object_store takes for true.
            allow_http: ["1", "true", "on", "yes", "y"].contains(&allow_http.as_str()),
        }))
    }
}

#[derive(Debug)]
struct Service {
    client: HttpClient,
    allow_http: bool,
}

#[async_trait]
impl HttpService for Service {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let is_metadata = host.starts_with("169.254.") || host == "metadata.google.internal";
        if request.uri().scheme_str() == Some("http") && !self.allow_http {
            return Err(final_failure(Failure::of(Reason::PlainHttp)));
        }
        let is_login = request.uri().path().ends_with("/token");
        let limit = match is_metadata {
            true => METADATA,
            false => SILENCE + Duration::from_secs((request.body().content_length() / SLOWEST) as u64),
        };
        let failed = |reason| match is_metadata {
            // Without a response there is nothing to wait for: this machine is not in that cloud.
            true => final_failure(Failure::of(Reason::NoCredentials)),
            false => HttpError::new(HttpErrorKind::Request, Failure::of(reason)),
        };
        let response = match timeout(limit, self.client.execute(request)).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(failed(Reason::Unreachable(format!("{host}: {}", cause(&error))))),
            Err(_) => {
                let silent = format!("{host} did not respond in {} s", limit.as_secs());
                return Err(failed(Reason::Unreachable(silent)));
            }
        };
        if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
            return Ok(limited(response));
        }
        if is_metadata {
            return Err(failed(Reason::NoCredentials));
        }
        refused(response, is_login).await
    }
}

/// A response that is an error. Those that the store's client handles itself stay responses.
async fn refused(response: HttpResponse, is_login: bool) -> Result<HttpResponse, HttpError> {
    let (parts, body) = response.into_parts();
    // Without the whole text, the status still says enough.
    let text = beginning(body).await;
    let failure = Failure::of_response(parts.status, &parts.headers, &text, is_login);
    match failure.reason {
        Reason::Missing | Reason::Conflict => Ok(HttpResponse::from_parts(parts, text.into())),
        Reason::Throttled | Reason::Server => Err(HttpError::new(HttpErrorKind::Request, failure)),
        _ => Err(final_failure(failure)),
    }
}

/// A failure that another attempt would not change.
fn final_failure(failure: Failure) -> HttpError {
    HttpError::new(HttpErrorKind::Unknown, failure)
}

async fn beginning(body: HttpResponseBody) -> Vec<u8> {
    let mut stream = body.bytes_stream();
    let mut text = Vec::new();
    while let Ok(Some(Ok(bytes))) = timeout(SILENCE, stream.next()).await {
        let room = LARGEST_ERROR - text.len();
        text.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if text.len() == LARGEST_ERROR {
            break;
        }
    }
    text
}

/// The body of a response, with limits to its size and to the silence within it.
struct Limited {
    body: HttpResponseBody,
    silence: Pin<Box<Sleep>>,
    room: usize,
}

fn limited(response: HttpResponse) -> HttpResponse {
    response.map(|body| {
        HttpResponseBody::new(Limited {
            body,
            silence: Box::pin(sleep(SILENCE)),
            room: LARGEST_BODY,
        })
    })
}

impl Body for Limited {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) else {
            return self.silence.as_mut().poll(context).map(|()| {
                let reason = format!("the response stopped for {} s", SILENCE.as_secs());
                Some(Err(HttpError::new(
                    HttpErrorKind::Timeout,
                    Failure::of(Reason::Unreachable(reason)),
                )))
            });
        };
        self.silence.as_mut().reset(Instant::now() + SILENCE);
        let frame = match frame {
            Some(Ok(frame)) => frame,
            Some(Err(error)) => {
                let failure = Failure::of(Reason::Unreachable(cause(&error)));
                return Poll::Ready(Some(Err(HttpError::new(error.kind(), failure))));
            }
            None => return Poll::Ready(None),
        };
        let size = frame.data_ref().map_or(0, Bytes::len);
        match self.room.checked_sub(size) {
            Some(room) => self.room = room,
            None => return Poll::Ready(Some(Err(final_failure(Failure::of(Reason::TooLarge))))),
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The innermost cause. The others around it only say that a request failed, or show the URL.
fn cause(error: &(dyn StdError + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
