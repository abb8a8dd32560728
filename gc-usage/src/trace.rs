//! The client's tracing on standard error, for `--verbose`.

use std::io::{self, Write};

use tracing_subscriber::{
    Layer as _,
    filter::{LevelFilter, Targets},
    fmt::{layer, time::uptime},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::printer::Printer;

/// Shows the events of the client; with a `verbosity` of 2 or more, also those of the HTTP and TLS libraries.
pub(crate) fn show(verbosity: u8, printer: &Printer) {
    let libraries = match verbosity {
        0 => return,
        1 => LevelFilter::OFF,
        _ => LevelFilter::DEBUG,
    };
    let targets = Targets::new()
        .with_default(libraries)
        .with_target("usage_client", LevelFilter::DEBUG);
    let printer = printer.clone();
    let events = layer()
        .with_ansi(false)
        .with_timer(uptime())
        .with_writer(move || Events(printer.clone()));
    // This fails only if the process has a subscriber already.
    let _ = tracing_subscriber::registry()
        .with(events.with_filter(targets))
        .try_init();
}

/// Writes each event, which the subscriber passes in one piece.
struct Events(Printer);

impl Write for Events {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        self.0.write_error(String::from_utf8_lossy(event));
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
