//! A copy of the workspace to build other generated code in.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::workspace;

/// What a build reads.
const ENDINGS: [&str; 7] = ["csv", "json", "lock", "md", "rs", "toml", "yaml"];

/// A copy of the workspace below its `target`, which stays, so that it is built anew only as far as it changed.
pub(crate) struct Copy {
    root: PathBuf,
    /// Files that are written with other contents, so that the copy does not go to and fro.
    changed: Vec<&'static str>,
    written: RefCell<BTreeSet<PathBuf>>,
}

impl Copy {
    /// Copies all but these files. `number` distinguishes it from the copies that share the target directory.
    pub(crate) fn new(name: &str, number: u8, mut changed: Vec<&'static str>) -> Self {
        changed.push("Cargo.toml");
        let copy = Self {
            root: workspace().join("target/corpus").join(name),
            changed,
            written: RefCell::default(),
        };
        copy.take(Path::new(""));
        let manifest = fs::read_to_string(workspace().join("Cargo.toml")).unwrap();
        // Nothing here runs long enough to be worth optimizing.
        let lines = manifest.lines().filter(|line| !line.ends_with(".opt-level = 1"));
        let manifest: String = lines.map(|line| format!("{line}\n")).collect();
        // Cargo takes packages of one name and version for the same, wherever their workspaces are.
        let version = format!("version = \"{}\"\n", env!("CARGO_PKG_VERSION"));
        assert!(
            manifest.contains(&version),
            "the workspace has no version of its own"
        );
        let other = format!("version = \"{}+copy.{number}\"\n", env!("CARGO_PKG_VERSION"));
        copy.write("Cargo.toml", &manifest.replacen(&version, &other, 1));
        copy
    }

    fn take(&self, directory: &Path) {
        for entry in fs::read_dir(workspace().join(directory)).unwrap() {
            let entry = entry.unwrap();
            let path = directory.join(entry.file_name());
            let name = entry.file_name();
            let is_directory = entry.file_type().unwrap().is_dir();
            if is_directory && name != "target" && name != ".git" && name != "documents" {
                self.take(&path);
            }
            let ending = path.extension().and_then(|ending| ending.to_str());
            let is_read = ending.is_some_and(|ending| ENDINGS.contains(&ending));
            if !is_directory && is_read && !self.changed.iter().any(|changed| path == Path::new(changed)) {
                self.write(&path, &fs::read_to_string(entry.path()).unwrap());
            }
        }
    }

    /// Writes a file only if it changes, so that what was built of it stays.
    pub(crate) fn write(&self, path: impl AsRef<Path>, text: &str) {
        let path = self.root.join(path);
        self.written.borrow_mut().insert(path.clone());
        if fs::read_to_string(&path).is_ok_and(|before| before == text) {
            return;
        }
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Removes what an earlier copy left, such as a file that is elsewhere now.
    fn remove_others(&self, directory: &Path) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.remove_others(&path);
            } else if !self.written.borrow().contains(&path) {
                fs::remove_file(path).unwrap();
            }
        }
    }

    /// Runs cargo, which must succeed without a warning.
    pub(crate) fn cargo(&self, arguments: &[&str]) {
        self.remove_others(&self.root);
        let output = Command::new(env!("CARGO"))
            .args(arguments)
            .args(["--offline", "--quiet"])
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", workspace().join("target/corpus/target"))
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_PROFILE_DEV_DEBUG", "none")
            .env("RUSTFLAGS", "-D warnings")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "cargo {}: {}{}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
