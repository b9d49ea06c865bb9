//! Opens a registry on its data folder, and makes what is needed there at the first start.

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use arc_swap::ArcSwap;
use composer_ledger::{Act, Actor, Ledger, SqliteStore, State, TokenRecord};
use contract::{Composition, Prefix, admin::Action};
use tokio::{
    sync::{Semaphore, watch},
    task::spawn_blocking,
};
use tracing::{error, info, warn};

use super::{
    CHECKS, Inner, PUTS, Registry, Stored,
    act::{WAITING, Wanted, follow},
    attic::Attic,
    build, fixed,
    overrides::Overrides,
};
use crate::{
    assets::AssetStore,
    blobs::{BLOB_BYTES, Blobs},
    composed::Compositions,
    library::Library,
    packed::LoadedPlatform,
    refused::OpenError,
    secret::Secret,
    snapshot::{ASSET_BYTES, Snapshot},
};

/// The file of the first token of the platform.
const TOKEN_FILE: &str = "platform.token";

/// Where a registry keeps what it has, and how much.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The folder of the ledger and the files; made when it isn't there.
    pub data_dir: PathBuf,
    /// The platform's browser files, which `pack --platform` made.
    pub shell_dir: Option<PathBuf>,
    /// Where the composer's own addresses begin.
    pub prefix: Prefix,
    /// What assets may take of the memory.
    pub max_asset_bytes: u64,
    /// What stored files may take of the disk.
    pub max_blob_bytes: u64,
}

impl Settings {
    /// The usual ones, for this folder.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            shell_dir: None,
            prefix: Prefix::default(),
            max_asset_bytes: ASSET_BYTES,
            max_blob_bytes: BLOB_BYTES,
        }
    }
}

impl Registry {
    /// Opens the registry in its data folder. Only what is live is read.
    ///
    /// At the first start the folder is made, and a token of the platform, in the file `platform.token`.
    ///
    /// # Errors
    /// When the folder, the ledger in it or the platform's own files can't be used. What can't be served of the ledger is no reason
    /// not to start: the rest is served, and [`Registry::trouble`] says so.
    pub async fn open(settings: Settings) -> Result<Self, OpenError> {
        let dir = settings.data_dir.clone();
        let (preparing, folder) = (settings.clone(), dir.clone());
        let prepared = spawn_blocking(move || prepare(&preparing)).await;
        let ended = |error| OpenError::Io {
            path: folder,
            source: io::Error::other(error),
        };
        let (blobs, platform) = prepared.map_err(ended)??;
        let store = Arc::new(SqliteStore::new(dir.join("ledger.db")));
        let ledger = Ledger::open(store, &dir).await?;
        let revisions = ledger.watch();
        let inner = Arc::new(inner(settings, ledger, Arc::new(blobs), platform));
        let starting = Arc::clone(&inner);
        if let Err(error) = spawn_blocking(move || starting.start()).await {
            error!(%error, "what is live can't be built");
        }
        inner.issue_first_token(&dir).await;
        tokio::spawn(follow(Arc::downgrade(&inner), revisions));
        Ok(Self(inner))
    }
}

fn prepare(settings: &Settings) -> Result<(Blobs, LoadedPlatform), OpenError> {
    let dir = &settings.data_dir;
    fs::create_dir_all(dir).map_err(|source| OpenError::Io {
        path: dir.clone(),
        source,
    })?;
    let platform = fixed::platform(settings.shell_dir.as_deref(), &settings.prefix)?;
    Ok((Blobs::open(dir, settings.max_blob_bytes)?, platform))
}

fn inner(settings: Settings, ledger: Ledger, blobs: Arc<Blobs>, platform: LoadedPlatform) -> Inner {
    let library = Library::stored(settings.prefix, Arc::clone(&blobs));
    let compositions = Arc::new(Compositions::new(library, platform.platform));
    Inner {
        current: ArcSwap::from_pointee(empty(compositions)),
        changes: watch::Sender::new(ledger.state().revision()),
        stored: Some(Stored {
            ledger,
            blobs,
            platform: platform.assets,
            max_asset_bytes: settings.max_asset_bytes,
            turn: tokio::sync::Mutex::new(()),
            waiting: Semaphore::new(WAITING),
            puts: Semaphore::new(PUTS),
            checks: Semaphore::new(CHECKS),
            attic: Attic::new(),
            overrides: Overrides::default(),
            trouble: Mutex::default(),
        }),
    }
}

/// Before anything was done.
fn empty(compositions: Arc<Compositions>) -> Snapshot {
    let state = Arc::new(State::default());
    let stable = compositions
        .build(&state, &Composition::default(), None)
        .expect("no apps break no rule");
    Snapshot {
        live: Arc::new(HashMap::new()),
        stable,
        state,
        compositions,
        assets: Arc::new(AssetStore::new(0)),
        origins: HashMap::new(),
    }
}

impl Inner {
    /// Builds what is live, or as much of it as there is.
    fn start(&self) {
        let Some(stored) = &self.stored else { return };
        let (state, empty) = (stored.ledger.state(), self.current.load_full());
        let snapshot = build::snapshot(stored, Arc::clone(&state), &empty).unwrap_or_else(|findings| {
            for finding in &findings {
                error!(%finding, "not all that is live can be served");
            }
            stored.set_trouble(findings);
            build::rest(stored, &state, &empty)
        });
        self.serve(snapshot);
    }

    /// Without a token nobody could do anything; it is issued once.
    async fn issue_first_token(self: &Arc<Self>, dir: &Path) {
        let Some(stored) = &self.stored else { return };
        if stored.ledger.state().tokens().next().is_some() {
            return;
        }
        let path = dir.join(TOKEN_FILE);
        let made = Secret::new().and_then(|secret| write_private(&path, &secret.text).map(|()| secret));
        let secret = match made {
            Ok(secret) => secret,
            Err(error) => return warn!(path = %path.display(), %error, "the first token can't be written"),
        };
        let token = TokenRecord {
            id: secret.id,
            name: "first token of the platform".into(),
            sha256: secret.sha256,
            team: None,
            apps: None,
            actions: Action::ALL.to_vec(),
            expires_at_ms: None,
        };
        let wanted = Wanted {
            by: Actor::system("start"),
            act: Act::TokenIssued { token },
            if_revision: None,
            reason: None,
        };
        match self.act(wanted).await {
            Ok(_) => info!(path = %path.display(), "the first token of the platform is in this file"),
            Err(error) => warn!(%error, "the first token can't be issued, the next start tries again"),
        }
    }
}

/// Writes a file that only its owner reads, whole or not at all.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let fresh = path.with_extension(format!("new-{}", std::process::id()));
    let mut options = OpenOptions::new();
    let mut file: File = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&fresh)?;
    file.write_all(format!("{text}\n").as_bytes())?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    path.parent().map_or(Ok(()), |dir| File::open(dir)?.sync_all())
}
