//! Which versions a visitor sees.

use contract::{
    Composition,
    admin::{self, ReleaseId, SHARE_ALL},
};
use sha2::{Digest, Sha256};

use super::{Canary, State};

/// What is known of a visitor.
#[derive(Debug, Clone, Copy, Default)]
pub struct Audience<'a> {
    /// The random id in the visitor's cookie.
    pub user_id: Option<&'a str>,
    /// The value of the cohort header.
    pub cohort: Option<&'a str>,
    /// The groups of the signed-in user.
    pub groups: &'a [String],
}

/// Where a user stands in a release's order of users: from 0 to 9,999, always the same.
pub fn bucket(user_id: &str, release: ReleaseId) -> u16 {
    let hash = Sha256::new()
        .chain_update(user_id)
        .chain_update([0])
        .chain_update(release.to_string())
        .finalize();
    let mut head = [0; 8];
    head.copy_from_slice(&hash[..8]);
    let bucket = u64::from_be_bytes(head) % u64::from(SHARE_ALL);
    u16::try_from(bucket).unwrap_or(SHARE_ALL)
}

impl Canary {
    /// Tells whether a visitor sees the canary. Once in, a user stays in while the share grows.
    pub fn admits(&self, audience: &Audience<'_>) -> bool {
        match &self.terms.audience {
            admin::Audience::Share => {
                let share = self.share_bp().unwrap_or_default();
                share >= SHARE_ALL || audience.user_id.is_some_and(|user| bucket(user, self.release) < share)
            }
            admin::Audience::Cohort(cohort) => audience.cohort == Some(cohort.as_str()),
            admin::Audience::Group(group) => audience.groups.contains(group),
        }
    }
}

impl State {
    /// The versions for a visitor: the stable ones, and those of every canary that the visitor is in, each as a whole train.
    pub fn choose(&self, audience: &Audience<'_>) -> Composition {
        self.composition(|canary| canary.admits(audience))
    }

    /// True while a canary goes by share, so that visitors need an id.
    pub fn asks_for_user(&self) -> bool {
        self.canaries().any(|canary| canary.share_bp().is_some())
    }

    /// All that [`choose`](Self::choose) may give: at most 16, the stable composition first.
    pub fn combinations(&self) -> Vec<Composition> {
        let masks = 1_usize << self.canaries.len().min(super::limits::CANARIES);
        let holds = |mask: usize, release: ReleaseId| {
            let at = self.canaries.keys().position(|each| *each == release);
            at.is_some_and(|at| mask >> at & 1 == 1)
        };
        (0..masks)
            .map(|mask| self.composition(|canary| holds(mask, canary.release)))
            .collect()
    }

    fn composition(&self, sees: impl Fn(&Canary) -> bool) -> Composition {
        let canaries = self.canaries.values().filter(|canary| sees(canary));
        self.stable_versions()
            .chain(canaries.flat_map(|canary| canary.apps.iter().cloned()))
            .collect()
    }
}
