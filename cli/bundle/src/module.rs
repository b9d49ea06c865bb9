//! wasm-bindgen, as a library: its version is that of this program.
//!
//! Leptos modules stay without wasm-opt: it makes them 14 % smaller to compile but 2 % larger on the wire, by brotli.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use wasm_bindgen_cli_support::Bindgen;

use crate::{modified, slim};

/// The version of wasm-bindgen that a crate of views has to be compiled with.
pub const WASM_BINDGEN: &str = "0.2.130";

/// Why a module was not bound.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// The compiled module isn't there or isn't one for browsers.
    #[error(
        "`{module}` can't be bound: {reason}\n  next: see that the crate is a `cdylib` and that its Cargo.lock has wasm-bindgen {WASM_BINDGEN}: cargo update --package wasm-bindgen --precise {WASM_BINDGEN}"
    )]
    Bindgen {
        /// The compiled module.
        module: PathBuf,
        /// What wasm-bindgen says.
        reason: String,
    },
    /// The folder to write to can't be made.
    #[error("the folder `{folder}` can't be made")]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Writes `<name>.js` and `<name>_bg.wasm` into `out`, from the module that cargo compiled, unless they are newer.
///
/// # Errors
/// When bindgen fails or files can't be written.
pub fn bind(wasm: &Path, name: &str, out: &Path) -> Result<(), BindError> {
    let made = out.join(format!("{name}_bg.wasm"));
    if wasm.is_file() && modified(&made) > modified(wasm) {
        return Ok(());
    }
    fs::create_dir_all(out).map_err(|source| BindError::Folder {
        folder: out.to_owned(),
        source,
    })?;
    generate(wasm, name, out).map_err(|error| BindError::Bindgen {
        module: wasm.to_owned(),
        reason: format!("{error:#}"),
    })
}

fn generate(wasm: &Path, name: &str, out: &Path) -> anyhow::Result<()> {
    Bindgen::new()
        .input_path(wasm)
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .out_name(name)
        .generate(out)?;
    shorten_files(name, out)
}

/// Rewrites `<name>.js` and `<name>_bg.wasm` of a folder with short names for each other.
///
/// # Errors
/// When a file can't be read or written, or they don't belong together.
pub fn shorten_files(name: &str, folder: &Path) -> anyhow::Result<()> {
    let (glue, wasm) = (
        folder.join(format!("{name}.js")),
        folder.join(format!("{name}_bg.wasm")),
    );
    let short = slim::shorten(name, &fs::read_to_string(&glue)?, &fs::read(&wasm)?)?;
    fs::write(glue, short.glue)?;
    fs::write(wasm, short.wasm)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_the_library() {
        let workspace = include_str!("../../../Cargo.toml");
        assert!(workspace.contains(&format!("wasm-bindgen-cli-support = \"={WASM_BINDGEN}\"")));
        assert!(workspace.contains(&format!("wasm-bindgen = {{ version = \"={WASM_BINDGEN}\"")));
    }

    #[test]
    fn what_is_no_module_is_refused_with_advice() {
        let dir = tempfile::tempdir().unwrap();
        let wasm = dir.path().join("no.wasm");
        fs::write(&wasm, "no").unwrap();
        let error = bind(&wasm, "no", &dir.path().join("out")).unwrap_err().to_string();
        assert!(error.contains("no.wasm") && error.contains("cargo update"), "{error}");
        assert!(bind(&dir.path().join("none.wasm"), "none", dir.path()).is_err());
    }
}
