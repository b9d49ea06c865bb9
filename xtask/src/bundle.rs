//! The shell's own steps; what else makes a module is shared with `marquetry build`.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::{place, step, tools};

/// Shrinks a module in place, where the optimiser is installed.
///
/// # Errors
/// When the optimiser fails.
pub(crate) fn optimise(wasm: &Path) -> Result<()> {
    let Some(wasm_opt) = tools::wasm_opt() else {
        return Ok(());
    };
    let smaller = wasm.with_extension("opt");
    let mut command = step::command(wasm_opt);
    command.args(["-Oz", "--strip-debug", "--strip-producers", "--strip-target-features"]);
    command.arg(wasm).arg("-o").arg(&smaller);
    let name = wasm.file_name().unwrap_or_default().to_string_lossy().into_owned();
    step::run(&format!("wasm-opt {name}"), &mut command)?;
    fs::rename(&smaller, wasm).with_context(|| format!("replace {}", wasm.display()))
}

/// Copies scripts without comments and indentation.
///
/// # Errors
/// When a file can't be read or written, or is no script.
pub(crate) fn copy_scripts(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for file in place::entries(from) {
        let script = fs::read_to_string(&file)
            .map_err(anyhow::Error::from)
            .and_then(|script| cli_bundle::strip(&script))
            .with_context(|| file.display().to_string())?;
        fs::write(to.join(file.file_name().unwrap_or_default()), script)?;
    }
    Ok(())
}
