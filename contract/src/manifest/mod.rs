//! The manifest `marquetry.toml`: what an app offers. `docs/manifest.md` lists every key.

mod read;
mod within;
mod together;
mod text;

use std::{collections::BTreeMap, fmt, time::Duration};

pub use crate::breach::Breach;
pub use together::check_together;

use crate::{
    AppName, AppVersion, Flush, FragmentId, FragmentName, Hydrate, LayoutId, LayoutName, OpenTabs, Params, Role,
    RoutePattern, SlotSource, Topic, Version, toml_keys::Known,
};

/// Every key of the manifest, table by table.
pub const KEYS: Known = &[
    (
        "",
        &[
            "app",
            "pages",
            "fragments",
            "layouts",
            "assets",
            "events",
            "release",
            "build",
        ],
    ),
    ("app", &["name", "version", "owner", "cookies", "headers"]),
    (
        "pages",
        &["path", "fragment", "layout", "deadline_ms", "flush", "compress"],
    ),
    (
        "fragments",
        &[
            "name",
            "path",
            "role",
            "deadline_ms",
            "hydrate",
            "includes",
            "eager",
            "params",
            "cookies",
            "headers",
            "fallback",
            "max_body_bytes",
        ],
    ),
    ("layouts", &["name", "template", "includes"]),
    ("assets", &["dir", "module", "wasm", "styles", "budget_bytes"]),
    (
        "events",
        &["publishes", "subscribes", "feed", "audiences", "schemas", "topics"],
    ),
    ("schemas", &["*"]),
    ("topics", &["*"]),
    ("topic", &["server", "restricted", "across_tabs"]),
    ("release", &["open_tabs"]),
    ("build", &["ui", "bff"]),
];

/// The file's name.
pub const FILE: &str = "marquetry.toml";

/// A checked manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Who it is.
    pub app: App,
    /// Its pages.
    pub pages: Vec<Page>,
    /// Its fragments, those of its pages among them.
    pub fragments: Vec<Fragment>,
    /// Its layouts.
    pub layouts: Vec<Layout>,
    /// What browsers load.
    pub assets: Assets,
    /// What its fragments tell each other.
    pub events: Events,
    /// What becomes of tabs of the version before it.
    pub release: Release,
    /// How its repository is built and run by its developers.
    pub build: Build,
    /// Where each checked thing stood, for errors that show up only beside other manifests.
    pub(crate) origin: Origin,
}

impl Manifest {
    /// Reads a manifest. `file` is the name that errors use.
    ///
    /// # Errors
    /// Every breach that can be found, in the order of the file.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Breach>> {
        read::manifest(file, text)
    }

    /// The app at this manifest's version.
    pub fn app_version(&self) -> AppVersion {
        AppVersion {
            app: self.app.name.clone(),
            version: self.app.version.clone(),
        }
    }

    /// The fragment of that name.
    pub fn fragment(&self, name: &FragmentName) -> Option<&Fragment> {
        self.fragments.iter().find(|fragment| fragment.name == *name)
    }

    /// The layout of that name.
    pub fn layout(&self, name: &LayoutName) -> Option<&Layout> {
        self.layouts.iter().find(|layout| layout.name == *name)
    }
}

/// `[app]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Unique among all apps.
    pub name: AppName,
    /// This version; what is published under it never changes.
    pub version: Version,
    /// The team, for people who read error reports.
    pub owner: String,
    /// Cookies that its BFF may see and set.
    pub cookies: Vec<String>,
    /// Request headers, beyond those that every BFF gets, that are handed to its BFF; lower case.
    pub headers: Vec<String>,
}

/// `[[pages]]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The address.
    pub path: RoutePattern,
    /// The app's own fragment that is the page.
    pub fragment: FragmentName,
    /// The layout it is laid into, of any app.
    pub layout: LayoutId,
    /// Wall-clock limit of the whole page.
    pub deadline: Duration,
    /// What its first bytes wait for.
    pub flush: Flush,
    /// False for a page whose length must tell nothing.
    pub compress: bool,
}

/// `[[fragments]]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    /// Its name in the app.
    pub name: FragmentName,
    /// Where the BFF serves it; `/fragments/<name>` by default.
    pub path: String,
    /// `Essential` or `Optional`; where it is the page's own fragment it is `Primary` all the same.
    pub role: Role,
    /// Wall-clock limit over head and body.
    pub deadline: Duration,
    /// When the browser wakes it.
    pub hydrate: Hydrate,
    /// The fragments that its HTML may hold slots for; all others stay fallbacks.
    pub includes: Vec<FragmentId>,
    /// Slots that it surely has, fetched before its bytes arrive.
    pub eager: Vec<EagerSlot>,
    /// The params that it reads; others are not handed on.
    pub params: Vec<String>,
    /// Of the app's cookies, those that it sees; `None` stands for all.
    pub cookies: Option<Vec<String>>,
    /// Of the app's headers, those that it sees, maybe with `accept-language` and `x-forwarded-for`; `None` stands for all
    /// of the app's and `accept-language`.
    pub headers: Option<Vec<String>>,
    /// HTML to show in its place, a file beside the manifest, used when the slot has no children.
    pub fallback: Option<String>,
    /// A body longer than this is cut.
    pub max_body_bytes: usize,
}

/// A slot that a fragment surely has: `checkout/add-to-cart?sku={sku}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EagerSlot {
    source: SlotSource,
}

impl EagerSlot {
    /// The fragment that fills it.
    pub fn fragment(&self) -> &FragmentId {
        &self.source.fragment
    }

    /// The slot on a page whose fragment has these params: `{name}` is filled from them.
    ///
    /// `None` where a param is missing: then the slot waits for the bytes that name it.
    pub fn with(&self, params: &Params) -> Option<SlotSource> {
        let filled = self.source.params.iter().map(|(name, value)| {
            let wanted = value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            let value = wanted.map_or(Some(value), |wanted| params.get(wanted))?;
            Some((name.to_owned(), value.to_owned()))
        });
        Some(SlotSource {
            fragment: self.source.fragment.clone(),
            params: filled.collect::<Option<Params>>()?,
        })
    }
}

/// `[[layouts]]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Its name in the app.
    pub name: LayoutName,
    /// The HTML document, a file beside the manifest.
    pub template: String,
    /// The fragments that it may hold slots for.
    pub includes: Vec<FragmentId>,
}

/// `[assets]`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assets {
    /// The folder beside the manifest whose files are published.
    pub dir: Option<String>,
    /// The ES module that wakes the app's fragments, a file in `dir`.
    pub module: Option<String>,
    /// The WASM that the module starts, a file in `dir`.
    pub wasm: Option<String>,
    /// Style sheets of every page that shows one of the app's fragments, files in `dir`.
    pub styles: Vec<String>,
    /// What module and WASM may weigh together, brotli-compressed.
    pub budget_bytes: Option<u64>,
}

/// `[events]`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Events {
    /// Topics that its fragments publish; they begin with the app's name.
    pub publishes: Vec<Topic>,
    /// Topics that its fragments listen to.
    pub subscribes: Vec<Topic>,
    /// Where its BFF tells composers of its events.
    pub feed: Option<String>,
    /// Where its BFF says which audiences a visitor belongs to.
    pub audiences: Option<String>,
    /// JSON schemas of topics that it publishes, files beside the manifest.
    pub schemas: BTreeMap<Topic, String>,
    /// What holds of topics that it publishes, where that isn't the usual.
    pub topics: BTreeMap<Topic, TopicTerms>,
}

/// `[events.topics."checkout:stock-changed"]`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TopicTerms {
    /// True when the BFF publishes it, through its feed.
    pub server: bool,
    /// True when only audiences hear it.
    pub restricted: bool,
    /// True when what a fragment publishes is heard in the browser's other tabs too.
    pub across_tabs: bool,
}

impl Events {
    /// What holds of a topic.
    pub fn terms(&self, topic: &Topic) -> TopicTerms {
        self.topics.get(topic).copied().unwrap_or_default()
    }

    /// The topics that the BFF publishes.
    pub fn from_server(&self) -> impl Iterator<Item = &Topic> {
        let published = self.topics.iter().filter(|(_, terms)| terms.server);
        published.map(|(topic, _)| topic)
    }

    /// Tells whether `path` is for composers alone, however a BFF may read it: a feed has what only some may hear.
    pub fn is_internal(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let mut own = [&self.feed, &self.audiences].into_iter().flatten();
        own.any(|own| own.eq_ignore_ascii_case(path))
    }
}

/// `[release]`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Release {
    /// What tabs do that are open when this version becomes live; without it, what the composer says.
    pub open_tabs: Option<OpenTabs>,
}

/// `[build]`: for `marquetry build` and `marquetry dev` alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Build {
    /// The package of the crate with its views, compiled to WASM.
    pub ui: Option<String>,
    /// The command line that starts its BFF.
    pub bff: Option<String>,
}

/// The file, and the line of each page, fragment and layout, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) file: String,
    pub(crate) name: usize,
    pub(crate) pages: Vec<usize>,
    pub(crate) fragments: Vec<usize>,
    pub(crate) layouts: Vec<usize>,
}

impl fmt::Display for EagerSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

#[cfg(test)]
mod tests;
