//! The options for the output file and its format: `--format` sets it, or else the extension of the file.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::{error::CliError, output::STANDARD_OUTPUT, shell::word};

/// The formats of one kind of data.
pub(crate) trait Format: ValueEnum + Copy + Send + Sync + 'static {
    /// What is written, for error messages.
    const DATA: &'static str;
    const FORMAT_HELP: &'static str;
    const OUTPUT_HELP: &'static str =
        "File to write instead of standard output; it is written completely or not at all";
    const DEFAULT: Self;
    /// The extensions of files, with their formats.
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

    /// The format: from `--format`, or else from the extension of the file.
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

/// The error for an unknown extension. It names the command that writes such a file, if there is one.
fn unknown<F: Format>(path: &Path, extension: &str) -> CliError {
    let failure = |reason: &str| CliError::local(format!("--output {}: {reason}", path.display()));
    let not_written = || {
        failure(&format!(
            "{} cannot be written as {}",
            F::DATA,
            extension.to_uppercase()
        ))
    };
    let named = |ending| word(&path.with_extension(ending).to_string_lossy());
    let endings = || F::ENDINGS.iter().map(|(ending, _)| *ending);
    let all: Vec<_> = endings().map(|ending| format!(".{ending}")).collect();
    let all = all.join(", ");
    let is_spreadsheet = matches!(extension, "xlsx" | "xls" | "ods");
    match extension {
        _ if is_spreadsheet && endings().any(|ending| ending == "xlsx") => {
            not_written().with_hint(format!("use --output {}", named("xlsx")))
        }
        "csv" | "jsonl" | "ndjson" => not_written().with_hint(format!(
            "to write rows, use gc-usage query --output {}; or use a name that ends in one of {all}",
            named(extension)
        )),
        _ if is_spreadsheet => not_written().with_hint(format!(
            "to write rows, use gc-usage query --output {}; or use a name that ends in one of {all}",
            named("xlsx")
        )),
        _ => failure("the format cannot be derived from the name")
            .with_hint(format!("add --format, or use a name that ends in one of {all}")),
    }
}
