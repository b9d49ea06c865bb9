//! The composition lock: what a page is made of, signed, so that its tab can ask for the same later.

use contract::Composition;
use serde::{Deserialize, Serialize};

use crate::keys::Signer;

/// A lock ends this long after the last hour in which it was made.
const LASTS_S: u64 = 24 * HOUR_S;
/// In so many seconds all pages of a composition carry the same text.
pub(crate) const HOUR_S: u64 = 3_600;
/// More apps than this are no composition of ours.
const MOST_APPS: usize = 256;

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    /// `checkout@1.4.2 decide@2.0.0`
    c: String,
    exp: u64,
}

/// The text for pages of `composition` in the hour of `now_s`.
pub(crate) fn sign(signer: &Signer, composition: &Composition, now_s: u64) -> String {
    let end_of_hour = now_s - now_s % HOUR_S + HOUR_S;
    signer.sign(&Claims {
        c: composition.to_string(),
        exp: end_of_hour + LASTS_S,
    })
}

/// What a text of ours says; `None` for one that isn't, or has ended.
pub(crate) fn read(signer: &Signer, text: &str) -> Option<Composition> {
    let composition: Composition = signer.read::<Claims>(text)?.c.parse().ok()?;
    (composition.iter().count() <= MOST_APPS).then_some(composition)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::now_s, keys::Keys};

    #[test]
    fn a_lock_says_what_a_page_is_made_of() {
        let signer = Keys::passing().compositions;
        let composition: Composition = "checkout@1.4.2 decide@2.0.0".parse().unwrap();
        let now = now_s();
        let text = sign(&signer, &composition, now);
        assert_eq!(read(&signer, &text), Some(composition.clone()));
        assert_eq!(
            text,
            sign(&signer, &composition, now - now % HOUR_S),
            "one text an hour"
        );
        assert_eq!(read(&Keys::passing().compositions, &text), None);
        let old = sign(&signer, &composition, now - LASTS_S - 2 * HOUR_S);
        assert_eq!(read(&signer, &old), None);
        assert!(read(&signer, &sign(&signer, &composition, now - LASTS_S)).is_some());
    }
}
