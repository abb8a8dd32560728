//! The columns of a stored day: their names, order and types.

use std::sync::{Arc, LazyLock};

use arrow_schema::{DataType, Field, Schema, SchemaRef};
use usage_client::RowRef;

/// The name of the organization in the data set. It is a column too, because engines guess the type of a partition:
/// `007` becomes 7.
pub(crate) const PROFILE: &str = "profile";
/// The day. The partition has another name.
pub(crate) const DATE: &str = "date";
/// The columns of the strings of a row, in the order of [`RowRef::texts`].
pub(crate) const TEXTS: [&str; RowRef::TEXTS] = [
    "client_id",
    "client_name",
    "organization_id",
    "user_id",
    "endpoint",
    "method",
    "platform",
];
/// The columns of the counts of a row, in the order of [`RowRef::counts`].
pub(crate) const COUNTS: [&str; RowRef::COUNTS] = [
    "status_200",
    "status_300",
    "status_400",
    "status_500",
    "status_429",
    "requests",
];

/// A column of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Column {
    Profile,
    Date,
    /// A string, by its place in [`TEXTS`].
    Text(usize),
    /// A count, by its place in [`COUNTS`].
    Count(usize),
}

/// The columns of a file, in their order. It is a contract: a new column comes at the end, and none is changed.
pub(crate) const COLUMNS: [Column; 2 + RowRef::TEXTS + RowRef::COUNTS] = [
    Column::Profile,
    Column::Date,
    Column::Text(0),
    Column::Text(1),
    Column::Text(3),
    Column::Text(2),
    Column::Text(4),
    Column::Text(5),
    Column::Count(5),
    Column::Count(0),
    Column::Count(1),
    Column::Count(2),
    Column::Count(3),
    Column::Count(4),
    Column::Text(6),
];

/// The columns as Arrow has them in memory. A file has plain strings: with Arrow's own schema in it, readers would get
/// dictionaries, and some refuse to read several files of these together.
pub(crate) static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    let fields: Vec<_> = COLUMNS.iter().map(|column| column.field()).collect();
    Arc::new(Schema::new(fields))
});

impl Column {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Profile => PROFILE,
            Self::Date => DATE,
            Self::Text(place) => TEXTS[place],
            Self::Count(place) => COUNTS[place],
        }
    }

    fn field(self) -> Field {
        let text = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        match self {
            Self::Profile => Field::new(self.name(), text, false),
            Self::Date => Field::new(self.name(), DataType::Date32, false),
            Self::Text(_) => Field::new(self.name(), text, true),
            Self::Count(_) => Field::new(self.name(), DataType::Int64, false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_are_those_of_the_documented_contract() {
        let names: Vec<_> = COLUMNS.iter().map(|column| column.name()).collect();
        assert_eq!(
            names,
            [
                "profile",
                "date",
                "client_id",
                "client_name",
                "user_id",
                "organization_id",
                "endpoint",
                "method",
                "requests",
                "status_200",
                "status_300",
                "status_400",
                "status_500",
                "status_429",
                "platform",
            ]
        );
    }

    #[test]
    fn arrows_columns_of_rows_in_memory_have_the_same_names() {
        let rows = usage_client::RowBatch::from_iter([]).to_record_batch();
        let names: Vec<_> = rows
            .schema_ref()
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect();
        // The organization is only in the data set.
        let ours: Vec<_> = COLUMNS[1..].iter().map(|column| column.name()).collect();
        assert_eq!(names, ours);
    }

    #[test]
    fn columns_have_the_strings_and_counts_of_their_names() {
        let row = RowRef::from_parts(
            [
                "client id",
                "client name",
                "organization",
                "user",
                "endpoint",
                "method",
                "platform",
            ]
            .map(Some),
            [200, 300, 400, 500, 429, 1].map(Some),
            None,
        );
        assert_eq!(row.template_uri, Some("endpoint"));
        assert_eq!(row.organization_id, Some("organization"));
        assert_eq!(row.user_id, Some("user"));
        assert_eq!(row.platform, Some("platform"));
        assert_eq!(row.status429, Some(429));
        assert_eq!(row.requests, Some(1));
    }
}
