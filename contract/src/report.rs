//! What a browser tells the composer when a fragment breaks: `POST /_m/report`, JSON.

use serde::{Deserialize, Serialize};

/// A browser's report. Everything in it is what a stranger says: check it before you count or log it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The app, as the slot's `data-app` says.
    pub app: String,
    /// Its version, as the slot's `data-version` says.
    pub version: String,
    /// The fragment, `checkout/mini-cart`.
    pub fragment: String,
    /// The step that broke.
    pub phase: Phase,
    /// The error's text.
    pub message: String,
    /// Where it was thrown, as far as the browser says.
    #[serde(default)]
    pub stack: String,
    /// The path of the page, without its query.
    #[serde(default)]
    pub page: String,
    /// The request that made the page.
    #[serde(default)]
    pub request_id: String,
    /// The versions that the page was made of, signed by the composer.
    #[serde(default)]
    pub composition: String,
}

/// The step of a fragment's life that broke, or where it broke the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Fetching or compiling the module.
    Load,
    /// Waking server-rendered HTML.
    Hydrate,
    /// Drawing from nothing.
    Mount,
    /// Giving it new params or content.
    Update,
    /// Taking it away.
    Unmount,
    /// It was taken away, and left something behind; the loader has cleaned up.
    Leak,
    /// Later: in an event, a timer, a promise.
    Run,
}

impl Phase {
    /// True where people may have seen that something broke.
    pub fn is_failure(self) -> bool {
        self != Self::Leak
    }

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Hydrate => "hydrate",
            Self::Mount => "mount",
            Self::Update => "update",
            Self::Unmount => "unmount",
            Self::Leak => "leak",
            Self::Run => "run",
        }
    }
}
