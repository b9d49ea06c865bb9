//! Makes tokens: the text that its owner keeps, and what the ledger may know of it.

use std::io;

use base64ct::{Base64UrlUnpadded, Encoding};
use contract::admin::{Sha256, TokenId};

use crate::digest;

/// A new token: `mq_<id>_<43 letters>`.
#[derive(Clone)]
pub struct Secret {
    /// The text; whoever has it may do what the token may.
    pub text: String,
    /// Its public part.
    pub id: TokenId,
    /// SHA-256 of the text.
    pub sha256: Sha256,
}

impl Secret {
    /// Makes one out of the operating system's randomness.
    ///
    /// # Errors
    /// When there is none.
    pub fn new() -> io::Result<Self> {
        let (mut id, mut key) = ([0_u8; 4], [0_u8; 32]);
        for bytes in [&mut id[..], &mut key[..]] {
            getrandom::fill(bytes).map_err(|error| io::Error::other(error.to_string()))?;
        }
        let id = format!("{:08x}", u32::from_be_bytes(id));
        let text = format!("mq_{id}_{}", Base64UrlUnpadded::encode_string(&key));
        Ok(Self {
            id: id.parse().expect("8 hex digits are an id"),
            sha256: digest::sha256(text.as_bytes())
                .parse()
                .expect("64 hex digits are a SHA-256"),
            text,
        })
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secret").field("id", &self.id).finish_non_exhaustive()
    }
}
