//! Rows as columns of Arrow.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, RecordBatch, StructArray,
    builder::{Date32Builder, Int64Builder, StringDictionaryBuilder},
    types::Int32Type,
};
use arrow_schema::Field;
use chrono::NaiveDate;

use super::batch::RowBatch;
use crate::generated::rows::RowRef;

/// The columns of strings, in the order of [`RowRef::texts`].
const TEXTS: [&str; RowRef::TEXTS] = [
    "client_id",
    "client_name",
    "organization_id",
    "user_id",
    "endpoint",
    "method",
    "platform",
];
/// The columns of counts, in the order of [`RowRef::counts`].
const COUNTS: [&str; RowRef::COUNTS] = [
    "status_200",
    "status_300",
    "status_400",
    "status_500",
    "status_429",
    "requests",
];
/// All columns, in their order.
const COLUMNS: [&str; 1 + RowRef::TEXTS + RowRef::COUNTS] = [
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
];

#[cfg_attr(docsrs, doc(cfg(feature = "arrow")))]
impl RowBatch {
    /// The rows as columns: `date`, `client_id`, `client_name`, `user_id`, `organization_id`, `endpoint`, `method`, `requests`,
    /// `status_200`, `status_300`, `status_400`, `status_500`, `status_429` and `platform`. These are the names in the data set that
    /// `gc-usage sync` writes: `endpoint` is [`template_uri`](RowRef::template_uri), and `method` is
    /// [`http_method`](RowRef::http_method).
    ///
    /// `date` is `Date32`, the day in UTC. The strings are `Dictionary(Int32, Utf8)`, and an empty one is null. The counts are `Int64`.
    /// What a row does not have is null. All batches have the same schema. Needs the feature `arrow`.
    pub fn to_record_batch(&self) -> RecordBatch {
        let mut dates = Date32Builder::with_capacity(self.len());
        let mut texts = TEXTS.map(|_| StringDictionaryBuilder::<Int32Type>::new());
        let mut counts = COUNTS.map(|_| Int64Builder::with_capacity(self.len()));
        for row in self {
            let days = row.date.map(|date| {
                date.date_naive()
                    .signed_duration_since(NaiveDate::default())
                    .num_days()
            });
            dates.append_option(days.and_then(|days| i32::try_from(days).ok()));
            for (column, text) in texts.iter_mut().zip(row.texts()) {
                column.append_option(text.filter(|text| !text.is_empty()));
            }
            for (column, count) in counts.iter_mut().zip(row.counts()) {
                column.append_option(count);
            }
        }
        let date: (&str, ArrayRef) = ("date", Arc::new(dates.finish()));
        let texts = TEXTS.into_iter().zip(
            texts
                .each_mut()
                .map(|column| Arc::new(column.finish()) as ArrayRef),
        );
        let counts = COUNTS.into_iter().zip(
            counts
                .each_mut()
                .map(|column| Arc::new(column.finish()) as ArrayRef),
        );
        let mut columns: Vec<_> = [date].into_iter().chain(texts).chain(counts).collect();
        columns.sort_by_key(|(name, _)| COLUMNS.iter().position(|other| other == name));
        let columns = columns.into_iter().map(|(name, column)| {
            let field = Field::new(name, column.data_type().clone(), true);
            (Arc::new(field), column)
        });
        StructArray::from(columns.collect::<Vec<_>>()).into()
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{
        Array as _,
        cast::AsArray as _,
        types::{Date32Type, Int64Type},
    };

    use super::*;

    fn batch() -> RowBatch {
        let full = RowRef::from_parts(
            [
                "client",
                "name",
                "organization",
                "user",
                "api/v2/users",
                "GET",
                "Public API",
            ]
            .map(Some),
            [1, 2, 3, 4, 5, 6].map(Some),
            "2026-11-24T00:00:00Z".parse().ok(),
        );
        let empty = RowRef {
            user_id: Some(""),
            ..RowRef::default()
        };
        [full, empty, full].into_iter().collect()
    }

    #[test]
    fn columns_have_the_values_of_their_rows() {
        let columns = batch().to_record_batch();
        let names: Vec<_> = columns
            .schema_ref()
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect();
        assert_eq!(names, COLUMNS);
        let text = |name: &str| {
            let column = columns
                .column_by_name(name)
                .unwrap()
                .as_dictionary::<Int32Type>()
                .clone();
            let column = column.downcast_dict::<arrow_array::StringArray>().unwrap();
            column
                .into_iter()
                .map(|text| text.map(str::to_owned))
                .collect::<Vec<_>>()
        };
        for (name, value) in [
            ("client_id", "client"),
            ("client_name", "name"),
            ("organization_id", "organization"),
            ("user_id", "user"),
            ("endpoint", "api/v2/users"),
            ("method", "GET"),
            ("platform", "Public API"),
        ] {
            assert_eq!(
                text(name),
                [Some(value.to_owned()), None, Some(value.to_owned())],
                "{name}"
            );
        }
        for (name, value) in [
            ("status_200", 1),
            ("status_300", 2),
            ("status_400", 3),
            ("status_500", 4),
            ("status_429", 5),
            ("requests", 6),
        ] {
            let column = columns.column_by_name(name).unwrap().as_primitive::<Int64Type>();
            assert_eq!(
                column.iter().collect::<Vec<_>>(),
                [Some(value), None, Some(value)],
                "{name}"
            );
        }
        let dates = columns
            .column_by_name("date")
            .unwrap()
            .as_primitive::<Date32Type>();
        assert_eq!(dates.value_as_date(0), NaiveDate::from_ymd_opt(2026, 11, 24));
        assert!(dates.is_null(1));
    }

    #[test]
    fn every_batch_has_the_same_schema() {
        let empty = RowBatch::from_iter([]).to_record_batch();
        assert_eq!(empty.num_rows(), 0);
        assert_eq!(empty.schema(), batch().to_record_batch().schema());
    }
}
