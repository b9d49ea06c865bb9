//! What was purged lately: an answer that was asked for before a purge may say what was true before it, and isn't kept.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
};

use contract::{AppName, AppVersion, Version};

use super::index::Which;

/// More purges of one app while an answer is under way, and it isn't kept whatever they were. With 64 tags each, and as many
/// of the answer, comparing them takes about a millisecond, in which no other app's answer can be looked at.
const MOST: usize = 128;
/// Purges of more apps, and nothing that is under way is kept.
const MOST_APPS: usize = 1_024;

/// The last purges, numbered.
#[derive(Debug, Default)]
pub(super) struct Log {
    last: AtomicU64,
    apps: Mutex<Apps>,
}

#[derive(Debug, Default)]
struct Apps {
    /// Purges up to this number are forgotten.
    forgotten: u64,
    lists: HashMap<AppName, List>,
}

#[derive(Debug, Default)]
struct List {
    forgotten: u64,
    purges: VecDeque<(u64, Purged)>,
}

#[derive(Debug)]
struct Purged {
    version: Option<Version>,
    what: What,
}

#[derive(Debug)]
enum What {
    All,
    Path(Box<str>),
    Tags(Box<[String]>),
}

impl Log {
    /// The number of the last purge.
    pub(super) fn now(&self) -> u64 {
        self.last.load(SeqCst)
    }

    pub(super) fn add(&self, app: &AppName, version: Option<&Version>, which: Which<'_>) {
        let mut apps = self.apps();
        let number = self.last.load(SeqCst) + 1;
        if apps.lists.len() >= MOST_APPS && !apps.lists.contains_key(app) {
            apps.lists.clear();
            apps.forgotten = number;
        } else {
            let list = apps.lists.entry(app.clone()).or_default();
            if list.purges.len() == MOST
                && let Some((oldest, _)) = list.purges.pop_front()
            {
                list.forgotten = oldest;
            }
            let what = match which {
                Which::All => What::All,
                Which::Path(path) => What::Path(path.into()),
                Which::Tags(tags) => What::Tags(tags.into()),
            };
            let version = version.cloned();
            list.purges.push_back((number, Purged { version, what }));
        }
        self.last.store(number, SeqCst);
    }

    /// Tells whether an answer of `app` at `path` with `tags`, asked for when `began` was the last purge, was purged since;
    /// with no tags known yet, whether it may have been.
    pub(super) fn has_purged(&self, app: &AppVersion, path: &str, tags: Option<&[Box<str>]>, began: u64) -> bool {
        if self.now() == began {
            return false;
        }
        let apps = self.apps();
        if apps.forgotten > began {
            return true;
        }
        let Some(list) = apps.lists.get(&app.app) else {
            return false;
        };
        let touches = |purged: &Purged| {
            purged.version.as_ref().is_none_or(|version| *version == app.version)
                && match &purged.what {
                    What::All => true,
                    What::Path(purged) => **purged == *path,
                    What::Tags(purged) => tags.is_none_or(|tags| {
                        let is_purged = |tag: &str| purged.iter().any(|purged| purged == tag);
                        tags.iter().any(|tag| is_purged(tag))
                    }),
                }
        };
        let later = list.purges.iter().rev().take_while(|(number, _)| *number > began);
        list.forgotten > began || later.into_iter().any(|(_, purged)| touches(purged))
    }

    fn apps(&self) -> MutexGuard<'_, Apps> {
        self.apps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(text: &str) -> AppVersion {
        text.parse().unwrap()
    }

    #[test]
    fn an_answer_is_purged_by_what_comes_after_it_was_asked_for() {
        let log = Log::default();
        let shop = app("shop@1.0.0");
        let tags = ["a".to_owned(), "b".to_owned()];
        log.add(&shop.app, None, Which::All);
        let began = log.now();
        assert!(!log.has_purged(&shop, "/x", None, began));
        log.add(&app("other@1.0.0").app, None, Which::All);
        log.add(&shop.app, Some(&"2.0.0".parse().unwrap()), Which::All);
        log.add(&shop.app, Some(&shop.version), Which::Path("/y"));
        assert!(!log.has_purged(&shop, "/x", None, began));
        assert!(log.has_purged(&shop, "/y", None, began));
        log.add(&shop.app, None, Which::Tags(&tags));
        assert!(log.has_purged(&shop, "/x", None, began), "it may have one of the tags");
        assert!(log.has_purged(&shop, "/x", Some(&["b".into()]), began));
        assert!(!log.has_purged(&shop, "/x", Some(&["c".into()]), began));
        assert!(!log.has_purged(&shop, "/y", Some(&["a".into()]), log.now()));
    }

    #[test]
    fn what_is_forgotten_counts_as_everything() {
        let log = Log::default();
        let shop = app("shop@1.0.0");
        let began = log.now();
        for _ in 0..=MOST {
            log.add(&shop.app, None, Which::Path("/y"));
        }
        assert!(log.has_purged(&shop, "/x", None, began));
        let began = log.now();
        for n in 0..=MOST_APPS {
            log.add(&app(&format!("a{n}@1.0.0")).app, None, Which::All);
        }
        assert!(log.has_purged(&shop, "/x", None, began));
        assert!(log.apps().lists.len() <= MOST_APPS);
    }
}
