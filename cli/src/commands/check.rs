//! `marquetry check`: tells every rule that manifests break.

use std::path::{Path, PathBuf};

use clap::Args;
use contract::manifest::{self, Breach, Manifest, check_together};

use crate::failure::Failure;

/// Check manifests, and with several, whether they go together.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Check {
    /// Folders that hold a `marquetry.toml`.
    #[arg(required = true, value_name = "FOLDER")]
    folders: Vec<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  marquetry check bff/checkout
  marquetry check bff/explore bff/decide bff/checkout";

impl Check {
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let mut breaches = Vec::new();
        let mut manifests = Vec::new();
        for folder in &self.folders {
            match read(folder) {
                Ok(manifest) => manifests.push(manifest),
                Err(mut found) => breaches.append(&mut found),
            }
        }
        if !breaches.is_empty() {
            return Err(Failure::Breaches(breaches));
        }
        if manifests.len() > 1 {
            check_together(&manifests.iter().collect::<Vec<_>>()).map_err(Failure::Breaches)?;
        }
        for manifest in &manifests {
            println!(
                "{}: {} pages, {} fragments, {} layouts, all rules kept",
                manifest.app_version(),
                manifest.pages.len(),
                manifest.fragments.len(),
                manifest.layouts.len()
            );
        }
        Ok(())
    }
}

fn read(folder: &Path) -> Result<Manifest, Vec<Breach>> {
    let path = folder.join(manifest::FILE);
    let name = path.display().to_string();
    match std::fs::read_to_string(&path) {
        Ok(text) => Manifest::parse(&name, &text),
        Err(error) => Err(vec![Breach {
            file: name,
            line: 1,
            key: String::new(),
            rule: format!("cannot be read: {error}"),
        }]),
    }
}
