//! Names of teams, tokens, releases and blobs.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{AppName, NameError};

macro_rules! text {
    ($(#[$doc:meta])* $type:ident, $check:ident, $rule:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(String);

        impl $type {
            /// As text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $type {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                if $check(text) {
                    Ok(Self(text.into()))
                } else {
                    Err(NameError::new(text, $rule))
                }
            }
        }

        impl TryFrom<String> for $type {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> Self {
                name.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text!(
    /// A team, the owner of apps: `reviews-team`.
    TeamName, is_team,
    "be 1 to 48 of `a-z`, `0-9` and single `-`, starting with a letter and not ending in `-`"
);
text!(
    /// The public part of a token: `3f9a12bc`.
    TokenId, is_token_id,
    "be 8 of `0-9`, `a-f`"
);
text!(
    /// What a file is known by: SHA-256, 64 hexadecimal digits in lower case.
    Sha256, is_sha256,
    "be 64 of `0-9`, `a-f`, a SHA-256"
);

/// A release: `r57`, made by the ledger's entry 57.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReleaseId(pub u64);

impl FromStr for ReleaseId {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let digits = text.strip_prefix('r').unwrap_or_default();
        let plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
        let number = plain.then(|| digits.parse().ok()).flatten();
        number
            .map(Self)
            .ok_or_else(|| NameError::new(text, "be a release like `r57`"))
    }
}

impl TryFrom<String> for ReleaseId {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<ReleaseId> for String {
    fn from(id: ReleaseId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for ReleaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "r{}", self.0)
    }
}

fn is_team(text: &str) -> bool {
    text.parse::<AppName>().is_ok()
}

fn is_token_id(text: &str) -> bool {
    text.len() == 8 && is_hex(text)
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && is_hex(text)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_what_they_write() {
        assert_eq!("r57".parse::<ReleaseId>().unwrap().to_string(), "r57");
        for bad in ["", "r", "57", "r057", "r-1", "r99999999999999999999999"] {
            assert!(bad.parse::<ReleaseId>().is_err(), "{bad}");
        }
        assert!("3f9a12bc".parse::<TokenId>().is_ok());
        assert!("3F9A12BC".parse::<TokenId>().is_err());
        assert!("a".repeat(64).parse::<Sha256>().is_ok());
        assert!("../".parse::<Sha256>().is_err());
    }
}
