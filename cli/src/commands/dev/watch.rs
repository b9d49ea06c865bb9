//! Tells when files of a repository have changed: a moment after the last of several changes, and not of what is built.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError, Weak,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _, event::ModifyKind};

use super::Happening;

/// What builds and programs write.
const IGNORED_FOLDERS: &[&str] = &["dist", "target", "data", "node_modules", "__pycache__"];
/// Cargo writes it while it builds.
const IGNORED_FILES: &[&str] = &["Cargo.lock"];
/// Editors write a file in several steps.
const QUIET: Duration = Duration::from_millis(150);
/// Who never stops to write, is not waited for.
const LONGEST: Duration = Duration::from_secs(2);

/// Watches a repository as long as it lives.
pub(super) struct Watching {
    _watcher: Arc<Mutex<RecommendedWatcher>>,
}

impl Watching {
    /// Sends what changes below `dir`.
    pub(super) fn start(dir: &Path, happenings: Sender<Happening>) -> notify::Result<Self> {
        // Events name whole paths.
        let dir = dir.canonicalize().map_err(notify::Error::io)?;
        let (events, heard) = channel();
        let root = dir.clone();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let Ok(event) = event else { return };
            let written = match event.kind {
                EventKind::Create(_) | EventKind::Remove(_) => true,
                EventKind::Modify(kind) => !matches!(kind, ModifyKind::Metadata(_)),
                _ => false,
            };
            let paths = event
                .paths
                .iter()
                .filter(|_| written)
                .filter_map(|path| path.strip_prefix(&root).ok());
            for path in paths.filter(|path| matters(path)) {
                // The other side ends when the command does.
                let _ = events.send(path.to_owned());
            }
        })?;
        watch(&mut watcher, &dir)?;
        let watcher = Arc::new(Mutex::new(watcher));
        let new = NewFolders {
            root: dir,
            watcher: Arc::downgrade(&watcher),
        };
        thread::spawn(move || gather(&heard, &happenings, &new));
        Ok(Self { _watcher: watcher })
    }
}

/// Watches folders that are made while the repository is watched.
struct NewFolders {
    root: PathBuf,
    watcher: Weak<Mutex<RecommendedWatcher>>,
}

impl NewFolders {
    fn look_at(&self, path: &Path) {
        let whole = self.root.join(path);
        // What lies deeper is watched with the folder that it lies in.
        if path.components().count() == 1
            && whole.is_dir()
            && let Some(watcher) = self.watcher.upgrade()
        {
            let mut watcher = watcher.lock().unwrap_or_else(PoisonError::into_inner);
            // One that has gone again has nothing to tell.
            let _ = watcher.watch(&whole, RecursiveMode::Recursive);
        }
    }
}

/// The folder itself, and each folder in it that matters: `target` alone may have thousands of folders.
fn watch(watcher: &mut RecommendedWatcher, dir: &Path) -> notify::Result<()> {
    watcher.watch(dir, RecursiveMode::NonRecursive)?;
    for entry in dir.read_dir().map_err(notify::Error::io)?.flatten() {
        let path = entry.path();
        let name = PathBuf::from(entry.file_name());
        if path.is_dir() && matters(&name) {
            watcher.watch(&path, RecursiveMode::Recursive)?;
        }
    }
    Ok(())
}

/// True for what people write; `path` is relative to the repository.
fn matters(path: &Path) -> bool {
    let mut parts = path.iter().map(|part| part.to_string_lossy());
    let hidden_or_built = parts.any(|part| part.starts_with('.') || IGNORED_FOLDERS.contains(&part.as_ref()));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let of_an_editor = name.ends_with('~') || name.starts_with('#') || name.bytes().all(|b| b.is_ascii_digit());
    !hidden_or_built && !of_an_editor && !IGNORED_FILES.contains(&name.as_ref())
}

/// Makes one happening of changes that come close to each other.
fn gather(heard: &Receiver<PathBuf>, happenings: &Sender<Happening>, new: &NewFolders) {
    while let Ok(first) = heard.recv() {
        new.look_at(&first);
        let (mut changed, end) = (BTreeSet::from([first]), Instant::now() + LONGEST);
        while Instant::now() < end {
            match heard.recv_timeout(QUIET) {
                Ok(path) => {
                    new.look_at(&path);
                    changed.insert(path);
                }
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
        if happenings.send(Happening::Changed(changed)).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_people_write_matters_and_what_is_built_does_not() {
        for path in [
            "ui/src/lib.rs",
            "marquetry.toml",
            "bff.py",
            "assets/app.css",
            "ui/src/data.rs",
        ] {
            assert!(matters(Path::new(path)), "{path}");
        }
        for path in [
            "target/debug/x",
            "dist/assets/a.js",
            ".git/index",
            "data/a.sqlite",
            "ui/src/.lib.rs.swp",
            "bff.py~",
            "Cargo.lock",
            "__pycache__/bff.pyc",
            "ui/src/4913",
        ] {
            assert!(!matters(Path::new(path)), "{path}");
        }
    }

    #[test]
    fn a_written_file_is_told_once() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("ui/src")).unwrap();
        fs::create_dir_all(dir.path().join("dist")).unwrap();
        let (happenings, told) = channel();
        let _watching = Watching::start(dir.path(), happenings).unwrap();
        fs::write(dir.path().join("dist/a.js"), "1").unwrap();
        fs::write(dir.path().join("ui/src/lib.rs"), "1").unwrap();
        fs::write(dir.path().join("ui/src/lib.rs"), "2").unwrap();
        let Ok(Happening::Changed(changed)) = told.recv_timeout(Duration::from_secs(20)) else {
            panic!("nothing is told");
        };
        assert_eq!(
            changed.into_iter().collect::<Vec<_>>(),
            [PathBuf::from("ui/src/lib.rs")]
        );
        assert!(told.try_recv().is_err());

        fs::create_dir(dir.path().join("docs")).unwrap();
        assert!(told.recv_timeout(Duration::from_secs(20)).is_ok());
        fs::write(dir.path().join("docs/a.md"), "1").unwrap();
        let Ok(Happening::Changed(changed)) = told.recv_timeout(Duration::from_secs(20)) else {
            panic!("a new folder isn't watched");
        };
        assert!(changed.contains(Path::new("docs/a.md")));
    }
}
