//! The random id that a visitor is known by again, so that a canary's share is always the same users.

use std::{fmt, str::FromStr};

/// The cookie that holds it.
pub(crate) const USER_COOKIE: &str = "marquetry-user";

/// 128 random bits, as 32 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UserId(String);

/// The text is no such id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoUserId;

impl UserId {
    /// Makes an id that nobody has.
    pub(crate) fn new() -> Self {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).expect("the operating system has randomness");
        Self(format!("{:032x}", u128::from_be_bytes(bytes)))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for UserId {
    type Err = NoUserId;

    fn from_str(text: &str) -> Result<Self, NoUserId> {
        let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'));
        if plain && text.len() == 32 {
            Ok(Self(text.into()))
        } else {
            Err(NoUserId)
        }
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_32_digits_and_nothing_else() {
        let (one, other) = (UserId::new(), UserId::new());
        assert_ne!(one, other);
        assert_eq!(one.as_str().parse::<UserId>(), Ok(one));
        for bad in ["", "a", &"A".repeat(32), &"g".repeat(32), &"a".repeat(33)] {
            assert_eq!(bad.parse::<UserId>(), Err(NoUserId), "{bad}");
        }
    }
}
