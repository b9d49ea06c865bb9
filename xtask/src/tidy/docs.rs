//! Each module opens with a sentence that says its job; no module is called `utils`.

use super::Crate;

const NAMELESS: &[&str] = &["util.rs", "utils.rs", "common.rs", "helpers.rs", "misc.rs"];

pub(super) fn check(crates: &[Crate], findings: &mut Vec<String>) {
    for (path, text) in crates.iter().flat_map(|each| &each.sources) {
        if !text.starts_with("//! ") {
            findings.push(format!(
                "{}: must open with `//!` and one sentence: its job",
                path.display()
            ));
        }
        if NAMELESS.iter().any(|name| path.ends_with(name)) {
            findings.push(format!("{}: name it for what it does", path.display()));
        }
    }
}
