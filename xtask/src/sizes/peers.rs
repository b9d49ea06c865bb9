//! What browsers load of our peers: each bundled and minified by esbuild from `benches/sizes`, as a page would use it.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use super::weight::{self, Weight};
use crate::{step, tools};

/// Its entry is `benches/sizes/<entry>.js`.
struct Known {
    entry: &'static str,
    package: &'static str,
    includes: &'static str,
}

const ALL: [Known; 5] = [
    Known {
        entry: "single-spa",
        package: "single-spa",
        includes: "registering and starting applications; no module loader, no server",
    },
    Known {
        entry: "turbo",
        package: "@hotwired/turbo",
        includes: "soft navigation, frames, streams; nothing about teams or versions",
    },
    Known {
        entry: "web-fragments",
        package: "web-fragments",
        includes: "the host's elements with isolation of each fragment's script; its gateway is on the server",
    },
    Known {
        entry: "module-federation",
        package: "@module-federation/runtime",
        includes: "loading remotes at run time; no framework, no shared modules, no navigation",
    },
    Known {
        entry: "qiankun",
        package: "qiankun",
        includes: "single-spa, loading applications by their HTML, sandbox",
    },
];

/// A peer that was measured.
pub(super) struct Peer {
    pub(super) name: String,
    pub(super) includes: &'static str,
    pub(super) weight: Weight,
}

/// All of them, at the versions of the lock file.
pub(super) fn measure() -> Result<Vec<Peer>> {
    let folder =
        tools::npm_ci("benches/sizes", "size-peers").context("our peers come by npm (Node 20 or newer): install it")?;
    ALL.iter().map(|known| bundled(known, &folder)).collect()
}

/// With which bundler.
pub(super) fn bundler() -> Result<String> {
    let folder = tools::npm_ci("benches/sizes", "size-peers")?;
    Ok(format!("esbuild {}", version(&folder, "esbuild")?))
}

fn bundled(known: &Known, folder: &Path) -> Result<Peer> {
    let out = folder.join("out").join(known.entry).with_extension("js");
    let mut bundle = step::command(folder.join("node_modules/.bin/esbuild"));
    bundle.arg(folder.join(known.entry).with_extension("js"));
    bundle.args([
        "--bundle",
        "--minify",
        "--format=esm",
        "--platform=browser",
        "--target=es2022",
    ]);
    bundle.args(["--legal-comments=none", "--log-level=warning", "--external:/shop.js"]);
    bundle.arg("--define:process.env.NODE_ENV=\"production\"");
    bundle.arg(format!("--outfile={}", out.display()));
    step::run(&format!("esbuild: {}", known.package), &mut bundle)?;
    Ok(Peer {
        name: format!("{} {}", known.package, version(folder, known.package)?),
        includes: known.includes,
        weight: weight::of_files(&[out])?,
    })
}

fn version(folder: &Path, package: &str) -> Result<String> {
    let file = folder.join("node_modules").join(package).join("package.json");
    let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    let package: serde_json::Value = serde_json::from_str(&text)?;
    let version = package.get("version").and_then(serde_json::Value::as_str);
    Ok(version.context("the package has no version")?.to_owned())
}
