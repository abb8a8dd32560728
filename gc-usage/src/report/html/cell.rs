//! Cells of tables: what they show, and what they are for sorting and in files.

use maud::{Markup, html};

use super::{
    names::{name, path},
    number::{NO_VALUE, change, change_fraction, fraction, share},
    palette::Fill,
};
use crate::{
    report::{contributors::Contributor, model::Report},
    text::grouped,
};

pub(super) enum Cell {
    /// The name of the row, and what it is in a file: its text, and the id.
    Name {
        shown: Markup,
        value: String,
        id: Option<String>,
    },
    Text {
        shown: Markup,
        value: String,
    },
    /// A number that is shown whole.
    Count(i64),
    /// A number as shown, and as it is sorted and written to files. It is empty if there is no number.
    Number {
        shown: String,
        value: String,
    },
    Drawing(Markup),
}

impl Cell {
    pub(super) fn name(text: &str, value: impl Into<String>) -> Self {
        Self::Name {
            shown: html! { (text) },
            value: value.into(),
            id: None,
        }
    }

    pub(super) fn client(client: Contributor<'_>) -> Self {
        let label = client.label();
        Self::Name {
            shown: name(&label),
            value: label,
            id: Some(client.id().to_owned()),
        }
    }

    pub(super) fn endpoint(endpoint: Contributor<'_>) -> Self {
        Self::Name {
            shown: path(endpoint.id()),
            value: endpoint.id().to_owned(),
            id: None,
        }
    }

    pub(super) fn text(text: impl Into<String>) -> Self {
        let value = text.into();
        Self::Text {
            shown: html! { (value) },
            value,
        }
    }

    /// A count that may be unknown, or too large for [`Count`](Self::Count).
    pub(super) fn sum(count: Option<i128>) -> Self {
        Self::Number {
            shown: count.map_or_else(|| NO_VALUE.to_owned(), grouped),
            value: count.map(|count| count.to_string()).unwrap_or_default(),
        }
    }

    pub(super) fn share(part: impl Into<i128>, whole: impl Into<i128>) -> Self {
        let (part, whole) = (part.into(), whole.into());
        Self::Number {
            shown: share(part, whole),
            value: fraction(part, whole),
        }
    }

    /// The change compared with the previous period.
    pub(super) fn change(report: &Report, now: i64, before: i64) -> Self {
        Self::Number {
            shown: change(report, now, before),
            value: change_fraction(report, now, before),
        }
    }

    /// A horizontal bar.
    pub(super) fn bar(count: i64, most: i64, (class, fill): Fill) -> Self {
        let thousandths = i128::from(count.max(0)) * 1_000 / i128::from(most.max(1));
        // Any count above 0 is visible.
        let thousandths = thousandths.max(i128::from(count > 0) * 3);
        let width = format!("{}.{}%", thousandths / 10, thousandths % 10);
        Self::Drawing(html! {
            svg aria-hidden="true" width="100%" height="12" {
                rect.(class) fill=(fill) width=(width) height="12" {}
            }
        })
    }
}
