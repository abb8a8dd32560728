//! Signals that end the command. The command is then dropped, which removes its hidden file.

use crate::error::Code;

/// The signals that the command listens for.
pub(crate) struct Signals {
    #[cfg(unix)]
    listening: Vec<(tokio::signal::unix::Signal, Code)>,
}

#[cfg(unix)]
impl Signals {
    /// From now on, none of them ends the process by itself.
    pub(crate) fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};

        /// A file grows beyond its limit. With a listener, this is a write error instead.
        const SIGXFSZ: i32 = 25;
        let _ = signal(SignalKind::from_raw(SIGXFSZ));

        let hangup = SignalKind::hangup();
        let ending = [
            Some((SignalKind::interrupt(), Code::Interrupted)),
            Some((SignalKind::terminate(), Code::Terminated)),
            (!is_ignored(hangup.as_raw_value())).then_some((hangup, Code::HungUp)),
        ];
        let listening = ending
            .into_iter()
            .flatten()
            .filter_map(|(kind, code)| Some((signal(kind).ok()?, code)));
        Self {
            listening: listening.collect(),
        }
    }

    /// Waits for the first signal.
    pub(crate) async fn received(mut self) -> Code {
        std::future::poll_fn(|context| {
            let mut all = self.listening.iter_mut();
            all.find_map(|(signal, code)| signal.poll_recv(context).is_ready().then_some(*code))
                .map_or(std::task::Poll::Pending, std::task::Poll::Ready)
        })
        .await
    }
}

/// Whether the process was started so that it ignores this signal, for example by `nohup`.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    // Only Linux shows this without a call that could also change it.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

#[cfg(not(unix))]
impl Signals {
    pub(crate) fn listen() -> Self {
        Self {}
    }

    /// Waits for Ctrl-C.
    pub(crate) async fn received(self) -> Code {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Code::Interrupted,
            // There is no such signal.
            Err(_) => std::future::pending().await,
        }
    }
}
