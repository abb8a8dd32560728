//! A query as JSON, from a file or standard input, as the official CLI takes it.

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

/// A path that names standard input, as in other commands.
const STANDARD_INPUT: &str = "-";
/// A query has four members: what is longer is another file.
const LONGEST: u64 = 64 * 1024;

/// The members of a query. One that is misspelt must not ask for something else.
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
    // Editors of some systems begin a file with a mark of its byte order.
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    let asked: Query = serde_json::from_slice(bytes).map_err(|error| {
        CliError::local(format!("--file: {name} is no query: {error}")).with_hint(
            r#"a query looks like {"interval": "2026-10-01/2026-10-31", "granularity": "Day", "groupBy": ["OAuthClientId"], "metrics": ["Requests"]}; all but the interval may be left out"#,
        )
    })?;
    let interval = period::interval(&asked.interval).map_err(|error| wrong(error.to_string()))?;
    let days = NamedDays::new(interval.first_day(), interval.last_day(), today)?.ok_or_else(|| {
        let first = interval.first_day();
        wrong(format!("there is no data of {first} yet: data is a day old"))
    })?;
    let query = ApiUsageQuery::builder()
        .interval(days.asked())
        .granularity(asked.granularity)
        .group_by(asked.group_by.unwrap_or_default())
        .metrics(asked.metrics.unwrap_or_default());
    let query = query.try_into().map_err(|error| wrong(format!("{error}")))?;
    Ok((query, days.noting_days_ahead()))
}

fn bytes(file: impl io::Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(LONGEST + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > LONGEST {
        true => Err(io::Error::other("it is too long for a query")),
        false => Ok(bytes),
    }
}
