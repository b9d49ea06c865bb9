//! One lint table and one version table for all.

use super::Crate;

pub(super) fn check(crates: &[Crate], findings: &mut Vec<String>) {
    for each in crates {
        let folder = &each.folder;
        let lints = each.cargo.get("lints").and_then(|lints| lints.get("workspace"));
        if lints.and_then(toml::Value::as_bool) != Some(true) {
            findings.push(format!("{folder}/Cargo.toml: add `[lints]` with `workspace = true`"));
        }
        for (name, value) in each.dependencies() {
            if value.get("workspace").and_then(toml::Value::as_bool) != Some(true) {
                findings.push(format!(
                    "{folder}/Cargo.toml: `{name}` must be `workspace = true`; its version belongs into the root's table"
                ));
            }
        }
        let description = each.cargo["package"].get("description").and_then(toml::Value::as_str);
        if description.is_none_or(str::is_empty) {
            findings.push(format!("{folder}/Cargo.toml: `description` must say its one job"));
        }
    }
}
