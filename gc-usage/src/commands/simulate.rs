//! `gc-usage simulate`: runs the simulated service until it is interrupted.

use usage_client::RowDecoder;
use usage_sim::{DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, Simulator};

use crate::{
    args::SimulateArgs,
    error::{CliError, Outcome},
    printer::Printer,
};

pub(crate) async fn run(args: SimulateArgs, printer: &Printer) -> Result<Outcome, CliError> {
    let mut builder = Simulator::builder()
        .port(args.port)
        // Nothing reads the recorded requests.
        .max_recorded_bytes(0)
        .running_polls(args.running_polls)
        .compression(!args.no_compression)
        .submit_status(args.submit_status);
    if let Some(path) = args.results {
        let recorded = tokio::fs::read(&path).await;
        let recorded = recorded.map_err(|error| {
            CliError::local(format!("--results: cannot read {}: {error}", path.display()))
        })?;
        check(&recorded).map_err(|error| {
            CliError::local(format!(
                "--results: {} is not a response with results: {error}",
                path.display()
            ))
            .with_hint("gc-usage results ID --raw --output FILE records one")
        })?;
        builder = builder.results(recorded);
    }
    if let Some(rows) = args.rows {
        builder = builder.rows(rows);
    }
    if !args.permissions.is_empty() {
        builder = builder.permissions(args.permissions);
    }
    if let Some(status) = args.retired {
        builder = builder.retired(status);
    }
    let simulator = builder.start().await;
    let simulator = simulator.map_err(|error| {
        CliError::local(match error.raw_os_error() {
            Some(_) => format!("--port {}: cannot listen: {error}", args.port),
            None => format!("cannot start the simulator: {error}"),
        })
    })?;
    let url = simulator.url();
    let text = format!(
        "Simulating Genesys Cloud until interrupted; all of its data is made up or recorded.\n\
         \n  API    {url}\n  Login  {url}\n  Client {DEMO_CLIENT_ID}, secret {DEMO_CLIENT_SECRET}\n\
         \nQuery it from another terminal:\n\
         \n  export GENESYSCLOUD_OAUTHCLIENT_ID={DEMO_CLIENT_ID} GENESYSCLOUD_OAUTHCLIENT_SECRET={DEMO_CLIENT_SECRET}\n  \
         gc-usage query --api-url {url} --login-url {url}"
    );
    printer.line(text)?;
    std::future::pending().await
}

/// Checks that a client can read the recorded response.
fn check(recorded: &[u8]) -> usage_client::Result<()> {
    let mut decoder = RowDecoder::new();
    let mut input = recorded;
    while decoder.decode(&mut input)?.is_some() {}
    decoder.finish().map(drop)
}
