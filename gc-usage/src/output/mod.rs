//! The destination of data: standard output, or a file that is written completely or not at all.

mod atomic_file;
mod descriptor;
mod write_back;

use std::{
    env,
    fs::{self, File},
    io::{self, BufWriter, ErrorKind, IsTerminal as _, Write},
    path::{Path, PathBuf},
};

use atomic_file::AtomicFile;
pub(crate) use atomic_file::abandon;

use crate::{error::CliError, printer::Printer, text::escape_control};

/// The path that means standard output, as in other commands.
pub(crate) const STANDARD_OUTPUT: &str = "-";
const BUFFER: usize = 128 * 1024;

/// Why data is not written.
#[derive(Debug)]
pub(crate) enum WriteError {
    /// The output cannot be written.
    Output(io::Error),
    /// The data cannot be read, or not be written in the format.
    Data(CliError),
}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<CliError> for WriteError {
    fn from(failure: CliError) -> Self {
        Self::Data(failure)
    }
}

/// Takes data. If it is dropped before [`finish`](Self::finish), it leaves no new file, and an old file unchanged.
pub(crate) struct Output {
    to: To,
    /// The path of the file, if it is one.
    path: Option<PathBuf>,
    is_terminal: bool,
}

enum To {
    /// Standard output, or a device or pipe that a path names.
    Stream(BufWriter<Box<dyn Write + Send>>),
    File(AtomicFile),
}

impl Output {
    pub(crate) fn open(path: Option<&Path>, printer: &Printer) -> Result<Self, CliError> {
        let stream = |out: Box<dyn Write + Send>| To::Stream(BufWriter::with_capacity(BUFFER, out));
        let Some(path) = path.filter(|path| path.as_os_str() != STANDARD_OUTPUT) else {
            let to = stream(Box::new(printer.out()));
            let is_terminal = io::stdout().is_terminal();
            return Ok(Self {
                to,
                path: None,
                is_terminal,
            });
        };
        let failed = |error: &io::Error| CliError::file("write", path, error);
        let mut is_terminal = false;
        let to = match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {
                return Err(CliError::local(format!(
                    "cannot write {}: it is a directory",
                    path.display()
                )));
            }
            Ok(metadata) if !metadata.is_file() => {
                let device = File::options().write(true).open(path);
                let device = device.map_err(|error| failed(&error))?;
                is_terminal = device.is_terminal();
                stream(Box::new(device))
            }
            Ok(metadata) => match descriptor::named_by(path) {
                None => To::File(AtomicFile::open(path, Some(&metadata))?),
                Some(1) => stream(Box::new(printer.out())),
                // To open it again would overwrite its contents.
                Some(number) => {
                    return Err(CliError::local(format!(
                        "cannot write {}: the shell has opened this file",
                        path.display()
                    ))
                    .with_hint(format!("write to it with: --output - >&{number}")));
                }
            },
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                To::File(AtomicFile::open(path, None)?)
            }
            // This includes links that the system does not follow because another user made them.
            Err(error) => return Err(failed(&error)),
        };
        let path = Some(path.to_owned());
        Ok(Self {
            to,
            path,
            is_terminal,
        })
    }

    /// An output for tests.
    #[cfg(test)]
    pub(crate) fn stream(out: impl Write + Send + 'static) -> Self {
        Self {
            to: To::Stream(BufWriter::new(Box::new(out))),
            path: None,
            is_terminal: false,
        }
    }

    /// Whether people would see what is written as it is.
    pub(crate) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// The directory for large temporary files: that of the file, because there must be room for the file too.
    pub(crate) fn directory(&self) -> PathBuf {
        match &self.to {
            To::File(file) => file.directory().to_owned(),
            To::Stream(_) => env::temp_dir(),
        }
    }

    pub(crate) fn failed(&self, error: &io::Error) -> CliError {
        match &self.path {
            Some(path) if error.kind() != io::ErrorKind::BrokenPipe => CliError::file("write", path, error),
            _ => CliError::writing(error),
        }
    }

    pub(crate) fn explain(&self, error: WriteError) -> CliError {
        match error {
            WriteError::Output(error) => self.failed(&error),
            WriteError::Data(failure) => failure,
        }
    }

    /// Says what was written to a file, since nothing else shows it.
    pub(crate) fn announce(path: Option<&Path>, what: Option<&str>, printer: &Printer) {
        if let Some(path) = path.filter(|path| path.as_os_str() != STANDARD_OUTPUT) {
            let what = what.map(|what| format!("{what} to ")).unwrap_or_default();
            printer.confirm(format_args!(
                "wrote {what}{}",
                escape_control(&path.display().to_string())
            ));
        }
    }

    /// Like [`finish`](Self::finish), unless writing failed.
    pub(crate) fn finish_with(self, written: Result<(), impl Into<WriteError>>) -> Result<(), CliError> {
        written.map_err(|error| self.explain(error.into()))?;
        self.finish()
    }

    /// Ends writing. Only now does the file appear, and it is on the disk.
    pub(crate) fn finish(mut self) -> Result<(), CliError> {
        self.flush().map_err(|error| self.failed(&error))?;
        match (self.to, &self.path) {
            (To::File(file), Some(path)) => file
                .finish()
                .map_err(|error| CliError::file("write", path, &error)),
            _ => Ok(()),
        }
    }
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
