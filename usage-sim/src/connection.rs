//! Connections: which are served, and how the others are refused.

use std::convert::Infallible;
use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::body;
use crate::broken::BrokenResponse;
use crate::errors::ApiError;
use crate::ids::uuid;
use crate::payload::Payload;
use crate::service::{Outcome, Service};

/// How many connections are refused at the same time. Further ones wait until they are accepted.
const REFUSALS: usize = 256;

/// How long a refused connection may take to send its request. After that it is closed without a response.
const PATIENCE: Duration = Duration::from_secs(3);

/// How many bytes of a head, or of a body that is not read yet, a connection holds. A body adds one chunk.
const BUFFER: usize = 32 * 1024;

/// Accepts until it is aborted, which aborts the connections with it. Serves up to `limit` connections at once.
pub(crate) async fn accept(listener: TcpListener, service: Arc<Service>, limit: usize) {
    let (mut served, mut refused) = (JoinSet::new(), JoinSet::new());
    let mut refusals = 0;
    loop {
        tokio::select! {
            // Connections that have ended make room for new ones.
            biased;
            Some(_) = served.join_next() => {}
            Some(_) = refused.join_next() => {}
            accepted = listener.accept(), if refused.len() < REFUSALS => match accepted {
                Ok((stream, _)) if served.len() < limit => {
                    served.spawn(serve(stream, service.clone()));
                }
                Ok((stream, _)) => {
                    refusals += 1;
                    refused.spawn(refuse(stream, limit, uuid(3, service.seed, refusals)));
                }
                // Most likely there are no file descriptors left. Some will be freed.
                Err(_) => sleep(Duration::from_millis(10)).await,
            },
        }
    }
}

type ResponseFuture = Pin<Box<dyn Future<Output = Result<hyper::Response<Payload>, Infallible>> + Send>>;

/// Serves a connection. A fault that breaks a response takes over the socket.
async fn serve(stream: TcpStream, service: Arc<Service>) {
    // Small responses must not wait for acknowledgements. If this fails, they only take longer.
    let _ = stream.set_nodelay(true);
    let (breaker, mut broken) = mpsc::channel::<BrokenResponse>(1);
    let respond = service_fn(move |request: Request<Incoming>| -> ResponseFuture {
        let (service, breaker) = (service.clone(), breaker.clone());
        Box::pin(async move {
            match service.respond(request).await {
                Outcome::Response(response) => Ok(response),
                Outcome::Broken(broken) => {
                    // The receiver drops the connection, and this future with it.
                    let _ = breaker.send(broken).await;
                    pending().await
                }
            }
        })
    });
    let mut connection = http1::Builder::new()
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), respond);
    let broken = tokio::select! {
        // An error of the connection is for the client to handle.
        _ = &mut connection => return,
        broken = broken.recv() => broken,
    };
    if let Some(broken) = broken {
        let stream = connection.into_parts().io.into_inner();
        let _ = broken.write(stream).await;
    }
}

/// Responds to the first request of a connection with 503 and closes the connection. The request is read first, because a
/// client may treat an earlier response as an error of the connection.
async fn refuse(stream: TcpStream, limit: usize, correlation: String) {
    let respond = service_fn(|request: Request<Incoming>| {
        let correlation = &correlation;
        async move {
            body::read(request.into_body()).await;
            let error = ApiError::too_many_connections(limit);
            let mut response = error.into_response(correlation);
            response.set("inin-correlation-id", correlation);
            Ok::<_, Infallible>(response.into_response())
        }
    });
    let connection = http1::Builder::new()
        .keep_alive(false)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), respond);
    // An error of the connection is for the client to handle.
    let _ = timeout(PATIENCE, connection).await;
}
