//! The document, and folders to generate into.

#![allow(dead_code, reason = "each test file uses what it needs")]

pub(crate) mod copy;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

pub(crate) const TYPES: &str = "usage-client/src/generated/types.rs";
pub(crate) const CLIENT: &str = "usage-client/src/generated/client.rs";
pub(crate) const MODULES: &str = "usage-client/src/generated/mod.rs";
pub(crate) const ROWS: &str = "usage-client/src/generated/rows.rs";
pub(crate) const MOCKS: &str = "usage-client-httpmock/src/generated.rs";

pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub(crate) fn the_document() -> String {
    fs::read_to_string(workspace().join("openapi/usage.yaml")).unwrap()
}

/// A root with this document and nothing generated.
pub(crate) fn root(document: &str) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("openapi")).unwrap();
    fs::write(root.path().join("openapi/usage.yaml"), document).unwrap();
    root
}

/// A root with this document and what is generated from it.
pub(crate) fn generated(document: &str) -> tempfile::TempDir {
    let root = root(document);
    let output = xtask("codegen").arg("--root").arg(root.path()).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    root
}

/// A task of xtask, without the rest of its arguments.
pub(crate) fn xtask(task: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.arg(task);
    command
}
