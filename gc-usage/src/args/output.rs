//! Where data goes, and in which format: as `--format` says, else as the name of the file ends.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::{error::CliError, output::STANDARD_OUTPUT, shell::word};

/// The formats of one kind of data.
pub(crate) trait Format: ValueEnum + Copy + Send + Sync + 'static {
    /// What is written, with its verb, for the errors.
    const DATA_IS: &'static str;
    const FORMAT_HELP: &'static str;
    const OUTPUT_HELP: &'static str =
        "File to write instead of standard output; it is written whole or not at all";
    const DEFAULT: Self;
    /// What the names of files may end in.
    const ENDINGS: &'static [(&'static str, Self)];
}

#[derive(Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs<F: Format> {
    #[arg(long, value_enum, ignore_case = true, help = F::FORMAT_HELP)]
    pub(crate) format: Option<F>,

    #[arg(long, short, value_name = "FILE", help = F::OUTPUT_HELP)]
    pub(crate) output: Option<PathBuf>,
}

impl<F: Format> OutputArgs<F> {
    /// The file to write, if it is not standard output.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.output.as_deref()
    }

    /// The format: as asked for, else as the file's name ends.
    pub(crate) fn format(&self) -> Result<F, CliError> {
        let path = self.path().filter(|path| path.as_os_str() != STANDARD_OUTPUT);
        let (Some(path), None) = (path, self.format) else {
            return Ok(self.format.unwrap_or(F::DEFAULT));
        };
        let extension = path
            .extension()
            .unwrap_or_default()
            .to_string_lossy()
            .to_lowercase();
        let known = F::ENDINGS.iter().find(|(ending, _)| extension == *ending);
        known
            .map(|(_, format)| *format)
            .ok_or_else(|| unknown::<F>(path, &extension))
    }
}

/// A name that does not end in one of the endings: another command may write what it ends in.
fn unknown<F: Format>(path: &Path, extension: &str) -> CliError {
    let failure = |reason: &str| CliError::local(format!("--output {}: {reason}", path.display()));
    let not_written = || {
        failure(&format!(
            "{} not written as {}",
            F::DATA_IS,
            extension.to_uppercase()
        ))
    };
    let named = |ending| word(&path.with_extension(ending).to_string_lossy());
    let endings = || F::ENDINGS.iter().map(|(ending, _)| *ending);
    let all: Vec<_> = endings().map(|ending| format!(".{ending}")).collect();
    let all = all.join(", ");
    let is_spreadsheet = matches!(extension, "xlsx" | "xls" | "ods");
    match extension {
        _ if is_spreadsheet && endings().any(|ending| ending == "csv") => {
            not_written().with_hint(format!("Excel opens CSV: --output {}", named("csv")))
        }
        "csv" | "jsonl" | "ndjson" => not_written().with_hint(format!(
            "rows are: gc-usage query --output {}; or end the name in one of {all}",
            named(extension)
        )),
        _ if is_spreadsheet => not_written().with_hint(format!(
            "Excel opens CSV, which rows are written as: gc-usage query --output {}; or end the name in one of {all}",
            named("csv")
        )),
        _ => failure("the name does not tell the format")
            .with_hint(format!("add --format, or end the name in one of {all}")),
    }
}
