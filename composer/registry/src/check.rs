//! What is wrong with versions side by side: found before they are live, told so that people know what to do.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use composer_ledger::State;
use contract::{
    AppName, AppVersion, Composition, FragmentId, RoutePattern,
    admin::{Finding, Severity},
    manifest::Manifest,
};

use crate::{
    composed::{ComposeError, Compositions},
    library::LoadError,
    packed::LoadedApp,
    schema,
};

/// More is not told.
const MAX_FINDINGS: usize = 100;

/// Compositions that are to be live, and what was live before.
pub(crate) struct Check<'c> {
    pub(crate) compositions: &'c Compositions,
    /// As it would be.
    pub(crate) state: &'c State,
    /// What was stable.
    pub(crate) before: &'c Composition,
    /// The versions that the act makes live.
    pub(crate) changed: &'c [AppVersion],
    /// Where it goes back, what listeners miss is told and not refused.
    pub(crate) is_rollback: bool,
    /// A version that isn't published yet: then sites are not built, since those are kept by the names of versions.
    pub(crate) unpublished: Option<&'c Arc<LoadedApp>>,
}

type Apps = BTreeMap<AppName, Arc<LoadedApp>>;

impl Check<'_> {
    /// Checks every one of `wanted` and builds its site; what is found, the worst first.
    pub(crate) fn run(&self, wanted: &[Composition]) -> Vec<Finding> {
        let mut found = Found::default();
        for composition in wanted {
            let Some(apps) = self.load(composition, &mut found) else {
                continue;
            };
            let before = found.errors;
            routes(&apps, self.changed, &mut found);
            needs(&apps, self.changed, &mut found);
            self.events(&apps, &mut found);
            if found.errors > before || self.unpublished.is_some() {
                continue;
            }
            // The rules above say it better; this is what is really served.
            if let Err(error) = self.compositions.build(self.state, composition, None) {
                found.compose(&error, composition);
            }
        }
        found.into_sorted()
    }

    fn load(&self, composition: &Composition, found: &mut Found) -> Option<Apps> {
        let mut apps = Some(Apps::new());
        for version in composition.iter() {
            let own = self.unpublished.filter(|app| manifest(app).app_version() == version);
            let loaded = own.map_or_else(
                || self.compositions.library.pages(self.state, &version),
                |app| Ok(Arc::clone(app)),
            );
            match loaded {
                Ok(loaded) => {
                    if let Some(apps) = &mut apps {
                        apps.insert(version.app.clone(), loaded);
                    }
                }
                Err(error) => {
                    found.error("unreadable", version.to_string(), unreadable(&error));
                    apps = None;
                }
            }
        }
        apps
    }

    /// What listeners of live apps could rely on.
    fn events(&self, apps: &Apps, found: &mut Found) {
        for version in self.changed {
            let Some(new) = apps
                .get(&version.app)
                .filter(|app| manifest(app).app_version() == *version)
            else {
                continue;
            };
            self.listeners(new, apps, found);
            let old = self.before.version(&version.app).filter(|old| **old != version.version);
            let old = old.map(|old| AppVersion {
                app: version.app.clone(),
                version: old.clone(),
            });
            let old = old.and_then(|old| self.compositions.library.pages(self.state, &old).ok());
            if let Some(old) = old {
                self.topics(&old, new, apps, found);
            }
        }
    }

    fn topics(&self, old: &LoadedApp, new: &LoadedApp, apps: &Apps, found: &mut Found) {
        let severity = if self.is_rollback {
            Severity::Warning
        } else {
            Severity::Error
        };
        let publishes = &manifest(new).events.publishes;
        for topic in &manifest(old).events.publishes {
            let listens = |app: &&Arc<LoadedApp>| {
                manifest(app).app.name != manifest(new).app.name && manifest(app).events.subscribes.contains(topic)
            };
            let Some(listener) = apps.values().find(listens) else {
                continue;
            };
            let who = at(listener);
            let also = format!(
                "or release a version of `{}` that does without it first",
                manifest(listener).app.name
            );
            if !publishes.contains(topic) {
                let text =
                    format!("topic `{topic}` is not published any more, and {who} listens to it; keep it, {also}");
                found.add(severity, "topic-vanishes", at(new), text);
                continue;
            }
            let lost = match (old.schemas.get(topic), new.schemas.get(topic)) {
                (Some(old), Some(new)) => schema::lost(old, new),
                (Some(_), None) => vec!["the schema has vanished".into()],
                (None, _) => vec![],
            };
            for lost in lost {
                let text =
                    format!("in events of `{topic}` {lost}, and {who} listens to them; keep it as it was, {also}");
                found.add(severity, "schema-breaks", at(new), text);
            }
        }
    }

    fn listeners(&self, new: &LoadedApp, apps: &Apps, found: &mut Found) {
        for topic in &manifest(new).events.subscribes {
            let publisher = apps.values().find(|app| manifest(app).app.name.as_str() == topic.app());
            let Some(publisher) = publisher.filter(|app| !manifest(app).events.publishes.contains(topic)) else {
                continue;
            };
            let text = format!("it listens to `{topic}`, which {} doesn't publish", at(publisher));
            found.add(Severity::Warning, "topic-not-published", at(new), text);
        }
    }
}

/// A version whose files are gone or damaged, and what to do about it.
pub(crate) fn unreadable(error: &LoadError) -> String {
    format!("{error}; publish the version again with the same files, or roll back")
}

fn manifest(app: &LoadedApp) -> &Manifest {
    &app.app.manifest
}

fn at(app: &LoadedApp) -> String {
    manifest(app).app_version().to_string()
}

fn routes(apps: &Apps, changed: &[AppVersion], found: &mut Found) {
    let mut seen: HashMap<String, (&RoutePattern, &Arc<LoadedApp>)> = HashMap::new();
    for app in apps.values() {
        for page in &manifest(app).pages {
            let shapes = page.path.shapes();
            let known = shapes.iter().find_map(|shape| Some((shape, *seen.get(shape)?)));
            if let Some((shape, (other, whose))) = known {
                let (mut ours, mut theirs) = ((&page.path, app), (other, whose));
                if is_changed(whose, changed) && !is_changed(app, changed) {
                    (ours, theirs) = (theirs, ours);
                }
                let text = format!(
                    "page `{}` is in conflict with `{}` of {}: both match `{}`; change one of them, or release the version that gives it up together with this one",
                    ours.0,
                    theirs.0,
                    at(theirs.1),
                    if shape.is_empty() { "/" } else { shape },
                );
                found.error("route-conflict", at(ours.1), text);
            }
            for shape in shapes {
                seen.entry(shape).or_insert((&page.path, app));
            }
        }
    }
}

fn is_changed(app: &LoadedApp, changed: &[AppVersion]) -> bool {
    changed.contains(&manifest(app).app_version())
}

/// Something that an app needs of another.
struct Need<'n> {
    /// `layout`, `fragment`
    kind: &'n str,
    /// `a/plain`
    id: String,
    /// Which part of the app needs it, and how: `page \`/a\` is laid into`.
    how: String,
    of: &'n AppName,
    is_there: bool,
}

impl Need<'_> {
    /// Tells of it where somebody can do something about it: the version that is new.
    fn check(&self, app: &LoadedApp, apps: &Apps, changed: &[AppVersion], found: &mut Found) {
        let (kind, id, how) = (self.kind, &self.id, &self.how);
        let Some(owner) = apps.get(self.of) else {
            let of = self.of;
            if kind == "layout" {
                let text =
                    format!("{how} `{id}`, and app `{of}` is not live; release it first, or together with this one");
                found.error("layout-not-live", at(app), text);
            } else if is_changed(app, changed) {
                let text = format!("{how} `{id}`, and app `{of}` is not live: the slot shows its fallback until it is");
                found.add(Severity::Warning, "include-not-live", at(app), text);
            }
            return;
        };
        if self.is_there {
            return;
        }
        let word = if kind == "layout" { "layout" } else { "include" };
        if is_changed(app, changed) && !is_changed(owner, changed) {
            let text = format!(
                "{how} `{id}`, which {} doesn't offer; leave it out, or release a version of `{}` that offers it first",
                at(owner),
                self.of
            );
            found.error(&format!("{word}-missing"), at(app), text);
        } else {
            let text = format!(
                "{kind} `{id}` is not offered, and of {} {how} it; keep it, or release a version of `{}` that does without it first",
                at(app),
                manifest(app).app.name
            );
            found.error(&format!("{word}-vanishes"), at(owner), text);
        }
    }
}

fn needs(apps: &Apps, changed: &[AppVersion], found: &mut Found) {
    for app in apps.values() {
        for page in &manifest(app).pages {
            let id = &page.layout;
            let need = Need {
                kind: "layout",
                id: id.to_string(),
                how: format!("page `{}` is laid into", page.path),
                of: &id.app,
                is_there: apps
                    .get(&id.app)
                    .is_some_and(|owner| manifest(owner).layout(&id.layout).is_some()),
            };
            need.check(app, apps, changed, found);
        }
        for (place, id) in included(manifest(app)) {
            let need = Need {
                kind: "fragment",
                id: id.to_string(),
                how: format!("{place} includes"),
                of: &id.app,
                is_there: apps
                    .get(&id.app)
                    .is_some_and(|owner| manifest(owner).fragment(&id.fragment).is_some()),
            };
            need.check(app, apps, changed, found);
        }
    }
}

fn included(manifest: &Manifest) -> Vec<(String, &FragmentId)> {
    let mut all = Vec::new();
    for layout in &manifest.layouts {
        all.extend(
            layout
                .includes
                .iter()
                .map(|id| (format!("layout `{}`", layout.name), id)),
        );
    }
    for fragment in &manifest.fragments {
        all.extend(
            fragment
                .includes
                .iter()
                .map(|id| (format!("fragment `{}`", fragment.name), id)),
        );
    }
    all
}

/// What was found, each once.
#[derive(Default)]
struct Found {
    all: BTreeSet<(Severity, String, String, String)>,
    errors: usize,
}

impl Found {
    fn add(&mut self, severity: Severity, rule: &str, at: String, text: String) {
        self.errors += usize::from(severity == Severity::Error);
        if self.all.len() < MAX_FINDINGS || (severity == Severity::Error && self.errors < MAX_FINDINGS) {
            self.all.insert((severity, at, rule.to_owned(), text));
        }
    }

    fn error(&mut self, rule: &str, at: String, text: String) {
        self.add(Severity::Error, rule, at, text);
    }

    fn compose(&mut self, error: &ComposeError, composition: &Composition) {
        match error {
            ComposeError::Site(breaches) => {
                for breach in breaches {
                    let place = format!("{}:{}", breach.file, breach.line);
                    self.error("together", place, format!("`{}`: {}", breach.key, breach.rule));
                }
            }
            ComposeError::Load(_) | ComposeError::Ended => {
                self.error("unreadable", composition.to_string(), error.to_string());
            }
        }
    }

    fn into_sorted(self) -> Vec<Finding> {
        let each = self.all.into_iter().map(|(severity, at, rule, text)| Finding {
            severity,
            rule,
            at,
            text,
        });
        each.collect()
    }
}
