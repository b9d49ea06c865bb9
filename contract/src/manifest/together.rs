//! Rules between the manifests of several apps.

use std::collections::{BTreeMap, HashSet};

use super::{Breach, Manifest};
use crate::{FragmentId, LayoutId};

/// Checks manifests that are to be live side by side.
///
/// # Errors
/// An app given twice, routes in conflict, layouts that nobody offers, includes that their app doesn't offer: all of them.
///
/// What an app includes of one that isn't given is no breach: its slot shows its fallback until that app is live.
pub fn check_together(manifests: &[&Manifest]) -> Result<(), Vec<Breach>> {
    let mut breaches = Vec::new();
    apps(manifests, &mut breaches);
    routes(manifests, &mut breaches);
    offers(manifests, &mut breaches);
    breaches.sort();
    if breaches.is_empty() { Ok(()) } else { Err(breaches) }
}

fn apps(manifests: &[&Manifest], breaches: &mut Vec<Breach>) {
    let mut seen = BTreeMap::new();
    for manifest in manifests {
        let origin = &manifest.origin;
        if let Some(first) = seen.insert(&manifest.app.name, &origin.file) {
            let rule = format!(
                "app `{}` must be given once, it is in {first} already",
                manifest.app.name
            );
            breaches.push(Breach {
                file: origin.file.clone(),
                line: origin.name,
                key: "app.name".into(),
                rule,
            });
        }
    }
}

fn routes(manifests: &[&Manifest], breaches: &mut Vec<Breach>) {
    let mut seen: BTreeMap<String, (String, &str, usize)> = BTreeMap::new();
    for manifest in manifests {
        for (at, page) in manifest.pages.iter().enumerate() {
            let (file, line) = (&manifest.origin.file, manifest.origin.pages[at]);
            for shape in page.path.shapes() {
                if let Some((other, file_of_other, line_of_other)) = seen.get(&shape) {
                    let rule = format!(
                        "`{}` is in conflict with `{other}` ({file_of_other}:{line_of_other}): both match `{}`",
                        page.path,
                        if shape.is_empty() { "/" } else { &shape },
                    );
                    breaches.push(Breach {
                        file: file.clone(),
                        line,
                        key: format!("pages[{at}].path"),
                        rule,
                    });
                    continue;
                }
                seen.insert(shape, (page.path.to_string(), file, line));
            }
        }
    }
}

fn offers(manifests: &[&Manifest], breaches: &mut Vec<Breach>) {
    let apps: HashSet<_> = manifests.iter().map(|manifest| &manifest.app.name).collect();
    let mut fragments = HashSet::new();
    let mut layouts = HashSet::new();
    for manifest in manifests {
        let app = &manifest.app.name;
        fragments.extend(manifest.fragments.iter().map(|f| FragmentId {
            app: app.clone(),
            fragment: f.name.clone(),
        }));
        layouts.extend(manifest.layouts.iter().map(|l| LayoutId {
            app: app.clone(),
            layout: l.name.clone(),
        }));
    }
    let vanished = |include: &&FragmentId| apps.contains(&include.app) && !fragments.contains(*include);
    for manifest in manifests {
        let origin = &manifest.origin;
        let mut missing = |line: usize, key: String, what: String| {
            let rule = format!("{what} must be offered by an app that is live");
            breaches.push(Breach {
                file: origin.file.clone(),
                line,
                key,
                rule,
            });
        };
        for (at, page) in manifest.pages.iter().enumerate() {
            if !layouts.contains(&page.layout) {
                missing(
                    origin.pages[at],
                    format!("pages[{at}].layout"),
                    format!("layout `{}`", page.layout),
                );
            }
        }
        for (at, fragment) in manifest.fragments.iter().enumerate() {
            for include in fragment.includes.iter().filter(vanished) {
                missing(
                    origin.fragments[at],
                    format!("fragments[{at}].includes"),
                    format!("fragment `{include}`"),
                );
            }
        }
        for (at, layout) in manifest.layouts.iter().enumerate() {
            for include in layout.includes.iter().filter(vanished) {
                missing(
                    origin.layouts[at],
                    format!("layouts[{at}].includes"),
                    format!("fragment `{include}`"),
                );
            }
        }
    }
}
