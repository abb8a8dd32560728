//! The settings of a simulator.

use std::io;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use bytes::Bytes;
use chrono::NaiveDate;
use http::StatusCode;
use tokio::time::Instant;

use crate::compute::ComputeThreads;
use crate::execution::{Executions, Running};
use crate::fault::Fault;
use crate::oauth::Logins;
use crate::payload::Compressed;
use crate::record::RequestLog;
use crate::schedule::FaultSchedule;
use crate::server::Simulator;
use crate::service::{Gateway, Service};
use crate::sources::Sources;
use crate::usage::{Results, Usage};

/// The id of the OAuth client that can log in if no other is set.
pub const DEMO_CLIENT_ID: &str = "demo-client";
/// The secret of [`DEMO_CLIENT_ID`].
pub const DEMO_CLIENT_SECRET: &str = "demo-secret";

/// The default lifetime of the service's tokens.
const TOKEN_LIFETIME: Duration = Duration::from_secs(86_400);

/// Together with the sockets of refused connections, this is below 1,024, a common limit of open files.
const CONNECTIONS: usize = 512;

/// Enough for about ten thousand requests of usual size.
const RECORDED: usize = 64 * 1024 * 1024;

/// Sets up a [`Simulator`]. By default, it completes every query at once, with rows of the synthetic history.
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
    finished: Results,
    gateway: Gateway,
    rate_limit: Option<u64>,
    compression: bool,
    submit_status: StatusCode,
    permissions: Option<Vec<String>>,
    retired: Option<StatusCode>,
    faults: FaultSchedule,
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
            finished: Results::default(),
            gateway: Gateway::default(),
            rate_limit: None,
            compression: true,
            submit_status: StatusCode::OK,
            permissions: None,
            retired: None,
            faults: FaultSchedule::default(),
        }
    }
}

impl Simulator {
    /// Starts setting up a simulator.
    pub fn builder() -> SimulatorBuilder {
        SimulatorBuilder::default()
    }
}

impl SimulatorBuilder {
    /// The port on 127.0.0.1. The default 0 takes any free port.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// How many connections are served at the same time. A further connection gets 503 `service.unavailable` with
    /// `Retry-After: 1` and `Connection: close`, and its request is not in [`requests`](Simulator::requests). The default is
    /// 512, the minimum 1.
    pub fn max_connections(mut self, count: usize) -> Self {
        self.connections = count.max(1);
        self
    }

    /// How many bytes of the newest requests [`requests`](Simulator::requests) keeps. The default is 64 MiB; 0 keeps none.
    pub fn max_recorded_bytes(mut self, bytes: usize) -> Self {
        self.recorded = bytes;
        self
    }

    /// A host name that is allowed in the `Host` header, in addition to `localhost` and loopback addresses. Any other gets 421
    /// `bad.host`, because a web page could point its own host name at the simulator.
    pub fn host(mut self, name: impl Into<String>) -> Self {
        self.hosts.push(name.into());
        self
    }

    /// An OAuth client that can log in. If none is set, it is [`DEMO_CLIENT_ID`] with [`DEMO_CLIENT_SECRET`].
    pub fn client(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.clients.push((id.into(), secret.into()));
        self
    }

    /// A token that is valid without a login and never expires.
    pub fn access_token(mut self, token: impl Into<String>) -> Self {
        self.tokens.push(token.into());
        self
    }

    /// How long an issued token is valid. The login response gives it in whole seconds. An expired token gets 401
    /// `credentials.expired`. The default is one day.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = lifetime;
        self
    }

    /// How many polls of an execution get `Running`. The first poll of a job gets `Queued` instead. The default is 0.
    pub fn running_polls(mut self, polls: u32) -> Self {
        self.running.polls = polls;
        self
    }

    /// How long an execution or a job is running after its submit. With [`running_polls`](Self::running_polls), it is running until
    /// both limits are reached. The default is 0.
    pub fn running_time(mut self, time: Duration) -> Self {
        self.running.time = time;
        self
    }

    /// The seed of all synthetic data except tokens, which are always new. The default is 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The current day, which has no data yet. The default is the real day in UTC.
    pub fn today(mut self, today: NaiveDate) -> Self {
        self.today = Some(today);
        self
    }

    /// Every complete execution has this body as its result, byte for byte. Jobs have another kind of body, and keep their
    /// rows. It replaces [`rows`](Self::rows).
    pub fn results(mut self, body: impl Into<Bytes>) -> Self {
        self.finished = Results::Recorded(body.into(), Compressed::default());
        self
    }

    /// Every complete execution and every job has this number of rows, whatever the query. A row has about 380 bytes, with every
    /// dimension, every metric and a date: a day of the query, if it is by day and of at most a year. A search has at most 20,000 of them. Memory use does not grow with the number. It replaces [`results`](Self::results).
    pub fn rows(mut self, count: u64) -> Self {
        self.finished = Results::Bulk(count);
        self
    }

    /// How many API requests a token can make in a minute. Further requests get 429 with `Retry-After`. By default there is no
    /// limit, and the headers show one million.
    pub fn rate_limit(mut self, per_minute: u64) -> Self {
        self.rate_limit = Some(per_minute);
        self
    }

    /// Whether responses are compressed with gzip for requests that accept it. The default is true.
    pub fn compression(mut self, enabled: bool) -> Self {
        self.compression = enabled;
        self
    }

    /// The status of the response to an accepted query: 200 or 202, which mean the same. The default is 200.
    ///
    /// # Panics
    /// If it is another status. Use [`Fault::status`] for these.
    pub fn submit_status(mut self, code: u16) -> Self {
        self.submit_status = match code {
            200 => StatusCode::OK,
            202 => StatusCode::ACCEPTED,
            other => panic!("{other} is not documented for an accepted query, only 200 and 202 are"),
        };
        self
    }

    /// The permissions of every token, such as `usage:organization:view`. An operation gets 403 `missing.any.permissions` if it
    /// needs another. By default, tokens have every permission.
    pub fn permissions(mut self, permissions: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.permissions = Some(permissions.into_iter().map(Into::into).collect());
        self
    }

    /// All operations but those of jobs are retired, and get this status: 404 or 410.
    ///
    /// # Panics
    /// If it is another status.
    pub fn retired(mut self, code: u16) -> Self {
        self.retired = Some(match code {
            404 => StatusCode::NOT_FOUND,
            410 => StatusCode::GONE,
            other => panic!("{other} does not say that an operation is retired, only 404 and 410 do"),
        });
        self
    }

    /// Serves the API and the login only below these path prefixes, as the gateway of a company does. For example
    /// `/genesys-api` and `/genesys-login`.
    pub fn gateway(mut self, api_prefix: impl Into<String>, login_prefix: impl Into<String>) -> Self {
        self.gateway = Gateway {
            api: api_prefix.into(),
            login: login_prefix.into(),
        };
        self
    }

    /// Adds a fault after those that were added before.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.add(fault);
        self
    }

    /// Starts it on the current Tokio runtime.
    ///
    /// # Errors
    /// If the port is not free.
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
                permissions: self.permissions,
                retired: self.retired,
                executions: Executions::default(),
                sources: Sources::default(),
                threads: ComputeThreads::default(),
            },
            gateway: self.gateway,
            hosts: self.hosts,
            rate_limit: self.rate_limit,
            compression: self.compression,
            windows: Mutex::default(),
            faults: Mutex::new(self.faults),
            log: RequestLog::new(Instant::now(), self.recorded),
            numbers: AtomicU64::new(0),
        };
        Simulator::start(service, self.port, self.connections).await
    }
}
