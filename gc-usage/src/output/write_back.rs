//! Brings what was written to the disk while more is written, so that the end does not wait for all of it.

use std::{
    io::{self, Write},
    sync::mpsc::{SyncSender, sync_channel},
    thread::{self, JoinHandle},
};

use tempfile::NamedTempFile;

/// After this many bytes, the disk gets them. A smaller file needs no thread.
const STEP: usize = 8 * 1024 * 1024;

pub(super) struct WriteBack {
    file: NamedTempFile,
    /// How many bytes were written since the thread was woken.
    written: usize,
    thread: Option<Thread>,
}

struct Thread {
    wake: SyncSender<()>,
    outcome: JoinHandle<io::Result<()>>,
}

impl WriteBack {
    pub(super) fn new(file: NamedTempFile) -> Self {
        Self {
            file,
            written: 0,
            thread: None,
        }
    }

    /// The file, with everything on the disk.
    pub(super) fn finish(self) -> io::Result<NamedTempFile> {
        if let Some(Thread { wake, outcome }) = self.thread {
            drop(wake);
            // The system reports an error of the disk only once.
            outcome
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        }
        self.file.as_file().sync_all()?;
        Ok(self.file)
    }

    fn wake(&mut self) -> io::Result<()> {
        if self.thread.is_none() {
            let file = self.file.as_file().try_clone()?;
            let (wake, woken) = sync_channel(1);
            let thread = thread::Builder::new().name("write-back".to_owned());
            let outcome = thread.spawn(move || woken.iter().try_for_each(|()| file.sync_data()));
            // Without a thread, all of it is done at the end.
            self.thread = outcome.ok().map(|outcome| Thread { wake, outcome });
        }
        if let Some(thread) = &self.thread {
            // If it is busy, the bytes are part of its next turn. If it has failed, the end reports why.
            let _ = thread.wake.try_send(());
        }
        Ok(())
    }
}

impl Write for WriteBack {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.written += written;
        if self.written >= STEP {
            self.written = 0;
            self.wake()?;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_file_is_written_completely() {
        let mut file = WriteBack::new(NamedTempFile::new().unwrap());
        let piece: Vec<u8> = (0..=255).cycle().take(STEP / 4 + 1).collect();
        for _ in 0..10 {
            file.write_all(&piece).unwrap();
        }
        assert!(file.thread.is_some());
        let file = file.finish().unwrap();
        let text = std::fs::read(file.path()).unwrap();
        assert!(text.len() == 10 * piece.len() && text.chunks(piece.len()).all(|part| part == piece));
    }

    #[test]
    fn an_error_of_the_disk_is_reported_at_the_end() {
        let (wake, _woken) = sync_channel(1);
        let outcome = thread::spawn(|| Err(io::Error::other("the disk is broken")));
        let file = WriteBack {
            file: NamedTempFile::new().unwrap(),
            written: 0,
            thread: Some(Thread { wake, outcome }),
        };
        assert_eq!(file.finish().unwrap_err().to_string(), "the disk is broken");
    }
}
