//! The binary, and what tests look at.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

/// A token that looks like one.
pub(crate) const TOKEN: &str = "mq_3f9a12bc_c2VjcmV0c2VjcmV0";

/// The binary with an environment that says nothing of composers.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_marquetry"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    for name in ["MARQUETRY_ADMIN", "MARQUETRY_TOKEN", "MARQUETRY_TOKEN_FILE", "NO_COLOR"] {
        command.env_remove(name);
    }
    command.env("TZ", "UTC");
    command
}

pub(crate) fn marquetry(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

pub(crate) fn said(output: &[u8]) -> String {
    String::from_utf8(output.to_vec()).unwrap()
}

/// What a run gave.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            out: said(&output.stdout),
            err: said(&output.stderr),
        }
    }
}

impl Run {
    /// Stdout of a run that went well.
    #[track_caller]
    pub(crate) fn good(self) -> String {
        assert_eq!(self.code, 0, "{}\n{}", self.err, self.out);
        self.out
    }

    /// Stderr of a run that ended with `code`.
    #[track_caller]
    pub(crate) fn failed(self, code: i32) -> String {
        assert_eq!(self.code, code, "{}\n{}", self.err, self.out);
        self.err
    }
}

/// A folder with the app `shop` in `shop/`, and its browser files in `build/`.
pub(crate) fn shop() -> TempDir {
    let folder = TempDir::new().unwrap();
    app(folder.path(), "shop", "1.0.0", "/");
    std::fs::create_dir(folder.path().join("build")).unwrap();
    std::fs::write(folder.path().join("build/shop.css"), "a { color: red }\n".repeat(100)).unwrap();
    folder
}

/// Writes the source of an app with one page; its styles come from another folder.
pub(crate) fn app(folder: &Path, name: &str, version: &str, path: &str) {
    let source = folder.join(name);
    std::fs::create_dir_all(source.join("layouts")).unwrap();
    std::fs::write(
        source.join("layouts/all.html"),
        "<!doctype html><html><head></head><body><fragment-slot src=\"page\"></fragment-slot></body></html>",
    )
    .unwrap();
    let manifest = format!(
        "\
[app]
name = \"{name}\"
version = \"{version}\"
owner = \"{name} team\"
[[pages]]
path = \"{path}\"
fragment = \"home\"
layout = \"{name}/all\"
[[fragments]]
name = \"home\"
[[layouts]]
name = \"all\"
template = \"layouts/all.html\"
[assets]
dir = \"dist\"
styles = [\"{name}.css\"]
"
    );
    std::fs::write(source.join("marquetry.toml"), manifest).unwrap();
}
