//! The overrides that are open: which developer's version stands for which app, and until when.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use composer_registry::LoadedApp;
use contract::{AppName, AppVersion, admin::VersionFile};
use sha2::{Digest, Sha256};
use tokio::{sync::Semaphore, time::Instant};

/// An override that isn't renewed for so long is closed.
pub(crate) const LEASE: Duration = Duration::from_secs(30);
/// When to renew it.
pub(crate) const RENEW: Duration = Duration::from_secs(10);
/// Whatever is renewed, an override ends after this long.
pub(crate) const LONGEST_S: u64 = 8 * 3_600;
/// Overrides at once.
const MOST: usize = 64;
/// Of one token.
const MOST_OF_ONE: usize = 8;
/// Tabs that wait for the next build of one override.
const STREAMS: usize = 16;

/// Why an override isn't opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OverrideError {
    #[error("overrides are off: the platform turns them on with `enabled = true` under `[overrides]`")]
    Off,
    #[error("override `{id}` is of another token or app: leave `id` out to open one of your own")]
    NotYours { id: String },
    #[error("override `{id}` has lasted {} hours, no override lasts longer: leave `id` out to open another", LONGEST_S / 3_600)]
    Over { id: String },
    #[error(
        "an override's `id` must be a letter of `a-f` and 7 of `0-9`, `a-f`, as it was given: leave it out to open a new one"
    )]
    Id,
    #[error("override `{id}` has been given another build meanwhile: send this one again")]
    Overtaken { id: String },
    #[error("`{version}` leaves no room for the name of an override, shorten it")]
    Version { version: AppVersion },
    #[error("this token has {MOST_OF_ONE} overrides open, no token may have more: close one first")]
    TooManyOfOne,
    #[error("{MOST} overrides are open, the most that a composer keeps: wait until one is closed")]
    Full,
}

/// What a developer wants to see, before its files are there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'w> {
    pub(crate) version: &'w AppVersion,
    pub(crate) files: &'w [VersionFile],
    pub(crate) origin: &'w str,
    pub(crate) id: Option<&'w str>,
    /// The token's id.
    pub(crate) owner: &'w str,
}

/// What [`Wanted`] comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) id: String,
    /// What this build is called: `reviews@1.0.0-dev.bf9a12bc.3`.
    pub(crate) version: AppVersion,
    /// True when no override of this id is open.
    pub(crate) is_new: bool,
    /// True when nothing but the lease changes.
    pub(crate) is_same: bool,
    pub(crate) expires_at_s: u64,
    build: u64,
}

/// An open override.
#[derive(Debug)]
pub(crate) struct Override {
    pub(crate) id: String,
    pub(crate) version: AppVersion,
    pub(crate) app: Arc<LoadedApp>,
    pub(crate) origin: String,
    pub(crate) expires_at_s: u64,
    pub(crate) streams: Arc<Semaphore>,
    owner: String,
    build: u64,
    files: [u8; 32],
    until: Instant,
}

/// All that are open, by id.
#[derive(Debug, Default)]
pub(crate) struct Table(BTreeMap<String, Arc<Override>>);

impl Table {
    pub(crate) fn get(&self, id: &str) -> Option<&Arc<Override>> {
        self.0.get(id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Override>> {
        self.0.values()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Says what `wanted` would come to.
    pub(crate) fn plan(&self, wanted: &Wanted<'_>, now_s: u64) -> Result<Planned, OverrideError> {
        if wanted.id.is_some_and(|id| !is_id(id)) {
            return Err(OverrideError::Id);
        }
        let open = wanted.id.and_then(|id| self.get(id));
        let Some(open) = open else {
            return self.plan_new(wanted, now_s);
        };
        let id = open.id.clone();
        open.check_is_of(wanted)?;
        if open.expires_at_s <= now_s {
            return Err(OverrideError::Over { id });
        }
        let is_same = open.files == fingerprint(wanted) && open.origin == wanted.origin;
        let build = if is_same { open.build } else { open.build + 1 };
        Ok(Planned {
            version: name(wanted.version, &id, build)?,
            id,
            is_new: false,
            is_same,
            expires_at_s: open.expires_at_s,
            build,
        })
    }

    fn plan_new(&self, wanted: &Wanted<'_>, now_s: u64) -> Result<Planned, OverrideError> {
        self.check_room(wanted)?;
        // Whoever comes back after a restart keeps the id, so that the browser needs no new link. Its builds go on where no
        // earlier one can have been: a name never stands for other files.
        let (id, build) = match wanted.id {
            // Browsers may still have the cookie of its owner: nobody else's version is shown by it.
            Some(id) if !is_id_of(id, wanted.owner) => return Err(OverrideError::NotYours { id: id.to_owned() }),
            Some(id) => (id.to_owned(), now_s),
            None => (self.new_id(wanted.owner), 1),
        };
        Ok(Planned {
            version: name(wanted.version, &id, build)?,
            id,
            is_new: true,
            is_same: false,
            expires_at_s: now_s + LONGEST_S,
            build,
        })
    }

    fn new_id(&self, owner: &str) -> String {
        loop {
            // A letter first: SemVer knows numbers in a version's name, and has none of them begin with 0.
            let start = format!("{:04x}", fastrand::u16(0xa000..));
            let id = format!("{start}{}", id_end(&start, owner));
            // No owner has more than a few of 24,576.
            if !self.0.contains_key(&id) {
                return id;
            }
        }
    }

    fn check_room(&self, wanted: &Wanted<'_>) -> Result<(), OverrideError> {
        if self.0.len() >= MOST {
            return Err(OverrideError::Full);
        }
        if self.0.values().filter(|open| open.owner == wanted.owner).count() >= MOST_OF_ONE {
            return Err(OverrideError::TooManyOfOne);
        }
        Ok(())
    }

    /// Shows `app`, the build that was planned.
    ///
    /// # Errors
    /// When others have taken its id or its place since.
    pub(crate) fn put(
        &mut self,
        planned: &Planned,
        wanted: &Wanted<'_>,
        app: Arc<LoadedApp>,
        now: Instant,
    ) -> Result<(), OverrideError> {
        let before = self.0.get(&planned.id);
        match before {
            Some(before) => {
                before.check_is_of(wanted)?;
                // The name of a build never stands for the files of another.
                if before.build >= planned.build && before.files != fingerprint(wanted) {
                    let id = planned.id.clone();
                    return Err(OverrideError::Overtaken { id });
                }
            }
            None => self.check_room(wanted)?,
        }
        let streams = before.map(|before| Arc::clone(&before.streams));
        let shown = Override {
            id: planned.id.clone(),
            version: planned.version.clone(),
            app,
            origin: wanted.origin.to_owned(),
            expires_at_s: planned.expires_at_s,
            streams: streams.unwrap_or_else(|| Arc::new(Semaphore::new(STREAMS))),
            owner: wanted.owner.to_owned(),
            build: planned.build,
            files: fingerprint(wanted),
            until: now + LEASE,
        };
        self.0.insert(planned.id.clone(), Arc::new(shown));
        Ok(())
    }

    /// Renews the lease; false when the override has been closed meanwhile.
    pub(crate) fn renew(&mut self, id: &str, now: Instant) -> bool {
        let Some(open) = self.0.get_mut(id) else { return false };
        *open = Arc::new(Override {
            id: open.id.clone(),
            version: open.version.clone(),
            app: Arc::clone(&open.app),
            origin: open.origin.clone(),
            streams: Arc::clone(&open.streams),
            owner: open.owner.clone(),
            until: now + LEASE,
            ..**open
        });
        true
    }

    /// Closes one.
    pub(crate) fn close(&mut self, id: &str) -> Option<Arc<Override>> {
        self.0.remove(id)
    }

    /// Closes those that nobody renews, and those that have lasted long enough.
    pub(crate) fn expire(&mut self, now: Instant, now_s: u64) -> Vec<Arc<Override>> {
        let ended = |open: &Override| open.until <= now || open.expires_at_s <= now_s;
        self.0
            .extract_if(.., |_, open| ended(open))
            .map(|(_, open)| open)
            .collect()
    }
}

impl Override {
    pub(crate) fn owner(&self) -> &str {
        &self.owner
    }

    pub(crate) fn app_name(&self) -> &AppName {
        &self.version.app
    }

    fn check_is_of(&self, wanted: &Wanted<'_>) -> Result<(), OverrideError> {
        if self.owner == wanted.owner && self.version.app == wanted.version.app {
            return Ok(());
        }
        let id = self.id.clone();
        Err(OverrideError::NotYours { id })
    }
}

/// Tells whether `version` is called as builds of the override `id` are.
pub(crate) fn is_build_of(version: &AppVersion, id: &str) -> bool {
    let mut parts = version.version.as_str().rsplit('.');
    let (_build, found, dev) = (parts.next(), parts.next(), parts.next());
    found == Some(id) && dev.is_some_and(|dev| dev.ends_with("-dev"))
}

fn name(base: &AppVersion, id: &str, build: u64) -> Result<AppVersion, OverrideError> {
    let version = format!("{}-dev.{id}.{build}", base.version).parse();
    let version = version.map_err(|_| OverrideError::Version { version: base.clone() })?;
    Ok(AppVersion {
        app: base.app.clone(),
        version,
    })
}

fn is_id(id: &str) -> bool {
    let letter = |b| matches!(b, b'a'..=b'f');
    id.len() == 8 && id.bytes().all(|b| b.is_ascii_digit() || letter(b)) && letter(id.as_bytes()[0])
}

/// Tells whether `id` may have been given to `owner`.
fn is_id_of(id: &str, owner: &str) -> bool {
    id.split_at_checked(4)
        .is_some_and(|(start, end)| end == id_end(start, owner))
}

fn id_end(start: &str, owner: &str) -> String {
    let hash = Sha256::digest(format!("{start}\n{owner}"));
    hash.iter().take(2).map(|byte| format!("{byte:02x}")).collect()
}

fn fingerprint(wanted: &Wanted<'_>) -> [u8; 32] {
    let mut files: Vec<&VersionFile> = wanted.files.iter().collect();
    files.sort_unstable();
    let mut hash = Sha256::new();
    hash.update(wanted.version.to_string());
    for file in files {
        hash.update([0]);
        hash.update(&file.path);
        hash.update([0]);
        hash.update(file.sha256.as_str());
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests;
