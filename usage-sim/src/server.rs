//! The running simulator: its address, its recorded requests, and how it stops.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::SystemTime;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::connection::accept;
use crate::fault::Fault;
use crate::record::{RecordedRequest, lock};
use crate::service::Service;

/// A running simulator of the service on a loopback port. Dropping it stops it.
pub struct Simulator {
    service: Arc<Service>,
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Simulator {
    pub(crate) async fn start(service: Service, port: u16, connections: usize) -> io::Result<Self> {
        if !has_date(SystemTime::now()) {
            return Err(io::Error::other(
                "the system clock is outside of the years 1970 to 9998",
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

    /// The URL of both the API and the login, without a slash at the end: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far, in order. If they exceed
    /// [`max_recorded_bytes`](crate::SimulatorBuilder::max_recorded_bytes), only the newest. Requests of refused connections
    /// are not recorded.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.service.log.all()
    }

    /// How many tokens were issued.
    pub fn logins(&self) -> usize {
        self.service.logins.count()
    }

    /// Revokes all tokens that were issued so far (401 `bad.credentials`). Fixed tokens stay valid.
    pub fn revoke_tokens(&self) {
        self.service.logins.revoke();
    }

    /// Adds a fault after those that were added before.
    pub fn add_fault(&self, fault: Fault) {
        lock(&self.service.faults).add(fault);
    }

    /// Stops the simulator, and returns when the port is closed. Open connections are cut.
    pub async fn stop(mut self) {
        self.task.abort();
        // The error is the cancellation.
        let _ = (&mut self.task).await;
    }
}

/// Whether the header `Date` can hold this time. hyper panics if it cannot.
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
    fn a_time_that_no_header_can_hold_is_recognized() {
        let at = |seconds: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        assert!(has_date(SystemTime::UNIX_EPOCH) && has_date(at(253_370_764_799)));
        assert!(!has_date(SystemTime::UNIX_EPOCH - Duration::from_secs(1)));
        assert!(!has_date(at(253_402_300_800)));
    }
}
