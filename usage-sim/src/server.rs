//! The running simulator: its address, what it saw, and the handle that stops it.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::SystemTime;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::builder::SimulatorBuilder;
use crate::connection::accept;
use crate::fault::Fault;
use crate::record::{Seen, lock};
use crate::service::Service;

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

    pub(crate) async fn start(service: Service, port: u16, connections: usize) -> io::Result<Self> {
        if !has_date(SystemTime::now()) {
            return Err(io::Error::other(
                "the clock stands outside of the years 1970 to 9998",
            ));
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let service = Arc::new(service);
        let task = tokio::spawn(accept(listener, service.clone(), connections));
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

    /// Everything seen so far, in order, or the newest of it: see
    /// [`max_recorded_bytes`](SimulatorBuilder::max_recorded_bytes). Requests of connections beyond the limit are not
    /// among them.
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

/// Whether the header `Date` can tell the time; hyper panics where it cannot.
fn has_date(time: SystemTime) -> bool {
    const YEAR_9999: u64 = 253_370_764_800;
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.is_ok_and(|since| since.as_secs() < YEAR_9999)
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_time_that_no_header_can_tell_is_known() {
        let at = |seconds: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        assert!(has_date(SystemTime::UNIX_EPOCH) && has_date(at(253_370_764_799)));
        assert!(!has_date(SystemTime::UNIX_EPOCH - Duration::from_secs(1)));
        assert!(!has_date(at(253_402_300_800)));
    }
}
