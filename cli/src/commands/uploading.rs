//! Uploads the files that a composer misses: a few at a time, each again when it failed in passing.

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, Read},
    path::Path,
    sync::{Mutex, PoisonError},
    thread,
    time::Duration,
};

use contract::admin::Sha256;
use indicatif::ProgressBar;

use super::{version_folder::VersionFolder, waiting};
use crate::{
    client::{Client, ClientError},
    failure::Failure,
    output::Output,
};

const AT_ONCE: usize = 4;
const TRIES: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// What was sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) files: usize,
    pub(crate) bytes: u64,
}

/// Uploads `missing` of `folder`.
pub(crate) fn upload(
    output: Output,
    client: &Client,
    folder: &VersionFolder,
    missing: &[Sha256],
) -> Result<Sent, Failure> {
    let jobs = jobs(folder, missing)?;
    let sent = Sent {
        files: jobs.len(),
        bytes: jobs.iter().map(|job| job.bytes).sum(),
    };
    let bar = output.bytes_bar(sent.bytes);
    let waiting = Mutex::new(jobs);
    let failed = Mutex::new(None);
    let work = || {
        while let Some(job) = next(&waiting) {
            if let Err(failure) = job.run(client, &bar) {
                // The others end with the file that they are at.
                lock(&waiting).clear();
                lock(&failed).get_or_insert(failure);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(sent.files) {
            scope.spawn(work);
        }
    });
    bar.finish_and_clear();
    match lock(&failed).take() {
        Some(failure) => Err(failure),
        None => Ok(sent),
    }
}

struct Job<'f> {
    sha256: Sha256,
    path: &'f Path,
    bytes: u64,
}

fn jobs<'f>(folder: &'f VersionFolder, missing: &[Sha256]) -> Result<VecDeque<Job<'f>>, Failure> {
    let mut wanted: Vec<&Sha256> = missing.iter().collect();
    wanted.sort();
    wanted.dedup();
    let job = |sha256: &Sha256| {
        let (path, bytes) = folder.file(sha256).ok_or_else(|| {
            Failure::Refused(format!(
                "the composer asks for a file that `{}` does not have: {sha256}",
                folder.version
            ))
        })?;
        Ok(Job {
            sha256: sha256.clone(),
            path,
            bytes,
        })
    };
    wanted.into_iter().map(job).collect()
}

impl Job<'_> {
    fn run(&self, client: &Client, bar: &ProgressBar) -> Result<(), Failure> {
        let mut pause = FIRST_PAUSE;
        for tries_left in (0..TRIES).rev() {
            match self.attempt(client, bar)? {
                Ok(()) => return Ok(()),
                Err(error) if tries_left == 0 || !error.may_pass() => return Err(error.into()),
                // Those who failed together don't come back together.
                Err(_) => waiting::pause(pause.mul_f64(0.5 + fastrand::f64())),
            }
            pause *= 2;
        }
        unreachable!("the last try returns")
    }

    fn attempt(&self, client: &Client, bar: &ProgressBar) -> Result<Result<(), ClientError>, Failure> {
        let file = File::open(self.path).map_err(|source| Failure::Io {
            what: format!("`{}` can't be read", self.path.display()),
            source,
        })?;
        let mut counted = Counted { file, bar, sent: 0 };
        let put = client.put_blob(&self.sha256, &mut counted, self.bytes);
        if put.is_err() {
            bar.dec(counted.sent);
        }
        Ok(put)
    }
}

/// A file that moves the bar as it is read.
struct Counted<'b> {
    file: File,
    bar: &'b ProgressBar,
    sent: u64,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.sent += count as u64;
        self.bar.inc(count as u64);
        Ok(count)
    }
}

fn next<'f>(jobs: &Mutex<VecDeque<Job<'f>>>) -> Option<Job<'f>> {
    lock(jobs).pop_front()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
