//! Generated files on disk: written completely or not at all, or compared.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, Result};
use similar::TextDiff;
use tempfile::NamedTempFile;

use crate::document::DOCUMENT;

/// One generated file.
#[derive(PartialEq)]
pub(crate) struct SourceFile {
    /// Its path, relative to the workspace's root.
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

impl SourceFile {
    /// The content of the file now; empty if there is no such file.
    pub(crate) fn current(&self, root: &Path) -> Result<String> {
        let path = root.join(&self.path);
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }
}

/// Writes the files that differ. All are written under temporary names before the first is renamed, so a full disk leaves
/// the old files.
pub(crate) fn write(root: &Path, files: &[SourceFile]) -> Result<ExitCode> {
    let mut staged = Vec::new();
    for file in files {
        if file.current(root)? != file.text {
            let target = root.join(&file.path);
            staged.push((stage(&target, &file.text)?, target));
        }
    }
    for (temporary, target) in staged {
        temporary
            .persist(&target)
            .with_context(|| format!("cannot write {}", target.display()))?;
        eprintln!("wrote {}", target.strip_prefix(root).unwrap_or(&target).display());
    }
    Ok(ExitCode::SUCCESS)
}

fn stage(target: &Path, text: &str) -> Result<NamedTempFile> {
    let write = || {
        let directory = target.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(directory)?;
        #[cfg_attr(not(unix), allow(unused_mut, reason = "only Unix has these permissions"))]
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
        let mut temporary = builder.tempfile_in(directory)?;
        temporary.write_all(text.as_bytes())?;
        temporary.as_file().sync_all()?;
        std::io::Result::Ok(temporary)
    };
    write().with_context(|| format!("cannot write {}", target.display()))
}

/// Prints how the files differ from the generated code, and fails if they do.
pub(crate) fn check(root: &Path, files: &[SourceFile]) -> Result<ExitCode> {
    let mut drifted = false;
    for file in files {
        let current = file.current(root)?;
        if current != file.text {
            drifted = true;
            let name = file.path.display().to_string();
            let diff = TextDiff::from_lines(&current, &file.text);
            let mut unified = diff.unified_diff();
            let unified = unified
                .header(&format!("a/{name}"), &format!("b/{name}"))
                .to_string();
            // The pipe may be closed. The exit code still shows the result.
            let _ = std::io::stdout().write_all(unified.as_bytes());
        }
    }
    if drifted {
        eprintln!("error: the generated code is not in step with the document; run `cargo xtask codegen`");
        return Ok(ExitCode::FAILURE);
    }
    println!("in step with {DOCUMENT}");
    Ok(ExitCode::SUCCESS)
}
