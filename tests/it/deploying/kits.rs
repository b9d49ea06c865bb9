//! A repository without a checkout of this one: it has the kits as they are published.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use tests::{environment, wait::within};
use tokio::process::Command;

use super::shell::{LIMIT, target};

/// The kits, and what they share with the composer.
const KITS: [&str; 3] = ["contract", "fragments-kit", "bff-kit"];

#[tokio::test]
async fn a_repository_builds_with_the_kits_as_they_are_published() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let kits = published(folder.path()).await?;
    let marquetry = environment::program("marquetry")?.display().to_string();
    run(folder.path(), &[&marquetry, "new", "reviews"]).await?;
    let repository = folder.path().join("reviews");
    // In place of a registry that has them.
    let patch: String = kits
        .iter()
        .map(|(name, path)| format!("[patch.crates-io.{name}]\npath = {path:?}\n"))
        .collect();
    std::fs::create_dir(repository.join(".cargo"))?;
    std::fs::write(repository.join(".cargo/config.toml"), patch)?;
    std::fs::copy(
        environment::workspace().join("Cargo.lock"),
        repository.join("Cargo.lock"),
    )?;
    run(&repository, &["cargo", "test", "--quiet"]).await
}

/// Packs the kits as for a registry, and unpacks them as cargo does.
async fn published(folder: &Path) -> Result<Vec<(&'static str, PathBuf)>> {
    let mut package = vec![
        "cargo",
        "package",
        "--quiet",
        "--no-verify",
        "--allow-dirty",
        "--exclude-lockfile",
    ];
    package.extend(KITS.iter().flat_map(|kit| ["--package", kit]));
    run(environment::workspace(), &package).await?;
    let mut kits = Vec::new();
    for kit in KITS {
        let name = format!("{kit}-{}", env!("CARGO_PKG_VERSION"));
        let packed = target()?.join("package").join(format!("{name}.crate"));
        run(folder, &["tar", "-xzf", &packed.display().to_string()]).await?;
        kits.push((kit, folder.join(name)));
    }
    Ok(kits)
}

async fn run(folder: &Path, words: &[&str]) -> Result<()> {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).current_dir(folder).kill_on_drop(true);
    // What the workspace has compiled already isn't compiled again.
    command.env("CARGO_TARGET_DIR", target()?);
    let output = within(LIMIT, &words.join(" "), command.output()).await??;
    ensure!(
        output.status.success(),
        "{words:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
