//! A small app in a folder of its own.

use std::{fs, path::PathBuf};

use composer_registry::{PackError, Packed, pack_app};
use tempfile::TempDir;

pub(crate) const MANIFEST: &str = r#"
[app]
name = "checkout"
version = "1.0.0"
owner = "Team Checkout"

[[pages]]
path = "/checkout"
fragment = "cart"
layout = "checkout/plain"

[[layouts]]
name = "plain"
template = "layouts/plain.html"

[[fragments]]
name = "cart"
fallback = "fallbacks/cart.html"
hydrate = "load"

[assets]
dir = "dist"
module = "checkout.js"
wasm = "checkout_bg.wasm"
styles = ["checkout.css"]
budget_bytes = 2000
"#;

pub(crate) struct App(TempDir);

impl App {
    pub(crate) fn new() -> Self {
        let app = Self(tempfile::tempdir().unwrap());
        app.write("source/marquetry.toml", MANIFEST);
        app.write(
            "source/layouts/plain.html",
            "<!doctype html><html><head><title>Shop</title></head><body><fragment-slot src=\"page\"></fragment-slot></body></html>",
        );
        app.write("source/fallbacks/cart.html", "<p>The cart is away.</p>");
        app.write("built/checkout.js", &"export default 1;".repeat(50));
        app.write("built/checkout_bg.wasm", &"\0asm".repeat(50));
        app.write("built/checkout.css", ".a{color:red}");
        app.write("built/.hidden", "");
        app
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn pack(&self) -> Result<Packed, PackError> {
        pack_app(&self.path("source"), Some(&self.path("built")), &self.path("out"))
    }

    /// A file of the version folder, found by the end of its path.
    pub(crate) fn packed(&self, name: &str) -> PathBuf {
        let mut folders = vec![self.path("out")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.file_name().unwrap() == name {
                    return path;
                }
            }
        }
        panic!("no {name} in the version folder");
    }

    /// Path and bytes of everything in the version folder.
    pub(crate) fn contents(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut all = Vec::new();
        let mut folders = vec![self.path("out")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    all.push((
                        path.strip_prefix(self.0.path()).unwrap().into(),
                        fs::read(&path).unwrap(),
                    ));
                }
            }
        }
        all.sort();
        all
    }

    pub(crate) fn listing(&self) -> String {
        let mut paths: Vec<String> = self
            .contents()
            .into_iter()
            .map(|(path, _)| format!("{}\n", path.display()))
            .collect();
        paths.sort();
        paths.concat()
    }
}
