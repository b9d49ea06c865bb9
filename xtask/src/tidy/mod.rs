//! `cargo xtask tidy`: the house style as far as a program can check it; one rule a file.

mod arrows;
mod config;
mod docs;
mod length;
mod lints;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};

use crate::place;

/// Checks every rule.
///
/// # Errors
/// All findings, each with its cure.
pub(crate) fn run() -> Result<()> {
    let findings = findings()?;
    if findings.is_empty() {
        eprintln!("tidy: nothing to complain about");
        return Ok(());
    }
    bail!("tidy has {} finding(s):\n{}", findings.len(), findings.join("\n"))
}

fn findings() -> Result<Vec<String>> {
    let root = place::root();
    let crates = crates(&root)?;
    let mut findings = Vec::new();
    arrows::check(&crates, &mut findings);
    length::check(&crates, &mut findings);
    lints::check(&crates, &mut findings);
    docs::check(&crates, &mut findings);
    config::check(&root, &mut findings)?;
    Ok(findings)
}

/// A member of the workspace.
struct Crate {
    /// Its folder, relative to the root: `composer/page`.
    folder: String,
    /// Its parsed `Cargo.toml`.
    cargo: toml::Table,
    /// Its sources under `src/`, path and text.
    sources: Vec<(PathBuf, String)>,
}

impl Crate {
    fn name(&self) -> &str {
        self.cargo["package"]["name"].as_str().unwrap_or_default()
    }

    fn dependencies(&self) -> impl Iterator<Item = (&String, &toml::Value)> {
        let tables = ["dependencies", "dev-dependencies", "build-dependencies"];
        tables
            .into_iter()
            .filter_map(|table| self.cargo.get(table)?.as_table())
            .flatten()
    }
}

fn crates(root: &Path) -> Result<Vec<Crate>> {
    let workspace: toml::Table = fs::read_to_string(root.join("Cargo.toml"))?.parse()?;
    let members = workspace["workspace"]["members"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    members
        .iter()
        .filter_map(|member| member.as_str())
        .map(|member| {
            let folder = root.join(member);
            let cargo = fs::read_to_string(folder.join("Cargo.toml"))?.parse()?;
            let mut sources = Vec::new();
            gather(&folder.join("src"), root, &mut sources)?;
            Ok(Crate {
                folder: member.into(),
                cargo,
                sources,
            })
        })
        .collect()
}

fn gather(folder: &Path, root: &Path, sources: &mut Vec<(PathBuf, String)>) -> Result<()> {
    for entry in place::entries(folder) {
        if entry.is_dir() {
            gather(&entry, root, sources)?;
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            let shown = entry.strip_prefix(root).unwrap_or(&entry).to_path_buf();
            sources.push((shown, fs::read_to_string(&entry)?));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_house_is_tidy() {
        let findings = super::findings().unwrap();
        assert!(findings.is_empty(), "{}", findings.join("\n"));
    }
}
