//! Calls of rust_xlsxwriter, whose panics and errors become errors of the command.

use std::{
    any::Any,
    io::{self, Write},
    panic::{self, AssertUnwindSafe, PanicHookInfo},
    path::Path,
    sync::Once,
};

use rust_xlsxwriter::{Workbook, XlsxError};

use crate::{
    error::CliError,
    output::{Output, WriteError},
};

/// Calls the library. It panics where its temporary file cannot be written, such as on a full disk.
pub(super) fn call<T>(directory: &Path, work: impl FnOnce() -> Result<T, XlsxError>) -> Result<T, CliError> {
    hide_panics();
    match panic::catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(XlsxError::TempFileError(_, error))) => Err(temporary_file(directory, &error)),
        Ok(Err(error)) => Err(CliError::local(format!("cannot make the workbook: {error}"))),
        Err(panic) => Err(temporary_file(directory, &cause(&*panic))),
    }
}

/// Writes the workbook to the output.
pub(super) fn save(workbook: &mut Workbook, directory: &Path, out: &mut Output) -> Result<(), WriteError> {
    let mut out = Fused { out, failure: None };
    let saved = call(directory, || workbook.save_to_writer(&mut out));
    match out.failure {
        Some(error) => Err(error.into()),
        None => Ok(saved?),
    }
}

/// A writer that fails once and keeps the error. The library would write on to a closed pipe, and print a second error.
struct Fused<W> {
    out: W,
    failure: Option<io::Error>,
}

impl<W: Write> Write for Fused<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.failure.is_some() {
            return Ok(bytes.len());
        }
        self.out.write_all(bytes).map_err(|error| self.keep(error))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.failure.is_some() {
            return Ok(());
        }
        self.out.flush().map_err(|error| self.keep(error))
    }
}

impl<W> Fused<W> {
    fn keep(&mut self, error: io::Error) -> io::Error {
        let kind = error.kind();
        self.failure = Some(error);
        kind.into()
    }
}

fn temporary_file(directory: &Path, error: &io::Error) -> CliError {
    CliError::local(format!(
        "cannot write a temporary file in {}: {error}",
        directory.display()
    ))
    .with_hint(
        "until a workbook is complete, it needs about 1 GB there for a million rows; free some space, choose another \
         directory with --output, or use --format csv, which needs no temporary file",
    )
}

/// The error that the library could not handle. Its panic contains it as text.
fn cause(panic: &(dyn Any + Send)) -> io::Error {
    let text = match (panic.downcast_ref::<String>(), panic.downcast_ref::<&str>()) {
        (Some(text), _) => text,
        (None, Some(text)) => *text,
        (None, None) => "the library that writes it failed",
    };
    let code = text
        .split_once("Os { code: ")
        .and_then(|(_, rest)| rest.split_once(','));
    match code.and_then(|(code, _)| code.parse().ok()) {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::other(text.to_owned()),
    }
}

/// Keeps the panics of the library off standard error. All others are shown as before.
fn hide_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let show = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !is_of_library(panic) {
                show(panic);
            }
        }));
    });
}

fn is_of_library(panic: &PanicHookInfo<'_>) -> bool {
    let file = panic.location().map(|location| location.file());
    file.is_some_and(|file| file.contains("rust_xlsxwriter"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_the_library_is_an_error_with_its_cause_and_what_to_do() {
        let write = || -> io::Result<()> { Err(io::Error::from_raw_os_error(28)) };
        let failure = call(Path::new("data"), || {
            write().expect("Couldn't write to xml file");
            Ok(())
        });
        let text = failure.unwrap_err().to_string();
        let cause = io::Error::from_raw_os_error(28);
        assert!(
            text.starts_with(&format!(
                "error: cannot write a temporary file in data: {cause}\nhint: "
            )) && text.contains("--format csv"),
            "{text}"
        );
    }

    #[test]
    fn an_output_that_fails_once_is_not_written_again_and_its_error_is_kept() {
        struct Full(usize);
        impl Write for Full {
            fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
                self.0 += 1;
                Err(io::Error::from_raw_os_error(28))
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut out = Fused {
            out: Full(0),
            failure: None,
        };
        let failed = call(Path::new("data"), || Workbook::new().save_to_writer(&mut out));
        assert!(failed.is_err() && out.out.0 == 1, "{}", out.out.0);
        assert_eq!(out.failure.unwrap().raw_os_error(), Some(28));
    }
}
