//! One JSON object: the query, its rows with the service's names, and the result.

use std::io::{self, Write as _};

use serde::Serialize;

use super::{
    json_row::Members,
    record::{self, Context, Row},
};
use crate::{
    output::{Output, WriteError},
    result::OrganizationResult,
    submitted::Ids,
};

pub(crate) struct Export<'o> {
    out: &'o mut Output,
    context: Context,
    rows: u64,
    members: Members,
    /// The current line.
    line: Vec<u8>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ended<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<&'a str>,
    #[serde(flatten)]
    ids: Option<&'a Ids>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query_status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl<'o> Export<'o> {
    pub(super) fn new(context: Context, out: &'o mut Output) -> Self {
        Self {
            out,
            context,
            rows: 0,
            members: Members::new(),
            line: Vec::new(),
        }
    }

    fn begin(&mut self) -> io::Result<()> {
        let out = &mut *self.out;
        write!(out, "{{")?;
        if let Some(query) = &self.context.query {
            write!(out, "\"query\":")?;
            serde_json::to_writer(&mut *out, query)?;
            write!(out, ",")?;
        } else if let Some(granularity) = &self.context.granularity {
            write!(out, "\"granularity\":")?;
            serde_json::to_writer(&mut *out, granularity)?;
            write!(out, ",")?;
        }
        write!(out, "\"results\":[")
    }

    fn end(&mut self, results: &[OrganizationResult]) -> io::Result<()> {
        if self.rows == 0 {
            self.begin()?;
        }
        let out = &mut *self.out;
        let ended: Vec<_> = results.iter().map(Ended::of).collect();
        // There was no query.
        if ended.is_empty() {
            return writeln!(out, "\n]}}");
        }
        write!(out, "\n],")?;
        match &ended[..] {
            [one] if !self.context.has_profiles => {
                let text = serde_json::to_string(one)?;
                // Its members become members of the outer object.
                writeln!(out, "{}", &text[1..])
            }
            _ => {
                write!(out, "\"organizations\":")?;
                serde_json::to_writer(&mut *out, &ended)?;
                writeln!(out, "}}")
            }
        }
    }
}

impl record::Export for Export<'_> {
    fn row(&mut self, row: &Row<'_>) -> Result<(), WriteError> {
        if self.rows == 0 {
            self.begin()?;
        }
        self.line.clear();
        let before: &[u8] = if self.rows == 0 { b"\n{" } else { b",\n{" };
        self.line.extend_from_slice(before);
        self.members.write(&mut self.line, row);
        self.line.push(b'}');
        self.rows += 1;
        Ok(self.out.write_all(&self.line)?)
    }

    fn finish(&mut self, results: &[OrganizationResult]) -> Result<(), WriteError> {
        Ok(self.end(results)?)
    }
}

impl<'a> Ended<'a> {
    fn of(result: &'a OrganizationResult) -> Self {
        let ids = result.outcome.as_ref().ok();
        Self {
            profile: result.profile.as_deref(),
            ids,
            query_status: ids.map(Ids::final_status),
            error: result
                .outcome
                .as_ref()
                .err()
                .map(crate::error::CliError::first_line),
        }
    }
}
