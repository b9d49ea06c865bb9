//! A registry in a folder of its own, and versions to publish in it.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use composer_ledger::{Act, Actor, Revision};
use composer_registry::{ActError, Done, Registry, Settings, StoredAsset, pack_app, pack_platform};
use contract::{
    AppName, AppVersion,
    admin::{AnalysisTerms, Audience, CanaryTerms, NewVersion, PublishReply, Sha256, VersionFile},
};
use sha2::Digest;
use tempfile::TempDir;

pub(crate) const LAYOUT: &str = "<!doctype html><html><head><title>Shop</title></head><body><fragment-slot src=\"page\"></fragment-slot></body></html>";

/// All files of a version.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub(crate) name: AppVersion,
    pub(crate) files: Vec<VersionFile>,
    pub(crate) bytes: HashMap<Sha256, Bytes>,
}

impl Version {
    /// An app with one page, one layout of its own and one module; `more` is put behind the manifest.
    pub(crate) fn new(name: &str, more: &str) -> Self {
        let (app, version) = name.split_once('@').unwrap();
        let manifest = format!(
            r#"
            [app]
            name = "{app}"
            version = "{version}"
            owner = "Team {app}"

            [[pages]]
            path = "/{app}"
            fragment = "main"
            layout = "{app}/plain"

            [[layouts]]
            name = "plain"
            template = "layouts/plain.html"

            [assets]
            dir = "dist"
            module = "{app}.js"

            [[fragments]]
            name = "main"
            {more}
            "#
        );
        Self::of(&manifest, &format!("export default '{name}';"))
    }

    /// Packs a manifest, a layout, schemas and a module.
    pub(crate) fn of(manifest: &str, module: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("source/marquetry.toml", manifest);
        write("source/layouts/plain.html", LAYOUT);
        write(
            "source/schemas/count.json",
            r#"{"properties":{"count":{"type":"integer"}},"required":["count"]}"#,
        );
        write(
            "source/schemas/text.json",
            r#"{"properties":{"count":{"type":"string"}}}"#,
        );
        let app = manifest.split("name = \"").nth(1).unwrap().split('"').next().unwrap();
        write(&format!("source/dist/{app}.js"), &module.repeat(20));
        let packed = pack_app(&dir.path().join("source"), None, &dir.path().join("out")).unwrap();
        Self::read(packed.app.unwrap(), &dir.path().join("out"))
    }

    fn read(name: AppVersion, dir: &Path) -> Self {
        let mut version = Self {
            name,
            files: vec![],
            bytes: HashMap::new(),
        };
        let mut folders = vec![dir.to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let relative = path.strip_prefix(dir).unwrap().to_str().unwrap().to_owned();
                    version.set(&relative, fs::read(&path).unwrap());
                }
            }
        }
        version.files.sort();
        version
    }

    /// Puts a file in, or in place of another.
    pub(crate) fn set(&mut self, path: &str, bytes: Vec<u8>) {
        let sha256 = sha256(&bytes);
        self.files.retain(|file| file.path != path);
        self.files.push(VersionFile {
            path: path.into(),
            sha256: sha256.clone(),
            bytes: bytes.len() as u64,
        });
        self.bytes.insert(sha256, bytes.into());
    }

    /// The file whose path ends so.
    pub(crate) fn file(&self, end: &str) -> &VersionFile {
        self.files.iter().find(|file| file.path.ends_with(end)).unwrap()
    }

    pub(crate) fn text(&self, end: &str) -> String {
        String::from_utf8(self.bytes[&self.file(end).sha256].to_vec()).unwrap()
    }

    pub(crate) fn new_version(&self) -> NewVersion {
        NewVersion {
            files: self.files.clone(),
            note: None,
        }
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> Sha256 {
    let hex: String = sha2::Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    hex.parse().unwrap()
}

pub(crate) fn version(name: &str) -> AppVersion {
    name.parse().unwrap()
}

pub(crate) fn versions(names: &str) -> Vec<AppVersion> {
    names.split(' ').map(version).collect()
}

pub(crate) fn somebody() -> Actor {
    Actor::new("somebody")
}

pub(crate) struct Shop {
    dir: TempDir,
    pub(crate) registry: Registry,
}

impl Shop {
    /// A new one, in which one team owns all apps of the tests.
    pub(crate) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    /// The same with other settings.
    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("shell")).unwrap();
        fs::write(dir.path().join("shell/loader.js"), "export {}").unwrap();
        pack_platform(&dir.path().join("shell"), &dir.path().join("shell-out")).unwrap();
        let mut settings = settings(dir.path());
        change(&mut settings);
        let registry = Registry::open(settings).await.unwrap();
        let apps = ["a", "b", "c", "d"].map(|app| app.parse::<AppName>().unwrap()).to_vec();
        let team = Act::TeamSet {
            team: "all".parse().unwrap(),
            apps,
            networks: vec![],
        };
        registry.act(somebody(), team, None, None).await.unwrap();
        Self { dir, registry }
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join("data").join(path)
    }

    pub(crate) fn blob(&self, sha256: &Sha256) -> PathBuf {
        self.path(&format!("blobs/{}/{sha256}", &sha256.as_str()[..2]))
    }

    /// Another registry on the same folder, as after a restart or in another process.
    pub(crate) async fn again(&self) -> Registry {
        Registry::open(settings(self.dir.path())).await.unwrap()
    }

    pub(crate) async fn put(&self, version: &Version) {
        for (sha256, bytes) in &version.bytes {
            self.registry.put_blob(sha256, bytes.clone()).await.unwrap();
        }
    }

    pub(crate) async fn publish(&self, version: &Version) -> Result<PublishReply, ActError> {
        self.put(version).await;
        let name = version.name.clone();
        self.registry
            .publish(somebody(), name, version.new_version(), false)
            .await
    }

    /// Publishes, and fails the test when that is refused.
    pub(crate) async fn add(&self, name: &str, more: &str) -> Version {
        let version = Version::new(name, more);
        let reply = self.publish(&version).await.unwrap();
        assert!(reply.published && reply.changed, "{reply:?}");
        version
    }

    pub(crate) async fn act(&self, act: Act) -> Result<Done, ActError> {
        self.registry.act(somebody(), act, None, None).await
    }

    pub(crate) async fn release(&self, names: &str) -> Result<Done, ActError> {
        self.act(released(names, None)).await
    }

    pub(crate) async fn roll_back(&self, name: &str) -> Result<Done, ActError> {
        self.act(Act::RolledBack {
            apps: versions(name),
            release: None,
        })
        .await
    }

    /// What visitors see who are in no canary.
    pub(crate) fn live(&self) -> String {
        live(&self.registry)
    }

    /// The module of a version, as browsers ask for it.
    pub(crate) async fn module(&self, version: &Version) -> Option<Arc<StoredAsset>> {
        let file = version.file(".js");
        let mut parts = file.path.rsplit('/');
        let (name, digest) = (parts.next().unwrap(), parts.next().unwrap());
        self.registry.asset(digest, name).await
    }
}

pub(crate) fn live(registry: &Registry) -> String {
    registry.snapshot().stable().composition.to_string()
}

pub(crate) fn released(names: &str, canary: Option<u16>) -> Act {
    Act::Released {
        apps: versions(names),
        canary: canary.map(|share| CanaryTerms {
            audience: Audience::Share,
            steps: vec![share],
            every_s: None,
        }),
        analysis: AnalysisTerms::default(),
    }
}

pub(crate) fn settings(dir: &Path) -> Settings {
    Settings {
        shell_dir: Some(dir.join("shell-out")),
        ..Settings::new(dir.join("data"))
    }
}

pub(crate) fn seen(revision: u64) -> Option<Revision> {
    Some(Revision(revision))
}
