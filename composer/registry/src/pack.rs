//! Makes the immutable version folder out of an app's source folder and its built browser files.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use contract::{AppVersion, manifest};

use crate::{
    compress::{self, Encoding},
    digest,
    error::PackError,
    folder,
    index::{self, Entry},
    source::Source,
};

/// What packing made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// The version; `None` for the platform's own files.
    pub app: Option<AppVersion>,
    /// The version folder.
    pub dir: PathBuf,
    /// What browsers load, by name.
    pub files: Vec<PackedFile>,
    /// False when the folder held exactly this already.
    pub changed: bool,
}

/// One file that browsers load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedFile {
    /// Its name.
    pub file: String,
    /// What its address calls it.
    pub digest: String,
    /// Its size.
    pub raw_bytes: u64,
    /// Its size with brotli, where that is smaller.
    pub br_bytes: Option<u64>,
}

/// Packs an app: `source` holds its manifest, layouts and fallbacks, `assets` the files for browsers, `out` becomes the version folder.
///
/// Without `assets`, the folder is the one that the manifest names in `assets.dir`, if it names one.
///
/// The same input always gives the same folder; files that `out` holds already are not compressed again.
///
/// # Errors
/// Everything that is wrong with the manifest and the files that it names, or the first file that can't be read or written.
pub fn pack_app(source: &Path, assets: Option<&Path>, out: &Path) -> Result<Packed, PackError> {
    let mut source = Source::read(source)?;
    let assets = assets.map(Path::to_path_buf).or_else(|| source.assets_dir());
    let assets = assets.map(|assets| folder::assets(&assets)).transpose()?;
    let mut version = Version::new(assets.unwrap_or_default(), out)?;
    version.add(manifest::FILE, source.text.clone());
    for (path, bytes) in source.pages() {
        version.add(&path, bytes);
    }
    source.check_assets(|file| version.size(file).is_some());
    source.check_budget(|file| version.size(file).map(|size| size.br_bytes.unwrap_or(size.raw_bytes)));
    version.write(out, Some(source.into_manifest()?.app_version()))
}

/// Packs the platform's browser files of `dir` into `out`.
///
/// # Errors
/// The first file that can't be read or written.
pub fn pack_platform(dir: &Path, out: &Path) -> Result<Packed, PackError> {
    Version::new(folder::assets(dir)?, out)?.write(out, None)
}

/// A version folder in the making: what lies where.
struct Version {
    entries: Vec<Entry>,
    sizes: Vec<PackedFile>,
    files: BTreeMap<String, Bytes>,
}

impl Version {
    fn new(assets: BTreeMap<String, Bytes>, out: &Path) -> Result<Self, PackError> {
        let before = folder::entries(out);
        let mut version = Self {
            entries: vec![],
            sizes: vec![],
            files: BTreeMap::new(),
        };
        for (file, bytes) in assets {
            let entry = Entry {
                digest: digest::digest(&bytes),
                integrity: digest::integrity(&bytes),
                content_type: index::content_type(&file),
                bytes: bytes.len() as u64,
                encodings: vec![],
                file,
            };
            let known = before
                .iter()
                .find(|known| known.digest == entry.digest && known.file == entry.file);
            let known = known.map(|known| (out, known.encodings.as_slice()));
            version.add_asset(entry, bytes, known)?;
        }
        Ok(version)
    }

    fn add(&mut self, path: &str, bytes: Bytes) {
        self.files.insert(path.into(), bytes);
    }

    fn add_asset(
        &mut self,
        mut entry: Entry,
        bytes: Bytes,
        known: Option<(&Path, &[Encoding])>,
    ) -> Result<(), PackError> {
        let path = entry.path();
        let mut br_bytes = None;
        for encoding in Encoding::ALL {
            let copy_path = format!("{path}.{}", encoding.extension());
            let copy = match known {
                Some((out, encodings)) if encodings.contains(&encoding) => folder::read(&out.join(&copy_path)).ok(),
                _ => None,
            };
            let known_to_be_larger = known.is_some_and(|(_, encodings)| !encodings.contains(&encoding));
            let copy = match copy {
                Some(copy) => copy,
                None if known_to_be_larger || !compress::is_compressible(&entry.content_type) => continue,
                None => encoding
                    .compress(&bytes)
                    .map(Bytes::from)
                    .map_err(|source| PackError::Write {
                        path: copy_path.clone().into(),
                        source,
                    })?,
            };
            if copy.len() >= bytes.len() {
                continue;
            }
            if encoding == Encoding::Br {
                br_bytes = Some(copy.len() as u64);
            }
            entry.encodings.push(encoding);
            self.add(&copy_path, copy);
        }
        self.sizes.push(PackedFile {
            file: entry.file.clone(),
            digest: entry.digest.clone(),
            raw_bytes: entry.bytes,
            br_bytes,
        });
        self.add(&path, bytes);
        self.entries.push(entry);
        Ok(())
    }

    fn size(&self, file: &str) -> Option<&PackedFile> {
        self.sizes.iter().find(|size| size.file == file)
    }

    fn write(mut self, out: &Path, app: Option<AppVersion>) -> Result<Packed, PackError> {
        let mut list = serde_json::to_vec_pretty(&self.entries).expect("plain structs are JSON");
        list.push(b'\n');
        self.add(index::FILE, list.into());
        Ok(Packed {
            app,
            dir: out.into(),
            changed: folder::replace(out, &self.files)?,
            files: self.sizes,
        })
    }
}
