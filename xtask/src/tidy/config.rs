//! Docs in step with the code: every manifest key, every header, every key of the composer's configuration.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use contract::{header, manifest};

pub(super) fn check(root: &Path, findings: &mut Vec<String>) -> Result<()> {
    let read = |file: &str| fs::read_to_string(root.join("docs").join(file)).with_context(|| format!("docs/{file}"));
    let keys = read("manifest.md")?;
    for (table, names) in manifest::KEYS {
        for name in names.iter().filter(|name| !documented(&keys, table, name)) {
            findings.push(format!("docs/manifest.md: says nothing of `{name}` of `[{table}]`"));
        }
    }
    let headers = read("http.md")?;
    let own = [
        header::BASE,
        header::SLOT,
        header::DEADLINE_MS,
        header::REQUEST_ID,
        header::TRACEPARENT,
    ];
    for name in own.iter().filter(|name| !headers.contains(&format!("`{name}`"))) {
        findings.push(format!("docs/http.md: says nothing of `{name}`"));
    }
    Ok(())
}

/// A table has a heading with its name, alone or after that of the table it is in; a key has a row under the heading of its table.
fn documented(text: &str, table: &str, key: &str) -> bool {
    let heads = |section: &str, name: &str| {
        section
            .lines()
            .next()
            .is_some_and(|head| head.contains(&format!("[{name}]")) || head.contains(&format!(".{name}]")))
    };
    let mut sections = text.split("\n## ").skip(1);
    if table.is_empty() {
        return sections.any(|section| heads(section, key));
    }
    sections
        .find(|section| heads(section, table))
        .is_some_and(|section| section.contains(&format!("| `{key}`")))
}
