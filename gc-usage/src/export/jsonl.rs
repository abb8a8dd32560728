//! One JSON object for each line: the row with the service's names, with the interval and granularity of the query.

use std::io::Write as _;

use super::{
    json_row::{Members, write_string},
    record::{self, Context, Row},
};
use crate::{
    output::{Output, WriteError},
    result::OrganizationResult,
};

pub(crate) struct Export<'o> {
    out: &'o mut Output,
    /// The members that all lines begin with.
    query: Vec<u8>,
    members: Members,
    /// The current line.
    line: Vec<u8>,
}

impl<'o> Export<'o> {
    pub(super) fn new(context: Context, out: &'o mut Output) -> Self {
        let interval = context.interval().map(|interval| interval.to_string());
        let granularity = context.granularity.map(|granularity| granularity.to_string());
        let mut query = Vec::new();
        for (key, value) in [("interval", interval), ("granularity", granularity)] {
            if let Some(value) = value {
                write_string(&mut query, key);
                query.push(b':');
                write_string(&mut query, &value);
                query.push(b',');
            }
        }
        Self {
            out,
            query,
            members: Members::new(),
            line: Vec::new(),
        }
    }
}

impl record::Export for Export<'_> {
    fn row(&mut self, row: &Row<'_>) -> Result<(), WriteError> {
        let line = &mut self.line;
        line.clear();
        line.push(b'{');
        line.extend_from_slice(&self.query);
        self.members.write(line, row);
        // A row without members ends with the comma of the query.
        line.pop_if(|last| *last == b',');
        line.extend_from_slice(b"}\n");
        Ok(self.out.write_all(line)?)
    }

    fn finish(&mut self, _results: &[OrganizationResult]) -> Result<(), WriteError> {
        Ok(())
    }
}
