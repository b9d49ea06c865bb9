//! The files that browsers load, in memory, each in every encoding there is.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;
use composer_coding::Coding;
use http::HeaderValue;

use crate::compress::Encoding;

/// One immutable file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAsset {
    /// Its name, one path segment.
    pub file: String,
    /// What its address calls it.
    pub digest: String,
    /// What browsers check it against.
    pub integrity: String,
    /// The value of `Content-Type`.
    pub content_type: String,
    /// The file as it is.
    pub identity: Bytes,
    /// Its smaller copies, the preferred first.
    pub copies: Vec<(Encoding, Bytes)>,
}

/// All assets of a snapshot.
#[derive(Debug)]
pub struct AssetStore {
    by_digest: HashMap<String, Vec<Arc<StoredAsset>>>,
    held_bytes: u64,
    limit_bytes: u64,
}

/// Why an asset is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// All assets together are too much.
    #[error("assets may take {limit_bytes} bytes of memory, `{file}` is beyond that")]
    Full {
        /// The first file that found no room.
        file: String,
        /// The limit.
        limit_bytes: u64,
    },
}

impl AssetStore {
    /// An empty store that holds at most `limit_bytes`, copies included.
    pub fn new(limit_bytes: u64) -> Self {
        Self {
            by_digest: HashMap::new(),
            held_bytes: 0,
            limit_bytes,
        }
    }

    /// Takes an asset; one that is there already costs nothing.
    ///
    /// # Errors
    /// When it would go beyond the limit.
    pub fn insert(&mut self, asset: Arc<StoredAsset>) -> Result<(), StoreError> {
        let same_digest = self.by_digest.entry(asset.digest.clone()).or_default();
        if same_digest.iter().any(|known| known.file == asset.file) {
            return Ok(());
        }
        let held_bytes = self.held_bytes + asset.held_bytes();
        if held_bytes > self.limit_bytes {
            return Err(StoreError::Full {
                file: asset.file.clone(),
                limit_bytes: self.limit_bytes,
            });
        }
        self.held_bytes = held_bytes;
        same_digest.push(asset);
        Ok(())
    }

    /// The asset at `/_m/assets/<digest>/<file>`.
    pub fn get(&self, digest: &str, file: &str) -> Option<&Arc<StoredAsset>> {
        self.by_digest.get(digest)?.iter().find(|asset| asset.file == file)
    }

    /// What all of them take in memory.
    pub fn held_bytes(&self) -> u64 {
        self.held_bytes
    }
}

impl StoredAsset {
    /// What it takes in memory.
    pub(crate) fn held_bytes(&self) -> u64 {
        let copies: usize = self.copies.iter().map(|(_, bytes)| bytes.len()).sum();
        (self.identity.len() + copies) as u64
    }

    /// Chooses the copy for fields `Accept-Encoding`, by the rules that count for pages; `None` is the file as it is.
    ///
    /// Of what the browser takes equally gladly, the first of brotli, zstd and gzip.
    pub fn choose<'v>(&self, accept_encoding: impl IntoIterator<Item = &'v HeaderValue>) -> (Option<Encoding>, &Bytes) {
        let there = self.copies.iter().map(|(encoding, _)| encoding.coding());
        let chosen = Coding::choose(there, accept_encoding);
        let mut copies = self.copies.iter();
        match copies.find(|(encoding, _)| Some(encoding.coding()) == chosen) {
            Some((encoding, bytes)) => (Some(*encoding), bytes),
            None => (None, &self.identity),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asset(file: &str) -> StoredAsset {
        StoredAsset {
            file: file.into(),
            digest: "d".into(),
            integrity: "sha384-x".into(),
            content_type: "text/css".into(),
            identity: Bytes::from_static(b"0123456789"),
            copies: vec![
                (Encoding::Br, Bytes::from_static(b"br")),
                (Encoding::Zstd, Bytes::from_static(b"zstd")),
                (Encoding::Gzip, Bytes::from_static(b"gzip")),
            ],
        }
    }

    fn check(accept: &str, want: &str) {
        let asset = asset("a.css");
        let (encoding, bytes) = asset.choose([&HeaderValue::from_str(accept).unwrap()]);
        assert_eq!(encoding.map_or("identity", Encoding::as_str), want, "{accept}");
        assert_eq!(bytes.len(), if encoding.is_none() { 10 } else { want.len() });
    }

    #[test]
    fn the_browser_weighs_and_equal_weights_go_by_size() {
        check("gzip, deflate, br, zstd", "br");
        check("gzip, zstd", "zstd");
        check("gzip;q=1.0, br;q=0.5", "gzip");
        check("br;q=0, gzip;q=0.001", "gzip");
        check("BR; Q=0.3", "br");
        check("*", "gzip");
        check("br;q=0, *;q=0.5", "gzip");
        check("*;q=0.5, gzip;q=0", "identity");
        check("identity;q=0", "identity");
        check("identity;q=0, *;q=0", "identity");
        check("x-gzip", "gzip");
        check("identity, br;q=0.5", "identity");
        check("identity;q=0.5, br;q=0.5", "br");
        check("deflate", "identity");
        check("", "identity");
        check("br;q=nonsense, gzip", "gzip");
        check(";;,,;q=", "identity");
        assert_eq!(asset("a").choose(None).0, None);
        let fields = ["deflate", "gzip"].map(HeaderValue::from_static);
        assert_eq!(asset("a").choose(&fields).0, Some(Encoding::Gzip));
    }

    #[test]
    fn a_copy_that_is_not_there_is_not_chosen() {
        let mut asset = asset("a.css");
        asset.copies.retain(|(encoding, _)| *encoding == Encoding::Gzip);
        let accept = HeaderValue::from_static("br, gzip;q=0.5, zstd");
        assert_eq!(asset.choose([&accept]).0, Some(Encoding::Gzip));
    }

    #[test]
    fn the_store_has_a_limit() {
        let mut store = AssetStore::new(25);
        store.insert(asset("a.css").into()).unwrap();
        store.insert(asset("a.css").into()).unwrap();
        assert_eq!(store.held_bytes(), 20);
        assert_eq!(
            store.insert(asset("b.css").into()).unwrap_err().to_string(),
            "assets may take 25 bytes of memory, `b.css` is beyond that"
        );
        assert!(
            store.get("d", "a.css").is_some() && store.get("d", "b.css").is_none() && store.get("e", "a.css").is_none()
        );
    }
}
