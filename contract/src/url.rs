//! The addresses under the composer's own prefix, `/_m` unless configured otherwise.

use crate::{AppVersion, FragmentId, NameError, SlotSource};

/// The path that all of the composer's own addresses begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefix(String);

impl Default for Prefix {
    fn default() -> Self {
        Self("/_m".into())
    }
}

impl Prefix {
    /// Checks `path`: `/` and then letters, digits, `-`, `_`; no `/` at the end.
    ///
    /// # Errors
    /// The rule, when `path` breaks it.
    pub fn new(path: &str) -> Result<Self, &'static str> {
        let rest = path.strip_prefix('/').unwrap_or_default();
        let plain = rest
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if rest.is_empty() || !plain {
            return Err("must be one path segment, `/` and then letters, digits, `-` or `_`");
        }
        Ok(Self(path.into()))
    }

    /// The prefix itself: `/_m`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where the browser reaches the BFF of `app`: `/_m/app/checkout@1.4.2`.
    pub fn app_base(&self, app: &AppVersion) -> String {
        format!("{}/app/{app}", self.0)
    }

    /// An immutable file: `/_m/assets/<digest>/<file>`.
    pub fn asset(&self, digest: &str, file: &str) -> String {
        format!("{}/assets/{digest}/{file}", self.0)
    }

    /// One fragment, composed: `/_m/fragment/checkout/mini-cart?…`.
    pub fn fragment(&self, source: &SlotSource) -> String {
        format!("{}/fragment/{source}", self.0)
    }

    /// Where a page's own path follows, for what a tab doesn't have of it: `/_m/page`.
    pub fn page(&self) -> String {
        format!("{}/page", self.0)
    }

    /// Where browsers report what broke: `/_m/report`.
    pub fn report(&self) -> String {
        format!("{}/report", self.0)
    }
}

/// Reads the fragment's name out of `/checkout/mini-cart`, what follows `/_m/fragment`.
///
/// # Errors
/// When the path is not exactly an app and a fragment.
pub fn fragment_of(path: &str) -> Result<FragmentId, NameError> {
    path.strip_prefix('/').unwrap_or(path).parse()
}
