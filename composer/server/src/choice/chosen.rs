//! Published versions that somebody has chosen for one browser, in the place of what it would see.

use std::{collections::HashSet, sync::Arc};

use contract::{AppVersion, Composition};
use http::HeaderMap;
use serde::{Deserialize, Serialize};

use crate::{app::Shared, clock::now_s, config::Offer, live::Moment, overrides::Override, visitor::cookie};

/// The cookie that holds them, signed.
pub(crate) const CHOSEN_COOKIE: &str = "marquetry-versions";
/// A choice ends after so long.
pub(crate) const CHOSEN_S: u64 = 4 * 3_600;
/// More versions than these are not chosen at once.
pub(crate) const MOST_CHOSEN: usize = 32;

/// What was chosen, and why it isn't shown where that can't be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub(crate) versions: Vec<AppVersion>,
    pub(crate) problem: Option<String>,
}

/// What the cookie says. No other text of these keys has such claims.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    /// `checkout@1.4.2 decide@2.0.0`
    v: String,
    exp: u64,
}

impl Chosen {
    /// `live` with what is shown of the choice.
    pub(super) fn over(&self, live: Composition) -> Composition {
        if self.problem.is_some() {
            return live;
        }
        self.versions.iter().fold(live, |all, version| all.with(version))
    }

    /// True for a browser that sees what it would see anyway.
    pub(crate) fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }
}

impl Shared {
    /// True when a browser that shows `open`, if anything, is offered the inspector.
    pub(crate) fn inspects(&self, open: Option<&Override>) -> bool {
        match self.inspector.offer {
            Offer::Off => false,
            Offer::Overrides => open.is_some(),
            Offer::On => true,
        }
    }

    /// True for a request with a choice that may count, which is cheaper to tell than what it is.
    pub(super) fn may_have_chosen(&self, headers: &HeaderMap) -> bool {
        self.inspector.offer == Offer::On && cookie(headers, CHOSEN_COOKIE).is_some()
    }

    /// The choice that a request's cookie holds; it counts as a whole or not at all.
    pub(super) async fn chosen(
        &self,
        headers: &HeaderMap,
        open: Option<&Override>,
        moment: &Arc<Moment>,
        live: &Composition,
    ) -> Chosen {
        let read = |text| self.keys.overrides.read::<Claims>(text);
        let claims = cookie(headers, CHOSEN_COOKIE)
            .filter(|_| self.inspects(open))
            .and_then(read);
        let versions = claims.and_then(|claims| claims.v.parse::<Composition>().ok());
        let versions: Vec<AppVersion> = versions.iter().flat_map(Composition::iter).collect();
        if versions.is_empty() {
            return Chosen::default();
        }
        let problem = self.problem_of(&versions, moment, live).await;
        Chosen { versions, problem }
    }

    /// Why `versions` can't be shown in the place of those of `live`.
    pub(crate) async fn problem_of(
        &self,
        versions: &[AppVersion],
        moment: &Arc<Moment>,
        live: &Composition,
    ) -> Option<String> {
        let mut apps = HashSet::new();
        for version in versions {
            if live.version(&version.app).is_none() {
                return Some(format!("`{}` is not live", version.app));
            }
            if moment.state().version(version).is_none() {
                return Some(format!("`{version}` is not published"));
            }
            if !apps.insert(&version.app) {
                return Some(format!("`{}` is named twice", version.app));
            }
        }
        let wanted = versions.iter().fold(live.clone(), |all, version| all.with(version));
        let composed = match moment.snapshot.compose(&wanted, None).await {
            Ok(composed) => composed,
            Err(error) => return Some(format!("the versions don't fit together: {error}")),
        };
        let view = self.live.view(&composed);
        let mut lost = versions.iter().filter(|version| !view.reaches(&version.app));
        lost.next()
            .map(|version| format!("`{version}` has no instance that runs"))
    }

    /// The text of a cookie for a choice.
    pub(crate) fn sign_chosen(&self, versions: &[AppVersion]) -> String {
        let all: Composition = versions.iter().cloned().collect();
        self.keys.overrides.sign(&Claims {
            v: all.to_string(),
            exp: now_s() + CHOSEN_S,
        })
    }
}
