//! A small site of made-up apps, packed and served, for faults that the shop's apps would never show.

use std::path::Path;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::{
    bff::Bff,
    composer::{Composer, Config, pack},
};

/// The layout of every made-up page: what follows the page shows whether the page swallowed it.
pub const LAYOUT: &str = "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<title>Layout</title>
</head>
<body>
<header id=\"top\">top</header>
<main id=\"main\"><fragment-slot src=\"page\"></fragment-slot></main>
<footer id=\"bottom\">bottom</footer>
</body>
</html>
";

/// Another layout, for pages between which a browser can't go softly.
pub const BARE: &str = "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"view-transition\" content=\"same-origin\">
<title>Bare</title>
</head>
<body>
<main id=\"bare\"><fragment-slot src=\"page\"></fragment-slot></main>
</body>
</html>
";

/// The parts of a [`LAYOUT`] page that are children of its body.
pub const LANDMARKS: [&str; 3] = ["#top", "#main", "#bottom"];

/// What the primary fragment of a [`Site`] says around its slot.
pub const PAGE: &str = "<h1>Page</h1><p id=\"before\">before the slot</p>\
<fragment-slot src=\"app/part\"><b id=\"later\">try later</b></fragment-slot><p id=\"after\">after the slot</p>";

/// One made-up app `app` with the page `/`, whose fragment `page` holds a slot for the fragment `part`.
pub struct Site {
    /// The composer that serves it.
    pub composer: Composer,
    /// The BFF behind it: `/fragments/page` and `/fragments/part`.
    pub bff: Bff,
    _folder: TempDir,
}

impl Site {
    /// Starts it. Both fragments have a deadline of 500 ms, the page one of 1,500 ms.
    ///
    /// # Errors
    /// When it can't be packed or started.
    pub async fn start() -> Result<Self> {
        Self::with(MANIFEST, Config::default()).await
    }

    /// Starts it with a manifest and a configuration of the test's own.
    ///
    /// # Errors
    /// When it can't be packed or started.
    pub async fn with(manifest: &str, config: Config) -> Result<Self> {
        Self::with_assets(manifest, config, &[]).await
    }

    /// Starts it with files for browsers too.
    ///
    /// # Errors
    /// When it can't be packed or started.
    pub async fn with_assets(manifest: &str, config: Config, files: &[(&str, &str)]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let [source, assets, packed] = ["source", "assets", "packed"].map(|name| folder.path().join(name));
        write(&source, "marquetry.toml", manifest)?;
        write(&source, "layouts/plain.html", LAYOUT)?;
        write(&source, "layouts/bare.html", BARE)?;
        std::fs::create_dir_all(&assets)?;
        for (name, text) in files {
            write(&assets, name, text)?;
        }
        pack(&source, Some(&assets), &packed).await?;
        let bff = Bff::start().await?;
        let composer = Composer::start(&config.app(&packed, &bff.origin())).await?;
        bff.on("/fragments/page", crate::bff::html(PAGE));
        bff.on("/fragments/part", crate::bff::html("<i id=\"part\">the part</i>"));
        Ok(Self {
            composer,
            bff,
            _folder: folder,
        })
    }
}

/// The manifest of a [`Site`].
pub const MANIFEST: &str = r#"
[app]
name = "app"
version = "1.0.0"
owner = "Team App"
cookies = ["mine"]

[[pages]]
path = "/"
fragment = "page"
layout = "app/plain"
deadline_ms = 1500

[[fragments]]
name = "page"
role = "essential"
deadline_ms = 500
includes = ["app/part"]
params = ["q"]

[[fragments]]
name = "part"
role = "optional"
deadline_ms = 500
params = ["q"]

[[layouts]]
name = "plain"
template = "layouts/plain.html"
"#;

/// Writes a file and the folders above it.
///
/// # Errors
/// When the disk refuses.
pub fn write(folder: &Path, name: &str, text: &str) -> Result<()> {
    let file = folder.join(name);
    if let Some(parent) = file.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::write(&file, text).with_context(|| format!("can't write {}", file.display()))
}
