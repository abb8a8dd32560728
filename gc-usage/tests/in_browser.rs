//! The HTML report as people see it: the command writes pages, and Chromium loads them. `.ci/browser --install` installs what
//! this needs.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[cfg(unix)]
mod browser;
#[cfg(unix)]
mod common;

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    browser::run()
}

#[cfg(not(unix))]
fn main() {
    eprintln!("skipped: these tests need Unix");
}
