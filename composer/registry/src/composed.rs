//! Sites of compositions, each built once and kept while it is used.

use std::{
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use composer_ledger::State;
use composer_page::{Platform, PublishedApp, Site};
use contract::{AppVersion, Composition, manifest::Breach};

use crate::{
    library::{Library, LoadError},
    packed::LoadedApp,
    recent::Recent,
};

/// Compositions that are kept beside those that are live.
pub const KEPT: u64 = 64;

/// What can't be built is tried again after this time.
const FAILED_FOR: Duration = Duration::from_secs(1);

/// One version each of some apps, ready to make pages of.
#[derive(Debug)]
pub struct Composed {
    /// The versions.
    pub composition: Composition,
    /// Their pages.
    pub site: Arc<Site>,
}

/// Why there is no site of a composition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ComposeError {
    /// Versions that can't be loaded.
    Load(Vec<LoadError>),
    /// Rules broken between the versions.
    Site(Vec<Breach>),
    /// The composer stops.
    Ended,
}

impl fmt::Display for ComposeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = match self {
            Self::Load(errors) => errors.iter().map(ToString::to_string).collect(),
            Self::Site(breaches) => breaches.iter().map(ToString::to_string).collect(),
            Self::Ended => vec!["the composer stops".into()],
        };
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for ComposeError {}

type Built = Result<Arc<Composed>, ComposeError>;

/// Builds compositions; nobody waits for a lock while one is built, but for those who want the same.
#[derive(Debug)]
pub(crate) struct Compositions {
    pub(crate) library: Library,
    pub(crate) platform: Platform,
    cells: Mutex<Recent<Composition, Arc<OnceLock<Built>>>>,
    failed: Mutex<Recent<Composition, (Instant, ComposeError)>>,
}

impl Compositions {
    pub(crate) fn new(library: Library, platform: Platform) -> Self {
        Self {
            library,
            platform,
            cells: Mutex::new(Recent::new(KEPT)),
            failed: Mutex::new(Recent::new(KEPT)),
        }
    }

    /// The site of a composition, if it is there already.
    pub(crate) fn kept(&self, composition: &Composition) -> Option<Arc<Composed>> {
        let cell = self
            .cells
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(composition)?;
        cell.get()?.clone().ok()
    }

    /// The site of a composition, built when it isn't there; `instead` stands for the version that it is.
    pub(crate) fn build(&self, state: &State, composition: &Composition, instead: Option<&Arc<LoadedApp>>) -> Built {
        let cell = self.cell(composition);
        let built = cell.get_or_init(|| self.compose(state, composition, instead)).clone();
        if built.is_err() {
            // What is missing now may be there the next time.
            self.cells
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(composition);
        }
        built
    }

    /// The same for visitors, of whom there are many: what has just failed is not tried again for each.
    pub(crate) fn build_for_visit(
        &self,
        state: &State,
        composition: &Composition,
        instead: Option<&Arc<LoadedApp>>,
    ) -> Built {
        let failed = || self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let known = failed().get(composition);
        if let Some((at, error)) = known
            && at.elapsed() < FAILED_FOR
        {
            return Err(error);
        }
        let built = self.build(state, composition, instead);
        if let Err(error) = &built {
            failed().insert(composition.clone(), (Instant::now(), error.clone()), 1);
        }
        built
    }

    fn cell(&self, composition: &Composition) -> Arc<OnceLock<Built>> {
        let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cell) = cells.get(composition) {
            return cell;
        }
        let cell = Arc::new(OnceLock::new());
        cells.insert(composition.clone(), Arc::clone(&cell), 1);
        cell
    }

    fn compose(&self, state: &State, composition: &Composition, instead: Option<&Arc<LoadedApp>>) -> Built {
        let mut errors = Vec::new();
        let mut apps: Vec<Arc<PublishedApp>> = Vec::new();
        for version in composition.iter() {
            match self.load(state, &version, instead) {
                Ok(loaded) => apps.push(Arc::clone(&loaded.app)),
                Err(error) => errors.push(error),
            }
        }
        if !errors.is_empty() {
            return Err(ComposeError::Load(errors));
        }
        let site = Site::new(apps, self.platform.clone()).map_err(ComposeError::Site)?;
        Ok(Arc::new(Composed {
            composition: composition.clone(),
            site: Arc::new(site),
        }))
    }

    fn load(
        &self,
        state: &State,
        version: &AppVersion,
        instead: Option<&Arc<LoadedApp>>,
    ) -> Result<Arc<LoadedApp>, LoadError> {
        match instead {
            Some(app) if app.app.manifest.app_version() == *version => Ok(Arc::clone(app)),
            _ => self.library.pages(state, version),
        }
    }
}
