//! What differs between CSV files: the separator of cells, and what the program that opens the file needs.

use clap::ValueEnum;

/// The separators, with their names on the command line.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum Separator {
    /// A comma, as in RFC 4180.
    #[default]
    #[value(alias = ",")]
    Comma,
    /// A semicolon, which Excel expects where the decimal sign is a comma.
    #[value(alias = ";")]
    Semicolon,
    /// A tab.
    #[value(aliases = ["\\t", "\t"])]
    Tab,
}

impl Separator {
    pub(crate) const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }
}

/// Programs that need more than plain CSV, with their names on the command line.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Program {
    /// Microsoft Excel.
    Excel,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Dialect {
    pub(crate) separator: Separator,
    pub(crate) program: Option<Program>,
}

/// How many rows Excel shows at most, without the headings.
const MOST_ROWS_OF_EXCEL: u64 = 1_048_575;

impl Dialect {
    /// What the file begins with. Without a byte order mark, Excel takes UTF-8 for the character set of the country.
    pub(crate) const fn mark(self) -> &'static str {
        match self.program {
            Some(Program::Excel) => "\u{feff}",
            None => "",
        }
    }

    /// Why the program does not show all rows, if it does not.
    pub(super) fn note(self, rows: u64) -> Option<String> {
        let is_too_long = self.program == Some(Program::Excel) && rows > MOST_ROWS_OF_EXCEL;
        is_too_long.then(|| {
            "Excel shows only the first 1,048,575 rows of the file; use a shorter period, --top, or fewer dimensions in --group-by"
                .to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_excel_has_too_many_rows() {
        let plain = Dialect::default();
        let excel = Dialect {
            program: Some(Program::Excel),
            ..plain
        };
        assert_eq!(excel.note(1_048_575), None);
        assert!(
            excel
                .note(1_048_576)
                .is_some_and(|note| note.contains("first 1,048,575 rows"))
        );
        assert_eq!(plain.note(u64::MAX), None);
    }
}
