//! The key of a kept answer: all that its fragment saw, so written that no two requests have the same.

use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};

use equivalent::Equivalent;

/// A key, and its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    hash: u64,
    bytes: Arc<[u8]>,
}

/// The same, borrowed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyRef<'k> {
    pub(crate) hash: u64,
    pub(crate) bytes: &'k [u8],
}

impl Key {
    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    pub(crate) fn as_ref(&self) -> KeyRef<'_> {
        KeyRef {
            hash: self.hash,
            bytes: &self.bytes,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }
}

impl KeyRef<'_> {
    pub(crate) fn to_key(self) -> Key {
        Key {
            hash: self.hash,
            bytes: self.bytes.into(),
        }
    }
}

// The bytes are hashed once, by a keyed hash; what is found is compared in full.
impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl Hash for KeyRef<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl Equivalent<Key> for KeyRef<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.hash == key.hash && *self.bytes == *key.bytes
    }
}

/// Appends `bytes` so that what follows can't be taken for a part of it.
pub(crate) fn push_field(out: &mut Vec<u8>, bytes: &[u8]) {
    push_count(out, bytes.len());
    out.extend_from_slice(bytes);
}

/// Appends a number of fields that follow.
pub(crate) fn push_count(out: &mut Vec<u8>, count: usize) {
    // No head, path or list of params is near that long.
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    out.extend_from_slice(&count.to_le_bytes());
}
