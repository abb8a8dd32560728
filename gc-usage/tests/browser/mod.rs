//! The tests, and how they are run: one browser is started before them, and ends after them.

mod fixtures;
mod interactions;
mod look;
mod page;
mod selectors;
mod session;
mod static_page;

use std::{
    env,
    process::ExitCode,
    sync::{Arc, OnceLock},
};

use libtest_mimic::{Arguments, Trial};

use session::{Browser, StartError};

/// A name, and what it says.
type Scenario = (&'static str, fn(&Browser));

/// A scenario that may know a page.
type Test = (String, Box<dyn FnOnce(&Browser) + Send>);

fn alone((name, test): Scenario) -> Test {
    (name.to_owned(), Box::new(test))
}

pub(crate) fn run() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // The tests share a session of the driver, which shows one page at a time.
    arguments.test_threads = Some(1);
    let browser = Arc::new(OnceLock::new());
    let tests = look::tests()
        .into_iter()
        .chain(interactions::tests())
        .chain(static_page::tests());
    let trials = tests.map(|(name, test)| {
        let browser: Arc<OnceLock<Browser>> = browser.clone();
        let run = move || {
            test(browser.get().unwrap());
            Ok(())
        };
        Trial::test(name, run)
    });
    let mut trials: Vec<_> = trials.collect();
    if !arguments.list && trials.iter().any(|trial| !arguments.is_filtered_out(trial)) {
        match Browser::start() {
            Ok(started) => assert!(browser.set(started).is_ok()),
            Err(StartError::Missing(what)) if env::var_os("CI").is_none() => {
                eprintln!("skipped: there is no {what}; .ci/browser --install says how to get it");
                let ignored = trials.into_iter().map(|trial| trial.with_ignored_flag(true));
                trials = ignored.collect();
            }
            Err(error) => {
                eprintln!("error: the browser did not start, so no test ran: {error}");
                return ExitCode::from(2);
            }
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}
