//! The composer as a contestant: apps packed from a generated manifest, and a configuration around them.

use std::{
    fmt::Write,
    fs, iter,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

/// This program, for its own parts.
pub(crate) fn own() -> Result<PathBuf> {
    Ok(std::env::current_exe()?)
}

/// The given one, or the one beside this program.
pub(crate) fn composer_program(given: Option<&PathBuf>) -> Result<PathBuf> {
    match given {
        Some(given) => Ok(given.clone()),
        None => Ok(own()?.with_file_name("marquetry")),
    }
}

/// A composer with the benchmark's app, and others.
pub(crate) struct Composer {
    pub(crate) binary: PathBuf,
    /// The manifest of the app whose pages are asked for.
    pub(crate) manifest: String,
    /// Name and manifest of apps without files.
    pub(crate) others: Vec<(String, String)>,
    pub(crate) upstream: u16,
    /// Further lines of `composer.toml`, tables of their own.
    pub(crate) config: String,
}

impl Composer {
    /// One app whose pages have slots for its own fragments; `eager` ones for these numbers of them.
    pub(crate) fn bench(binary: &Path, upstream: u16, eager: &[usize]) -> Self {
        Self {
            binary: binary.to_owned(),
            manifest: manifest(eager),
            others: Vec::new(),
            upstream,
            config: String::new(),
        }
    }

    /// Packs the apps into the folder and says how the composer is started.
    pub(crate) fn command(&self, folder: &Path, port: u16) -> Result<Command> {
        let mut config = format!(
            "listen = \"127.0.0.1:{port}\"\nadmin_listen = \"127.0.0.1:0\"\nthreads = 1\nlog = \"error\"\n\n{FETCH}\n{}",
            self.config
        );
        let source = folder.join("source");
        fs::create_dir_all(&source)?;
        fs::write(source.join("layout.html"), LAYOUT)?;
        fs::write(source.join("marquetry.toml"), &self.manifest)?;
        self.pack(&source, &folder.join("bench"))?;
        for (name, manifest) in &self.others {
            // As `pack` leaves an app without layouts and assets; to start it ten thousand times would take minutes.
            let app = folder.join(name);
            fs::create_dir_all(&app)?;
            fs::write(app.join("marquetry.toml"), manifest)?;
            fs::write(app.join("assets.json"), "[]")?;
        }
        for app in iter::once("bench").chain(self.others.iter().map(|(name, _)| name.as_str())) {
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

/// As nginx has it: pages of many fragments need many connections to the one fragment server.
const FETCH: &str = "[fetch]\nidle_connections = 512\n";

const LAYOUT: &str = "<!doctype html><html lang=\"en\"><head><title>Benchmark</title></head>\
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

[[pages]]
path = "/variant/{i}"
fragment = "variant"
layout = "bench/plain"

[[fragments]]
name = "variant"
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
