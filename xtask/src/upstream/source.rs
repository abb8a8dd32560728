//! The text of a definition, from a file or a URL.

use std::{
    borrow::Cow,
    io::Write as _,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, anyhow, ensure};
use serde_json::Value;

use crate::escape::redact_url;

/// Reads the complete text. An incomplete one is an error.
pub(super) fn read(from: &str) -> Result<String> {
    let bytes = if from.starts_with("https://") || from.starts_with("http://") {
        download(from)?
    } else {
        std::fs::read(from).with_context(|| format!("cannot read {from}"))?
    };
    String::from_utf8(bytes).map_err(|_| anyhow!("{}: not UTF-8", redact_url(from)))
}

/// In bytes. The definition of the whole platform has about 20 million.
const LARGEST: &str = "500000000";

/// Downloads with curl, because the HTTP client of the workspace belongs to `usage-client`, which the generator must not
/// depend on. curl reads the URL from its standard input, because other users can see its arguments.
fn download(url: &str) -> Result<Vec<u8>> {
    let shown = redact_url(url);
    ensure!(!url.contains(char::is_control), "{shown}: not a URL");
    let mut curl = Command::new("curl")
        .args("--fail --silent --show-error --location --compressed --max-time 300".split(' '))
        .args(["--proto", "=https,http", "--proto-redir", "=https"])
        .args(["--max-filesize", LARGEST, "--config", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot run curl, which reads URLs; download the definition and pass the file")?;
    let quoted = url.replace('\\', "\\\\").replace('"', "\\\"");
    if let Some(mut input) = curl.stdin.take() {
        // If curl ended before it read this, it prints the reason.
        let _ = writeln!(input, "url = \"{quoted}\"");
    }
    let output = curl.wait_with_output().context("curl")?;
    let message = String::from_utf8_lossy(&output.stderr).replace(url, &shown);
    ensure!(output.status.success(), "cannot read {shown}: {}", message.trim());
    Ok(output.stdout)
}

/// The text as JSON; YAML is converted.
pub(super) fn as_json(text: &str) -> Result<Cow<'_, str>> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('{') {
        return Ok(Cow::Borrowed(text));
    }
    // The default limits of the reader are for input of strangers. The definition of the whole platform exceeds them.
    let unbounded = serde_saphyr::options! { budget: None };
    let value: Value = serde_saphyr::from_str_with_options(text, unbounded)
        .map_err(|error| anyhow!("neither JSON nor YAML: {error}"))?;
    Ok(Cow::Owned(value.to_string()))
}
