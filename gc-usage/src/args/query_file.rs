//! Reads a query as JSON from a file or standard input, like the official CLI.

use std::{
    fs,
    io::{self, Read as _},
    path::Path,
};

use chrono::NaiveDate;
use serde::Deserialize;
use usage_client::{ApiUsageQuery, Granularity, GroupBy, Metric};

use super::period;
use crate::{calendar::NamedDays, error::CliError};

/// The path that means standard input, as in other commands.
const STANDARD_INPUT: &str = "-";
/// The longest file that is read. A query has only four members.
const LONGEST: u64 = 64 * 1024;

/// The members of a query. Unknown members are refused, since a misspelt one would change the query.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Query {
    interval: String,
    granularity: Option<Granularity>,
    group_by: Option<Vec<GroupBy>>,
    metrics: Option<Vec<Metric>>,
}

pub(super) fn read(path: &Path, today: NaiveDate) -> Result<(ApiUsageQuery, NamedDays), CliError> {
    let (name, bytes) = if path.as_os_str() == STANDARD_INPUT {
        ("standard input".to_owned(), bytes(io::stdin().lock()))
    } else {
        (path.display().to_string(), fs::File::open(path).and_then(bytes))
    };
    let bytes = bytes.map_err(|error| CliError::local(format!("--file: cannot read {name}: {error}")))?;
    let wrong = |reason: String| CliError::local(format!("--file: {name}: {reason}"));
    // Some editors begin a file with a byte order mark.
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    let read: Query = serde_json::from_slice(bytes).map_err(|error| {
        CliError::local(format!("--file: {name} is not a query: {error}")).with_hint(
            r#"an example of a query is {"interval": "2026-10-01/2026-10-31", "granularity": "Day", "groupBy": ["OAuthClientId"], "metrics": ["Requests"]}; only the interval is required"#,
        )
    })?;
    let interval = period::interval(&read.interval).map_err(|error| wrong(error.to_string()))?;
    let days = NamedDays::new(interval.first_day(), interval.last_day(), today)?.ok_or_else(|| {
        let first = interval.first_day();
        wrong(format!(
            "there is no data for {first} yet; data arrives a day later"
        ))
    })?;
    let query = ApiUsageQuery::builder()
        .interval(days.queried())
        .granularity(read.granularity)
        .group_by(read.group_by.unwrap_or_default())
        .metrics(read.metrics.unwrap_or_default());
    let query = query.try_into().map_err(|error| wrong(format!("{error}")))?;
    Ok((query, days.noting_days_ahead()))
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
