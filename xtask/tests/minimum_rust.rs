//! The `rust-version` that the crates promise is one that their dependencies keep too. That our own code keeps it is what
//! clippy's `incompatible_msrv` sees to. It is the dependencies of default features, on the platform of this toolchain.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{path::Path, process::Command};

use serde_json::Value;

/// `1.89` and `1.89.0` as numbers.
fn version(text: &str) -> Vec<u32> {
    let mut numbers: Vec<_> = text.split('.').map(|number| number.parse().unwrap()).collect();
    numbers.resize(3, 0);
    numbers
}

/// The platform of this toolchain: packages of others need not be there.
fn host() -> String {
    let output = Command::new(env!("CARGO")).args(["-vV"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.unwrap().to_owned()
}

#[test]
fn no_dependency_asks_for_a_newer_rust() {
    let mut metadata = Command::new(env!("CARGO"));
    metadata.args([
        "metadata",
        "--format-version",
        "1",
        "--locked",
        "--filter-platform",
        &host(),
    ]);
    let output = metadata
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let used = metadata["resolve"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| &node["id"]);
    let used: Vec<_> = used.collect();
    let promised = version(env!("CARGO_PKG_RUST_VERSION"));
    let packages = metadata["packages"].as_array().unwrap();
    let newer = packages.iter().filter(|package| {
        let asks = package["rust_version"].as_str().map(version);
        used.contains(&&package["id"]) && asks.is_some_and(|asks| asks > promised)
    });
    let newer: Vec<_> = newer
        .map(|package| format!("{} {}", package["name"], package["rust_version"]))
        .collect();
    assert!(used.len() > 100 && newer.is_empty(), "{newer:?}");
}
