//! Makes the file of a day: its rows as columns, its sums, and what it says about itself.
//!
//! [`columns`] collects rows, and [`file`] writes them. They run side by side, because each takes about as long as the other.

mod columns;
pub(crate) mod file;

use std::sync::mpsc::SyncSender;

use chrono::NaiveDate;

use self::{columns::Columns, file::Part};
use crate::{
    error::{Error, ErrorKind, Result},
    info::{DayInfo, FORMAT, Fetched},
    sort::{
        dictionary::Dictionary,
        format::{Text, bit},
        row::Row,
    },
    sums::{ByClient, Sums},
};

const CLIENT: usize = 0;
const ORGANIZATION: usize = 2;

/// The rows of a day. They are given to the writer of its file.
pub(crate) struct DayRows<'a> {
    info: DayInfo,
    dictionary: &'a Dictionary,
    columns: Columns<'a>,
    organization: Organization,
    by_client: ByClient,
    file: SyncSender<Part>,
}

/// The organization of the rows so far.
enum Organization {
    /// There are no rows.
    Unknown,
    /// All rows have it, or all rows have none.
    One(Option<String>),
    /// Rows have different ones.
    Many,
}

/// Whether the writer of the file goes on. If not, it has an error.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Writer {
    GoesOn,
    Stopped,
}

impl<'a> DayRows<'a> {
    pub(crate) fn new(
        day: NaiveDate,
        fetched: &Fetched,
        dictionary: &'a Dictionary,
        file: SyncSender<Part>,
    ) -> Self {
        let info = DayInfo {
            format: FORMAT,
            created_by: fetched.created_by.clone(),
            profile: fetched.profile.clone(),
            organization_id: None,
            day,
            granularity: "Day".to_owned(),
            source: fetched.source,
            interval: fetched.interval.clone(),
            execution_ids: fetched.execution_ids.clone(),
            submitted_at: fetched.submitted_at,
            fetched_at: fetched.fetched_at,
            rows: 0,
            sums: Sums::default(),
        };
        Self {
            columns: Columns::new(day, &info.profile, dictionary),
            dictionary,
            organization: Organization::Unknown,
            by_client: ByClient::default(),
            file,
            info,
        }
    }

    /// Adds a row. `changes` says what differs from the row before.
    pub(crate) fn add(&mut self, row: &Row, changes: u8) -> Result<Writer> {
        self.columns.add(row, changes);
        if changes & bit(CLIENT) != 0 {
            let client = self.text(row, CLIENT);
            self.by_client.add_client(client);
        }
        if changes & bit(ORGANIZATION) != 0 {
            let organization = self.text(row, ORGANIZATION);
            match &self.organization {
                Organization::Unknown => {
                    self.organization = Organization::One(organization.map(str::to_owned))
                }
                Organization::One(one) if one.as_deref() != organization => {
                    self.organization = Organization::Many
                }
                _ => {}
            }
        }
        if !self.by_client.add(row.counts) {
            return Err(too_large(self.info.day));
        }
        self.info.rows += 1;
        if self.columns.is_full() {
            self.write()
        } else {
            Ok(Writer::GoesOn)
        }
    }

    fn text<'r>(&self, row: &'r Row, column: usize) -> Option<&'r str>
    where
        'a: 'r,
    {
        match row.text(column) {
            Text::Absent => None,
            Text::Shared(number) => Some(self.dictionary.get(number)),
            Text::Own(text) => Some(text),
        }
    }

    fn write(&mut self) -> Result<Writer> {
        let rows = self
            .columns
            .take()
            .map_err(|error| file::failed(self.info.day, error))?;
        Ok(self.send(Part::Rows(rows)))
    }

    fn send(&self, part: Part) -> Writer {
        match self.file.send(part) {
            Ok(()) => Writer::GoesOn,
            Err(_) => Writer::Stopped,
        }
    }

    /// Gives the writer the last rows, and what the file says about itself.
    pub(crate) fn finish(mut self) -> Result<(DayInfo, ByClient)> {
        if !self.columns.is_empty() {
            self.write()?;
        }
        if let Organization::One(organization) = &mut self.organization {
            self.info.organization_id = organization.take();
        }
        for (_, sums) in self.by_client.iter() {
            if !self.info.sums.add(sums.counts()) {
                return Err(too_large(self.info.day));
            }
        }
        self.send(Part::End(Box::new(self.info.clone())));
        Ok((self.info, self.by_client))
    }
}

fn too_large(day: NaiveDate) -> Error {
    Error::new(
        ErrorKind::Rows,
        format!("the counts of {day} have sums of more than 64 bits"),
    )
}
