//! What a slot asks for, and what its fragment means for the page.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{FragmentId, NameError, Params, params::cut};

/// What a slot asks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SlotSource {
    /// The fragment.
    pub fragment: FragmentId,
    /// Its params.
    pub params: Params,
}

/// Why a `src` names no fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SlotSourceError {
    /// The part before `?` is not a fragment.
    Name(NameError),
    /// The text has more than 2,048 bytes.
    Long,
}

impl fmt::Display for SlotSourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(error) => error.fmt(f),
            Self::Long => f.write_str("a slot's `src` must have at most 2048 bytes"),
        }
    }
}

impl std::error::Error for SlotSourceError {}

impl FromStr for SlotSource {
    type Err = SlotSourceError;

    fn from_str(src: &str) -> Result<Self, SlotSourceError> {
        if src.len() > 2048 {
            return Err(SlotSourceError::Long);
        }
        let (fragment, query) = cut(src, b'?').unwrap_or((src, ""));
        Ok(Self {
            fragment: fragment.parse().map_err(SlotSourceError::Name)?,
            params: Params::parse(query),
        })
    }
}

impl fmt::Display for SlotSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.params.is_empty() {
            return self.fragment.fmt(f);
        }
        write!(f, "{}?{}", self.fragment, self.params)
    }
}

/// What the failure of a fragment means for its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The page's own fragment: its failure is the page's.
    Primary,
    /// Fails the page as long as its head is not out, then shows its fallback.
    Essential,
    /// Shows its fallback.
    Optional,
}

/// What the first bytes of a page wait for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Flush {
    /// Its own fragment, which decides status, headers and title.
    #[default]
    Primary,
    /// Nothing.
    Early,
}

/// When the browser wakes a fragment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hydrate {
    /// At once.
    Load,
    /// When the browser has nothing else to do.
    Idle,
    /// When the slot comes near the viewport.
    Visible,
    /// At the first pointer, key or focus event inside the slot.
    Interaction,
    /// Never: the fragment is plain HTML.
    None,
}

impl Hydrate {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Idle => "idle",
            Self::Visible => "visible",
            Self::Interaction => "interaction",
            Self::None => "none",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_fragment_and_params() {
        let source: SlotSource = "checkout/add-to-cart?sku=AU-02".parse().unwrap();
        assert_eq!(source.fragment.to_string(), "checkout/add-to-cart");
        assert_eq!(source.params.get("sku"), Some("AU-02"));
        assert_eq!(source.to_string(), "checkout/add-to-cart?sku=AU-02");
        assert_eq!(
            "checkout/mini-cart".parse::<SlotSource>().unwrap().to_string(),
            "checkout/mini-cart"
        );
        assert!("//evil.example/x".parse::<SlotSource>().is_err());
        assert_eq!(
            format!("a/b?{}", "x".repeat(2048)).parse::<SlotSource>(),
            Err(SlotSourceError::Long)
        );
    }
}
