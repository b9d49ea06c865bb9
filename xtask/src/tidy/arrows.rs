//! Imports go down only: between crates by the table below, inside a crate by the order of modules in its root.

use std::path::Path;

use super::Crate;

/// Crate folder, and the workspace crates that it may import.
const ARROWS: &[(&str, &[&str])] = &[
    ("contract", &[]),
    ("composer/html", &["contract"]),
    ("composer/coding", &[]),
    ("composer/page", &["composer-html", "composer-coding", "contract"]),
    ("composer/fetch", &["composer-page", "contract"]),
    ("composer/ledger", &["contract"]),
    (
        "composer/registry",
        &["composer-ledger", "composer-page", "composer-coding", "contract"],
    ),
    (
        "composer/server",
        &[
            "composer-registry",
            "composer-ledger",
            "composer-fetch",
            "composer-page",
            "composer-coding",
            "contract",
        ],
    ),
    ("fragments/kit", &["contract"]),
    ("bff/kit", &["fragments-kit", "contract"]),
    // It speaks the admin API, whose words are the contract's.
    (
        "bff/console",
        &["fragments-console", "fragments-kit", "bff-kit", "contract"],
    ),
    ("shell", &["contract"]),
    ("shell/inspector", &[]),
    (
        "cli",
        &["cli-bundle", "composer-server", "composer-registry", "contract"],
    ),
    ("cli/bundle", &[]),
    ("tests", &["composer-server", "composer-registry", "contract"]),
    ("benches", &[]),
    ("xtask", &["cli-bundle", "contract"]),
];

pub(super) fn check(crates: &[Crate], findings: &mut Vec<String>) {
    let ours: Vec<&str> = crates.iter().map(Crate::name).collect();
    for each in crates {
        let allowed = allowed(&each.folder);
        for (dependency, _) in each.dependencies().filter(|(name, _)| ours.contains(&name.as_str())) {
            if !allowed.iter().any(|name| name == dependency) {
                let folder = &each.folder;
                findings.push(format!(
                    "{folder}/Cargo.toml: `{dependency}` stands above or beside it; move what both need down (docs/ARCHITECTURE.md)"
                ));
            }
        }
        modules(each, findings);
    }
}

fn allowed(folder: &str) -> Vec<String> {
    if let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == folder) {
        return allowed.iter().map(|name| (*name).to_owned()).collect();
    }
    match folder.split_once('/') {
        Some(("bff", app)) => vec![format!("fragments-{app}"), "bff-kit".into(), "fragments-kit".into()],
        Some(("fragments", _)) => vec!["fragments-kit".into()],
        _ => vec![],
    }
}

/// A module may use those that its crate's root lists after it.
fn modules(each: &Crate, findings: &mut Vec<String>) {
    let source = Path::new(&each.folder).join("src");
    let root = each
        .sources
        .iter()
        .find(|(path, _)| *path == source.join("lib.rs") || *path == source.join("main.rs"));
    let Some((_, root)) = root else { return };
    let order: Vec<&str> = root.lines().filter_map(module).collect();
    for (path, text) in &each.sources {
        let Some(own) = path
            .strip_prefix(&source)
            .ok()
            .and_then(|rest| rest.components().next())
        else {
            continue;
        };
        let own = own.as_os_str().to_string_lossy();
        let own = own.trim_end_matches(".rs");
        let Some(at) = order.iter().position(|name| *name == own) else {
            continue;
        };
        if path.ends_with("tests.rs") {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for above in order[..at]
            .iter()
            .filter(|name| code.contains(&format!("crate::{name}::")) || uses(code, name))
        {
            findings.push(format!(
                "{}: uses `crate::{above}`, which the crate's root lists above `{own}`; move what both need below",
                path.display()
            ));
        }
    }
}

/// `use crate::{a::X, b};` names modules without `crate::` in front of each.
fn uses(code: &str, name: &str) -> bool {
    let mut rest = code;
    while let Some(at) = rest.find("use crate::{") {
        let after = &rest[at + "use crate::{".len()..];
        let list = after.split(';').next().unwrap_or_default();
        let words = list.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
        if words
            .into_iter()
            .any(|word| word == name || word.starts_with(&format!("{name}::")))
        {
            return true;
        }
        rest = after;
    }
    false
}

fn module(line: &str) -> Option<&str> {
    let line = line.trim_start_matches("pub(crate) ").trim_start_matches("pub ");
    line.strip_prefix("mod ")?.strip_suffix(';')
}
