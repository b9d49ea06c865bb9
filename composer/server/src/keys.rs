//! The keys by which the composer knows its own signed texts again, and the texts themselves.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use base64ct::{Base64UrlUnpadded, Encoding};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tracing::{error, warn};

const FILE: &str = "keys.json";
const LONGEST_TEXT_BYTES: usize = 8 << 10;

/// One key a purpose, so that no text serves another.
#[derive(Debug)]
pub(crate) struct Keys {
    /// For compositions that a page carries.
    pub(crate) compositions: Signer,
    /// For links that open an override.
    pub(crate) links: Signer,
    /// For cookies of an open override.
    pub(crate) overrides: Signer,
}

/// Signs texts by HS256, and reads those that it has signed and that have not ended.
pub(crate) struct Signer {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

/// `keys.json`
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    compositions: String,
    links: String,
    overrides: String,
}

impl Keys {
    /// Keys that end with the process.
    pub(crate) fn passing() -> Self {
        Self::of(&Stored::random()).expect("random keys are keys")
    }

    /// The keys in `folder`, shared by all composers that use it; made when there are none.
    ///
    /// Without a folder that can be written the keys end with the process: then tabs that are open at a restart move on
    /// to what is live.
    pub(crate) fn open(folder: &Path) -> Self {
        match Self::read(folder) {
            Ok(Some(keys)) => return keys,
            Ok(None) => {}
            Err(error) => {
                error!(file = %folder.join(FILE).display(), %error, "keys can't be read, new ones are made");
                let aside = folder.join(format!("{FILE}.damaged"));
                if let Err(error) = std::fs::rename(folder.join(FILE), aside) {
                    warn!(%error, "damaged keys stay where they are");
                }
            }
        }
        let made = Stored::random();
        if let Err(error) = made.write(folder) {
            warn!(%error, "keys can't be kept, they end with this process");
        }
        // Another composer may have been first.
        let found = Self::read(folder).ok().flatten().or_else(|| Self::of(&made));
        found.unwrap_or_else(Self::passing)
    }

    fn read(folder: &Path) -> io::Result<Option<Self>> {
        let text = match std::fs::read(folder.join(FILE)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let stored: Stored = serde_json::from_slice(&text)?;
        let keys = Self::of(&stored).ok_or_else(|| io::Error::other("a key must be 32 bytes in base64url"))?;
        Ok(Some(keys))
    }

    fn of(stored: &Stored) -> Option<Self> {
        Some(Self {
            compositions: Signer::of(&stored.compositions)?,
            links: Signer::of(&stored.links)?,
            overrides: Signer::of(&stored.overrides)?,
        })
    }
}

impl Stored {
    fn random() -> Self {
        Self {
            compositions: random_key(),
            links: random_key(),
            overrides: random_key(),
        }
    }

    /// Writes the file whole or not at all, and never over another.
    fn write(&self, folder: &Path) -> io::Result<()> {
        let draft = folder.join(format!("{FILE}.{:016x}", fastrand::u64(..)));
        let text = serde_json::to_vec_pretty(self)?;
        let mut file: File = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&draft)?;
        let written = file.write_all(&text).and_then(|()| file.sync_all());
        let linked = written.and_then(|()| std::fs::hard_link(&draft, folder.join(FILE)));
        std::fs::remove_file(&draft)?;
        match linked {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            linked => linked,
        }
    }
}

impl Signer {
    fn of(key: &str) -> Option<Self> {
        let bytes = Base64UrlUnpadded::decode_vec(key).ok()?;
        (bytes.len() == 32).then(|| Self::new(&bytes))
    }

    /// Signs by `secret`.
    pub(crate) fn new(secret: &[u8]) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = 0;
        validation.validate_aud = false;
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            validation,
        }
    }

    /// Signs `claims`, of which `exp` says when they end, in seconds.
    pub(crate) fn sign(&self, claims: &impl Serialize) -> String {
        jsonwebtoken::encode(&Header::default(), claims, &self.encoding).unwrap_or_default()
    }

    /// The claims of a text that is signed by this key and has not ended.
    pub(crate) fn read<T: DeserializeOwned>(&self, text: &str) -> Option<T> {
        if text.len() > LONGEST_TEXT_BYTES {
            return None;
        }
        let read = jsonwebtoken::decode::<T>(text, &self.decoding, &self.validation);
        read.ok().map(|data| data.claims)
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").finish_non_exhaustive()
    }
}

fn random_key() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the operating system has randomness");
    Base64UrlUnpadded::encode_string(&bytes)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use serde_json::{Value, json};
    use tempfile::TempDir;

    use super::*;

    fn claims(exp: u64) -> Value {
        json!({ "c": "a@1.0.0", "exp": exp })
    }

    #[test]
    fn a_text_is_known_again_until_it_ends() {
        let (keys, others) = (Keys::passing(), Keys::passing());
        let text = keys.compositions.sign(&claims(4_000_000_000));
        assert_eq!(keys.compositions.read::<Value>(&text).unwrap()["c"], "a@1.0.0");
        assert!(others.compositions.read::<Value>(&text).is_none());
        assert!(keys.overrides.read::<Value>(&text).is_none(), "each purpose has a key");
        let ended = keys.compositions.sign(&claims(1_000));
        assert!(keys.compositions.read::<Value>(&ended).is_none());
        let endless = keys.compositions.sign(&json!({ "c": "a@1.0.0" }));
        assert!(keys.compositions.read::<Value>(&endless).is_none());
        let (head, rest) = text.split_once('.').unwrap();
        let (body, signature) = rest.split_once('.').unwrap();
        let unsigned = Base64UrlUnpadded::encode_string(b"{\"alg\":\"none\",\"typ\":\"JWT\"}");
        for broken in [
            String::new(),
            format!("{head}.{body}."),
            format!("{unsigned}.{body}."),
            format!("{unsigned}.{body}.{signature}"),
            format!("{head}.{body}x.{signature}"),
            "a".repeat(LONGEST_TEXT_BYTES + 1),
        ] {
            assert!(keys.compositions.read::<Value>(&broken).is_none(), "{broken}");
        }
    }

    #[test]
    fn keys_outlive_the_process_and_are_nobody_elses() {
        let folder = TempDir::new().unwrap();
        let text = Keys::open(folder.path()).overrides.sign(&claims(4_000_000_000));
        assert!(Keys::open(folder.path()).overrides.read::<Value>(&text).is_some());
        let file = folder.path().join(FILE);
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::write(&file, "{").unwrap();
        assert!(Keys::open(folder.path()).overrides.read::<Value>(&text).is_none());
        assert_eq!(std::fs::read(folder.path().join("keys.json.damaged")).unwrap(), b"{");
        let nowhere = Keys::open(&folder.path().join("missing"));
        assert!(
            nowhere
                .overrides
                .read::<Value>(&nowhere.overrides.sign(&claims(4_000_000_000)))
                .is_some()
        );
    }
}
