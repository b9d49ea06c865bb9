//! The head of a page: what the layout, the page's own fragment and the live apps put into it, each asset once.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashSet},
    ops::Range,
    sync::Arc,
};

use bytes::Bytes;
use composer_html::HeadPart;
use contract::{AppName, FragmentId, Hydrate, Topic, manifest::TopicTerms};

use crate::{
    closure::Closure,
    context::{Offered, PageContext},
    escape,
    hints::{Hints, Kind},
    inspected::{self, Inspected},
    layout::{Layout, Opening},
    published::{Asset, Platform, PublishedApp},
};

/// The head of a page as it goes out, and where in it stands what belongs to one response only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadText {
    /// All of it.
    pub bytes: Bytes,
    /// Values of attributes, as they stand between their quotes, in the order of the text.
    pub holes: Vec<(Range<usize>, Hole)>,
}

/// What belongs to one response only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hole {
    /// [`PageContext::nonce`](crate::PageContext::nonce).
    Nonce,
    /// [`PageContext::request_id`](crate::PageContext::request_id).
    RequestId,
    /// [`PageContext::composition`](crate::PageContext::composition).
    Composition,
}

/// What a page's head holds whatever its fragments say.
#[derive(Debug)]
pub(crate) struct PageHead {
    /// Addresses of the style sheets in it.
    pub(crate) styles: HashSet<String>,
    /// Between `<script type="importmap"` and its end tag, without nonce.
    import_map: Option<String>,
    style_links: String,
    module_links: String,
    /// The loader's tag up to what differs from response to response.
    loader: Option<String>,
    inspected: Option<Inspected>,
    /// All of these files, for a browser that has no page yet.
    pub(crate) hints: Hints,
}

/// What the head of one fragment says.
#[derive(Debug, Default)]
pub(crate) struct Lifted {
    pub(crate) styles: Vec<Style>,
    title: Option<Bytes>,
    /// Metas and links, as HTML.
    items: Vec<Bytes>,
}

/// A style sheet that a fragment asks for.
#[derive(Debug)]
pub(crate) struct Style {
    pub(crate) href: String,
}

impl PageHead {
    pub(crate) fn new(closure: &Closure, apps: &BTreeMap<AppName, Arc<PublishedApp>>, platform: &Platform) -> Self {
        let shown: Vec<&PublishedApp> = closure
            .apps
            .iter()
            .filter_map(|app| apps.get(app).map(|app| &**app))
            .collect();
        let styles: Vec<&Asset> = shown.iter().flat_map(|app| &app.styles).collect();
        let modules = || {
            shown
                .iter()
                .filter_map(|app| app.module.as_ref())
                .chain(&platform.mend)
                .chain(&platform.shell)
                .chain(&platform.live)
                .chain(&platform.versions)
        };
        let wakes_at_once = |app: &&&PublishedApp| {
            let mut fragments = closure.fragments.iter().filter(|id| id.app == app.manifest.app.name);
            fragments.any(|id| {
                let terms = app.manifest.fragment(&id.fragment);
                terms.is_some_and(|terms| terms.hydrate == Hydrate::Load)
            })
        };
        let at_once: Vec<&PublishedApp> = shown.iter().copied().filter(|app| wakes_at_once(&app)).collect();
        Self {
            import_map: inspected::import_map(modules()),
            inspected: platform
                .inspector
                .as_ref()
                .map(|files| Inspected::new(files, modules())),
            style_links: styles
                .iter()
                .map(|style| link("stylesheet", &style.url, Some(&style.integrity)))
                .collect(),
            module_links: at_once
                .iter()
                .filter_map(|app| app.module.as_ref())
                .map(|module| link("modulepreload", &module.url, Some(&module.integrity)))
                .collect(),
            loader: loader(platform, &shown, apps),
            hints: hints(platform, &styles, &at_once),
            styles: styles.iter().map(|style| style.url.clone()).collect(),
        }
    }

    /// Writes the document up to where the layout's body begins.
    pub(crate) fn write<'l>(
        &self,
        layout: &Layout,
        mut lifted: impl Iterator<Item = (&'l FragmentId, &'l Lifted)>,
        context: &PageContext,
    ) -> HeadText {
        let primary = lifted.next();
        let mut out = Vec::with_capacity(4096);
        let mut holes = Vec::with_capacity(4);
        let mut title = primary.and_then(|(_, primary)| primary.title.as_ref());
        for item in &layout.head {
            match item {
                Opening::Item(HeadPart::Title(text)) => write_title(&mut out, title.take().unwrap_or(text)),
                Opening::Html(raw)
                | Opening::Item(HeadPart::Meta(raw) | HeadPart::Link(raw) | HeadPart::Style { raw, .. }) => {
                    out.extend_from_slice(raw);
                }
            }
        }
        if let Some(own) = title {
            write_title(&mut out, own);
        }
        for item in primary.iter().flat_map(|(_, primary)| &primary.items) {
            out.extend_from_slice(item);
        }
        let inspected = self.inspected.as_ref().filter(|_| context.inspector != Offered::No);
        if let Some(map) = inspected.map_or(self.import_map.as_ref(), |inspected| Some(&inspected.import_map)) {
            out.extend_from_slice(b"<script type=\"importmap\"");
            holes.push((push_value(&mut out, "nonce", &context.nonce), Hole::Nonce));
            out.extend_from_slice(map.as_bytes());
        }
        out.extend_from_slice(self.style_links.as_bytes());
        let mut seen = HashSet::new();
        let mut asked = Vec::new();
        for (by, lifted) in primary.into_iter().chain(lifted) {
            for href in lifted
                .new_styles(&self.styles)
                .filter(|href| seen.insert(href.to_owned()))
            {
                out.extend_from_slice(asked_for(href, by).as_bytes());
                asked.push(href);
            }
        }
        self.hints.learn(&asked);
        out.extend_from_slice(self.module_links.as_bytes());
        if let Some(loader) = &self.loader {
            out.extend_from_slice(loader.as_bytes());
            holes.push((push_value(&mut out, "nonce", &context.nonce), Hole::Nonce));
            holes.push((
                push_value(&mut out, "data-request-id", &context.request_id),
                Hole::RequestId,
            ));
            if let Some(composition) = &context.composition {
                let value = push_value(&mut out, "data-composition", composition);
                holes.push((value, Hole::Composition));
            }
            push_value(&mut out, "data-frame", &layout.frame);
            if let Some(inspected) = inspected {
                out.extend_from_slice(inspected.attributes(context.inspector).as_bytes());
            }
            out.extend_from_slice(b"></script>");
        }
        HeadText {
            bytes: out.into(),
            holes,
        }
    }
}

impl Lifted {
    pub(crate) fn add(&mut self, part: HeadPart) {
        match part {
            HeadPart::Title(text) => self.title = Some(text),
            HeadPart::Meta(raw) | HeadPart::Link(raw) => self.items.push(raw),
            HeadPart::Style { href, .. } if is_own_path(&href) => self.styles.push(Style { href }),
            HeadPart::Style { .. } => {}
        }
    }

    /// Its title as HTML.
    pub(crate) fn title(&self) -> Option<Cow<'_, str>> {
        self.title.as_ref().map(|html| String::from_utf8_lossy(html))
    }

    /// What it takes in memory, without the bytes of the body that it stands in.
    pub(crate) fn weight(&self) -> usize {
        let styles = self.styles.iter().map(|style| size_of::<Style>() + style.href.len());
        styles.sum::<usize>() + self.items.len() * size_of::<Bytes>() + self.title.as_ref().map_or(0, Bytes::len)
    }

    /// Its style sheets that are not among `known`.
    pub(crate) fn new_styles(&self, known: &HashSet<String>) -> impl Iterator<Item = &str> {
        self.styles
            .iter()
            .map(|style| style.href.as_str())
            .filter(|href| !known.contains(*href))
    }
}

impl Style {
    pub(crate) fn tag(&self) -> Bytes {
        link("stylesheet", &self.href, None).into()
    }
}

/// True for a path of this origin. Browsers drop tabs and line breaks and take `\` for `/` (<https://url.spec.whatwg.org/#concept-basic-url-parser>).
fn is_own_path(href: &str) -> bool {
    href.starts_with('/') && !href.starts_with("//") && !href.contains(|c: char| c == '\\' || c.is_ascii_control())
}

fn link(rel: &str, href: &str, integrity: Option<&str>) -> String {
    let mut out = format!("<link rel=\"{rel}\"");
    escape::push(&mut out, "href", href);
    if let Some(integrity) = integrity {
        escape::push(&mut out, "integrity", integrity);
    }
    out.push('>');
    out
}

/// The tag of a style sheet that says which fragment asks for it: a tab that goes on without that lets it go.
fn asked_for(href: &str, by: &FragmentId) -> String {
    let mut tag = link("stylesheet", href, None);
    tag.pop();
    escape::push(&mut tag, "data-by", &by.to_string());
    tag.push('>');
    tag
}

/// Writes an attribute; tells where its value stands.
fn push_value(out: &mut Vec<u8>, name: &str, value: &str) -> Range<usize> {
    let mut attribute = String::with_capacity(name.len() + value.len() + 4);
    escape::push(&mut attribute, name, value);
    out.extend_from_slice(attribute.as_bytes());
    let end = out.len() - 1;
    end - (attribute.len() - name.len() - 4)..end
}

fn write_title(out: &mut Vec<u8>, text: &[u8]) {
    out.extend_from_slice(b"<title>");
    out.extend_from_slice(text);
    out.extend_from_slice(b"</title>");
}

fn hints(platform: &Platform, styles: &[&Asset], at_once: &[&PublishedApp]) -> Hints {
    let own = [
        (Kind::Module, &platform.loader),
        (Kind::Module, &platform.shell),
        (Kind::Wasm, &platform.shell_wasm),
    ];
    let apps = at_once
        .iter()
        .flat_map(|app| [(Kind::Module, &app.module), (Kind::Wasm, &app.wasm)]);
    let shell = platform.loader.is_some();
    let own = own.into_iter().filter(|_| shell);
    let files = own
        .chain(apps)
        .filter_map(|(kind, file)| Some((kind, file.as_ref()?.url.as_str())));
    let assets = format!("{}/assets/", platform.prefix.as_str());
    Hints::new(assets, styles.iter().map(|style| style.url.as_str()), files)
}

fn loader(platform: &Platform, shown: &[&PublishedApp], apps: &BTreeMap<AppName, Arc<PublishedApp>>) -> Option<String> {
    let loader = platform.loader.as_ref()?;
    let mut out = String::from("<script type=\"module\" async");
    escape::push(&mut out, "src", &loader.url);
    escape::push(&mut out, "integrity", &loader.integrity);
    if let Some(mend) = &platform.mend {
        escape::push(&mut out, "data-mend", &mend.url);
    }
    if let Some(shell) = &platform.shell {
        escape::push(&mut out, "data-shell", &shell.url);
        escape::push(&mut out, "data-shell-integrity", &shell.integrity);
    }
    if let Some(wasm) = &platform.shell_wasm {
        escape::push(&mut out, "data-shell-wasm", &wasm.url);
        escape::push(&mut out, "data-shell-wasm-integrity", &wasm.integrity);
    }
    if let Some(versions) = &platform.versions {
        escape::push(&mut out, "data-versions", &versions.url);
    }
    escape::push(&mut out, "data-report", &platform.prefix.report());
    escape::push(&mut out, "data-prefix", platform.prefix.as_str());
    let topics = shown.iter().flat_map(|app| &app.manifest.events.publishes);
    let topics: Vec<&str> = topics.map(Topic::as_str).collect();
    escape::push(&mut out, "data-topics", &topics.join(" "));
    let events = |topic: &Topic| {
        let app = topic.app().parse::<AppName>().ok().and_then(|app| apps.get(&app));
        app.map(|app| app.manifest.events.terms(topic)).unwrap_or_default()
    };
    let heard = shown.iter().flat_map(|app| &app.manifest.events.subscribes);
    let heard: BTreeSet<&Topic> = heard
        .chain(shown.iter().flat_map(|app| &app.manifest.events.publishes))
        .collect();
    let mut push = |name: &str, is_in: fn(TopicTerms) -> bool| {
        let topics = heard.iter().filter(|topic| is_in(events(topic)));
        let topics: Vec<&str> = topics.map(|topic| topic.as_str()).collect();
        if !topics.is_empty() {
            escape::push(&mut out, name, &topics.join(" "));
        }
    };
    push("data-live-topics", |terms| terms.server);
    push("data-across-tabs", |terms| terms.across_tabs);
    if let Some(live) = &platform.live {
        escape::push(&mut out, "data-live", &live.url);
    }
    Some(out)
}
