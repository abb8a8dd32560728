//! The options for CSV: the program that opens the file, and the separator.

use clap::{Args, ValueEnum};

use super::output::OutputArgs;
use crate::{
    error::CliError,
    export::{Dialect, Format, Program, Separator, Style},
};

#[derive(Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct CsvArgs {
    /// Program that opens the CSV file. For Excel, the file begins with a byte order mark; otherwise a double click
    /// garbles characters beyond ASCII.
    #[arg(long, value_name = "PROGRAM", value_enum, ignore_case = true)]
    csv_for: Option<Program>,

    /// Separator of CSV [default: comma]. Where the decimal sign is a comma, Excel needs semicolon.
    #[arg(long, value_name = "SEPARATOR", value_enum, ignore_case = true)]
    csv_separator: Option<Separator>,
}

impl CsvArgs {
    /// How rows are written to this output.
    ///
    /// # Errors
    ///
    /// The format is unknown, or an option for CSV would have no effect on it.
    pub(crate) fn style(&self, output: &OutputArgs<Format>) -> Result<Style, CliError> {
        let format = output.format()?;
        if let Some((option, _)) = self.given().iter().find(|(_, value)| value.is_some())
            && format != Format::Csv
        {
            let format = value_name(&format).unwrap_or_default();
            return Err(CliError::local(format!(
                "--{option}: only CSV has this option, and the format of the rows is {format}"
            ))
            .with_hint(format!(
                "add --format csv, use an --output that ends in .csv, or leave --{option} out"
            )));
        }
        let dialect = Dialect {
            separator: self.csv_separator.unwrap_or_default(),
            program: self.csv_for,
        };
        Ok(Style { format, dialect })
    }

    /// The names of the options with the values that they were given.
    pub(super) fn given(&self) -> [(&'static str, Option<String>); 2] {
        let separator = self.csv_separator.as_ref();
        [
            ("csv-for", self.csv_for.as_ref().and_then(value_name)),
            ("csv-separator", separator.and_then(value_name)),
        ]
    }
}

/// The name of a value on the command line.
pub(super) fn value_name(value: &impl ValueEnum) -> Option<String> {
    Some(value.to_possible_value()?.get_name().to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use crate::args::{Args, Command};

    #[test]
    fn a_command_that_continues_without_the_file_still_writes_csv() {
        let line = "gc-usage query --output usage.csv --csv-for excel";
        let Command::Query(query) = Args::parse_from(line.split(' ')).command else {
            panic!("{line}");
        };
        for (shares_file, options) in [
            (false, " --format=csv --output=usage.csv --csv-for=excel"),
            (true, " --format=csv --csv-for=excel"),
        ] {
            assert_eq!(query.show.again(None, &[], shares_file), options);
        }
    }
}
