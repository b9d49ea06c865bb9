//! Sets a fresh machine up: pinned tools go into the cache, and only what is missing is installed.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use cli_bundle::WASM_TARGET;

use crate::{place, step};

const TRUNK: &str = "0.21.14";
const BINARYEN: &str = "132.0.0";
const AXE: &str = "4.10.3";
const GECKODRIVER: &str = "0.37.1";
const NEXTEST: &str = "0.9.143";
const SCHEMATHESIS: &str = "4.32.5";

/// What `build` needs: the WASM target, trunk, and wasm-opt where npm can bring it.
///
/// # Errors
/// The tool that could not be installed, and how to install it by hand.
pub(crate) fn for_building() -> Result<()> {
    wasm_target()?;
    trunk_file()?;
    if wasm_opt().is_none() {
        install_wasm_opt();
    }
    Ok(())
}

/// What `test` needs beyond that: nextest, Chromium with its driver, strace, schemathesis, axe-core.
///
/// # Errors
/// The tool that could not be installed, and how to install it by hand.
pub(crate) fn for_testing() -> Result<()> {
    nextest()?;
    install_programs(&PROGRAMS)?;
    schemathesis()?;
    axe().map(drop)
}

/// What the tests in Firefox need beyond that: Firefox, and its driver, which Debian doesn't have.
///
/// # Errors
/// When Firefox can't be installed here, or its driver can't be built.
pub(crate) fn for_firefox() -> Result<PathBuf> {
    install_programs(&[("firefox-esr", &["firefox-esr"])])?;
    cargo_tool(
        "geckodriver",
        GECKODRIVER,
        "cargo: install geckodriver (a minute or two, once)",
    )
}

fn wasm_target() -> Result<()> {
    if cli_bundle::has_wasm_target(&place::root()) {
        return Ok(());
    }
    step::run(
        "rustup: add the WASM target",
        step::command("rustup").args(["target", "add", WASM_TARGET]),
    )
    .with_context(|| format!("install it by hand: rustup target add {WASM_TARGET}"))
}

/// Trunk at the pinned version, installed if need be.
pub(crate) fn trunk_file() -> Result<PathBuf> {
    cargo_tool("trunk", TRUNK, "cargo: install trunk (some minutes, once)")
}

fn cargo_tool(name: &str, version: &str, title: &str) -> Result<PathBuf> {
    let folder = place::cache().join("tools").join(format!("{name}-{version}"));
    let file = folder.join("bin").join(name);
    if file.is_file() {
        return Ok(file);
    }
    let mut install = step::command("cargo");
    // A tool that runs for seconds needs no fat link of minutes.
    install
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    install
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
        .env("CARGO_TARGET_DIR", place::target().join("tools"));
    install
        .args(["install", name, "--version", version, "--locked", "--root"])
        .arg(&folder);
    step::run(title, &mut install)
        .with_context(|| format!("install it by hand: cargo install {name} --version {version} --locked"))?;
    Ok(file)
}

fn nextest() -> Result<()> {
    if place::on_path("cargo-nextest").is_some() {
        return Ok(());
    }
    cargo_tool("cargo-nextest", NEXTEST, "cargo: install nextest (some minutes, once)").map(drop)
}

/// Folders of installed tools, for `PATH`.
pub(crate) fn folders() -> Vec<PathBuf> {
    let tools = place::cache().join("tools");
    [format!("trunk-{TRUNK}/bin"), format!("cargo-nextest-{NEXTEST}/bin")]
        .map(|tool| tools.join(tool))
        .into()
}

fn npm_folder(package: &str, version: &str) -> PathBuf {
    place::cache().join("tools").join(format!("{package}-{version}"))
}

fn npm_install(package: &str, version: &str) -> Result<PathBuf> {
    let folder = npm_folder(package, version);
    fs::create_dir_all(&folder)?;
    let mut install = step::command("npm");
    install
        .args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"])
        .arg(&folder);
    install.arg(format!("{package}@{version}"));
    step::run(&format!("npm: install {package} {version}"), &mut install)?;
    Ok(folder.join("node_modules"))
}

/// Installs what the lock file of a folder says into the cache, beside copies of the folder's files; gives the copy's place.
///
/// # Errors
/// When npm isn't there or fails.
pub(crate) fn npm_ci(source: &str, name: &str) -> Result<PathBuf> {
    let source = place::root().join(source);
    let folder = place::cache().join("tools").join(name);
    fs::create_dir_all(&folder)?;
    let lock = |folder: &Path| fs::read(folder.join("package-lock.json")).ok();
    let installed = folder.join("node_modules").is_dir() && lock(&source) == lock(&folder);
    for file in place::entries(&source) {
        fs::copy(&file, folder.join(file.file_name().unwrap_or_default()))?;
    }
    if !installed {
        let mut install = step::command("npm");
        install
            .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"])
            .arg(&folder);
        step::run(&format!("npm: install what {name} needs"), &mut install)?;
    }
    Ok(folder)
}

/// The WASM optimiser, when it is there.
pub(crate) fn wasm_opt() -> Option<PathBuf> {
    let file = npm_folder("binaryen", BINARYEN).join("node_modules/binaryen/bin/wasm-opt");
    file.is_file().then_some(file)
}

/// Debian's binaryen 108 breaks modules silently, so only the pinned one will do; without it modules are some
/// 14 % larger before compression and the same on the wire.
fn install_wasm_opt() {
    if place::on_path("npm").is_none() {
        eprintln!("no npm: WASM modules stay without wasm-opt (they work, and weigh about the same on the wire)");
        return;
    }
    if let Err(error) = npm_install("binaryen", BINARYEN) {
        eprintln!("wasm-opt could not be installed, modules stay without it: {error:#}");
    }
}

/// What tests run beside our own programs, and the packages of Debian and Ubuntu that bring it.
const PROGRAMS: [(&str, &[&str]); 5] = [
    ("chromium", &["chromium", "fonts-dejavu-core"]),
    ("chromedriver", &["chromium-driver"]),
    ("python3", &["python3", "python3-venv"]),
    ("strace", &["strace"]),
    ("curl", &["curl"]),
];

/// Installs those programs that are not on `PATH`, each of its packages.
fn install_programs(programs: &[(&str, &[&str])]) -> Result<()> {
    let missing = programs.iter().filter(|(program, _)| place::on_path(program).is_none());
    let packages: Vec<&str> = missing.flat_map(|(_, packages)| *packages).copied().collect();
    if packages.is_empty() {
        return Ok(());
    }
    let packages = packages.join(" ");
    let how = format!("install what the tests need, then run this again: apt-get install {packages}");
    if place::on_path("apt-get").is_none() || !rustix::process::geteuid().is_root() {
        bail!("the tests need programs that are not on PATH; {how}");
    }
    step::run(
        "apt: read the package lists",
        step::command("apt-get").args(["update", "--quiet"]),
    )
    .with_context(|| how.clone())?;
    let mut install = step::command("apt-get");
    install.env("DEBIAN_FRONTEND", "noninteractive");
    install.args(["install", "--yes", "--quiet", "--no-install-recommends"]);
    install.args(packages.split(' '));
    step::run("apt: install what the tests need", &mut install).context(how)
}

/// The file of axe-core, the accessibility checker that the browser tests inject.
pub(crate) fn axe() -> Result<PathBuf> {
    let file = npm_folder("axe-core", AXE).join("node_modules/axe-core/axe.min.js");
    if !file.is_file() {
        npm_install("axe-core", AXE)
            .context("the accessibility tests need npm (Node 20 or newer) to fetch axe-core")?;
    }
    Ok(file)
}

/// The program that fuzzes an API from its OpenAPI text, in a Python environment of its own.
pub(crate) fn schemathesis() -> Result<PathBuf> {
    let folder = place::cache()
        .join("tools")
        .join(format!("schemathesis-{SCHEMATHESIS}"));
    let file = folder.join("bin/schemathesis");
    if file.is_file() {
        return Ok(file);
    }
    let how = "the admin API's tests need Python 3 with venv and pip: apt-get install python3-venv";
    let mut environment = step::command("python3");
    environment.args(["-m", "venv", "--clear"]).arg(&folder);
    step::run("python: make an environment for schemathesis", &mut environment).context(how)?;
    let mut install = step::command(folder.join("bin/pip"));
    install.args(["install", "--quiet", "--disable-pip-version-check"]);
    install.arg(format!("schemathesis=={SCHEMATHESIS}"));
    step::run("pip: install schemathesis", &mut install).context(how)?;
    Ok(file)
}
