//! Builds an app's repository as its manifest's `[build]` says: module and files for browsers, and the BFF.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use cli_bundle::{Shows, WASM_TARGET, bind, copy, has_wasm_target};
use contract::manifest::{self, Breach, Manifest};
use serde::Deserialize;

use crate::{failure::Failure, output::Output};

/// What `marquetry build` writes, in the repository.
const DIST: &str = "dist";
/// The profile for modules, where a repository has it; else `release`.
const WASM_PROFILE: &str = "wasm";

/// The folder of the files that browsers load, once the repository at `dir` was built.
fn built_assets(dir: &Path) -> PathBuf {
    dir.join(DIST).join("assets")
}

/// The folder that is named, or else what was built; with neither the manifest says which.
pub(super) fn assets_to_publish(dir: &Path, named: Option<&Path>) -> Option<PathBuf> {
    let built = || Some(built_assets(dir)).filter(|built| built.is_dir());
    named.map(Path::to_owned).or_else(built)
}

/// How the steps of a build are shown.
pub(super) fn shows(output: Output) -> Shows {
    if output.shows_progress() {
        Shows::LastLine
    } else if output.is_quiet() {
        Shows::Nothing
    } else {
        Shows::Everything
    }
}

/// A repository with its manifest.
#[derive(Debug)]
pub(super) struct Repository {
    pub(super) dir: PathBuf,
    pub(super) manifest: Manifest,
    pub(super) shows: Shows,
}

impl Repository {
    /// Reads the manifest in `dir`.
    pub(super) fn open(dir: &Path, shows: Shows) -> Result<Self, Failure> {
        let path = dir.join(manifest::FILE);
        let name = path.display().to_string();
        let text = fs::read_to_string(&path).map_err(|error| {
            Failure::Breaches(vec![Breach {
                file: name.clone(),
                line: 1,
                key: String::new(),
                rule: format!("cannot be read: {error}"),
            }])
        })?;
        Ok(Self {
            dir: dir.to_owned(),
            manifest: Manifest::parse(&name, &text).map_err(Failure::Breaches)?,
            shows,
        })
    }

    /// Makes the folder of all files that browsers load; none where the app has none.
    pub(super) fn assets(&self) -> Result<Option<PathBuf>, Failure> {
        let module = self.module()?;
        let own = self.manifest.assets.dir.as_ref().map(|dir| self.dir.join(dir));
        let out = built_assets(&self.dir);
        if let Some(own) = own.as_deref().filter(|own| own.starts_with(self.dir.join(DIST))) {
            return match module {
                // Somebody else's tool has put them there.
                None => Ok(Some(own.to_owned())),
                Some(_) => Err(Failure::Refused(format!(
                    "`[assets] dir` of {} lies in `{DIST}`, which `marquetry build` writes; move these files elsewhere, as `assets`",
                    self.manifest.app.name
                ))),
            };
        }
        if own.is_none() && module.is_none() {
            return Ok(None);
        }
        gather(own.as_deref(), module.as_deref(), &out)?;
        self.all_there(&out)?;
        Ok(Some(out))
    }

    /// Compiles and binds the crate of views; gives the folder that holds the module.
    fn module(&self) -> Result<Option<PathBuf>, Failure> {
        let Some(ui) = &self.manifest.build.ui else {
            return Ok(None);
        };
        if !has_wasm_target(&self.dir) {
            return Err(Failure::Refused(format!(
                "Rust has no target for browsers here\n  next: rustup target add {WASM_TARGET}"
            )));
        }
        let project = Project::of(&self.dir)?;
        let library = project.library(ui)?;
        let profile = project.wasm_profile();
        let mut cargo = cargo(&self.dir);
        cargo.args(["build", "--target", WASM_TARGET, "--lib", "--features", "hydrate"]);
        cargo.args(["--profile", profile, "--package", ui]);
        cli_bundle::run("cargo: build the module for browsers", &mut cargo, self.shows)?;
        let wasm = project
            .target_directory
            .join(WASM_TARGET)
            .join(profile)
            .join(format!("{library}.wasm"));
        let out = self.dir.join(DIST).join("module");
        bind(&wasm, self.manifest.app.name.as_str(), &out)?;
        Ok(Some(out))
    }

    /// Compiles the BFF, where cargo does it; gives the program, as far as the command tells its name.
    pub(super) fn bff(&self, release: bool) -> Result<Option<PathBuf>, Failure> {
        let command = self.manifest.build.bff.as_deref().unwrap_or_default();
        let words: Vec<&str> = command.split_whitespace().collect();
        let ["cargo", "run", arguments @ ..] = words.as_slice() else {
            return Ok(None);
        };
        let arguments: Vec<&str> = arguments.iter().copied().take_while(|word| *word != "--").collect();
        let mut cargo = cargo(&self.dir);
        cargo
            .arg("build")
            .args(arguments.iter().filter(|word| !matches!(**word, "--quiet" | "-q")));
        if release
            && !arguments
                .iter()
                .any(|word| *word == "--release" || word.starts_with("--profile"))
        {
            cargo.arg("--release");
        }
        cli_bundle::run("cargo: build the BFF", &mut cargo, self.shows)?;
        let named = |flags: [&str; 2]| {
            let at = arguments.iter().position(|word| flags.contains(word))?;
            arguments.get(at + 1).copied()
        };
        let Some(name) = named(["--bin", "--bin"]).or_else(|| named(["--package", "-p"])) else {
            return Ok(None);
        };
        let profile = if release { "release" } else { "debug" };
        let program = Project::of(&self.dir)?.target_directory.join(profile).join(name);
        Ok(program.is_file().then_some(program))
    }

    /// What the manifest names is what was made.
    fn all_there(&self, out: &Path) -> Result<(), Failure> {
        let assets = &self.manifest.assets;
        let named = assets.styles.iter().chain(&assets.module).chain(&assets.wasm);
        let missing: Vec<&str> = named
            .filter(|file| !out.join(file).is_file())
            .map(String::as_str)
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let app = &self.manifest.app.name;
        let made = match self.manifest.build.ui {
            Some(_) => format!("; the module is made as `{app}.js` and `{app}_bg.wasm`"),
            None => String::new(),
        };
        Err(Failure::Refused(format!(
            "the manifest's `[assets]` names files that aren't there: {}{made}",
            missing.join(", ")
        )))
    }
}

/// What cargo says of the repository.
#[derive(Debug, Deserialize)]
struct Project {
    target_directory: PathBuf,
    workspace_root: PathBuf,
    packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    crate_types: Vec<String>,
}

impl Project {
    fn of(dir: &Path) -> Result<Self, Failure> {
        let mut metadata = cargo(dir);
        metadata.args(["metadata", "--no-deps", "--format-version", "1"]);
        let output = metadata.output().map_err(|source| Failure::Io {
            what: "`cargo` can't be started; Rust comes with it: https://rustup.rs".into(),
            source,
        })?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(Failure::Refused(format!(
                "`{}` is no project of cargo: {}",
                dir.display(),
                said.trim()
            )));
        }
        serde_json::from_slice(&output.stdout)
            .map_err(|error| Failure::Refused(format!("`cargo metadata` says what can't be read: {error}")))
    }

    /// The file name, without its ending, of the module that the package `ui` becomes.
    fn library(&self, ui: &str) -> Result<String, Failure> {
        let Some(package) = self.packages.iter().find(|package| package.name == ui) else {
            let known: Vec<&str> = self.packages.iter().map(|package| package.name.as_str()).collect();
            return Err(Failure::Refused(format!(
                "`[build] ui` names `{ui}`, which is no package here; there are {}",
                known.join(", ")
            )));
        };
        let is_module = |target: &&Target| target.crate_types.iter().any(|kind| kind == "cdylib");
        let library = package.targets.iter().find(is_module).ok_or_else(|| {
            Failure::Refused(format!(
                "`{ui}` makes no module: its Cargo.toml needs `[lib]` with `crate-type = [\"cdylib\", \"rlib\"]`"
            ))
        })?;
        Ok(library.name.replace('-', "_"))
    }

    fn wasm_profile(&self) -> &'static str {
        let text = fs::read_to_string(self.workspace_root.join("Cargo.toml")).unwrap_or_default();
        let heading = format!("[profile.{WASM_PROFILE}]");
        if text.lines().any(|line| line.trim() == heading) {
            WASM_PROFILE
        } else {
            "release"
        }
    }
}

fn cargo(dir: &Path) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(dir);
    cargo
}

/// Makes `out` anew of both folders, so that nothing old stays in it.
fn gather(own: Option<&Path>, module: Option<&Path>, out: &Path) -> Result<(), Failure> {
    let failed = |source| Failure::Io {
        what: format!("`{}` can't be written", out.display()),
        source,
    };
    let new = out.with_extension("new");
    for old in [&new, out] {
        match fs::remove_dir_all(old) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    for folder in [own, module].into_iter().flatten() {
        copy(folder, &new).map_err(failed)?;
    }
    fs::rename(&new, out).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(dir: &Path, manifest: &str) -> Repository {
        let head = "[app]\nname = \"shop\"\nversion = \"1.0.0\"\nowner = \"us\"\n";
        fs::write(dir.join("marquetry.toml"), format!("{head}{manifest}")).unwrap();
        Repository::open(dir, Shows::Nothing).unwrap()
    }

    #[test]
    fn files_are_gathered_and_old_ones_go() {
        let dir = tempfile::tempdir().unwrap();
        let assets = dir.path().join("assets/icons");
        fs::create_dir_all(&assets).unwrap();
        fs::write(assets.join("a.svg"), "<svg/>").unwrap();
        fs::write(dir.path().join("assets/shop.css"), "a{}").unwrap();
        fs::create_dir_all(dir.path().join("dist/assets")).unwrap();
        fs::write(dir.path().join("dist/assets/old.js"), "").unwrap();
        let repository = repository(dir.path(), "[assets]\ndir = \"assets\"\nstyles = [\"shop.css\"]\n");
        let out = repository.assets().unwrap().unwrap();
        assert_eq!(out, dir.path().join("dist/assets"));
        assert!(out.join("icons/a.svg").is_file() && out.join("shop.css").is_file());
        assert!(!out.join("old.js").exists());
        assert_eq!(repository.bff(true).unwrap(), None);
    }

    #[test]
    fn a_file_that_the_manifest_names_must_be_there() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("assets")).unwrap();
        let repository = repository(dir.path(), "[assets]\ndir = \"assets\"\nmodule = \"shop.js\"\n");
        let error = repository.assets().unwrap_err().to_string();
        assert!(error.contains("shop.js"), "{error}");
    }

    #[test]
    fn an_app_without_files_needs_no_folder() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(repository(dir.path(), "").assets().unwrap(), None);
    }

    #[test]
    fn a_package_that_makes_no_module_is_refused_with_advice() {
        let project = |kind: &str| -> Project {
            let text = format!(
                r#"{{"target_directory":"/t","workspace_root":"/w","packages":[{{"name":"a-ui","targets":[{{"name":"a-ui","crate_types":["{kind}"]}}]}}]}}"#
            );
            serde_json::from_str(&text).unwrap()
        };
        assert_eq!(project("cdylib").library("a-ui").unwrap(), "a_ui");
        assert!(
            project("lib")
                .library("a-ui")
                .unwrap_err()
                .to_string()
                .contains("crate-type")
        );
        let error = project("lib").library("b-ui").unwrap_err().to_string();
        assert!(error.contains("no package here; there are a-ui"), "{error}");
    }
}
