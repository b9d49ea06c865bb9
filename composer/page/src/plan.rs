//! What one response is made of: a page in its layout, or one fragment alone.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use composer_html::Context;
use contract::{AppName, Params, SlotSource};

use crate::{
    offer::Offer,
    part::{Place, Placed},
    route::Route,
    site::{Page, Site},
    slot::SlotId,
    tab::Tab,
};

/// What to put together; it lasts one response.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(crate) site: Arc<Site>,
    pub(crate) primary: Arc<Offer>,
    pub(crate) page: Option<Arc<Page>>,
    pub(crate) source: SlotSource,
    deadline: Duration,
    /// What the tab shows already that gets a part of the page.
    tab: Option<Arc<Tab>>,
}

impl Plan {
    /// Plans the page that `route` leads to. The route's params win over those of the query.
    pub fn page(site: &Arc<Site>, route: &Route, query: &Params) -> Self {
        let page = site.page(route.page);
        let primary = Arc::clone(&page.primary);
        let mut params = query.only(&primary.terms.params);
        for (name, value) in route.params().iter() {
            params.set(name, value);
        }
        Self {
            site: Arc::clone(site),
            source: SlotSource {
                fragment: primary.id.clone(),
                params,
            },
            deadline: page.deadline,
            primary,
            page: Some(Arc::clone(page)),
            tab: None,
        }
    }

    /// Plans one fragment without a layout; `None` when no app offers it.
    pub fn fragment(site: &Arc<Site>, source: &SlotSource) -> Option<Self> {
        let primary = Arc::clone(site.offer(&source.fragment)?);
        Some(Self {
            site: Arc::clone(site),
            deadline: primary.deadline_with_includes,
            source: source.clone(),
            primary,
            page: None,
            tab: None,
        })
    }

    /// The same without what surrounds the slots of the layout, and without what `tab` keeps.
    #[must_use]
    pub fn for_tab(self, tab: Tab) -> Self {
        Self {
            tab: Some(Arc::new(tab)),
            ..self
        }
    }

    /// What surrounds the slots of the page's layout, as a digest: a tab can go softly between pages of one frame.
    pub fn frame(&self) -> Option<&str> {
        self.page.as_ref().map(|page| page.layout.frame.as_str())
    }

    /// What the browser may fetch while it waits for the page, as the value of a `Link` field; nothing for a fragment.
    pub fn hints(&self) -> Bytes {
        self.page
            .as_ref()
            .map_or_else(Bytes::new, |page| page.head.hints.links())
    }

    /// The apps that the response may show something of, each once.
    pub fn apps(&self) -> &[AppName] {
        match &self.page {
            Some(page) => &page.apps,
            None => &self.primary.apps,
        }
    }

    /// The wall-clock limit of the whole response.
    pub fn deadline(&self) -> Duration {
        self.deadline
    }

    /// The page's own fragment.
    pub fn primary(&self) -> &SlotSource {
        &self.source
    }

    /// False where the length of the response must tell nothing of what is in it.
    pub fn compresses(&self) -> bool {
        match &self.page {
            Some(page) => page.compress,
            None => self.site.compresses(&self.primary),
        }
    }

    /// The frame, when only a part of the page goes out.
    pub fn part_of(&self) -> Option<&str> {
        self.frame().filter(|_| self.is_part())
    }

    /// True when only slots go out.
    pub(crate) fn is_part(&self) -> bool {
        self.tab.is_some()
    }

    /// True for a slot of the layout that the tab shows already.
    pub(crate) fn keeps(&self, placed: &Placed) -> bool {
        self.tab.as_ref().is_some_and(|tab| tab.keeps(placed))
    }

    /// The place of the response's own fragment.
    pub(crate) fn placed(&self, attributes: Bytes, context: Context, slot: Option<SlotId>) -> Placed {
        Placed {
            place: Arc::new(Place::own(&self.source, attributes, context)),
            offer: Some(Arc::clone(&self.primary)),
            slot,
        }
    }

    /// True for a style sheet that the page has by its manifests alone.
    pub(crate) fn has_style(&self, href: &str) -> bool {
        match &self.page {
            Some(page) => page.head.styles.contains(href),
            None => self.primary.styles.contains(href),
        }
    }
}
