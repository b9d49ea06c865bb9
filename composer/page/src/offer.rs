//! A fragment as the site offers it: its terms, and the parts of its slot element that never change.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use composer_html::{Context, Limits, Mode, Piece, Scanner};
use contract::{AppName, FragmentId, Hydrate, Version, manifest, slot};

use crate::{closure::Closure, escape, published::PublishedApp};

/// All fragments that a site offers. Names are compared sooner than hashed.
pub(crate) type Offers = BTreeMap<FragmentId, Arc<Offer>>;

/// A fragment of an app that is live.
#[derive(Debug)]
pub(crate) struct Offer {
    pub(crate) id: FragmentId,
    pub(crate) version: Version,
    /// What the manifest says about it.
    pub(crate) terms: manifest::Fragment,
    /// As published; empty when there is none.
    fallback_file: Bytes,
    /// The same, every element closed.
    fallback: Bytes,
    /// Addresses of the style sheets that a page has when it may show this fragment.
    pub(crate) styles: HashSet<String>,
    /// The longest deadline among it and all it may include.
    pub(crate) deadline_with_includes: Duration,
    /// The apps that it may show something of, its own first.
    pub(crate) apps: Vec<AppName>,
    /// The composer's attributes of a slot that shows it, and the end of its start tag.
    pub(crate) fresh_attributes: Bytes,
    /// The same of a slot whose content comes later.
    pub(crate) pending_attributes: Bytes,
    /// The composer's attributes of a slot that shows its fallback.
    pub(crate) fallback_attributes: Bytes,
}

impl Offer {
    pub(crate) fn new(app: &PublishedApp, terms: &manifest::Fragment) -> Self {
        let id = FragmentId {
            app: app.manifest.app.name.clone(),
            fragment: terms.name.clone(),
        };
        let fallback_file = app.fallbacks.get(&terms.name).cloned().unwrap_or_default();
        Self {
            version: app.manifest.app.version.clone(),
            fresh_attributes: attributes(app, terms, &id, "fresh"),
            pending_attributes: attributes(app, terms, &id, "pending"),
            fallback_attributes: attributes(app, terms, &id, "fallback"),
            deadline_with_includes: terms.deadline,
            styles: HashSet::new(),
            apps: vec![],
            terms: terms.clone(),
            fallback: balanced(&fallback_file, Context::default()),
            fallback_file,
            id,
        }
    }

    /// What to show where a slot has no children: HTML that stays inside the slot.
    pub(crate) fn fallback(&self, within: Context) -> Bytes {
        if within == Context::default() {
            return self.fallback.clone();
        }
        balanced(&self.fallback_file, within)
    }

    /// Completes it with what depends on the fragments that it may include.
    pub(crate) fn close_over(&mut self, closure: &Closure, apps: &BTreeMap<AppName, Arc<PublishedApp>>) {
        let included = closure
            .fragments
            .iter()
            .filter_map(|id| apps.get(&id.app)?.manifest.fragment(&id.fragment));
        self.deadline_with_includes = included
            .map(|terms| terms.deadline)
            .max()
            .unwrap_or(self.terms.deadline);
        let styles = closure
            .apps
            .iter()
            .filter_map(|app| apps.get(app))
            .flat_map(|app| &app.styles);
        self.styles = styles.map(|style| style.url.clone()).collect();
        self.apps.clone_from(&closure.apps);
    }
}

fn attributes(app: &PublishedApp, terms: &manifest::Fragment, id: &FragmentId, state: &str) -> Bytes {
    let mut out = String::new();
    escape::push(&mut out, slot::DATA_FRAGMENT, &id.to_string());
    escape::push(&mut out, slot::DATA_APP, id.app.as_str());
    escape::push(&mut out, slot::DATA_VERSION, app.manifest.app.version.as_str());
    escape::push(&mut out, slot::DATA_STATE, state);
    escape::push(&mut out, slot::DATA_HYDRATE, terms.hydrate.as_str());
    if state != "fallback" && terms.hydrate != Hydrate::None {
        if let Some(module) = &app.module {
            escape::push(&mut out, slot::DATA_MODULE, &module.url);
        }
        if let Some(wasm) = &app.wasm {
            escape::push(&mut out, slot::DATA_WASM, &wasm.url);
            escape::push(&mut out, slot::DATA_WASM_INTEGRITY, &wasm.integrity);
        }
    }
    out.push('>');
    out.into()
}

/// The fallback with every element closed; what the scanner's limits forbid is left out.
fn balanced(html: &Bytes, within: Context) -> Bytes {
    let mut scanner = Scanner::new(Mode::Fragment { slots: false }, Limits::default()).within(within);
    let mut pieces = Vec::new();
    let read = scanner.push(html.clone(), &mut pieces);
    if read.is_err() {
        return Bytes::new();
    }
    scanner.finish(&mut pieces);
    let mut whole = Vec::with_capacity(html.len());
    for piece in &pieces {
        if let Piece::Html(bytes) = piece {
            whole.extend_from_slice(bytes);
        }
    }
    whole.into()
}
