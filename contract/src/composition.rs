//! The set of versions that one page view is assembled from.

use std::{collections::BTreeMap, fmt};

use crate::{AppName, AppVersion, Version};

/// One version an app, never two of the same app.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Composition(BTreeMap<AppName, Version>);

impl Composition {
    /// The version of `app`, if the composition has one.
    pub fn version(&self, app: &AppName) -> Option<&Version> {
        self.0.get(app)
    }

    /// Tells whether exactly this version belongs to the composition.
    pub fn holds(&self, wanted: &AppVersion) -> bool {
        self.version(&wanted.app) == Some(&wanted.version)
    }
}

impl FromIterator<AppVersion> for Composition {
    fn from_iter<I: IntoIterator<Item = AppVersion>>(versions: I) -> Self {
        Self(versions.into_iter().map(|each| (each.app, each.version)).collect())
    }
}

/// Writes `checkout@1.4.2 decide@2.0.0`, sorted by app.
impl fmt::Display for Composition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (app, version)) in self.0.iter().enumerate() {
            let space = if at == 0 { "" } else { " " };
            write!(f, "{space}{app}@{version}")?;
        }
        Ok(())
    }
}
