//! `cargo xtask sizes`: what browsers load, beside its limits, what it was before, and what our peers weigh.

mod bundle;
mod docs;
mod history;
mod peers;
mod weight;

use std::{fmt::Write, fs, path::PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use contract::manifest::Manifest;

use crate::{build, place, tools};
use bundle::Bundle;
use weight::Weight;

/// With brotli. What the page needs before anything else.
const LOADER_BYTES: u64 = 4_000;
/// With brotli. Loaded before the shell, or when something breaks.
const MEND_BYTES: u64 = 4_000;
/// With brotli, glue and WASM together. Loaded after first paint.
const SHELL_BYTES: u64 = 24_000;
/// With brotli. Loaded by the shell, where there is something to hear.
const LIVE_BYTES: u64 = 2_500;
/// With brotli. Loaded by the shell, with the first release that an open tab sees.
const VERSIONS_BYTES: u64 = 2_500;
/// With brotli, all of it. Loaded when somebody asks for it, where it is offered.
const INSPECTOR_BYTES: u64 = 145_000;

/// Options of `cargo xtask sizes`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Measures our peers too, from their npm packages.
    #[arg(long)]
    peers: bool,
    /// Writes what was measured into `performance.md` and `sizes.csv` of this folder.
    #[arg(long, value_name = "FOLDER")]
    write: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    tools::for_building()?;
    build::scripts()?;
    let ours = ours()?;
    let report = report(&ours)?;
    let peers = if arguments.peers { peers::measure()? } else { vec![] };
    if !peers.is_empty() {
        println!("{}", docs::beside(&ours, &peers));
    }
    if let Some(folder) = &arguments.write {
        history::write(&ours)?;
        docs::write(&folder.join("performance.md"), &ours, &peers)?;
    }
    match report {
        Some(over) => bail!("{over}"),
        None => Ok(()),
    }
}

/// Prints the sizes of what was built.
///
/// # Errors
/// What is over its limit, by how much, and what to do.
pub(crate) fn check() -> Result<()> {
    match report(&ours()?)? {
        Some(over) => bail!("{over}"),
        None => Ok(()),
    }
}

/// Prints all sizes, and tells what is over its limit.
fn report(ours: &[Bundle]) -> Result<Option<String>> {
    println!("{}", table(ours, &history::last()?));
    Ok(over(ours))
}

/// What the platform brings: its name, its files, its limit and where that is said.
const PLATFORM: [(&str, &[&str], u64, &str); 6] = [
    ("loader", &["loader.js"], LOADER_BYTES, "LOADER_BYTES"),
    ("mend", &["mend.js"], MEND_BYTES, "MEND_BYTES"),
    ("shell", &["shell.js", "shell_bg.wasm"], SHELL_BYTES, "SHELL_BYTES"),
    (
        "inspector",
        &["inspector.js", "inspector_module.js", "inspector_bg.wasm"],
        INSPECTOR_BYTES,
        "INSPECTOR_BYTES",
    ),
    ("live", &["live.js"], LIVE_BYTES, "LIVE_BYTES"),
    ("versions", &["versions.js"], VERSIONS_BYTES, "VERSIONS_BYTES"),
];

/// Loader, shell and what belongs to them, and the module of each app that has one.
fn ours() -> Result<Vec<Bundle>> {
    let shell = place::dist_build().join("shell");
    let mut all: Vec<Bundle> = PLATFORM
        .iter()
        .map(|(name, files, limit, constant)| Bundle {
            name: (*name).into(),
            files: files.iter().map(|file| shell.join(file)).collect(),
            limit_bytes: Some(*limit),
            limit_is: format!("`{constant}` in xtask/src/sizes.rs"),
            weight: Weight::default(),
        })
        .collect();
    for app in build::APPS {
        all.push(of_app(app)?);
    }
    for bundle in &mut all {
        bundle.weight = weight::of_files(&bundle.files)?;
    }
    Ok(all)
}

fn of_app(app: &str) -> Result<Bundle> {
    let file = format!("bff/{app}/marquetry.toml");
    let text = fs::read_to_string(place::root().join(&file)).with_context(|| file.clone())?;
    let manifest = Manifest::parse(&file, &text).map_err(|breaches| {
        let lines: Vec<String> = breaches.iter().map(ToString::to_string).collect();
        anyhow::anyhow!(lines.join("\n"))
    })?;
    let folder = place::dist_build().join(app);
    let named = [manifest.assets.module, manifest.assets.wasm];
    Ok(Bundle {
        name: app.into(),
        files: named.into_iter().flatten().map(|name| folder.join(name)).collect(),
        limit_bytes: manifest.assets.budget_bytes,
        limit_is: format!("`budget_bytes` in {file}"),
        weight: Weight::default(),
    })
}

/// One row a bundle, beside what it was when it was written down last.
fn table(ours: &[Bundle], before: &history::Line) -> String {
    let since = before.date();
    let mut text = format!(
        "{:<10} {:>9} {:>9} {:>9} {:>9}  since {since}\n",
        "bytes", "plain", "gzip", "brotli", "limit"
    );
    for Bundle {
        name,
        weight,
        limit_bytes,
        ..
    } in ours
    {
        let limit = limit_bytes.map_or_else(|| "none".into(), |bytes| bytes.to_string());
        let change = before.bytes(name).map_or_else(
            || "new".into(),
            |bytes| format!("{:+}", i128::from(weight.brotli) - i128::from(bytes)),
        );
        let Weight { plain, gzip, brotli } = weight;
        let _ = writeln!(text, "{name:<10} {plain:>9} {gzip:>9} {brotli:>9} {limit:>9}  {change}");
    }
    text
}

fn over(ours: &[Bundle]) -> Option<String> {
    let mut text = String::new();
    for bundle in ours {
        let Some(limit_bytes) = bundle.limit_bytes.filter(|limit| bundle.weight.brotli > *limit) else {
            continue;
        };
        let _ = write!(
            text,
            "\n  {}: {} bytes with brotli, {} more than the limit of {limit_bytes} ({})\n    in {}",
            bundle.name,
            bundle.weight.brotli,
            bundle.weight.brotli - limit_bytes,
            bundle.limit_is,
            bundle.paths(),
        );
    }
    (!text.is_empty()).then(|| {
        format!(
            "browsers would load more than they may:{text}\n  next: see what grew since docs/sizes.csv was written and cut it \
             (docs/performance.md, What a browser loads, says how); only with a reason in the commit, raise the limit"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle(brotli: u64, limit_bytes: Option<u64>) -> Bundle {
        Bundle {
            name: "shell".into(),
            files: vec![PathBuf::from("a.js"), PathBuf::from("a.wasm")],
            limit_bytes,
            limit_is: "`X`".into(),
            weight: Weight {
                plain: 9,
                gzip: 5,
                brotli,
            },
        }
    }

    #[test]
    fn what_is_over_its_limit_is_told() {
        assert_eq!(over(&[bundle(4, Some(4)), bundle(9, None)]), None);
        let told = over(&[bundle(4, Some(3))]).unwrap();
        assert!(
            told.contains("shell: 4 bytes with brotli, 1 more than the limit of 3 (`X`)\n    in a.js, a.wasm"),
            "{told}"
        );
    }

    #[test]
    fn the_table_says_what_changed() {
        let before = history::Line::parse("date,loader,shell", "2026-11-22,1,6");
        let text = table(&[bundle(4, Some(5)), bundle(4, None)], &before);
        assert!(
            text.contains("since 2026-11-22") && text.contains(" 4         5  -2"),
            "{text}"
        );
    }
}
