//! One JSON object for each line: the row with the service's names, with the interval and granularity of the query.

use std::io::{self, Write as _};

use serde::Serialize;

use super::{
    json::Line,
    record::{self, Context, Row},
};
use crate::{output::Output, result::OrganizationResult};

pub(crate) struct Export<'o> {
    out: &'o mut Output,
    granularity: Option<String>,
    interval: Option<String>,
}

#[derive(Serialize)]
struct Stored<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    interval: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    granularity: Option<&'a str>,
    #[serde(flatten)]
    line: Line<'a>,
}

impl<'o> Export<'o> {
    pub(super) fn new(context: Context, out: &'o mut Output) -> Self {
        Self {
            out,
            granularity: context.granularity.map(|granularity| granularity.to_string()),
            interval: context.interval().map(|interval| interval.to_string()),
        }
    }
}

impl record::Export for Export<'_> {
    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        let Row { profile, row } = *row;
        let stored = Stored {
            interval: self.interval.as_deref(),
            granularity: self.granularity.as_deref(),
            line: Line { profile, row },
        };
        serde_json::to_writer(&mut *self.out, &stored)?;
        self.out.write_all(b"\n")
    }

    fn finish(&mut self, _results: &[OrganizationResult]) -> io::Result<()> {
        Ok(())
    }
}
