//! The format that the name of an output file tells.

use std::path::Path;

use crate::{exit::Failure, output::STANDARD_OUTPUT, shell::word};

/// The format: as asked for, else as the file's name ends. `what` is written, for a reader of the error.
pub(crate) fn format<F: Copy>(
    format: Option<F>,
    output: Option<&Path>,
    what: &str,
    endings: &[(&str, F)],
    default: F,
) -> Result<F, Failure> {
    let Some(path) = output.filter(|path| format.is_none() && path.as_os_str() != STANDARD_OUTPUT) else {
        return Ok(format.unwrap_or(default));
    };
    let extension = path
        .extension()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    let known = endings.iter().find(|(ending, _)| extension == *ending);
    known.map(|(_, format)| *format).ok_or_else(|| {
        let endings: Vec<_> = endings.iter().map(|(ending, _)| *ending).collect();
        unknown(path, &extension, what, &endings)
    })
}

/// A name that does not end in one of `endings`: another command may write what it ends in.
fn unknown(path: &Path, extension: &str, what: &str, endings: &[&str]) -> Failure {
    let failure = |reason: &str| Failure::local(format!("--output {}: {reason}", path.display()));
    let not_written = || failure(&format!("{what} not written as {}", extension.to_uppercase()));
    let named = |ending| word(&path.with_extension(ending).to_string_lossy());
    let all: Vec<_> = endings.iter().map(|ending| format!(".{ending}")).collect();
    let all = all.join(", ");
    let is_spreadsheet = matches!(extension, "xlsx" | "xls" | "ods");
    match extension {
        _ if is_spreadsheet && endings.contains(&"csv") => {
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
