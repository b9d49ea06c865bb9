//! What a page is made of.

use serde::{Deserialize, Serialize};

use super::Moment;

/// What a page is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageOutline {
    /// The address that was asked for; empty when none was.
    pub path: String,
    /// The moment as typed: `2026-11-23T09:41`; empty for now.
    pub at: String,
    /// What was found.
    pub found: Option<Found>,
}

/// A page, at a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The moment.
    pub moment: Moment,
    /// The revision of that moment.
    pub revision: u64,
    /// The route's pattern; empty when no page had the address.
    pub route: String,
    /// The layout.
    pub layout: String,
    /// All versions that were live.
    pub composition: Vec<String>,
    /// What it may show, outermost first.
    pub slots: Vec<Slot>,
}

/// A fragment that a page may show.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// `checkout/mini-cart`.
    pub fragment: String,
    /// Its app.
    pub app: String,
    /// The version; empty when the app is not live.
    pub version: String,
    /// Whose it is.
    pub owner: String,
    /// What its failure means.
    pub role: String,
    /// What includes it; empty for the page's own fragment.
    pub included_by: String,
    /// How deep it is, from 0.
    pub depth: usize,
    /// Which of six colours its app has here.
    pub hue: u8,
}
