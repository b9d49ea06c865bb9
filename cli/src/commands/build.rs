//! `marquetry build`: makes what a repository publishes and runs.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::building::{Repository, shows};
use crate::{
    failure::Failure,
    output::{Output, words},
    session::Session,
};

/// Build an app's repository: its module and files for browsers, and its BFF
///
/// Follows `[build]` and `[assets]` of the manifest. `marquetry publish` takes what it puts into `dist/assets`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Build {
    /// The repository, which holds the app's `marquetry.toml`
    #[arg(value_name = "FOLDER", default_value = ".")]
    dir: PathBuf,
    /// Build the BFF without optimisation, as `marquetry dev` does
    #[arg(long)]
    debug: bool,
    /// Only what browsers load
    #[arg(long, conflicts_with = "debug")]
    assets_only: bool,
}

const EXAMPLES: &str = "\
Examples:
  marquetry build
  marquetry build teams/reviews --assets-only";

impl Build {
    pub(crate) fn run(&self, session: &Session) -> Result<(), Failure> {
        let repository = Repository::open(&self.dir, shows(session.output))?;
        let assets = repository.assets()?;
        let bff = match self.assets_only {
            true => None,
            false => repository.bff(!self.debug)?,
        };
        let made = Made {
            version: repository.manifest.app_version().to_string(),
            files: assets.as_deref().map(files).unwrap_or_default(),
            assets,
            bff,
        };
        session
            .output
            .done(&made.json(), || made.text(session.output))
            .map_err(Failure::Stdout)
    }
}

struct Made {
    version: String,
    assets: Option<PathBuf>,
    files: Vec<(String, u64)>,
    bff: Option<PathBuf>,
}

impl Made {
    fn json(&self) -> String {
        let files = self
            .files
            .iter()
            .map(|(file, bytes)| json!({ "file": file, "bytes": bytes }));
        let files: Vec<_> = files.collect();
        json!({ "version": self.version, "assets": self.assets, "files": files, "bff": self.bff }).to_string()
    }

    fn text(&self, output: Output) -> String {
        let mut text = format!("{} is built\n", self.version);
        if let Some(assets) = &self.assets {
            let mut table = output.table(["FILE", "SIZE"]);
            for (file, bytes) in &self.files {
                table.row([file.clone(), words::bytes(*bytes)]);
            }
            text += &format!(
                "  {}, for `marquetry publish`:\n{}",
                assets.display(),
                table.text("    ")
            );
        }
        if let Some(bff) = &self.bff {
            text += &format!("  {}, the BFF\n", bff.display());
        }
        text
    }
}

/// All files in `folder`, by name.
fn files(folder: &Path) -> Vec<(String, u64)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in next.read_dir().into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let (Ok(name), Ok(data)) = (path.strip_prefix(folder), entry.metadata()) {
                found.push((name.display().to_string(), data.len()));
            }
        }
    }
    found.sort();
    found
}
