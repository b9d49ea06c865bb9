//! Builds servers, modules and shell, and packs each app into its version folder under `dist/`.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};
use cli_bundle::WASM_TARGET;

use crate::{bundle, place, step, tools};

/// All apps here, those of the demo shop and the console; each is `bff/<app>` and `fragments/<app>`.
pub(crate) const APPS: [&str; 4] = ["explore", "decide", "checkout", "console"];

/// What shows developers who made what; compiled together with the apps, as it shares with them what is most of it.
pub(crate) const INSPECTOR: &str = "shell-inspector";

/// The app at the version that its manifest says: `checkout@1.0.0`.
///
/// # Errors
/// When the manifest can't be read.
pub(crate) fn version(app: &str) -> Result<String> {
    let file = place::root().join("bff").join(app).join("marquetry.toml");
    let text = fs::read_to_string(&file).with_context(|| format!("can't read {}", file.display()))?;
    let manifest: toml::Table = text.parse()?;
    let version = manifest
        .get("app")
        .and_then(|app| app.get("version"))
        .and_then(toml::Value::as_str);
    Ok(format!(
        "{app}@{}",
        version.with_context(|| format!("{} has no version", file.display()))?
    ))
}

/// How the servers are compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    Dev,
    Release,
}

impl Profile {
    pub(crate) fn new(release: bool) -> Self {
        if release { Self::Release } else { Self::Dev }
    }

    /// Where cargo puts this profile's binaries.
    pub(crate) fn folder(self) -> PathBuf {
        place::target().join(match self {
            Self::Dev => "debug",
            Self::Release => "release",
        })
    }
}

/// Everything that running the shop needs.
///
/// # Errors
/// The step that failed; its output was shown.
pub(crate) fn everything(profile: Profile) -> Result<()> {
    servers(profile)?;
    browser(profile)
}

fn servers(profile: Profile) -> Result<()> {
    let mut build = step::cargo(&["build", "--locked", "--package", "cli"]);
    for app in APPS {
        build.args(["--package", &format!("bff-{app}")]);
    }
    if profile == Profile::Release {
        build.arg("--release");
    }
    step::run("cargo: build composer and BFFs", &mut build)
}

/// Modules, shell and version folders; needs the `marquetry` binary of `profile`.
///
/// # Errors
/// The step that failed; its output was shown.
pub(crate) fn browser(profile: Profile) -> Result<()> {
    scripts()?;
    pack(profile)
}

/// Modules and shell, not packed.
///
/// # Errors
/// The step that failed; its output was shown.
pub(crate) fn scripts() -> Result<()> {
    modules()?;
    shell()?;
    inspector()
}

/// One cargo command for all apps: what they share is compiled once.
fn modules() -> Result<()> {
    let mut build = step::cargo(&[
        "build",
        "--locked",
        "--profile",
        "wasm",
        "--target",
        WASM_TARGET,
        "--lib",
    ]);
    for app in APPS {
        build.args([
            "--package",
            &format!("fragments-{app}"),
            "--features",
            &format!("fragments-{app}/hydrate"),
        ]);
    }
    build.args(["--package", INSPECTOR, "--features", &format!("{INSPECTOR}/hydrate")]);
    step::run("cargo: build WASM modules", &mut build)?;
    for app in APPS {
        let wasm = place::target()
            .join(WASM_TARGET)
            .join("wasm")
            .join(format!("fragments_{app}.wasm"));
        let out = place::dist_build().join(app);
        cli_bundle::bind(&wasm, app, &out)?;
        cli_bundle::copy(&place::root().join("bff").join(app).join("assets"), &out)?;
    }
    Ok(())
}

/// Trunk, with the pinned wasm-bindgen that is built beside this program.
fn shell() -> Result<()> {
    let (root, out) = (place::root(), place::dist_build().join("shell"));
    let sources = [
        "shell/src",
        "shell/loader",
        "shell/mend",
        "shell/Cargo.toml",
        "shell/index.html",
        "contract",
        "Trunk.toml",
        "Cargo.lock",
    ]
    .map(|path| cli_bundle::modified(&root.join(path)));
    let made = out.join("shell_bg.wasm");
    if sources.iter().all(|source| *source < cli_bundle::modified(&made)) {
        return Ok(());
    }
    let mut path = tools::folders();
    path.insert(0, bindgen()?);
    let mut trunk = step::command(tools::trunk_file()?);
    trunk
        .args(["build", "--release"])
        .env("PATH", place::path_with(&path))
        .env_remove("NO_COLOR");
    step::run("trunk: build the shell", &mut trunk)?;
    let built = place::dist_build().join("trunk");
    bundle::optimise(&built.join("shell_bg.wasm"))?;
    cli_bundle::shorten_files("shell", &built)?;
    fs::create_dir_all(&out)?;
    for name in ["loader", "mend"] {
        let joined = bundle::join_scripts(&root.join("shell").join(name).join("main.js"))?;
        fs::write(out.join(name).with_extension("js"), joined)?;
    }
    let read = |file: PathBuf| fs::read_to_string(&file).with_context(|| format!("read {}", file.display()));
    let script = |path: &str| cli_bundle::strip(&read(root.join(path))?).with_context(|| path.to_owned());
    let lent = script("shell/src/lent.js")? + &script("shell/src/typed.js")? + &script("shell/src/bus.js")?;
    fs::write(out.join("versions.js"), script("shell/src/versions.js")?)?;
    fs::write(out.join("shell.js"), lent + &read(built.join("shell.js"))?)?;
    fs::write(out.join("live.js"), script("shell/live/live.js")?)?;
    fs::copy(built.join("shell_bg.wasm"), &made).with_context(|| format!("copy {}", made.display()))?;
    Ok(())
}

/// Its files beside the shell's: the script that waits for it, and glue with what reads the page in front of it.
fn inspector() -> Result<()> {
    let (from, out) = (place::root().join("shell/inspector"), place::dist_build().join("shell"));
    let wasm = place::target()
        .join(WASM_TARGET)
        .join("wasm")
        .join(format!("{}.wasm", INSPECTOR.replace('-', "_")));
    let made = place::dist_build().join("inspector");
    cli_bundle::bind(&wasm, "inspector", &made)?;
    let read = |file: PathBuf| fs::read_to_string(&file).with_context(|| format!("read {}", file.display()));
    let look = cli_bundle::strip(&read(from.join("look.js"))?)?;
    fs::write(
        out.join("inspector_module.js"),
        look + &read(made.join("inspector.js"))?,
    )?;
    fs::write(
        out.join("inspector.js"),
        cli_bundle::strip(&read(from.join("door.js"))?)?,
    )?;
    let wasm = made.join("inspector_bg.wasm");
    fs::copy(&wasm, out.join("inspector_bg.wasm")).with_context(|| format!("copy {}", wasm.display()))?;
    Ok(())
}

/// A folder that holds the pinned library under the name that trunk looks for.
fn bindgen() -> Result<PathBuf> {
    step::run(
        "cargo: build wasm-bindgen",
        &mut step::cargo(&["build", "--locked", "--package", "xtask", "--bins"]),
    )?;
    let folder = place::target().join("bindgen");
    let link = folder.join("wasm-bindgen");
    fs::create_dir_all(&folder)?;
    if link.is_symlink() {
        fs::remove_file(&link)?;
    }
    std::os::unix::fs::symlink(place::target().join("debug/bindgen"), &link)
        .with_context(|| format!("link {}", link.display()))?;
    Ok(folder)
}

fn pack(profile: Profile) -> Result<()> {
    let marquetry = profile.folder().join("marquetry");
    for app in APPS {
        let mut pack = step::command(&marquetry);
        pack.arg("pack").arg(place::root().join("bff").join(app));
        pack.arg("--assets").arg(place::dist_build().join(app));
        pack.arg("--out").arg(place::dist().join("apps").join(app));
        told(&format!("pack {app}"), &mut pack)?;
    }
    let mut pack = step::command(&marquetry);
    pack.args(["pack", "--platform"]).arg(place::dist_build().join("shell"));
    pack.arg("--out").arg(place::dist().join("shell"));
    told("pack shell", &mut pack)
}

/// Sizes are shown each time, so that growth is noticed.
fn told(title: &str, command: &mut std::process::Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("{title}: can't start {:?}", command.get_program()))?;
    anyhow::ensure!(status.success(), "{title} failed ({status})");
    Ok(())
}
