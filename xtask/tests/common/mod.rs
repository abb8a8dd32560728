//! The document, and folders to generate into.

#![allow(dead_code, reason = "each test file uses what it needs")]

pub(crate) mod copy;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::{Value, json};

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
    let output = codegen(root.path(), &[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    root
}

/// A run of `cargo xtask codegen`.
pub(crate) fn codegen(root: &Path, arguments: &[&str]) -> Output {
    let mut command = xtask("codegen");
    command.arg("--root").arg(root).args(arguments).output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A task of xtask, without the rest of its arguments.
pub(crate) fn xtask(task: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.arg(task);
    command
}

/// Applies a JSON merge patch.
pub(crate) fn merge(value: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        return *value = patch.clone();
    };
    if !value.is_object() {
        *value = json!({});
    }
    for (key, patch) in patch {
        if patch.is_null() {
            value.as_object_mut().unwrap().remove(key);
        } else {
            merge(&mut value[key], patch);
        }
    }
}
