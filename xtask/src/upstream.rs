//! The differences between the document and the definition that the service publishes.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, Result};
use clap::Args;

mod compare;
mod definition;
mod difference;
mod operation;
mod shape;
mod source;

use definition::Definition;
use difference::Comparison;

use crate::document::DOCUMENT;
use crate::escape::{escape_control, redact_url};

/// Exit code if the comparison failed.
pub(crate) const FAILED: u8 = 2;

#[derive(Args)]
#[command(
    after_help = "Exit code: 0 no breaking difference, 1 at least one, 2 the comparison failed.\n\n\
    Descriptions, examples, error codes, response headers, security and constraints that the document adds are not compared. \
    curl fetches a URL."
)]
pub(crate) struct UpstreamArgs {
    /// The published definition: a file or an http(s) URL, Swagger 2.0 or OpenAPI 3, JSON or YAML.
    #[arg(long, value_name = "FILE|URL")]
    from: String,
    /// Root directory of the workspace.
    #[arg(long, value_name = "DIR", default_value_os_t = crate::workspace_root())]
    root: PathBuf,
}

/// Compares, and prints the differences.
pub(crate) fn run(args: &UpstreamArgs) -> Result<ExitCode> {
    let path = args.root.join(DOCUMENT);
    let document =
        std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let published = source::read(&args.from)?;
    let ours = source::as_json(&document).context(DOCUMENT)?;
    let theirs = source::as_json(&published).with_context(|| redact_url(&args.from))?;
    let own = Definition::read(&ours).context(DOCUMENT)?;
    let other = Definition::read(&theirs).with_context(|| redact_url(&args.from))?;
    let comparison = compare::compare(&own, &other)?;
    print!("{}", report_text(&comparison));
    Ok(ExitCode::from(u8::from(!comparison.breaking.is_empty())))
}

/// The text of the report: breaking differences first, and each place once.
fn report_text(comparison: &Comparison) -> String {
    let mut text = format!(
        "{}: {} operations and {} models compared with {}.\n",
        Path::new(DOCUMENT).display(),
        comparison.operations,
        comparison.models,
        escape_control(&comparison.published)
    );
    let (breaking, compatible) = (&comparison.breaking, &comparison.compatible);
    for (heading, differences) in [
        ("Breaking for users of the crate", breaking),
        ("Compatible", compatible),
    ] {
        if !differences.is_empty() {
            let _ = write!(text, "\n{heading}:\n");
        }
        let mut place = "";
        for found in differences {
            if found.place != place {
                let _ = writeln!(text, "  {}", escape_control(&found.place));
                place = &found.place;
            }
            let _ = writeln!(text, "    {}", escape_control(&found.text));
        }
    }
    let _ = match (breaking.len(), compatible.len()) {
        (0, 0) => writeln!(text, "No difference."),
        (breaking, compatible) => writeln!(text, "\n{breaking} breaking, {compatible} compatible."),
    };
    text
}
