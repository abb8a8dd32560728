//! `cargo xtask imports`: no file imports another that imports it back, a parent and its child apart.

mod cycles;
mod modules;
mod paths;

use std::{path::Path, process::ExitCode};

use anyhow::Result;

use crate::cargo;
use modules::Modules;

/// Checks each crate of the workspace, and prints each cycle with the imports that make it.
pub(crate) fn run(root: &Path) -> Result<ExitCode> {
    let mut found = 0;
    for package in cargo::metadata(root)?.packages {
        for target in package.targets {
            let modules = Modules::read(&target.src_path)?;
            let cycles = cycles::find(&modules);
            println!(
                "{} ({} {}): {} files, {} import cycles",
                package.name,
                target.kind.join(", "),
                target.name,
                modules.files().len(),
                cycles.len()
            );
            for cycle in &cycles {
                println!("{cycle}");
            }
            found += cycles.len();
        }
    }
    Ok(if found == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The members of each cycle of a crate of these files.
    fn cycles(files: &[(&str, &str)]) -> Vec<String> {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = directory.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let found = cycles::find(&Modules::read(&directory.path().join("lib.rs")).unwrap());
        let first_line = |cycle: &cycles::Cycle| cycle.to_string().lines().next().unwrap().trim().to_owned();
        found.iter().map(first_line).collect()
    }

    #[test]
    fn files_that_import_one_another_are_found_however_the_import_is_written() {
        let back = [
            "use crate::a::A;",
            "use super::a::{self as other};",
            "use crate::a::*;",
            "fn f() { crate::a::f() }",
            "fn f() { assert!(super::a::A == 1) }",
            // The root passes it on.
            "use crate::A;",
        ];
        for import in back {
            let lib = ("lib.rs", "mod a; mod b; pub use a::A;");
            let found = cycles(&[lib, ("a.rs", "use crate::b; pub struct A;"), ("b.rs", import)]);
            assert_eq!(found, ["cycle of 2: a, b"], "{import}");
        }
    }

    #[test]
    fn rooms_that_import_one_another_are_found_though_no_two_files_do() {
        let found = cycles(&[
            ("lib.rs", "mod a; mod b;"),
            ("a/mod.rs", "mod up; mod down;"),
            ("a/up.rs", "use crate::b::B;"),
            ("a/down.rs", "pub struct Down;"),
            ("b.rs", "pub struct B(crate::a::down::Down);"),
        ]);
        assert_eq!(found, ["cycle of 2: a, b"]);
    }

    #[test]
    fn generated_files_are_rooms_of_their_own() {
        let types = ("generated/types.rs", "pub struct T;");
        let lib = ("lib.rs", "mod generated; mod a;");
        let of_types = ("a.rs", "use crate::generated::types::T; pub struct A;");
        let room = ("generated/mod.rs", "mod types; mod client;");
        let client = ("generated/client.rs", "use crate::a::A; pub struct C;");
        assert_eq!(cycles(&[lib, room, types, client, of_types]), [] as [&str; 0]);
        let of_client = ("a.rs", "use crate::generated::client::C; pub struct A;");
        assert_eq!(
            cycles(&[lib, room, types, client, of_client]),
            ["cycle of 2: a, generated::client"]
        );
    }

    #[test]
    fn a_parent_with_its_child_and_tests_are_no_cycles() {
        let found = cycles(&[
            ("lib.rs", "mod a; mod b; pub struct Root;"),
            (
                "a.rs",
                "mod child; use child::Child; pub struct A(crate::Root); #[cfg(test)] mod tests { use crate::b::B; }",
            ),
            ("a/child.rs", "use super::A; pub struct Child;"),
            ("b.rs", "use crate::a::A; pub struct B;"),
        ]);
        assert_eq!(found, [] as [&str; 0]);
    }
}
