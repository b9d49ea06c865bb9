//! Which answers go with a purge: those of an app, of a version of it, at a path, with a tag.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use contract::{AppName, Version};

use crate::Entry;

/// A million answers in so many parts keep no lock for long, whatever is purged.
const PARTS: usize = 64;

/// All answers that are kept, by whom they are of and what they are called.
#[derive(Debug)]
pub(super) struct Index(Box<[Mutex<Apps>]>);

type Apps = HashMap<AppName, HashMap<Version, Shelf>>;

/// The answers of one version.
#[derive(Debug, Default)]
struct Shelf {
    paths: HashMap<Box<str>, Set>,
    tags: HashMap<Box<str>, Set>,
}

type Set = HashMap<u64, Arc<Entry>, BuildHasherDefault<Numbered>>;

/// Numbers that count up are spread by one multiplication.
#[derive(Debug, Default)]
struct Numbered(u64);

impl Hasher for Numbered {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, number: u64) {
        let spread = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = spread ^ (spread >> 32);
    }
}

/// What of one version is to go.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which<'w> {
    All,
    Path(&'w str),
    Tags(&'w [String]),
}

impl Index {
    pub(super) fn new() -> Self {
        Self((0..PARTS).map(|_| Mutex::default()).collect())
    }

    pub(super) fn add(&self, entry: &Arc<Entry>) {
        let app = &entry.origin.app;
        let mut part = self.part(entry);
        let shelf = part.entry(app.app.clone()).or_default();
        let shelf = shelf.entry(app.version.clone()).or_default();
        let mut put = |sets: fn(&mut Shelf) -> &mut HashMap<Box<str>, Set>, name: &str| {
            let sets = sets(shelf);
            match sets.get_mut(name) {
                Some(set) => set.insert(entry.id, Arc::clone(entry)),
                None => sets.entry(name.into()).or_default().insert(entry.id, Arc::clone(entry)),
            };
        };
        put(|shelf| &mut shelf.paths, &entry.origin.path);
        for tag in &entry.tags {
            put(|shelf| &mut shelf.tags, tag);
        }
    }

    /// Removes `entry`; false when it has gone already.
    pub(super) fn remove(&self, entry: &Entry) -> bool {
        let mut part = self.part(entry);
        let app = &entry.origin.app;
        let Some(versions) = part.get_mut(&app.app) else {
            return false;
        };
        let Some(shelf) = versions.get_mut(&app.version) else {
            return false;
        };
        let was_there = shelf.forget(entry);
        if shelf.paths.is_empty() {
            versions.remove(&app.version);
        }
        if versions.is_empty() {
            part.remove(&app.app);
        }
        was_there
    }

    /// Takes out all answers of `app` that are meant, part after part.
    pub(super) fn take(
        &self,
        app: &AppName,
        version: Option<&Version>,
        which: Which<'_>,
        mut taken: impl FnMut(Arc<Entry>),
    ) {
        for part in &self.0 {
            let mut found = Vec::new();
            let mut part = lock(part);
            let Some(versions) = part.get_mut(app) else { continue };
            for (at, shelf) in versions.iter_mut() {
                if version.is_none_or(|version| version == at) {
                    shelf.take(which, &mut found);
                }
            }
            versions.retain(|_, shelf| !shelf.paths.is_empty());
            if versions.is_empty() {
                part.remove(app);
            }
            drop(part);
            found.into_iter().for_each(&mut taken);
        }
    }

    /// How many answers each app has, in no order.
    pub(super) fn count(&self) -> HashMap<AppName, u64> {
        let mut counts = HashMap::new();
        for part in &self.0 {
            for (app, versions) in lock(part).iter() {
                let sets = versions.values().flat_map(|shelf| shelf.paths.values());
                let entries: usize = sets.map(HashMap::len).sum();
                *counts.entry(app.clone()).or_default() += entries as u64;
            }
        }
        counts
    }

    fn part(&self, entry: &Entry) -> MutexGuard<'_, Apps> {
        let at = usize::try_from(entry.id).unwrap_or_default() % PARTS;
        lock(&self.0[at])
    }
}

impl Shelf {
    fn forget(&mut self, entry: &Entry) -> bool {
        let was_there = forget(&mut self.paths, &entry.origin.path, entry.id);
        for tag in &entry.tags {
            forget(&mut self.tags, tag, entry.id);
        }
        was_there
    }

    fn take(&mut self, which: Which<'_>, found: &mut Vec<Arc<Entry>>) {
        let from = found.len();
        match which {
            Which::All => {
                found.extend(self.paths.drain().flat_map(|(_, set)| set.into_values()));
                self.tags.clear();
                return;
            }
            Which::Path(path) => found.extend(self.paths.get(path).into_iter().flat_map(HashMap::values).cloned()),
            Which::Tags(tags) => {
                for tag in tags {
                    let tagged = self.tags.remove(tag.as_str());
                    let from = found.len();
                    found.extend(tagged.into_iter().flat_map(HashMap::into_values));
                    for entry in &found[from..] {
                        self.forget(entry);
                    }
                }
                return;
            }
        }
        for entry in &found[from..] {
            self.forget(entry);
        }
    }
}

fn forget(sets: &mut HashMap<Box<str>, Set>, name: &str, id: u64) -> bool {
    let Some(set) = sets.get_mut(name) else { return false };
    let was_there = set.remove(&id).is_some();
    if set.is_empty() {
        sets.remove(name);
    }
    was_there
}

fn lock(part: &Mutex<Apps>) -> MutexGuard<'_, Apps> {
    part.lock().unwrap_or_else(PoisonError::into_inner)
}
