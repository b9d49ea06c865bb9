//! One writer at a time in a folder, among processes.

use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::{Instant, sleep};

/// The file whose lock is held while the store or the journal is written or replaced.
pub(crate) const FILE: &str = "ledger.lock";

const LONGEST_WAIT: Duration = Duration::from_secs(5);
const RETRY: Duration = Duration::from_millis(2);

/// Waits for the lock; it is given back with the file, also when the process dies.
///
/// # Errors
/// The file can't be made, or another process holds the lock for more than five seconds.
pub(crate) async fn lock(folder: &Path) -> io::Result<File> {
    let path: PathBuf = folder.join(FILE);
    let file = File::options().create(true).append(true).open(&path)?;
    let end = Instant::now() + LONGEST_WAIT;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if Instant::now() > end => {
                let text = format!("another process holds `{}`", path.display());
                return Err(io::Error::new(io::ErrorKind::TimedOut, text));
            }
            Err(TryLockError::WouldBlock) => sleep(RETRY).await,
        }
    }
}
