//! Which browser the tests drive, and what differs between the two.

use anyhow::{Result, bail};

use crate::environment;

/// A maker's browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Chromium, by ChromeDriver and Chrome's own protocol.
    Chromium,
    /// Firefox, by geckodriver and WebDriver BiDi.
    Firefox,
}

impl Kind {
    /// The one that this run is about.
    ///
    /// # Errors
    /// When there is no such browser.
    pub fn chosen() -> Result<Self> {
        match environment::browser().as_deref() {
            None | Some("chromium") => Ok(Self::Chromium),
            Some("firefox") => Ok(Self::Firefox),
            Some(other) => bail!("MARQUETRY_BROWSER is `{other}`, not `chromium` or `firefox`"),
        }
    }

    /// What stands in this browser where the other says something else in its own words.
    pub fn says(self, chromium: &'static str, firefox: &'static str) -> &'static str {
        match self {
            Self::Chromium => chromium,
            Self::Firefox => firefox,
        }
    }
}
