//! The running simulator: its socket, its connections, and the handle that stops both.

use std::convert::Infallible;
use std::fmt;
use std::future::{Future, pending};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
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
use tokio::task::{JoinHandle, JoinSet};

use crate::builder::SimulatorBuilder;
use crate::fault::Fault;
use crate::payload::Payload;
use crate::raw::Broken;
use crate::record::{Seen, lock};
use crate::service::{Outcome, Service};

/// A running simulator of the service, on a port of the loopback interface. Dropping it stops it.
pub struct Simulator {
    service: Arc<Service>,
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Simulator {
    /// A simulator to be set up and started.
    pub fn builder() -> SimulatorBuilder {
        SimulatorBuilder::default()
    }

    pub(crate) async fn start(service: Service, port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let service = Arc::new(service);
        let task = tokio::spawn(accept(listener, service.clone()));
        Ok(Self {
            service,
            address,
            task,
        })
    }

    /// The address that serves both the API and the login, without a slash at its end:
    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything seen so far, in order.
    pub fn requests(&self) -> Vec<Seen> {
        self.service.record.all()
    }

    /// How many tokens were given out.
    pub fn logins(&self) -> usize {
        self.service.logins.count()
    }

    /// Makes all tokens given out so far unknown (401 `bad.credentials`). Fixed ones stay.
    pub fn revoke_tokens(&self) {
        self.service.logins.revoke();
    }

    /// Adds a fault, behind those that there are.
    pub fn add_fault(&self, fault: Fault) {
        lock(&self.service.faults).add(fault);
    }

    /// Stops it, and returns once the port is closed. Connections are broken off.
    pub async fn stop(mut self) {
        self.task.abort();
        // The error is the cancellation that was just asked for.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Accepts until it is aborted, which aborts the connections with it.
async fn accept(listener: TcpListener, service: Arc<Service>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, service.clone()));
                }
                // Out of file descriptors, most likely: some will be freed.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
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
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), respond);
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
