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

/// Shows what the client does. From `verbosity` 2 on, what the HTTP and TLS libraries do is shown too.
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
    // It fails only if this process has a subscriber, which then shows the same.
    let _ = tracing_subscriber::registry()
        .with(events.with_filter(targets))
        .try_init();
}

/// Takes each event as one piece.
struct Events(Printer);

impl Write for Events {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        self.0.say(String::from_utf8_lossy(event));
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
