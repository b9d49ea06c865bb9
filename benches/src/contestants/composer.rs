//! The composer as a contestant: apps packed from a generated manifest, and a configuration around them.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use super::Ground;

/// This program, for its own parts.
pub(crate) fn own() -> Result<PathBuf> {
    Ok(std::env::current_exe()?)
}

/// A composer with these apps.
pub(crate) struct Composer {
    pub(crate) binary: PathBuf,
    /// Each app's manifest.
    pub(crate) apps: Vec<String>,
    pub(crate) upstream: u16,
    /// Further lines of `composer.toml`, tables of their own.
    pub(crate) config: String,
}

impl Composer {
    /// One app whose pages have slots for its own fragments.
    pub(crate) fn bench(ground: &Ground, binary: &Path) -> Self {
        Self {
            binary: binary.to_owned(),
            apps: vec![manifest(&ground.fragments)],
            upstream: ground.upstream,
            config: String::new(),
        }
    }

    /// Packs the apps into the folder and says how the composer is started.
    pub(crate) fn command(&self, folder: &Path, port: u16) -> Result<Command> {
        let mut config = format!(
            "listen = \"127.0.0.1:{port}\"\nadmin_listen = \"127.0.0.1:0\"\nthreads = 1\nlog = \"error\"\n{}\n",
            self.config
        );
        for (at, manifest) in self.apps.iter().enumerate() {
            let source = folder.join(format!("source-{at}"));
            fs::create_dir_all(&source)?;
            fs::write(source.join("layout.html"), LAYOUT)?;
            fs::write(source.join("marquetry.toml"), manifest)?;
            let app = format!("app-{at}");
            self.pack(&source, &folder.join(&app))?;
            let _ = write!(
                config,
                "\n[[apps]]\ndir = \"{app}\"\norigins = [\"http://127.0.0.1:{}\"]\n",
                self.upstream
            );
        }
        let file = folder.join("composer.toml");
        fs::write(&file, config)?;
        let mut command = Command::new(&self.binary);
        command.arg("serve").arg("--config").arg(file);
        Ok(command)
    }

    fn pack(&self, source: &Path, out: &Path) -> Result<()> {
        let mut pack = Command::new(&self.binary);
        pack.arg("pack").arg(source).arg("--out").arg(out);
        let packed = pack
            .output()
            .with_context(|| format!("can't start {}", self.binary.display()))?;
        let said = String::from_utf8_lossy(&packed.stderr);
        ensure!(packed.status.success(), "pack: {said}");
        Ok(())
    }
}

pub(crate) const LAYOUT: &str = "<!doctype html><html lang=\"en\"><head><title>Benchmark</title></head>\
    <body><main><fragment-slot src=\"page\"></fragment-slot></main></body></html>";

const MANIFEST: &str = r#"
[app]
name = "bench"
version = "1.0.0"
owner = "Benchmark"

[[pages]]
path = "/u/{n}"
fragment = "page"
layout = "bench/plain"

[[fragments]]
name = "page"
path = "/u/slots"
params = ["n"]
includes = ["bench/part"]

[[fragments]]
name = "part"
path = "/u/part"
params = ["i"]

[[pages]]
path = "/c/{n}"
fragment = "kept-page"
layout = "bench/plain"

[[fragments]]
name = "kept-page"
path = "/c/slots"
params = ["n"]
includes = ["bench/kept-part"]

[[fragments]]
name = "kept-part"
path = "/c/part"
params = ["i"]

[[layouts]]
name = "plain"
template = "layout.html"
"#;

/// The manifest, with a page for each number of fragments that names them all beforehand.
fn manifest(fragments: &[usize]) -> String {
    let mut text = MANIFEST.to_owned();
    for count in fragments {
        let eager: Vec<String> = (0..*count).map(|at| format!("\"bench/part?i={at}\"")).collect();
        text += &format!(
            "\n[[pages]]\npath = \"/eager/{count}\"\nfragment = \"page-{count}\"\nlayout = \"bench/plain\"\n\n\
             [[fragments]]\nname = \"page-{count}\"\npath = \"/u/slots/{count}\"\nincludes = [\"bench/part\"]\neager = [{}]\n",
            eager.join(", ")
        );
    }
    text
}
