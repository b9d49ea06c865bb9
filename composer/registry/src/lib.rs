//! Published versions of apps: packed into folders, stored and verified, released together, and what a composer serves of them.

pub mod registry;
pub mod refused;
mod check;
mod verify;
pub mod snapshot;
pub mod composed;
pub mod library;
pub mod secret;
pub mod pack;
pub mod packed;
mod reader;
mod source;
mod schema;
pub mod blobs;
mod files;
mod folder;
pub mod assets;
pub mod origin;
pub mod error;
mod index;
mod compress;
mod digest;
mod recent;

pub use assets::{AssetStore, StoreError, StoredAsset};
pub use blobs::BlobError;
pub use composed::{ComposeError, Composed};
pub use compress::Encoding;
pub use error::PackError;
pub use library::LoadError;
pub use origin::{Origin, OriginError};
pub use pack::{Packed, PackedFile, pack_app, pack_platform};
pub use packed::{LoadedApp, LoadedPlatform, PackedError, load_app, load_platform};
pub use refused::{ActError, OpenError, OverrideError};
pub use registry::{Done, FixedApps, Registry, Settings};
pub use secret::Secret;
pub use snapshot::{AppSource, Snapshot, SnapshotError};
