//! Names of teams, tokens, releases and blobs.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    NameError,
    names::{NAME_RULE, is_name, name},
};

const TOKEN_ID_RULE: &str = "be 8 of `0-9`, `a-f`";
const SHA256_RULE: &str = "be 64 of `0-9`, `a-f`, a SHA-256";

name!(
    /// A team, the owner of apps: `reviews-team`.
    TeamName, is_name, NAME_RULE
);
name!(
    /// The public part of a token: `3f9a12bc`.
    TokenId, is_token_id, TOKEN_ID_RULE
);
name!(
    /// What a file is known by: SHA-256, 64 hexadecimal digits in lower case.
    Sha256, is_sha256, SHA256_RULE
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
