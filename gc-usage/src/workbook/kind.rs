//! The types of cells, and how Excel shows them.

use rust_xlsxwriter::Format;

/// The type of the cells of a column.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Text,
    Day,
    /// A number as it is.
    Number,
    Count,
    /// A count of more or fewer.
    Difference,
    /// A part of a whole, from 0 to 1.
    Share,
    /// More or less than before: 0.5 is half more.
    Change,
}

impl Kind {
    pub(super) fn format(self) -> Format {
        let format = Format::new();
        match self {
            Self::Text | Self::Number => format,
            Self::Day => format.set_num_format("yyyy-mm-dd"),
            Self::Count => format.set_num_format("#,##0"),
            Self::Difference => format.set_num_format("+#,##0;-#,##0;0"),
            Self::Share => format.set_num_format("0.00%"),
            Self::Change => format.set_num_format("+0.0%;-0.0%;0.0%"),
        }
    }
}
