//! The second copy of all entries: a file of lines, each synced before its act is answered.

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::task::spawn_blocking;

use crate::{
    chain::{Head, Sealed},
    disk::{self, FileId},
    lock,
    log::Log,
};

/// The file in the data folder.
pub(crate) const FILE: &str = "journal.jsonl";
const MOST_BYTES: u64 = 1 << 30;

/// Writes the journal, and knows how far it agrees with the log.
#[derive(Debug)]
pub(crate) struct Journal {
    folder: PathBuf,
    known: Known,
}

/// How much of the file has been compared.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    file: Option<FileId>,
    bytes: u64,
    head: Head,
}

/// What the journal says, unchecked.
#[derive(Debug, Default)]
pub(crate) struct Journaled {
    /// Every line that has the form of an entry.
    pub(crate) lines: Vec<Sealed>,
    /// Whole lines that don't.
    pub(crate) broken: u64,
}

impl Journal {
    pub(crate) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            known: Known::default(),
        }
    }

    /// Reads everything; a missing file is an empty one, and so is a last line without its end.
    pub(crate) async fn read(&self) -> io::Result<Journaled> {
        let path = self.folder.join(FILE);
        blocking(move || {
            let Some(mut file) = open(&path, false)? else {
                return Ok(Journaled::default());
            };
            let mut read = Journaled::default();
            for line in whole_lines(&rest_of(&mut file)?) {
                match parse(line) {
                    Some(sealed) => read.lines.push(sealed),
                    None => read.broken += 1,
                }
            }
            Ok(read)
        })
        .await
    }

    /// Brings the file up to the log. What another process has written meanwhile is kept; a file that says something else is moved
    /// to `evidence` and written anew.
    pub(crate) async fn follow(&mut self, log: &Arc<Log>, evidence: &Path) -> io::Result<()> {
        let held = lock::lock(&self.folder).await?;
        let (folder, known) = (self.folder.clone(), self.known);
        let (log, evidence) = (Arc::clone(log), evidence.to_owned());
        self.known = Known::default();
        self.known = blocking(move || {
            let done = follow(&folder, known, &log, &evidence);
            drop(held);
            done
        })
        .await?;
        Ok(())
    }
}

async fn blocking<T: Send + 'static>(job: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    spawn_blocking(job).await.map_err(io::Error::other)?
}

fn follow(folder: &Path, known: Known, log: &Log, evidence: &Path) -> io::Result<Known> {
    let path = folder.join(FILE);
    let Some(mut file) = open(&path, true)? else {
        return rewrite(folder, log, evidence);
    };
    let metadata = file.metadata()?;
    let id = Some(FileId::from(&metadata));
    let usable = known.file == id
        && metadata.len() >= known.bytes
        && log.sealed(known.head.revision).map(|sealed| sealed.head()) == Some(known.head);
    let mut at = if usable {
        known
    } else {
        Known {
            file: id,
            ..Known::default()
        }
    };
    file.seek(SeekFrom::Start(at.bytes))?;
    let bytes = rest_of(&mut file)?;
    for line in whole_lines(&bytes) {
        let Some(found) = parse(line) else {
            return rewrite(folder, log, evidence);
        };
        match log.sealed(at.head.revision.next()) {
            Some(ours) if ours == found => at.head = ours.head(),
            // Another process was faster, and the store will tell of it.
            None if at.head.follow(&found).is_ok() => {}
            _ => return rewrite(folder, log, evidence),
        }
        at.bytes += line.len() as u64 + 1;
    }
    append(&mut file, at, log)
}

/// Cuts a torn line off, and writes what is missing.
fn append(file: &mut File, mut at: Known, log: &Log) -> io::Result<Known> {
    let mut text = String::new();
    let before = at.bytes;
    while let Some(sealed) = log.sealed(at.head.revision.next()) {
        text.push_str(&sealed.to_line());
        text.push('\n');
        at.head = sealed.head();
    }
    if file.metadata()?.len() != before {
        file.set_len(before)?;
    }
    if text.is_empty() {
        return Ok(at);
    }
    file.seek(SeekFrom::Start(before))?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_data());
    if let Err(error) = written {
        // Half a line would be cut by the next start as well.
        let _ = file.set_len(before);
        return Err(error);
    }
    at.bytes += text.len() as u64;
    Ok(at)
}

/// Writes a whole new file and gives it the name; the old one stays as evidence.
fn rewrite(folder: &Path, log: &Log, evidence: &Path) -> io::Result<Known> {
    let (path, new) = (folder.join(FILE), folder.join(format!("{FILE}.new")));
    let written = write_new(&new, log).and_then(|known| {
        keep(&path, evidence)?;
        fs::rename(&new, &path)?;
        Ok(known)
    });
    if written.is_err() {
        // On a full disk half a file is in the way.
        let _ = fs::remove_file(&new);
    }
    disk::sync_folder(folder)?;
    disk::prune_evidence(folder);
    written
}

fn write_new(new: &Path, log: &Log) -> io::Result<Known> {
    let mut options = File::options();
    let mut file = options.read(true).write(true).create(true).truncate(true).open(new)?;
    let begin = Known {
        file: Some(FileId::from(&file.metadata()?)),
        ..Known::default()
    };
    let known = append(&mut file, begin, log)?;
    file.sync_all()?;
    Ok(known)
}

fn keep(path: &Path, evidence: &Path) -> io::Result<()> {
    if !path.exists() {
        return Ok(());
    }
    fs::create_dir_all(evidence)?;
    let kept = evidence.join(FILE);
    if fs::hard_link(path, &kept).is_err() {
        fs::copy(path, &kept)?;
    }
    tracing::error!(evidence = %kept.display(), "the journal was damaged and is written anew");
    disk::sync_folder(evidence)
}

fn open(path: &Path, write: bool) -> io::Result<Option<File>> {
    let Some(metadata) = disk::file_at(path)? else {
        return Ok(None);
    };
    if metadata.len() > MOST_BYTES {
        let text = format!("`{}` has more than {MOST_BYTES} bytes", path.display());
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
    }
    File::options().read(true).write(write).open(path).map(Some)
}

fn rest_of(file: &mut File) -> io::Result<Vec<u8>> {
    let mut bytes = vec![];
    file.take(MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The lines that have their line break.
fn whole_lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    bytes[..end]
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| &line[..line.len() - 1])
}

fn parse(line: &[u8]) -> Option<Sealed> {
    std::str::from_utf8(line).ok().and_then(Sealed::from_line)
}
