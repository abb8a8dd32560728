//! No crate promises an older Rust than its dependencies need. Only the dependencies of default features on this platform
//! are checked. Clippy's `incompatible_msrv` checks our own code.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
};

use serde_json::Value;

/// `1.89` and `1.89.0` as numbers.
fn version(text: &str) -> Vec<u32> {
    let mut numbers: Vec<_> = text.split('.').map(|number| number.parse().unwrap()).collect();
    numbers.resize(3, 0);
    numbers
}

/// The platform of this toolchain: packages of other platforms may be missing.
fn host() -> String {
    let output = Command::new(env!("CARGO")).args(["-vV"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.unwrap().to_owned()
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--filter-platform",
        ])
        .arg(host())
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

fn by_id(list: &Value) -> BTreeMap<&str, &Value> {
    let items = list.as_array().unwrap().iter();
    items.map(|item| (item["id"].as_str().unwrap(), item)).collect()
}

/// The ids of all packages that a crate is built from; with those of its tests if nobody else builds it.
fn dependencies<'m>(
    member: &'m str,
    nodes: &BTreeMap<&str, &'m Value>,
    with_tests: bool,
) -> BTreeSet<&'m str> {
    let mut found = BTreeSet::new();
    let mut open = vec![member];
    while let Some(id) = open.pop() {
        if !found.insert(id) {
            continue;
        }
        let is_needed = |dependency: &&Value| {
            let kinds = dependency["dep_kinds"].as_array().unwrap();
            (with_tests && id == member) || kinds.iter().any(|kind| kind["kind"] != "dev")
        };
        let needed = nodes[id]["deps"].as_array().unwrap().iter().filter(is_needed);
        open.extend(needed.map(|dependency| dependency["pkg"].as_str().unwrap()));
    }
    found
}

#[test]
fn no_dependency_needs_a_newer_rust_than_its_crate_promises() {
    let metadata = metadata();
    let (packages, nodes) = (by_id(&metadata["packages"]), by_id(&metadata["resolve"]["nodes"]));
    let needs = |id: &str| packages[id]["rust_version"].as_str().map(version);
    let mut newer = Vec::new();
    for member in metadata["workspace_members"].as_array().unwrap() {
        let member = member.as_str().unwrap();
        let promised = needs(member).unwrap();
        let is_published = packages[member]["publish"].is_null();
        let dependencies = dependencies(member, &nodes, !is_published);
        assert!(dependencies.len() > 30, "{member}: {dependencies:?}");
        let too_new = dependencies
            .into_iter()
            .filter(|id| needs(id).is_some_and(|needed| needed > promised));
        newer.extend(too_new.map(|id| format!("{member} uses {id}: {:?}", needs(id))));
    }
    assert!(newer.is_empty(), "{newer:#?}");
}
