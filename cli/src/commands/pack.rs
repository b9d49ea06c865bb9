//! `marquetry pack`: makes an immutable version folder.

use std::path::PathBuf;

use clap::Args;
use composer_registry::{Packed, pack_app, pack_platform};
use serde_json::json;

use crate::{failure::Failure, session::Session};

/// Make a version folder: manifest checked, assets hashed and compressed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Pack {
    /// The app's folder, which holds its `marquetry.toml`.
    #[arg(
        value_name = "FOLDER",
        required_unless_present = "platform",
        conflicts_with = "platform"
    )]
    source: Option<PathBuf>,
    /// The folder of the files that browsers load, instead of the manifest's `assets.dir`.
    #[arg(long, value_name = "FOLDER", conflicts_with = "platform")]
    assets: Option<PathBuf>,
    /// Pack the loader and shell in this folder, instead of an app.
    #[arg(long, value_name = "FOLDER")]
    platform: Option<PathBuf>,
    /// The version folder to make.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  marquetry pack bff/checkout --assets dist/build/checkout --out dist/apps/checkout
  marquetry pack --platform dist/build/shell --out dist/shell";

impl Pack {
    pub(crate) fn run(&self, session: &Session) -> Result<(), Failure> {
        let packed = match &self.platform {
            Some(folder) => pack_platform(folder, &self.out)?,
            None => {
                let source = self.source.as_ref().expect("clap asks for it");
                pack_app(source, self.assets.as_deref(), &self.out)?
            }
        };
        let told = session.output.done(&json(&packed), || table(&packed));
        told.map_err(Failure::Stdout)
    }
}

fn json(packed: &Packed) -> String {
    let files: Vec<_> = packed
        .files
        .iter()
        .map(|file| json!({"file": file.file, "digest": file.digest, "bytes": file.raw_bytes, "brotli_bytes": file.br_bytes}))
        .collect();
    json!({
        "version": packed.app.as_ref().map(ToString::to_string),
        "dir": packed.dir.display().to_string(),
        "changed": packed.changed,
        "files": files,
    })
    .to_string()
}

fn table(packed: &Packed) -> String {
    let name = packed.app.as_ref().map_or("platform".into(), ToString::to_string);
    let news = if packed.changed { "packed into" } else { "unchanged in" };
    let mut text = format!("{name} {news} {}\n", packed.dir.display());
    let width = packed
        .files
        .iter()
        .map(|file| file.file.len())
        .max()
        .unwrap_or(0)
        .max(4);
    text += &format!("{:<width$}  {:>11}  {:>11}\n", "file", "bytes", "brotli");
    for file in &packed.files {
        let small = file.br_bytes.map_or("-".into(), |bytes| bytes.to_string());
        text += &format!("{:<width$}  {:>11}  {small:>11}\n", file.file, file.raw_bytes);
    }
    let raw: u64 = packed.files.iter().map(|file| file.raw_bytes).sum();
    let small: u64 = packed
        .files
        .iter()
        .map(|file| file.br_bytes.unwrap_or(file.raw_bytes))
        .sum();
    text + &format!("{:<width$}  {raw:>11}  {small:>11}\n", "all")
}

#[cfg(test)]
mod tests {
    use composer_registry::PackedFile;

    use super::*;

    #[test]
    fn the_table_lines_up() {
        let file = |name: &str, raw_bytes, br_bytes| PackedFile {
            file: name.into(),
            digest: String::new(),
            raw_bytes,
            br_bytes,
        };
        let packed = Packed {
            app: Some("shop@1.0.0".parse().unwrap()),
            dir: "dist/apps/shop".into(),
            files: vec![file("module_bg.wasm", 300_000, Some(90_000)), file("a.png", 10, None)],
            changed: true,
        };
        let expected = "\
shop@1.0.0 packed into dist/apps/shop
file                  bytes       brotli
module_bg.wasm       300000        90000
a.png                    10            -
all                  300010        90010
";
        assert_eq!(table(&packed), expected);
    }
}
