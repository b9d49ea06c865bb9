//! Installs what the composer is measured beside; what can't be installed is left out of the measurement.

use std::{fs, path::Path};

use anyhow::Result;

use crate::{place, step};

const FILES: [&str; 4] = ["package.json", "package-lock.json", "tailor.mjs", "podium.mjs"];

/// Tailor and Podium by npm into the cache; a word about the others.
pub(super) fn install() {
    for (program, package) in [
        ("/usr/sbin/nginx", "nginx-light"),
        ("/usr/sbin/varnishd", "varnish"),
        ("/usr/bin/taskset", "util-linux"),
    ] {
        if !Path::new(program).is_file() {
            eprintln!("{program} is not there (apt-get install {package})");
        }
    }
    if let Err(error) = node() {
        eprintln!("Tailor and Podium could not be installed: {error:#}");
    }
}

fn node() -> Result<()> {
    let source = place::root().join("benches/peers");
    let folder = place::cache().join("tools/bench-peers");
    fs::create_dir_all(&folder)?;
    let read = |folder: &Path, file: &str| fs::read(folder.join(file)).ok();
    let lock = FILES[1];
    let installed = folder.join("node_modules").is_dir() && read(&source, lock) == read(&folder, lock);
    for file in FILES {
        fs::copy(source.join(file), folder.join(file))?;
    }
    if installed {
        return Ok(());
    }
    let mut install = step::command("npm");
    install
        .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"])
        .arg(&folder);
    step::run("npm: install Tailor and Podium", &mut install)
}
