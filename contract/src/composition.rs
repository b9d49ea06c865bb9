//! The set of versions that one page view is assembled from.

use std::{collections::BTreeMap, fmt, str::FromStr};

use crate::{AppName, AppVersion, NameError, Version};

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

    /// Each version, sorted by app.
    pub fn iter(&self) -> impl Iterator<Item = AppVersion> + '_ {
        self.0.iter().map(|(app, version)| AppVersion {
            app: app.clone(),
            version: version.clone(),
        })
    }

    /// The same with `version` in the place of whatever version of its app.
    #[must_use]
    pub fn with(&self, version: &AppVersion) -> Self {
        let mut versions = self.0.clone();
        versions.insert(version.app.clone(), version.version.clone());
        Self(versions)
    }
}

impl FromIterator<AppVersion> for Composition {
    fn from_iter<I: IntoIterator<Item = AppVersion>>(versions: I) -> Self {
        Self(versions.into_iter().map(|each| (each.app, each.version)).collect())
    }
}

/// Reads what [`Composition`] writes; two versions of one app are none.
impl FromStr for Composition {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let words = text.split(' ').filter(|word| !word.is_empty());
        let versions = words.map(str::parse).collect::<Result<Vec<AppVersion>, _>>()?;
        let count = versions.len();
        let composition: Self = versions.into_iter().collect();
        if composition.0.len() == count {
            Ok(composition)
        } else {
            Err(NameError::new(text, "name each app once"))
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_composition_reads_back_what_it_writes() {
        let composition: Composition = "decide@2.0.0 checkout@1.4.2".parse().unwrap();
        assert_eq!(composition.to_string(), "checkout@1.4.2 decide@2.0.0");
        let newer = composition.with(&"checkout@1.5.0".parse().unwrap());
        assert_eq!(newer.to_string(), "checkout@1.5.0 decide@2.0.0");
        assert_eq!(newer.iter().count(), 2);
        assert_eq!("".parse::<Composition>().unwrap(), Composition::default());
        assert!("checkout@1.4.2 checkout@1.5.0".parse::<Composition>().is_err());
        assert!("checkout".parse::<Composition>().is_err());
    }
}
