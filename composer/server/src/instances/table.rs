//! Who announced an instance, and until when that counts.

use std::{collections::BTreeMap, time::Duration};

use contract::{AppName, AppVersion};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

/// How long an announcement counts.
pub(crate) const LEASE: Duration = Duration::from_secs(10);
/// When to announce again.
pub(crate) const RENEW: Duration = Duration::from_secs(3);
/// Instances of one version.
const MOST_OF_A_VERSION: usize = 64;
/// Instances of all versions of one app, so that no app takes the places of the others.
const MOST_OF_AN_APP: usize = 1_024;
/// Instances of all versions.
const MOST: usize = 4_096;

/// Why an instance isn't taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TableError {
    #[error("`{version}` has {MOST_OF_A_VERSION} instances, the most that a version may have: stop some first")]
    Version { version: AppVersion },
    #[error("`{app}` has {MOST_OF_AN_APP} instances, the most that an app may have: stop some first")]
    App { app: AppName },
    #[error("there are {MOST} instances, the most that a composer keeps: stop some first")]
    Full,
    #[error("another process takes this composer's place: announce the instance again")]
    Held,
}

/// All leases, by id.
#[derive(Debug, Default)]
pub(crate) struct Table(BTreeMap<String, Leased>);

/// An instance that is there until its lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Leased {
    pub(crate) version: AppVersion,
    pub(crate) origin: String,
    until: Instant,
}

/// What an announcement did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Announced {
    pub(crate) id: String,
    /// False when it was known before.
    pub(crate) is_new: bool,
}

impl Table {
    /// Takes an announcement; the same version and origin have the same id, whoever announces them.
    pub(crate) fn announce(
        &mut self,
        version: &AppVersion,
        origin: &str,
        now: Instant,
    ) -> Result<Announced, TableError> {
        let id = id(version, origin);
        let until = now + LEASE;
        if let Some(leased) = self.0.get_mut(&id) {
            leased.until = until;
            return Ok(Announced { id, is_new: false });
        }
        if self.0.len() >= MOST {
            return Err(TableError::Full);
        }
        if self.of(version).count() >= MOST_OF_A_VERSION {
            let version = version.clone();
            return Err(TableError::Version { version });
        }
        if self
            .0
            .values()
            .filter(|leased| leased.version.app == version.app)
            .count()
            >= MOST_OF_AN_APP
        {
            let app = version.app.clone();
            return Err(TableError::App { app });
        }
        let leased = Leased {
            version: version.clone(),
            origin: origin.to_owned(),
            until,
        };
        self.0.insert(id.clone(), leased);
        Ok(Announced { id, is_new: true })
    }

    /// Ends a lease at once.
    pub(crate) fn leave(&mut self, id: &str) -> Option<Leased> {
        self.0.remove(id)
    }

    /// The lease with this id.
    pub(crate) fn get(&self, id: &str) -> Option<&Leased> {
        self.0.get(id)
    }

    /// Ends the leases that nobody has renewed.
    pub(crate) fn expire(&mut self, now: Instant) -> Vec<Leased> {
        let ended = self.0.extract_if(.., |_, leased| leased.until <= now);
        ended.map(|(_, leased)| leased).collect()
    }

    /// The instances of a version, by id.
    pub(crate) fn of(&self, version: &AppVersion) -> impl Iterator<Item = (&str, &Leased)> {
        let own = |(_, leased): &(&String, &Leased)| leased.version == *version;
        self.0.iter().filter(own).map(|(id, leased)| (id.as_str(), leased))
    }

    /// All of them, by id.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Leased)> {
        self.0.iter().map(|(id, leased)| (id.as_str(), leased))
    }
}

fn id(version: &AppVersion, origin: &str) -> String {
    let digest = Sha256::digest(format!("{version}\n{origin}"));
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> AppVersion {
        text.parse().unwrap()
    }

    #[test]
    fn a_lease_ends_unless_it_is_renewed() {
        let (mut table, start) = (Table::default(), Instant::now());
        let reviews = version("reviews@1.0.0");
        let one = table.announce(&reviews, "http://127.0.0.1:1", start).unwrap();
        let other = table.announce(&reviews, "http://127.0.0.1:2", start).unwrap();
        assert!(one.is_new && other.is_new && one.id != other.id);
        let again = table.announce(&reviews, "http://127.0.0.1:1", start + RENEW).unwrap();
        assert_eq!((again.id, again.is_new), (one.id.clone(), false));
        assert!(table.expire(start + LEASE - Duration::from_millis(1)).is_empty());
        let ended = table.expire(start + LEASE);
        assert_eq!(
            ended.iter().map(|each| each.origin.as_str()).collect::<Vec<_>>(),
            ["http://127.0.0.1:2"]
        );
        assert_eq!(table.of(&reviews).count(), 1);
        assert_eq!(table.leave(&one.id).unwrap().version, reviews);
        assert_eq!(table.leave(&one.id), None);
    }

    #[test]
    fn no_app_takes_the_places_of_the_others() {
        let (mut table, now) = (Table::default(), Instant::now());
        for at in 0..MOST_OF_AN_APP {
            let version = version(&format!("reviews@{}.0.0", at / MOST_OF_A_VERSION));
            table
                .announce(&version, &format!("http://127.0.0.1:{at}"), now)
                .unwrap();
        }
        let app = "reviews".parse().unwrap();
        let one_more = table.announce(&version("reviews@99.0.0"), "http://127.0.0.1:1", now);
        assert_eq!(one_more, Err(TableError::App { app }));
        assert!(
            table
                .announce(&version("checkout@1.0.0"), "http://127.0.0.1:1", now)
                .is_ok()
        );
    }

    #[test]
    fn no_table_grows_for_ever() {
        let (mut table, now) = (Table::default(), Instant::now());
        for app in 0..64 {
            let version = version(&format!("a{app}@1.0.0"));
            for port in 0..64 {
                table
                    .announce(&version, &format!("http://127.0.0.1:{port}"), now)
                    .unwrap();
            }
            let one_more = table.announce(&version, "http://127.0.0.1:99", now);
            assert!(one_more.is_err(), "{app}");
            assert!(
                table.announce(&version, "http://127.0.0.1:1", now).is_ok(),
                "renewing takes no place"
            );
        }
        let full = table.announce(&version("b@1.0.0"), "http://127.0.0.1:1", now);
        assert_eq!(full, Err(TableError::Full));
    }
}
