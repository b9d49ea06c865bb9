//! Published versions of apps: packed into folders, loaded and verified, their assets, and the snapshot that a composer serves.

pub mod snapshot;
pub mod pack;
pub mod packed;
pub mod assets;
pub mod origin;
mod source;
mod folder;
pub mod error;
mod index;
mod compress;
mod digest;

pub use assets::{AssetStore, StoreError, StoredAsset};
pub use compress::Encoding;
pub use error::PackError;
pub use origin::{Origin, OriginError};
pub use pack::{Packed, PackedFile, pack_app, pack_platform};
pub use packed::{LoadedApp, LoadedPlatform, PackedError, load_app, load_platform};
pub use snapshot::{AppSource, Current, Snapshot, SnapshotError};
