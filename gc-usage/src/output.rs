//! Where data goes: standard output, or a file that is written whole or not at all.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use crate::{exit::Failure, screen::Screen, stderr, text::visible};

/// A path that names standard output, as in other commands.
pub(crate) const STANDARD_OUTPUT: &str = "-";
const BUFFER: usize = 128 * 1024;

/// Takes data. What is dropped before [`finish`](Self::finish) leaves no file behind, and an old one as it was.
pub(crate) struct Output {
    to: To,
    /// The file, where it is one.
    path: Option<PathBuf>,
}

enum To {
    /// Standard output, or a device or pipe that a path names.
    Stream(BufWriter<Box<dyn Write>>),
    File(BufWriter<NamedTempFile>),
}

impl Output {
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Failure> {
        let stream = |out: Box<dyn Write>| To::Stream(BufWriter::with_capacity(BUFFER, out));
        let Some(path) = path.filter(|path| path.as_os_str() != STANDARD_OUTPUT) else {
            let to = stream(Box::new(io::stdout().lock()));
            return Ok(Self { to, path: None });
        };
        let to = match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
                return Err(Failure::local(format!(
                    "cannot write {}: it is a folder",
                    path.display()
                )));
            }
            Ok(metadata) if !metadata.is_file() => {
                let device = File::options().write(true).open(path);
                stream(Box::new(
                    device.map_err(|error| Failure::file("write", path, &error))?,
                ))
            }
            _ => To::File(BufWriter::with_capacity(BUFFER, temporary(path)?)),
        };
        let path = Some(path.to_owned());
        Ok(Self { to, path })
    }

    /// For what is not written where the command line says.
    #[cfg(test)]
    pub(crate) fn stream(out: impl Write + 'static) -> Self {
        Self {
            to: To::Stream(BufWriter::new(Box::new(out))),
            path: None,
        }
    }

    pub(crate) fn failed(&self, error: &io::Error) -> Failure {
        match &self.path {
            Some(path) if error.kind() != io::ErrorKind::BrokenPipe => Failure::file("write", path, error),
            _ => Failure::writing(error),
        }
    }

    /// Says what was written to a file, where a person watches: nothing else tells that it went well.
    pub(crate) fn tell(path: Option<&Path>, what: Option<&str>, screen: &Screen) {
        if let Some(path) = path.filter(|path| screen.watched && path.as_os_str() != STANDARD_OUTPUT) {
            let what = what.map(|what| format!("{what} to ")).unwrap_or_default();
            stderr::say(format_args!(
                "wrote {what}{}",
                visible(&path.display().to_string())
            ));
        }
    }

    /// As [`finish`](Self::finish), unless writing failed.
    pub(crate) fn finish_with(self, written: io::Result<()>) -> Result<(), Failure> {
        written.map_err(|error| self.failed(&error))?;
        self.finish()
    }

    /// Everything was written: only now does the file appear, and it is on the disk.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        self.flush().map_err(|error| self.failed(&error))?;
        match (self.to, &self.path) {
            (To::File(file), Some(path)) => {
                persist(file, path).map_err(|error| Failure::file("write", path, &error))
            }
            _ => Ok(()),
        }
    }
}

/// How many bytes of a file's name are in the name of the hidden file beside it: a name may be as long as the file system
/// allows, and what is added to it must fit too.
const NAMED_AFTER: usize = 100;

/// A new file beside the one that it will become.
fn temporary(path: &Path) -> Result<NamedTempFile, Failure> {
    let target = followed(path).map_err(|error| Failure::file("write", path, &error))?;
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let short: String = name
        .char_indices()
        .take_while(|(at, letter)| at + letter.len_utf8() <= NAMED_AFTER)
        .map(|(_, letter)| letter)
        .collect();
    let prefix = format!(".{short}.");
    let folder = folder.unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(Failure::local(format!(
            "cannot write {}: there is no folder {}",
            path.display(),
            folder.display()
        ))
        .with_hint("create it first, or choose another place with --output"));
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".part");
    #[cfg(unix)]
    builder.permissions(permissions(&target));
    let file = builder.tempfile_in(folder);
    file.map_err(|error| Failure::file("write", path, &system_error(&error)))
}

/// What the system said: around it, the error names a path that nobody asked for.
fn system_error(error: &io::Error) -> io::Error {
    let inner = error.get_ref().and_then(|path_error| path_error.source());
    let inner: Option<&io::Error> = inner.and_then(|inner| inner.downcast_ref());
    match inner.unwrap_or(error).raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::from(error.kind()),
    }
}

fn persist(file: BufWriter<NamedTempFile>, path: &Path) -> io::Result<()> {
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.as_file().sync_all()?;
    file.persist(followed(path)?)
        .map(drop)
        .map_err(|error| error.error)
}

/// As many links in a row are followed as Linux follows.
const MOST_LINKS: usize = 40;

/// A link is followed, so that it stays one. What it leads to need not exist.
fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut target = path.to_owned();
    for _ in 0..=MOST_LINKS {
        match fs::read_link(&target) {
            Ok(next) => target = target.parent().unwrap_or(Path::new("")).join(next),
            Err(_) => return Ok(target),
        }
    }
    // The system's own words for it.
    fs::metadata(path)?;
    Err(io::Error::other("too many links"))
}

/// Those of the file that is replaced, else what any new file gets: a temporary one would be its owner's alone.
#[cfg(unix)]
fn permissions(path: &Path) -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).map_or_else(
        |_| fs::Permissions::from_mode(0o666),
        |metadata| metadata.permissions(),
    )
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.to {
            To::Stream(out) => out.write(bytes),
            To::File(out) => out.write(bytes),
        }
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.to {
            To::Stream(out) => out.write_all(bytes),
            To::File(out) => out.write_all(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.to {
            To::Stream(out) => out.flush(),
            To::File(out) => out.flush(),
        }
    }
}
