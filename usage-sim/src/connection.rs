//! Connections: which ones are served, and how the others are refused.

use std::convert::Infallible;
use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use hyper::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::errors::Failure;
use crate::ids::uuid;
use crate::payload::Payload;
use crate::raw::Broken;
use crate::service::{Outcome, Service, read};

/// So many connections are refused at the same time. The next ones wait to be accepted.
const REFUSALS: usize = 256;

/// A connection that is refused sends its request in this time, or is closed without a response.
const PATIENCE: Duration = Duration::from_secs(3);

/// How much of a head, or of a body that is not taken, a connection holds. A body adds one chunk.
const BUFFER: usize = 32 * 1024;

/// Accepts until it is aborted, which aborts the connections with it. Serves up to `limit` connections at once.
pub(crate) async fn accept(listener: TcpListener, service: Arc<Service>, limit: usize) {
    let (mut served, mut refused) = (JoinSet::new(), JoinSet::new());
    let mut refusals = 0;
    loop {
        tokio::select! {
            // What has ended makes room for what comes.
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
                // Out of file descriptors, most likely: some will be freed.
                Err(_) => sleep(Duration::from_millis(10)).await,
            },
        }
    }
}

type Answering = Pin<Box<dyn Future<Output = Result<Response<Payload>, Infallible>> + Send>>;

/// Serves a connection; a fault that breaks an answer takes over its socket.
async fn serve(stream: TcpStream, service: Arc<Service>) {
    // Small answers must not wait for acknowledgements. If that cannot be set, they do.
    let _ = stream.set_nodelay(true);
    let (breaker, mut broken) = mpsc::channel::<Broken>(1);
    let respond = service_fn(move |request: Request<Incoming>| -> Answering {
        let (service, breaker) = (service.clone(), breaker.clone());
        Box::pin(async move {
            match service.respond(request).await {
                Outcome::Answered(response) => Ok(response),
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
        // How a connection ended is the client's to judge.
        _ = &mut connection => return,
        broken = broken.recv() => broken,
    };
    if let Some(broken) = broken {
        let stream = connection.into_parts().io.into_inner();
        let _ = broken.play(stream).await;
    }
}

/// Answers the first request of a connection with 503, and closes it. The request is read first: a client may take
/// a response that comes before its request for an error of the connection.
async fn refuse(stream: TcpStream, limit: usize, correlation: String) {
    let respond = service_fn(|request: Request<Incoming>| {
        let correlation = &correlation;
        async move {
            read(request.into_body()).await;
            let failure = Failure::too_many_connections(limit);
            let mut answer = failure.into_answer(correlation);
            answer.set("inin-correlation-id", correlation);
            Ok::<_, Infallible>(answer.into_response())
        }
    });
    let connection = http1::Builder::new()
        .keep_alive(false)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), respond);
    // How it ended is the client's to judge.
    let _ = timeout(PATIENCE, connection).await;
}
