//! The content security policy: only the style sheet and the scripts of the page, and no request.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

pub(super) const STYLE: &str = include_str!("report.css");
pub(super) const SCRIPT: &str = include_str!("report.js");
/// Says before anything is drawn that the script will run, so that nothing moves when it does.
pub(super) const FIRST_SCRIPT: &str = "document.documentElement.classList.add('js')";

/// The policy, with the hashes of what is written.
pub(super) fn policy() -> String {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}' '{}'; img-src data:; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
        source(STYLE),
        source(FIRST_SCRIPT),
        source(SCRIPT)
    )
}

/// The hash of an inline block, as a policy names it.
pub(super) fn source(block: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(block.as_bytes())))
}
