//! All apps that are live, checked together, with everything about their pages that never changes computed once.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use contract::{
    AppName, AppVersion, Composition, Flush, FragmentId, LayoutId,
    manifest::{self, Breach, Manifest, check_together},
};

use crate::{
    closure::Closure,
    head::PageHead,
    layout::{Broken, Layout},
    learned::Learned,
    offer::{Offer, Offers},
    published::{Platform, PublishedApp},
    route::{Route, Routes},
};

/// One version each of the apps that make up the application.
#[derive(Debug)]
pub struct Site {
    apps: BTreeMap<AppName, Arc<PublishedApp>>,
    platform: Platform,
    composition: Composition,
    routes: Routes,
    pages: Vec<Arc<Page>>,
    offers: Offers,
    /// Which slots pages had.
    pub(crate) learned: Learned,
}

/// A page, ready but for its fragments.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) primary: Arc<Offer>,
    pub(crate) layout: Arc<Layout>,
    pub(crate) layout_id: LayoutId,
    pub(crate) head: PageHead,
    pub(crate) deadline: Duration,
    pub(crate) flush: Flush,
    pub(crate) compress: bool,
    /// The apps that it may show something of.
    pub(crate) apps: Vec<AppName>,
    /// The fragments that it may show.
    fragments: Vec<FragmentId>,
}

impl Site {
    /// Checks the apps side by side and prepares their pages.
    ///
    /// # Errors
    /// Every breach between the apps and in their layouts.
    pub fn new(apps: Vec<Arc<PublishedApp>>, platform: Platform) -> Result<Self, Vec<Breach>> {
        check_together(&apps.iter().map(|app| &app.manifest).collect::<Vec<_>>())?;
        let apps: BTreeMap<_, _> = apps
            .into_iter()
            .map(|app| (app.manifest.app.name.clone(), app))
            .collect();
        let offers = offers(&apps);
        let layouts = layouts(&apps, &offers)?;
        let mut pages = Vec::new();
        let mut patterns = Vec::new();
        for app in apps.values() {
            for page in &app.manifest.pages {
                if let Some(ready) = Page::new(page, app, &layouts, &offers, |closure| {
                    PageHead::new(closure, &apps, &platform)
                }) {
                    pages.push(Arc::new(ready));
                    patterns.push(&page.path);
                }
            }
        }
        Ok(Self {
            composition: apps.values().map(|app| app.manifest.app_version()).collect(),
            routes: Routes::new(patterns),
            pages,
            offers,
            learned: Learned::default(),
            platform,
            apps,
        })
    }

    /// The versions that are live.
    pub fn composition(&self) -> &Composition {
        &self.composition
    }

    /// The manifest of a live app.
    pub fn manifest(&self, app: &AppName) -> Option<&Manifest> {
        self.apps.get(app).map(|app| &app.manifest)
    }

    /// A live app, with its files.
    pub fn app(&self, app: &AppName) -> Option<&PublishedApp> {
        self.apps.get(app).map(|app| &**app)
    }

    /// All live apps, with their files.
    pub fn published(&self) -> impl Iterator<Item = &PublishedApp> {
        self.apps.values().map(|app| &**app)
    }

    /// The apps that are live.
    pub fn apps(&self) -> impl Iterator<Item = AppVersion> {
        self.apps.values().map(|app| app.manifest.app_version())
    }

    /// The platform's own files.
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// Finds the page of a canonical, decoded path.
    pub fn resolve(&self, path: &str) -> Option<Route> {
        self.routes.resolve(path)
    }

    /// How many pages there are.
    pub fn page_count(&self) -> usize {
        self.pages.len()
    }

    /// The fragments that the page of `route` may show, those of its layout among them, each once.
    pub fn fragments(&self, route: &Route) -> &[FragmentId] {
        &self.pages[route.page].fragments
    }

    pub(crate) fn page(&self, page: usize) -> &Arc<Page> {
        &self.pages[page]
    }

    /// False for a fragment that is a page's own where the page must not be compressed.
    pub(crate) fn compresses(&self, own: &Arc<Offer>) -> bool {
        let mut pages = self.pages.iter().filter(|page| !page.compress);
        !pages.any(|page| Arc::ptr_eq(&page.primary, own))
    }

    pub(crate) fn offer(&self, fragment: &FragmentId) -> Option<&Arc<Offer>> {
        self.offers.get(fragment)
    }
}

type Layouts = HashMap<LayoutId, Arc<Layout>>;

impl Page {
    fn new(
        page: &manifest::Page,
        app: &PublishedApp,
        layouts: &Layouts,
        offers: &Offers,
        head: impl FnOnce(&Closure) -> PageHead,
    ) -> Option<Self> {
        let layout = layouts.get(&page.layout)?;
        let primary = offers.get(&FragmentId {
            app: app.manifest.app.name.clone(),
            fragment: page.fragment.clone(),
        })?;
        let roots = layout.includes.iter().chain([&primary.id]).cloned().collect();
        let first = vec![page.layout.app.clone(), primary.id.app.clone()];
        let closure = Closure::of(roots, first, |id| {
            offers.get(id).map_or(&[], |offer| &offer.terms.includes)
        });
        Some(Self {
            head: head(&closure),
            primary: Arc::clone(primary),
            layout: Arc::clone(layout),
            layout_id: page.layout.clone(),
            deadline: page.deadline,
            flush: page.flush,
            compress: page.compress,
            apps: closure.apps,
            fragments: closure.fragments,
        })
    }
}

fn offers(apps: &BTreeMap<AppName, Arc<PublishedApp>>) -> Offers {
    let includes = |id: &FragmentId| {
        let terms = apps.get(&id.app).and_then(|app| app.manifest.fragment(&id.fragment));
        terms.map_or(&[][..], |terms| &terms.includes)
    };
    let mut offers = Offers::new();
    for app in apps.values() {
        for fragment in &app.manifest.fragments {
            let mut offer = Offer::new(app, fragment);
            let closure = Closure::of(vec![offer.id.clone()], vec![], includes);
            offer.close_over(&closure, apps);
            offers.insert(offer.id.clone(), Arc::new(offer));
        }
    }
    offers
}

fn layouts(apps: &BTreeMap<AppName, Arc<PublishedApp>>, offers: &Offers) -> Result<Layouts, Vec<Breach>> {
    let mut breaches = Vec::new();
    let mut layouts = HashMap::new();
    for app in apps.values() {
        for layout in &app.manifest.layouts {
            let id = LayoutId {
                app: app.manifest.app.name.clone(),
                layout: layout.name.clone(),
            };
            match Layout::new(layout, app.layouts.get(&layout.name), offers) {
                Ok(ready) => {
                    layouts.insert(id, Arc::new(ready));
                }
                Err(rules) => breaches.extend(rules.into_iter().map(|Broken(rule)| Breach {
                    file: format!("{}/{}", id.app, layout.template),
                    line: 1,
                    key: String::new(),
                    rule,
                })),
            }
        }
    }
    if breaches.is_empty() {
        Ok(layouts)
    } else {
        Err(breaches)
    }
}
