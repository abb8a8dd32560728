//! Reads a query as JSON from a file or standard input, like the official CLI.

use std::{
    fs,
    io::{self, Read as _},
    path::Path,
};

use chrono::NaiveDate;

use super::period;
use crate::{calendar::NamedDays, error::CliError, request::Request, source::Source};

/// The path that means standard input, as in other commands.
const STANDARD_INPUT: &str = "-";
/// The longest file that is read. A query is far shorter.
const LONGEST: u64 = 64 * 1024;

/// Reads a request with the service's names for this source.
pub(super) fn read(path: &Path, source: &Source, today: NaiveDate) -> Result<(Request, NamedDays), CliError> {
    let (name, bytes) = if path.as_os_str() == STANDARD_INPUT {
        ("standard input".to_owned(), bytes(io::stdin().lock()))
    } else {
        (path.display().to_string(), fs::File::open(path).and_then(bytes))
    };
    let bytes = bytes.map_err(|error| CliError::local(format!("--file: cannot read {name}: {error}")))?;
    let wrong = |reason: String| CliError::local(format!("--file: {name}: {reason}"));
    // Some editors begin a file with a byte order mark.
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    let read = serde_json::from_slice(bytes).and_then(|body| Request::read(source, body));
    let mut read = read.map_err(|error| {
        let dimension = source.names(source.default_dimension()).map_or("", |names| names[0]);
        CliError::local(format!("--file: {name} is not a query: {error}")).with_hint(format!(
            r#"an example of a query is {{"interval": "2026-10-01/2026-10-31", "granularity": "Day", "groupBy": ["{dimension}"], "metrics": ["Requests"]}}; only the interval is required"#
        ))
    })?;
    let interval = period::interval(&read.interval).map_err(|error| wrong(error.to_string()))?;
    let days = NamedDays::new(interval.first_day(), interval.last_day(), today)?.ok_or_else(|| {
        let first = interval.first_day();
        wrong(format!(
            "there is no data for {first} yet; data arrives a day later"
        ))
    })?;
    read.interval = days.queried();
    Ok((read, days.noting_days_ahead()))
}

fn bytes(file: impl io::Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > LONGEST {
        true => Err(io::Error::other(
            "it is longer than 64 KiB, which is too long for a query",
        )),
        false => Ok(bytes),
    }
}
