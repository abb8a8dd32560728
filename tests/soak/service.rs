//! The simulated services: two that fail one attempt in five, and two without faults, which tell what is right.

use std::time::Duration;

use anyhow::Result;
use tokio::runtime::{Builder, Runtime};
use usage_client::{Client, Credentials};
use usage_sim::{DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, Fault, Simulator, SimulatorBuilder};

use crate::query::{BULK, Expected};

/// They have their own runtime, so that tasks of the services are not counted as tasks of the client.
pub(crate) struct Services {
    runtime: Runtime,
    /// Answers with a few rows of a history.
    pub(crate) small: Simulator,
    /// Answers with many rows, which are decoded beside reading.
    pub(crate) bulk: Simulator,
}

impl Services {
    pub(crate) fn start() -> Result<Self> {
        // Idle threads must end soon, or they would be counted as left over.
        let runtime = Builder::new_multi_thread()
            .enable_all()
            .thread_keep_alive(Duration::from_millis(50))
            .build()?;
        let small = runtime.block_on(bad_day(Simulator::builder().running_polls(1)).start())?;
        let bulk = runtime.block_on(bad_day(Simulator::builder().rows(BULK)).start())?;
        Ok(Self { runtime, small, bulk })
    }

    /// What is right, from services without a fault.
    pub(crate) fn expected(&self) -> Result<Expected> {
        self.runtime.block_on(async {
            let small = Simulator::builder().start().await?;
            let bulk = Simulator::builder().rows(BULK).start().await?;
            Expected::ask(&client(&small)?, &client(&bulk)?).await
        })
    }

    /// Tasks of the services: one accepts, and each connection has one.
    pub(crate) fn tasks(&self) -> usize {
        self.runtime.metrics().num_alive_tasks()
    }
}

fn client(service: &Simulator) -> Result<Client> {
    let client = Client::builder()
        .base_url(service.url())
        .login_url(service.url())
        .credentials(Credentials::client_credentials(
            DEMO_CLIENT_ID,
            DEMO_CLIENT_SECRET,
        ));
    Ok(client.build()?)
}

/// A service that fails one attempt in five.
fn bad_day(service: SimulatorBuilder) -> SimulatorBuilder {
    let faults = [
        Fault::on_any().with_probability(0.03, 1).reset(),
        Fault::on_any().with_probability(0.03, 2).cut_body_after(25),
        Fault::on_results()
            .with_probability(0.03, 3)
            .cut_chunked_after(200_000),
        Fault::on_results()
            .with_probability(0.03, 4)
            .cut_chunked_after(900_000),
        Fault::on_any()
            .with_probability(0.03, 5)
            .close_delimited_after(30),
        Fault::on_any().with_probability(0.05, 6).status(429),
        Fault::on_any()
            .with_probability(0.05, 7)
            .status(503)
            .body("text/html", "<p>down</p>"),
    ];
    let service = service.max_connections(4_000).max_recorded_bytes(0);
    faults.into_iter().fold(service, SimulatorBuilder::fault)
}
