//! The groups of a signed-in user: a JWT that whoever signs users in has put into a cookie.

use std::{io, path::PathBuf};

use http::HeaderMap;
use serde::Deserialize;

use super::cookies::cookie;
use crate::{config::GroupCookie, keys::Signer};

const KEY_BYTES: std::ops::RangeInclusive<usize> = 32..=4_096;
const MOST_GROUPS: usize = 256;

/// Why the key of group cookies can't be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It can't be read.
    #[error("`{}`: can't be read", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is too short to be a secret, or no key at all.
    #[error("`{}`: must hold 32 to 4096 bytes, got {bytes}", .path.display())]
    Length {
        /// The file.
        path: PathBuf,
        /// What it holds.
        bytes: usize,
    },
}

/// Reads group cookies.
#[derive(Debug)]
pub(crate) struct GroupReader {
    cookie: String,
    signer: Signer,
}

#[derive(Debug, Deserialize)]
struct Claims {
    #[serde(default)]
    groups: Vec<String>,
}

impl GroupReader {
    /// Takes the key.
    ///
    /// # Errors
    /// When it can't be read, or is none.
    pub(crate) fn open(config: &GroupCookie) -> Result<Self, KeyFileError> {
        let path = config.key_file.clone();
        let key = match std::fs::read(&path) {
            Ok(key) => key,
            Err(source) => return Err(KeyFileError::Read { path, source }),
        };
        let key = key.trim_ascii();
        if !KEY_BYTES.contains(&key.len()) {
            let bytes = key.len();
            return Err(KeyFileError::Length { path, bytes });
        }
        Ok(Self {
            cookie: config.cookie.clone(),
            signer: Signer::new(key),
        })
    }

    /// The groups of a request's user; none without a cookie that is signed and has not ended.
    pub(crate) fn read(&self, headers: &HeaderMap) -> Vec<String> {
        let claims = cookie(headers, &self.cookie).and_then(|text| self.signer.read::<Claims>(text));
        let mut groups = claims.map(|claims| claims.groups).unwrap_or_default();
        groups.truncate(MOST_GROUPS);
        groups
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use serde_json::json;
    use tempfile::TempDir;

    use super::*;

    fn reader(key: &str) -> Result<GroupReader, KeyFileError> {
        let folder = TempDir::new().unwrap();
        let key_file = folder.path().join("key");
        std::fs::write(&key_file, key).unwrap();
        GroupReader::open(&GroupCookie {
            cookie: "session".into(),
            key_file,
        })
    }

    #[test]
    fn groups_count_when_they_are_signed_and_have_not_ended() {
        let secret = "0123456789abcdef0123456789abcdef";
        let reader = reader(&format!("{secret}\n")).unwrap();
        let read = |text: String| {
            let mut headers = HeaderMap::new();
            headers.insert("cookie", HeaderValue::try_from(format!("session={text}")).unwrap());
            reader.read(&headers)
        };
        let signer = Signer::new(secret.as_bytes());
        let claims = json!({ "sub": "u", "aud": "shop", "groups": ["staff"], "exp": 4_000_000_000_u64 });
        assert_eq!(read(signer.sign(&claims)), ["staff"]);
        assert!(read(Signer::new(&[7; 32]).sign(&claims)).is_empty());
        assert!(read(signer.sign(&json!({ "groups": ["staff"], "exp": 1_000 }))).is_empty());
        assert!(read(signer.sign(&json!({ "groups": "staff", "exp": 4_000_000_000_u64 }))).is_empty());
        assert!(read(String::new()).is_empty());
    }

    #[test]
    fn a_short_key_is_none() {
        assert!(matches!(reader("secret"), Err(KeyFileError::Length { bytes: 6, .. })));
    }
}
