//! What a file is known by: the digest in its address and the integrity that browsers check.

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256, Sha384};

const HEX: &[u8; 16] = b"0123456789abcdef";

/// The file's SHA-256, 64 hex characters.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        text.push(char::from(HEX[usize::from(byte >> 4)]));
        text.push(char::from(HEX[usize::from(byte & 15)]));
    }
    text
}

/// The first 32 hex characters of the file's SHA-256.
pub(crate) fn digest(bytes: &[u8]) -> String {
    let mut text = sha256(bytes);
    text.truncate(32);
    text
}

/// `sha384-…`, after <https://www.w3.org/TR/SRI/>.
pub(crate) fn integrity(bytes: &[u8]) -> String {
    format!("sha384-{}", Base64::encode_string(&Sha384::digest(bytes)))
}

/// True for what [`digest`] may give, and so for a safe folder name.
pub(crate) fn is_digest(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_file_has_known_hashes() {
        assert_eq!(digest(b""), "e3b0c44298fc1c149afbf4c8996fb924");
        assert!(is_digest(&digest(b"")));
        assert_eq!(
            integrity(b""),
            "sha384-OLBgp1GsljhM2TJ+sbHjaiH9txEUvgdDTAzHv2P24donTt6/529l+9Ua0vFImLlb"
        );
    }
}
