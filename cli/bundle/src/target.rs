//! Rust's target for browsers.

use std::{path::Path, process::Command};

/// Its name.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Tells whether the toolchain that is used in `dir` can compile for browsers.
///
/// When rustc can't be asked, cargo will say it better.
pub fn has_wasm_target(dir: &Path) -> bool {
    let asked = Command::new("rustc")
        .current_dir(dir)
        .args(["--print", "sysroot"])
        .output();
    let Some(output) = asked.ok().filter(|output| output.status.success()) else {
        return true;
    };
    let sysroot = String::from_utf8_lossy(&output.stdout);
    Path::new(sysroot.trim()).join("lib/rustlib").join(WASM_TARGET).is_dir()
}
