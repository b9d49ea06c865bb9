//! Where things are: the programs, the packed apps, the output. The only reader of the environment.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail};

/// The root of the work tree.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the crate lies in a folder of the workspace")
}

/// One of the project's programs, `marquetry` or `bff-checkout`.
///
/// # Errors
/// Says how to build it, when it is missing.
pub fn program(name: &str) -> Result<PathBuf> {
    let dir = match variable("MARQUETRY_BIN_DIR") {
        Some(dir) => PathBuf::from(dir),
        None => beside_the_test()?,
    };
    let file = dir.join(name);
    if !file.is_file() {
        bail!(
            "{} is missing: run `cargo xtask test`, or `cargo build -p {}`",
            file.display(),
            if name == "marquetry" { "cli" } else { name }
        );
    }
    Ok(file)
}

/// The packed apps and the packed shell, `apps/<app>` and `shell` in it.
///
/// # Errors
/// Says how to build them, when they are missing.
pub fn dist() -> Result<PathBuf> {
    let dir = variable("MARQUETRY_DIST").map_or_else(|| workspace().join("dist"), PathBuf::from);
    if !dir.join("apps").is_dir() {
        bail!(
            "{} holds no packed apps: run `cargo xtask test`, or `cargo xtask build`",
            dir.display()
        );
    }
    Ok(dir)
}

/// A folder for what a test leaves for people: screenshots, pages that failed.
///
/// # Errors
/// When the folder cannot be made.
pub fn output(part: &str) -> Result<PathBuf> {
    let root = variable("MARQUETRY_TEST_OUTPUT").map_or_else(|| workspace().join("target/test-output"), PathBuf::from);
    let dir = root.join(part);
    std::fs::create_dir_all(&dir).with_context(|| format!("can't make {}", dir.display()))?;
    Ok(dir)
}

/// The script of axe-core.
///
/// # Errors
/// Says how to get it, when it is missing.
pub fn axe() -> Result<PathBuf> {
    let Some(path) = variable("MARQUETRY_AXE") else {
        bail!(
            "MARQUETRY_AXE doesn't name axe-core's `axe.min.js`: run `cargo xtask test`, \
             or `npm install --prefix /tmp/axe axe-core` and MARQUETRY_AXE=/tmp/axe/node_modules/axe-core/axe.min.js"
        );
    };
    let path = PathBuf::from(path);
    let file = if path.is_dir() { path.join("axe.min.js") } else { path };
    if !file.is_file() {
        bail!("MARQUETRY_AXE names {}, which is no file", file.display());
    }
    Ok(file)
}

/// Schemathesis, which fuzzes an API from its OpenAPI text.
///
/// # Errors
/// Says how to get it, when it is missing.
pub fn schemathesis() -> Result<PathBuf> {
    let named = variable("MARQUETRY_SCHEMATHESIS").map(PathBuf::from);
    named.filter(|file| file.is_file()).context(
        "MARQUETRY_SCHEMATHESIS names no program: run `cargo xtask test`, or install schemathesis from PyPI and name it",
    )
}

/// The seed of a game day, if one is given: the same seed gives the same moves.
///
/// # Errors
/// When it is no number.
pub fn seed() -> Result<Option<u64>> {
    let seed = variable("MARQUETRY_SEED").map(|seed| seed.parse());
    seed.transpose().context("MARQUETRY_SEED is no number")
}

/// How long a game day lasts, if that is given.
///
/// # Errors
/// When it is no number of seconds.
pub fn game_length() -> Result<Option<Duration>> {
    let seconds = variable("MARQUETRY_GAME_SECONDS").map(|seconds| seconds.parse().map(Duration::from_secs));
    seconds.transpose().context("MARQUETRY_GAME_SECONDS is no number")
}

/// Chromium, for the tests that need a browser.
///
/// # Errors
/// Says how to install it, when it is missing.
pub fn chromium() -> Result<PathBuf> {
    tool("MARQUETRY_CHROMIUM", &["chromium", "chromium-browser", "google-chrome"])
}

/// The WebDriver of Chromium.
///
/// # Errors
/// Says how to install it, when it is missing.
pub fn chromedriver() -> Result<PathBuf> {
    tool("MARQUETRY_CHROMEDRIVER", &["chromedriver"])
}

/// Which browser the tests drive, where that is said.
pub fn browser() -> Option<String> {
    variable("MARQUETRY_BROWSER")
}

/// Firefox, for a run of the browser tests in it.
///
/// # Errors
/// Says how to install it, when it is missing.
pub fn firefox() -> Result<PathBuf> {
    tool("MARQUETRY_FIREFOX", &["firefox-esr", "firefox"])
}

/// The WebDriver of Firefox.
///
/// # Errors
/// Says how to install it, when it is missing.
pub fn geckodriver() -> Result<PathBuf> {
    tool("MARQUETRY_GECKODRIVER", &["geckodriver"])
}

fn tool(name: &str, candidates: &[&str]) -> Result<PathBuf> {
    if let Some(path) = variable(name) {
        return Ok(path.into());
    }
    let folders = variable("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders)
        .flat_map(|folder| candidates.iter().map(move |name| folder.join(name)))
        .find(|file| file.is_file());
    found.with_context(|| {
        format!(
            "`{}` is missing, and the browser tests need it: run `cargo xtask test` or `cargo xtask test --firefox`, \
             which install it on Debian and Ubuntu; elsewhere install the browser and its WebDriver, and put them on \
             PATH or name this one in {name}",
            candidates[0]
        )
    })
}

fn beside_the_test() -> Result<PathBuf> {
    let test = std::env::current_exe().context("can't tell where the test lies")?;
    let dir = test.parent().and_then(Path::parent);
    Ok(dir.context("the test lies outside a target folder")?.to_owned())
}

#[expect(clippy::disallowed_methods, reason = "this is the module that reads the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
