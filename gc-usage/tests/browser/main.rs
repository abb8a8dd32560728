//! The HTML report as people see it: the command writes pages, and Chromium loads them. `.ci/browser --install` installs what
//! this needs.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[cfg(unix)]
mod browser;
#[cfg(unix)]
#[path = "../common/mod.rs"]
mod common;
#[cfg(unix)]
mod fixtures;
#[cfg(unix)]
mod interactions;
#[cfg(unix)]
mod look;
#[cfg(unix)]
mod page;
#[cfg(unix)]
mod selectors;
#[cfg(unix)]
mod static_page;

/// A name, and what it says.
#[cfg(unix)]
type Scenario = (&'static str, fn(&browser::Browser));

/// A scenario that may know a page.
#[cfg(unix)]
type Test = (String, Box<dyn FnOnce(&browser::Browser) + Send>);

#[cfg(unix)]
fn alone((name, test): Scenario) -> Test {
    (name.to_owned(), Box::new(test))
}

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    use std::{
        env,
        process::ExitCode,
        sync::{Arc, OnceLock},
    };

    use browser::{Browser, StartError};
    use libtest_mimic::{Arguments, Trial};

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

#[cfg(not(unix))]
fn main() {
    eprintln!("skipped: these tests need Unix");
}
