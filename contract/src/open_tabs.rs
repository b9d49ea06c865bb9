//! What becomes of a tab that is open when one of its versions is replaced.

use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What a tab does about a version that takes the place of its own; the later of two is the stricter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OpenTabs {
    /// It goes on to the new one by itself.
    Allow,
    /// It offers the new one.
    #[default]
    Ask,
    /// It stays on its own.
    Block,
}

impl FromStr for OpenTabs {
    type Err = OpenTabsError;

    fn from_str(text: &str) -> Result<Self, OpenTabsError> {
        match text {
            "allow" => Ok(Self::Allow),
            "ask" => Ok(Self::Ask),
            "block" => Ok(Self::Block),
            _ => Err(OpenTabsError(text.into())),
        }
    }
}

/// A text that says nothing of open tabs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenTabsError(String);

impl fmt::Display for OpenTabsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "must be `allow`, `ask` or `block`, got `{}`", self.0)
    }
}

impl core::error::Error for OpenTabsError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stricter_is_the_greater() {
        let all = ["ask", "block", "allow"].map(|text| text.parse::<OpenTabs>().unwrap());
        assert_eq!(all.into_iter().max(), Some(OpenTabs::Block));
        assert_eq!(all.into_iter().min(), Some(OpenTabs::Allow));
        let error = "never".parse::<OpenTabs>().unwrap_err();
        assert_eq!(error.to_string(), "must be `allow`, `ask` or `block`, got `never`");
    }
}
