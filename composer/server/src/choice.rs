//! Chooses the composition of a visit: a tab stays on its own, a developer sees theirs, canaries have their users.

mod chosen;

use std::sync::Arc;

use composer_page::Offered;
use contract::{AppName, AppVersion, Composition, header as ours};
use http::{HeaderMap, HeaderName, HeaderValue};
use tracing::{debug, warn};

pub(crate) use chosen::{CHOSEN_COOKIE, CHOSEN_S, Chosen, MOST_CHOSEN};

use crate::{
    app::Shared,
    live::{Moment, View},
    overrides::Override,
    visitor::{self, Guest, UserId},
};

const COMPOSITION: HeaderName = HeaderName::from_static(ours::COMPOSITION);
const STATE: HeaderName = HeaderName::from_static(ours::COMPOSITION_STATE);

/// The composition of a visit, and why it is that.
pub(crate) struct Choice {
    pub(crate) moment: Arc<Moment>,
    pub(crate) view: Arc<View>,
    /// The id to remember the visitor by.
    pub(crate) new_user: Option<UserId>,
    /// The developer's version that is shown.
    pub(crate) shown: Option<Shown>,
    /// Published versions that somebody has chosen for this browser.
    pub(crate) chosen: Chosen,
    lock: Lock,
}

/// A developer's version in a page.
pub(crate) struct Shown {
    pub(crate) open: Arc<Override>,
    /// Why it isn't in it after all.
    pub(crate) problem: Option<String>,
}

enum Lock {
    /// The visit asked for no composition.
    No,
    /// It asked for what it would have got anyway.
    Current,
    /// It stays on an older one; this is what it would get without that.
    Behind(Composition),
}

/// What is visited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Visited {
    /// A page: who isn't known yet is remembered from now on.
    Page,
    /// A fragment alone, for a page that is there: who isn't known is in no share of users.
    Fragment,
}

/// The visit asked for a version that is no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gone(pub(crate) AppVersion);

impl Shared {
    /// Chooses for the visit with these headers.
    ///
    /// # Errors
    /// When the visit's tab was made of a version that is no more.
    pub(crate) async fn choose(&self, visited: Visited, headers: &HeaderMap) -> Result<Choice, Gone> {
        if let Some(choice) = self.choose_at_once(headers) {
            return Ok(choice);
        }
        let moment = self.moment();
        let open = self.overrides.of(headers, &self.keys);
        let mut guest = self.traits.load().read(headers);
        let is_new = visited == Visited::Page && guest.user.is_none() && moment.state().asks_for_user();
        let new_user = is_new.then(UserId::new);
        guest.user = guest.user.or_else(|| new_user.clone());
        let choice = self.choose_for(&guest, moment, open, headers).await?;
        Ok(Choice { new_user, ..choice })
    }

    /// The same where there is nothing to choose: no canary, no override, no tab that asks for its versions.
    pub(crate) fn choose_at_once(&self, headers: &HeaderMap) -> Option<Choice> {
        let moment = self.moment();
        let is_plain = moment.is_plain && !headers.contains_key(COMPOSITION) && !self.may_have_chosen(headers);
        (is_plain && self.overrides.of(headers, &self.keys).is_none()).then(|| Choice::plain(moment))
    }

    /// The versions that a visit gets that asks for none.
    pub(crate) async fn current(&self, headers: &HeaderMap) -> Composition {
        let moment = self.moment();
        if !self.has_releases() {
            return moment.stable.composition().clone();
        }
        let guest = self.traits.load().read(headers);
        let open = self.overrides.of(headers, &self.keys);
        let usual = moment.state().choose(&guest.audience());
        let chosen = self.chosen(headers, open.as_deref(), &moment, &usual).await;
        let live = chosen.over(usual);
        match open {
            Some(open) => live.with(&open.version),
            None => live,
        }
    }

    async fn choose_for(
        &self,
        guest: &Guest,
        moment: Arc<Moment>,
        open: Option<Arc<Override>>,
        headers: &HeaderMap,
    ) -> Result<Choice, Gone> {
        let usual = moment.state().choose(&guest.audience());
        let chosen = self.chosen(headers, open.as_deref(), &moment, &usual).await;
        let live = chosen.over(usual);
        let with_own = |composition: Composition| match &open {
            Some(open) => composition.with(&open.version),
            None => composition,
        };
        let current = with_own(live.clone());
        let locked = visitor::locked(headers, &self.keys.compositions).map(with_own);
        if let Some(locked) = &locked {
            let is_own = |version: &AppVersion| open.as_ref().is_some_and(|open| open.version == *version);
            let unknown = |version: &AppVersion| moment.state().version(version).is_none() && !is_own(version);
            if let Some(version) = locked.iter().find(unknown) {
                return Err(Gone(version));
            }
        }
        let wanted = locked.as_ref().unwrap_or(&current);
        let composed = moment
            .snapshot
            .compose(wanted, open.as_ref().map(|open| &open.app))
            .await;
        let (view, problem) = match composed {
            Ok(composed) => (self.live.view(&composed), None),
            Err(error) => {
                debug!(%error, "composition can't be had");
                let older = locked
                    .iter()
                    .flat_map(Composition::iter)
                    .find(|version| !current.holds(version));
                if let Some(version) = older {
                    return Err(Gone(version));
                }
                (self.view_instead(&moment, &live).await, Some(error.to_string()))
            }
        };
        Ok(Choice {
            view,
            new_user: None,
            shown: open.map(|open| Shown { open, problem }),
            chosen,
            lock: match locked {
                None => Lock::No,
                Some(locked) if locked == current => Lock::Current,
                Some(_) => Lock::Behind(current),
            },
            moment,
        })
    }

    /// What is live without a developer's version, or as much of it as can be served.
    async fn view_instead(&self, moment: &Arc<Moment>, live: &Composition) -> Arc<View> {
        match moment.snapshot.compose(live, None).await {
            Ok(composed) => self.live.view(&composed),
            Err(error) => {
                warn!(%error, "what is live can't be composed");
                Arc::clone(&moment.stable)
            }
        }
    }
}

impl Shared {
    /// How the visit's pages offer the inspector.
    pub(crate) fn offered(&self, choice: &Choice) -> Offered {
        let open = choice.shown.as_ref().map(|shown| &*shown.open);
        match (self.inspects(open), self.inspector.development) {
            (false, _) => Offered::No,
            (true, false) => Offered::Quietly,
            (true, true) => Offered::Openly,
        }
    }
}

impl Choice {
    fn plain(moment: Arc<Moment>) -> Self {
        Self {
            view: Arc::clone(&moment.stable),
            moment,
            new_user: None,
            shown: None,
            chosen: Chosen::default(),
            lock: Lock::No,
        }
    }

    /// What the visit would see without its lock, where that is something else that can be had.
    pub(crate) async fn newer(&self, app: &Shared) -> Option<Arc<View>> {
        let Lock::Behind(current) = &self.lock else { return None };
        let own = self.shown.as_ref().map(|shown| &shown.open.app);
        let composed = self.moment.snapshot.compose(current, own).await.ok()?;
        Some(app.live.view(&composed))
    }

    /// A version among those of `apps` that the visit's tab was made of and that can't be reached any more, while another has
    /// taken its place.
    pub(crate) fn gone(&self, apps: &[AppName]) -> Option<AppVersion> {
        let Lock::Behind(current) = &self.lock else { return None };
        let versions = apps.iter().filter_map(|app| {
            let version = self.view.composition().version(app)?.clone();
            let app = app.clone();
            Some(AppVersion { app, version })
        });
        let mut older = versions.filter(|version| !current.holds(version));
        older.find(|version| !self.view.reaches(&version.app))
    }

    /// True for a visit that sees something else than others would: it says nothing about what they see.
    pub(crate) fn is_own(&self) -> bool {
        self.shown.is_some() || !self.chosen.is_empty()
    }

    /// The word that tells a visit which asked for a composition whether it is still the newest for it.
    pub(crate) fn state(&self) -> Option<&'static str> {
        match self.lock {
            Lock::No => None,
            Lock::Current => Some("current"),
            Lock::Behind(_) => Some("behind"),
        }
    }

    /// Tells a visit that asked for a composition whether it is still the newest for it.
    pub(crate) fn tell(&self, headers: &mut HeaderMap) {
        if let Some(state) = self.state() {
            headers.insert(STATE, HeaderValue::from_static(state));
        }
    }
}
