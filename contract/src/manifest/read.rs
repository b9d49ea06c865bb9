//! From text to a checked [`Manifest`]; breaches are collected, so that one reading names them all.

use std::{collections::BTreeMap, fmt, str::FromStr, time::Duration};

use super::{
    App, Assets, Breach, Build, EagerSlot, Events, Fragment, KEYS, Layout, Manifest, Origin, Page, Release, TopicTerms,
    text::{BffPath, Command, ForwardedHeader, Line, Package, Param, PlainPath, RelativeFile, Token},
    within::{self, CONSOLE},
};
use crate::{
    AppName, Flush, Hydrate, Role, SlotSource, SlotSourceError, Topic,
    toml_keys::{Keys, Source},
};

const DEADLINE_MS: std::ops::RangeInclusive<u64> = 10..=60_000;
const FRAGMENT_DEADLINE_MS: u64 = 2_000;
const PAGE_DEADLINE_MS: u64 = 5_000;
const MAX_BODY_BYTES: std::ops::RangeInclusive<u64> = 1_024..=16 << 20;
const DEFAULT_BODY_BYTES: u64 = 1 << 20;

pub(super) fn manifest(file: &str, text: &str) -> Result<Manifest, Vec<Breach>> {
    Source::read(file, text, KEYS, root)
}

fn root(source: &mut Source<'_>, keys: &Keys<'_>) -> Option<Manifest> {
    let mut origin = Origin {
        file: source.file.into(),
        ..Origin::default()
    };
    let app = match keys.table(source, "app") {
        Some(table) => {
            origin.name = source.line(table.at("name"));
            app(source, &table)
        }
        None => {
            keys.missing(source, "app");
            None
        }
    };
    let pages = each(source, keys, "pages", &mut origin.pages, page);
    let fragments = each(source, keys, "fragments", &mut origin.fragments, fragment);
    let layouts = each(source, keys, "layouts", &mut origin.layouts, layout);
    let assets = keys
        .table(source, "assets")
        .map(|table| assets(source, &table))
        .unwrap_or_default();
    let own = app.as_ref().map(|app| app.name.as_str());
    let events = keys
        .table(source, "events")
        .map(|table| events(source, &table, own))
        .unwrap_or_default();
    let release = keys.table(source, "release").map(|table| Release {
        open_tabs: table.parsed(source, "open_tabs"),
    });
    let build = keys
        .table(source, "build")
        .map(|table| build(source, &table))
        .unwrap_or_default();
    let manifest = Manifest {
        app: app?,
        pages,
        fragments,
        layouts,
        assets,
        events,
        release: release.unwrap_or_default(),
        build,
        origin,
    };
    within::check(source, &manifest);
    Some(manifest)
}

fn each<T>(
    source: &mut Source<'_>,
    keys: &Keys<'_>,
    name: &str,
    lines: &mut Vec<usize>,
    read: fn(&mut Source<'_>, &Keys<'_>) -> Option<T>,
) -> Vec<T> {
    let mut all = Vec::new();
    for (start, keys) in keys.tables(source, name) {
        if let Some(one) = read(source, &keys) {
            lines.push(source.line(start));
            all.push(one);
        }
    }
    all
}

fn app(source: &mut Source<'_>, keys: &Keys<'_>) -> Option<App> {
    let name: Option<AppName> = keys.required(source, "name");
    let version = keys.required(source, "version");
    let owner = keys.required::<Line>(source, "owner");
    let cookies = texts::<Token>(source, keys, "cookies");
    let headers = texts::<ForwardedHeader>(source, keys, "headers");
    let is_console = name.as_ref().is_none_or(|name| name.as_str() == CONSOLE);
    // Whoever sees the cookie of a session acts in its user's name, for all teams.
    if let Some(cookie) = cookies
        .iter()
        .find(|cookie| !is_console && cookie.starts_with("console-"))
    {
        let rule = format!("must have none of the console's own, `console-…`, got `{cookie}`");
        keys.breach(source, "cookies", rule);
    }
    Some(App {
        name: name?,
        version: version?,
        owner: owner?.0,
        cookies,
        headers,
    })
}

fn page(source: &mut Source<'_>, keys: &Keys<'_>) -> Option<Page> {
    let path = keys.required(source, "path");
    let fragment = keys.required(source, "fragment");
    let layout = keys.required(source, "layout");
    let deadline = deadline(source, keys, PAGE_DEADLINE_MS);
    let flush = word(
        source,
        keys,
        "flush",
        &[("primary", Flush::Primary), ("early", Flush::Early)],
    );
    let compress = keys.boolean(source, "compress");
    Some(Page {
        path: path?,
        fragment: fragment?,
        layout: layout?,
        deadline,
        flush: flush.unwrap_or_default(),
        compress: compress.unwrap_or(true),
    })
}

fn fragment(source: &mut Source<'_>, keys: &Keys<'_>) -> Option<Fragment> {
    let name = keys.required::<crate::FragmentName>(source, "name");
    let path = keys.parsed::<BffPath>(source, "path").map(|path| path.0);
    let role = word(
        source,
        keys,
        "role",
        &[("essential", Role::Essential), ("optional", Role::Optional)],
    );
    let hydrate = word(
        source,
        keys,
        "hydrate",
        &[
            Hydrate::Load,
            Hydrate::Idle,
            Hydrate::Visible,
            Hydrate::Interaction,
            Hydrate::None,
        ]
        .map(|h| (h.as_str(), h)),
    );
    let includes = keys.list(source, "includes");
    let eager = keys.list(source, "eager");
    let params = texts::<Param>(source, keys, "params");
    let cookies = keys.has("cookies").then(|| keys.list(source, "cookies"));
    let headers = keys.has("headers").then(|| keys.list(source, "headers"));
    let fallback = keys.parsed::<RelativeFile>(source, "fallback").map(|file| file.0);
    let max_body = keys
        .integer(source, "max_body_bytes", MAX_BODY_BYTES)
        .unwrap_or(DEFAULT_BODY_BYTES);
    let deadline = deadline(source, keys, FRAGMENT_DEADLINE_MS);
    let name = name?;
    Some(Fragment {
        path: path.unwrap_or_else(|| format!("/fragments/{name}")),
        name,
        role: role.unwrap_or(Role::Optional),
        deadline,
        hydrate: hydrate.unwrap_or(Hydrate::None),
        includes,
        eager,
        params,
        cookies,
        headers,
        fallback,
        max_body_bytes: usize::try_from(max_body).unwrap_or(usize::MAX),
    })
}

fn layout(source: &mut Source<'_>, keys: &Keys<'_>) -> Option<Layout> {
    let name = keys.required(source, "name");
    let template = keys.required::<RelativeFile>(source, "template");
    let includes = keys.list(source, "includes");
    Some(Layout {
        name: name?,
        template: template?.0,
        includes,
    })
}

fn assets(source: &mut Source<'_>, keys: &Keys<'_>) -> Assets {
    let mut file = |key| keys.parsed::<RelativeFile>(source, key).map(|file| file.0);
    let (dir, module, wasm) = (file("dir"), file("module"), file("wasm"));
    let styles = texts::<RelativeFile>(source, keys, "styles");
    let budget_bytes = keys.integer(source, "budget_bytes", 1..=u64::from(u32::MAX));
    if dir.is_none() && (module.is_some() || wasm.is_some() || !styles.is_empty()) {
        keys.breach(
            source,
            "dir",
            "is required where `module`, `wasm` or `styles` name files in it",
        );
    }
    if wasm.is_some() && module.is_none() {
        keys.breach(source, "wasm", "needs a `module` that starts it");
    }
    Assets {
        dir,
        module,
        wasm,
        styles,
        budget_bytes,
    }
}

fn events(source: &mut Source<'_>, keys: &Keys<'_>, own: Option<&str>) -> Events {
    let publishes: Vec<Topic> = keys.list(source, "publishes");
    for topic in publishes
        .iter()
        .filter(|topic| own.is_some_and(|own| own != topic.app()))
    {
        let own = own.unwrap_or_default();
        keys.breach(
            source,
            "publishes",
            format!("`{topic}` must begin with the app's own name, `{own}:`"),
        );
    }
    let schemas = keys
        .table(source, "schemas")
        .map(|table| schemas(source, &table, &publishes))
        .unwrap_or_default();
    let feed = keys.parsed::<PlainPath>(source, "feed").map(|path| path.0);
    let audiences = keys.parsed::<PlainPath>(source, "audiences").map(|path| path.0);
    if audiences.is_some() && audiences == feed {
        keys.breach(source, "audiences", "must differ from `feed`");
    }
    let topics = keys
        .table(source, "topics")
        .map(|table| topics(source, &table, &publishes, [feed.is_some(), audiences.is_some()]))
        .unwrap_or_default();
    Events {
        publishes,
        subscribes: keys.list(source, "subscribes"),
        feed,
        audiences,
        schemas,
        topics,
    }
}

fn topics(
    source: &mut Source<'_>,
    keys: &Keys<'_>,
    publishes: &[Topic],
    [has_feed, has_audiences]: [bool; 2],
) -> BTreeMap<Topic, TopicTerms> {
    let mut topics = BTreeMap::new();
    for name in keys.names() {
        let Some(topic) = publishes.iter().find(|topic| topic.as_str() == name) else {
            keys.breach(source, name, format!("`{name}` must be in `publishes`"));
            continue;
        };
        let Some(table) = keys.table_of(source, name, "topic") else {
            continue;
        };
        let mut is_set = |key| table.boolean(source, key).unwrap_or_default();
        let terms = TopicTerms {
            server: is_set("server"),
            restricted: is_set("restricted"),
            across_tabs: is_set("across_tabs"),
        };
        if terms.server && !has_feed {
            table.breach(source, "server", "needs a `feed` in `[events]`");
        }
        if terms.restricted && !(terms.server && has_audiences) {
            table.breach(
                source,
                "restricted",
                "needs `server = true`, and `audiences` in `[events]`",
            );
        }
        topics.insert(topic.clone(), terms);
    }
    topics
}

fn schemas(source: &mut Source<'_>, keys: &Keys<'_>, publishes: &[Topic]) -> BTreeMap<Topic, String> {
    let mut schemas = BTreeMap::new();
    for name in keys.names() {
        let file = keys.parsed::<RelativeFile>(source, name);
        match publishes.iter().find(|topic| topic.as_str() == name) {
            Some(topic) => schemas.extend(file.map(|file| (topic.clone(), file.0))),
            None => keys.breach(source, name, format!("`{name}` must be in `publishes`")),
        }
    }
    schemas
}

fn build(source: &mut Source<'_>, keys: &Keys<'_>) -> Build {
    Build {
        ui: keys.parsed::<Package>(source, "ui").map(|package| package.0),
        bff: keys.parsed::<Command>(source, "bff").map(|command| command.0),
    }
}

fn deadline(source: &mut Source<'_>, keys: &Keys<'_>, default_ms: u64) -> Duration {
    Duration::from_millis(keys.integer(source, "deadline_ms", DEADLINE_MS).unwrap_or(default_ms))
}

fn texts<T: FromStr<Err: fmt::Display> + Into<String>>(
    source: &mut Source<'_>,
    keys: &Keys<'_>,
    key: &str,
) -> Vec<String> {
    keys.list::<T>(source, key).into_iter().map(Into::into).collect()
}

fn word<T: Copy>(source: &mut Source<'_>, keys: &Keys<'_>, key: &str, words: &[(&str, T)]) -> Option<T> {
    let text = keys.string(source, key)?;
    let found = words.iter().find(|(word, _)| *word == text);
    if found.is_none() {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        keys.breach(
            source,
            key,
            format!("must be one of {}, got `{text}`", known.join(", ")),
        );
    }
    found.map(|(_, value)| *value)
}

impl FromStr for EagerSlot {
    type Err = SlotSourceError;

    fn from_str(text: &str) -> Result<Self, SlotSourceError> {
        Ok(Self {
            source: text.parse::<SlotSource>()?,
        })
    }
}
