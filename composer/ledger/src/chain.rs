//! The chain of hashes through all entries: each seals the one before.

use std::{fmt, sync::Arc};

use sha2::{Digest, Sha256};

use crate::entry::{Entry, Revision};

/// Longer entries are not written.
pub const MAX_ENTRY_BYTES: usize = 1 << 20;

/// SHA-256 of an entry's JSON and the hash before it.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// Reads 64 hexadecimal digits in lower case.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let text: &[u8; 64] = text.as_bytes().try_into().ok()?;
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(text.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Self(hash))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The end of a chain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Head {
    /// Its last entry.
    pub revision: Revision,
    /// The hash that seals everything up to it.
    pub hash: Hash,
}

/// An entry as it is stored: its JSON to the byte, and the hash that seals it. Not checked by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Its number, as whoever stored it says.
    pub revision: Revision,
    /// Over the hash before and `json`.
    pub hash: Hash,
    /// The entry.
    pub json: Arc<str>,
}

/// Why a stored entry doesn't follow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// Its number is another.
    #[error("entry {expected} is missing, entry {got} is in its place")]
    Gap {
        /// What should follow.
        expected: Revision,
        /// What is there.
        got: Revision,
    },
    /// Its bytes, or those of one before it, are not what they were.
    #[error("entry {0} is not what was sealed")]
    Broken(Revision),
    /// It is whole, and this program can't read it.
    #[error(
        "entry {revision} is of a kind that this version of Marquetry doesn't know ({why}); run the version that wrote it, or a newer one"
    )]
    Unknown {
        /// Which.
        revision: Revision,
        /// What the reader says.
        why: String,
    },
}

impl Head {
    /// The hash that `json` gets when it follows.
    fn hash_next(&self, json: &str) -> Hash {
        let hash = Sha256::new().chain_update(self.hash.0).chain_update(json);
        Hash(hash.finalize().into())
    }

    /// Seals an entry, and stands after it then. `None` for one that has no JSON or too much of it.
    pub fn seal(&mut self, entry: &Entry) -> Option<Sealed> {
        let json = serde_json::to_string(entry).ok()?;
        (json.len() <= MAX_ENTRY_BYTES).then(|| self.seal_json(entry.revision, &json))
    }

    /// Seals what is JSON already, and stands after it then.
    pub fn seal_json(&mut self, revision: Revision, json: &str) -> Sealed {
        let hash = self.hash_next(json);
        *self = Self { revision, hash };
        Sealed {
            revision,
            hash,
            json: json.into(),
        }
    }

    /// Tells whether `sealed` follows, and stands after it then.
    ///
    /// # Errors
    /// It is another entry, or it was changed.
    pub fn follow(&mut self, sealed: &Sealed) -> Result<(), ChainError> {
        let expected = self.revision.next();
        if sealed.revision != expected {
            let got = sealed.revision;
            return Err(ChainError::Gap { expected, got });
        }
        if self.hash_next(&sealed.json) != sealed.hash {
            return Err(ChainError::Broken(expected));
        }
        *self = Self {
            revision: sealed.revision,
            hash: sealed.hash,
        };
        Ok(())
    }
}

impl Sealed {
    /// The end of the chain up to it.
    pub fn head(&self) -> Head {
        Head {
            revision: self.revision,
            hash: self.hash,
        }
    }

    /// Reads the entry.
    ///
    /// # Errors
    /// The JSON is of a newer kind, or says another number than it stands under.
    pub fn entry(&self) -> Result<Entry, ChainError> {
        let revision = self.revision;
        let unknown = |why: String| ChainError::Unknown { revision, why };
        let entry: Entry = serde_json::from_str(&self.json).map_err(|error| unknown(error.to_string()))?;
        if entry.revision != revision {
            return Err(unknown(format!("it calls itself entry {}", entry.revision)));
        }
        Ok(entry)
    }

    /// The line of a file: `{"hash":"…","entry":{…}}`.
    pub fn to_line(&self) -> String {
        format!("{LINE_START}{}{LINE_MIDDLE}{}{LINE_END}", self.hash, self.json)
    }

    /// Reads [`to_line`](Self::to_line), without the line break; only the form is checked.
    pub fn from_line(line: &str) -> Option<Self> {
        let rest = line.strip_prefix(LINE_START)?;
        let (hash, rest) = rest.split_at_checked(64)?;
        let json = rest.strip_prefix(LINE_MIDDLE)?.strip_suffix(LINE_END)?;
        Some(Self {
            revision: revision_of(json)?,
            hash: Hash::from_hex(hash)?,
            json: json.into(),
        })
    }
}

const LINE_START: &str = r#"{"hash":""#;
const LINE_MIDDLE: &str = r#"","entry":"#;
const LINE_END: &str = "}";

/// The number is the entry's first key.
fn revision_of(json: &str) -> Option<Revision> {
    let rest = json.strip_prefix(r#"{"revision":"#)?;
    let digits = &rest[..rest.find(|c: char| !c.is_ascii_digit())?];
    digits.parse().ok().map(Revision)
}
