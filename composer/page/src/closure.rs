//! Everything that a page may come to show, by the manifests alone.

use std::collections::HashSet;

use contract::{AppName, FragmentId, slot::MAX_DEPTH};

/// Fragments and what they may include, and the apps behind them; each once, nearest first.
#[derive(Debug)]
pub(crate) struct Closure {
    pub(crate) fragments: Vec<FragmentId>,
    pub(crate) apps: Vec<AppName>,
}

impl Closure {
    /// Follows the includes as deep as slots may nest; the apps `first` come before all others.
    pub(crate) fn of<'t>(
        roots: Vec<FragmentId>,
        first: Vec<AppName>,
        includes: impl Fn(&FragmentId) -> &'t [FragmentId],
    ) -> Self {
        let mut seen = HashSet::new();
        let mut fragments: Vec<FragmentId> = Vec::new();
        let mut level = roots;
        for _ in 0..MAX_DEPTH {
            level.retain(|id| seen.insert(id.clone()));
            let next = level.iter().flat_map(&includes).cloned().collect();
            fragments.append(&mut level);
            level = next;
        }
        let mut apps = first;
        apps.extend(fragments.iter().map(|id| id.app.clone()));
        let mut seen = HashSet::new();
        apps.retain(|app| seen.insert(app.clone()));
        Self { fragments, apps }
    }
}
