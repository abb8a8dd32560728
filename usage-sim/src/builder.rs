//! What can be set up before a simulator starts.

use std::io;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use bytes::Bytes;
use chrono::NaiveDate;
use http::StatusCode;
use tokio::time::Instant;

use crate::armed::Faults;
use crate::computing::Computing;
use crate::execution::{Executions, Running};
use crate::fault::Fault;
use crate::oauth::Logins;
use crate::payload::Compressed;
use crate::record::Record;
use crate::server::Simulator;
use crate::service::{Gateway, Service};
use crate::usage::{Finished, Usage};

/// The OAuth client that may log in if no other is set up.
pub const DEMO_CLIENT_ID: &str = "demo-client";
/// The secret of [`DEMO_CLIENT_ID`].
pub const DEMO_CLIENT_SECRET: &str = "demo-secret";

/// The lifetime that the service gives tokens by default.
const TOKEN_LIFETIME: Duration = Duration::from_secs(86_400);

/// With the sockets of those that are refused, fewer than the 1,024 files that a process may often have open.
const CONNECTIONS: usize = 512;

/// Some ten thousand requests as clients send them.
const RECORDED: usize = 64 * 1024 * 1024;

/// Sets up a [`Simulator`]. Started as it is, it answers every query at once, from the synthetic history.
pub struct SimulatorBuilder {
    port: u16,
    connections: usize,
    recorded: usize,
    hosts: Vec<String>,
    clients: Vec<(String, String)>,
    tokens: Vec<String>,
    token_lifetime: Duration,
    running: Running,
    seed: u64,
    today: Option<NaiveDate>,
    finished: Finished,
    gateway: Gateway,
    rate_limit: Option<u64>,
    submit_status: StatusCode,
    faults: Faults,
}

impl Default for SimulatorBuilder {
    fn default() -> Self {
        Self {
            port: 0,
            connections: CONNECTIONS,
            recorded: RECORDED,
            hosts: Vec::new(),
            clients: Vec::new(),
            tokens: Vec::new(),
            token_lifetime: TOKEN_LIFETIME,
            running: Running::default(),
            seed: 0,
            today: None,
            finished: Finished::default(),
            gateway: Gateway::default(),
            rate_limit: None,
            submit_status: StatusCode::OK,
            faults: Faults::default(),
        }
    }
}

impl SimulatorBuilder {
    /// The port to listen on, on 127.0.0.1 only. Default 0: any free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// How many connections are served at once. One that comes when there are as many is answered with 503
    /// `service.unavailable`, `Retry-After: 1` and `Connection: close`, and is not among
    /// [`requests`](Simulator::requests). Default 512, at least 1.
    pub fn max_connections(mut self, count: usize) -> Self {
        self.connections = count.max(1);
        self
    }

    /// How many bytes of requests [`requests`](Simulator::requests) keeps: the newest. Default 64 MiB; 0 keeps none.
    pub fn max_recorded_bytes(mut self, bytes: usize) -> Self {
        self.recorded = bytes;
        self
    }

    /// A host name that requests may have in their `Host`, beside `localhost` and loopback addresses. All others are
    /// answered with 421 `bad.host`: a web page could have its own name lead to the simulator.
    pub fn host(mut self, name: impl Into<String>) -> Self {
        self.hosts.push(name.into());
        self
    }

    /// An OAuth client that may log in. Without any, it is [`DEMO_CLIENT_ID`] with [`DEMO_CLIENT_SECRET`].
    pub fn client(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.clients.push((id.into(), secret.into()));
        self
    }

    /// A token that is valid without a login, and never expires.
    pub fn access_token(mut self, token: impl Into<String>) -> Self {
        self.tokens.push(token.into());
        self
    }

    /// How long a token given out is valid. It is announced in whole seconds, and enforced exactly: a token
    /// that has expired is answered with 401 `credentials.expired`. Default: a day.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = lifetime;
        self
    }

    /// How many polls of an execution are answered with `Running`. Default 0.
    pub fn running_polls(mut self, polls: u32) -> Self {
        self.running.polls = polls;
        self
    }

    /// How long after its submit an execution is `Running`. With [`running_polls`](Self::running_polls),
    /// until both are over. Default 0.
    pub fn running_time(mut self, time: Duration) -> Self {
        self.running.time = time;
        self
    }

    /// The seed of everything synthetic; tokens excepted, which are never the same twice. Default 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The day that there is no data of yet. Default: the real day, in UTC.
    pub fn today(mut self, today: NaiveDate) -> Self {
        self.today = Some(today);
        self
    }

    /// Answers every finished execution with this body, byte for byte. Takes the place of
    /// [`rows`](Self::rows).
    pub fn results(mut self, body: impl Into<Bytes>) -> Self {
        self.finished = Finished::Recorded(body.into(), Compressed::default());
        self
    }

    /// Answers every finished execution with that many rows, whatever the query, in bounded memory: about 380
    /// bytes a row, with every dimension, every metric and a date. Takes the place of
    /// [`results`](Self::results).
    pub fn rows(mut self, count: u64) -> Self {
        self.finished = Finished::Bulk(count);
        self
    }

    /// How many API requests a token may make a minute; more are answered with 429 and `Retry-After`.
    /// Default: any number; the headers then tell of a million.
    pub fn rate_limit(mut self, per_minute: u64) -> Self {
        self.rate_limit = Some(per_minute);
        self
    }

    /// The status that accepted queries are answered with: 200 or 202, which mean the same. Default 200.
    ///
    /// # Panics
    /// If it is another status: [`Fault::status`] answers with any.
    pub fn submit_status(mut self, code: u16) -> Self {
        self.submit_status = match code {
            200 => StatusCode::OK,
            202 => StatusCode::ACCEPTED,
            other => panic!("{other} is not documented for an accepted query: 200 and 202 are"),
        };
        self
    }

    /// Serves the API and the login below these path prefixes only, as a company's gateway does: `/genesys-api`,
    /// `/genesys-login`.
    pub fn gateway(mut self, api_prefix: impl Into<String>, login_prefix: impl Into<String>) -> Self {
        self.gateway = Gateway {
            api: api_prefix.into(),
            login: login_prefix.into(),
        };
        self
    }

    /// Adds a fault, behind those added before.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.add(fault);
        self
    }

    /// Starts it on the current Tokio runtime.
    ///
    /// # Errors
    /// If the port cannot be listened on.
    ///
    /// # Panics
    /// Outside of a Tokio runtime with I/O and time enabled.
    pub async fn start(mut self) -> io::Result<Simulator> {
        if self.clients.is_empty() {
            self.clients
                .push((DEMO_CLIENT_ID.to_owned(), DEMO_CLIENT_SECRET.to_owned()));
        }
        let service = Service {
            seed: self.seed,
            logins: Logins::new(self.clients, self.tokens, self.token_lifetime),
            usage: Usage {
                seed: self.seed,
                today: self.today,
                finished: self.finished,
                running: self.running,
                submit_status: self.submit_status,
                executions: Executions::default(),
                computing: Computing::default(),
            },
            gateway: self.gateway,
            hosts: self.hosts,
            rate_limit: self.rate_limit,
            windows: Mutex::default(),
            faults: Mutex::new(self.faults),
            record: Record::new(Instant::now(), self.recorded),
            numbers: AtomicU64::new(0),
        };
        Simulator::start(service, self.port, self.connections).await
    }
}
