//! Rules between the keys of one manifest.

use std::collections::HashSet;

use super::{Breach, Manifest};
use crate::toml_keys::Source;

/// The app whose pages and cookies are the composer's own.
pub(super) const CONSOLE: &str = "console";

/// Headers that a fragment may see though its app doesn't ask for them.
const EVERYBODYS: &[&str] = &["accept-language", "x-forwarded-for"];

/// Checks each part of `manifest` against the others.
pub(super) fn check(source: &mut Source<'_>, manifest: &Manifest) {
    let mut found = Vec::new();
    let mut add = |line: usize, key: String, rule: String| found.push((line, key, rule));
    let mut names = HashSet::new();
    for (at, fragment) in manifest.fragments.iter().enumerate() {
        let line = manifest.origin.fragments[at];
        if !names.insert(fragment.name.as_str()) {
            add(
                line,
                format!("fragments[{at}].name"),
                format!("must be unique, `{}` is already there", fragment.name),
            );
        }
        for eager in fragment
            .eager
            .iter()
            .filter(|eager| !fragment.includes.contains(eager.fragment()))
        {
            add(
                line,
                format!("fragments[{at}].eager"),
                format!("`{eager}` must be in `includes` too"),
            );
        }
    }
    let mut layouts = HashSet::new();
    for (at, layout) in manifest.layouts.iter().enumerate() {
        if !layouts.insert(layout.name.as_str()) {
            let rule = format!("must be unique, `{}` is already there", layout.name);
            add(manifest.origin.layouts[at], format!("layouts[{at}].name"), rule);
        }
    }
    sees_within(manifest, &mut add);
    pages_within(manifest, &mut add);
    for (line, key, rule) in found {
        source.breaches.push(Breach {
            file: source.file.into(),
            line,
            key,
            rule,
        });
    }
}

/// Checks what fragments see against what their app may see: they can only see less.
fn sees_within(manifest: &Manifest, add: &mut impl FnMut(usize, String, String)) {
    let app = &manifest.app;
    for (at, fragment) in manifest.fragments.iter().enumerate() {
        let line = manifest.origin.fragments[at];
        for cookie in fragment
            .cookies
            .iter()
            .flatten()
            .filter(|name| !app.cookies.contains(name))
        {
            let rule = format!("`{cookie}` must be in `cookies` of `[app]` too");
            add(line, format!("fragments[{at}].cookies"), rule);
        }
        let is_known = |name: &&String| app.headers.contains(name) || EVERYBODYS.contains(&name.as_str());
        for header in fragment.headers.iter().flatten().filter(|name| !is_known(name)) {
            let rule = format!(
                "`{header}` must be in `headers` of `[app]` too, or be one of {}",
                EVERYBODYS.join(", ")
            );
            add(line, format!("fragments[{at}].headers"), rule);
        }
    }
}

/// Checks pages against the rest of their manifest.
fn pages_within(manifest: &Manifest, add: &mut impl FnMut(usize, String, String)) {
    for (at, page) in manifest.pages.iter().enumerate() {
        let line = manifest.origin.pages[at];
        if is_reserved(page.path.as_str(), manifest.app.name.as_str()) {
            let rule = "must not begin with `/_m`, where the composer's own addresses are".into();
            add(line, format!("pages[{at}].path"), rule);
        }
        match manifest.fragment(&page.fragment) {
            None => {
                let rule = format!("must name a fragment of this manifest, there is no `{}`", page.fragment);
                add(line, format!("pages[{at}].fragment"), rule);
            }
            Some(fragment) => {
                for param in page
                    .path
                    .params()
                    .filter(|param| !fragment.params.iter().any(|known| known == param))
                {
                    let rule = format!("`{{{param}}}` must be in `params` of fragment `{}`", fragment.name);
                    add(line, format!("pages[{at}].path"), rule);
                }
            }
        }
    }
}

/// The console alone has pages among the composer's own addresses.
fn is_reserved(path: &str, app: &str) -> bool {
    let under = |root: &str| {
        path.strip_prefix(root)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    under("/_m") && !(app == CONSOLE && under("/_m/console"))
}
