//! Scripts of arrivals, and the documents that come of them.

mod order;
mod head;
mod failures;
mod slots;
mod late;
mod kept;
mod early;
mod learned;
mod tab;
mod properties;

use std::{collections::HashMap, sync::Arc};

use contract::Params;
use expect_test::{Expect, expect};

use super::*;
use crate::{
    Asset, Platform, PublishedApp, Site,
    context::{HELD_BYTES, Offered, Order},
};

const EXPLORE: &str = r#"
[app]
name = "explore"
version = "1.0.0"
owner = "Explore"

[[layouts]]
name = "shop"
template = "layouts/shop.html"
includes = ["explore/header"]

[[fragments]]
name = "header"
includes = ["checkout/mini-cart"]
eager = ["checkout/mini-cart"]
fallback = "fallbacks/header.html"

[[fragments]]
name = "tips"
includes = ["decide/product", "explore/tips", "checkout/add"]
params = ["n"]

[[pages]]
path = "/tips/{n?}"
fragment = "tips"
layout = "explore/shop"

[assets]
dir = "dist"
styles = ["shop.css"]
"#;

const DECIDE: &str = r#"
[app]
name = "decide"
version = "2.0.0"
owner = "Decide"

[[pages]]
path = "/product/{id}"
fragment = "product"
layout = "explore/shop"

[[fragments]]
name = "product"
params = ["id", "sku"]
includes = ["checkout/add", "explore/tips"]
eager = ["checkout/add?sku={sku}"]
"#;

const CHECKOUT: &str = r#"
[app]
name = "checkout"
version = "3.0.0"
owner = "Checkout"

[[fragments]]
name = "mini-cart"
hydrate = "load"

[[fragments]]
name = "add"
params = ["sku"]
fallback = "fallbacks/add.html"

[assets]
dir = "dist"
module = "checkout.js"
wasm = "checkout_bg.wasm"
styles = ["checkout.css"]

[events]
publishes = ["checkout:cart-changed"]
"#;

const LAYOUT: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Shop</title></head>\
                      <body><fragment-slot src=\"explore/header\"></fragment-slot>\n\
                      <main><fragment-slot src=\"page\" class=\"m-page\"></fragment-slot></main></body></html>";

fn asset(file: &str) -> Asset {
    Asset {
        url: format!("/_m/assets/d/{file}"),
        integrity: format!("sha384-{file}"),
    }
}

fn published(manifest: &str) -> PublishedApp {
    let manifest = contract::manifest::Manifest::parse("marquetry.toml", manifest).unwrap();
    let fallback = |name: &contract::FragmentName| Bytes::from(format!("<p>no {name}"));
    let fallbacks = manifest.fragments.iter().filter(|fragment| fragment.fallback.is_some());
    PublishedApp {
        layouts: manifest
            .layouts
            .iter()
            .map(|layout| (layout.name.clone(), LAYOUT.into()))
            .collect(),
        fallbacks: fallbacks
            .map(|fragment| (fragment.name.clone(), fallback(&fragment.name)))
            .collect(),
        module: manifest.assets.module.as_deref().map(asset),
        wasm: manifest.assets.wasm.as_deref().map(asset),
        styles: manifest.assets.styles.iter().map(|file| asset(file)).collect(),
        manifest,
    }
}

fn site() -> Arc<Site> {
    let platform = Platform {
        loader: Some(asset("loader.js")),
        mend: Some(asset("mend.js")),
        shell: Some(asset("shell.js")),
        shell_wasm: Some(asset("shell_bg.wasm")),
        live: None,
        ..Platform::default()
    };
    Arc::new(
        Site::new(
            [EXPLORE, DECIDE, CHECKOUT].map(published).map(Arc::new).into(),
            platform,
        )
        .unwrap(),
    )
}

fn plan(address: &str) -> Plan {
    let site = site();
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    match site.resolve(path) {
        Some(route) => Plan::page(&site, &route, &Params::parse(query)),
        None => Plan::fragment(&site, &address.parse().unwrap()).unwrap(),
    }
}

fn context(held_bytes: usize) -> PageContext {
    PageContext {
        nonce: "N".into(),
        request_id: "R".into(),
        held_bytes,
        composition: None,
        badge: None,
        order: Order::Document,
        inspector: Offered::No,
    }
}

/// What happens to the slot of a fragment; `decide/product#2` is the second slot that shows it.
#[derive(Debug, Clone)]
enum Arrival {
    Says(&'static str, Bytes),
    Ends(&'static str, Outcome),
    Kept(&'static str, Arc<Kept>),
    Overtaken(&'static str),
}

fn says(fragment: &'static str, html: &'static str) -> Arrival {
    Arrival::Says(fragment, html.into())
}

fn completes(fragment: &'static str) -> Arrival {
    Arrival::Ends(fragment, Outcome::Complete)
}

fn fails(fragment: &'static str) -> Arrival {
    Arrival::Ends(fragment, Outcome::Failed)
}

fn keeps(fragment: &'static str, html: &'static str) -> Arrival {
    Arrival::Kept(fragment, Arc::new(Kept::new(html.into())))
}

fn breaks(fragment: &'static str) -> Arrival {
    Arrival::Ends(fragment, Outcome::Cut)
}

/// A response under way, told as a text.
struct Run {
    stitcher: Stitcher,
    slots: HashMap<String, SlotId>,
    told: String,
}

impl Run {
    fn new(plan: Plan, held_bytes: usize) -> Self {
        Self::with(plan, context(held_bytes))
    }

    fn with(plan: Plan, context: PageContext) -> Self {
        let (stitcher, fetches) = Stitcher::new(plan, context);
        let mut run = Self {
            stitcher,
            slots: HashMap::new(),
            told: String::new(),
        };
        run.start(fetches);
        run.drain();
        run
    }

    fn start(&mut self, fetches: Vec<Fetch>) {
        for fetch in fetches {
            let name = fetch.fragment.to_string();
            let count = 1 + self
                .slots
                .keys()
                .filter(|known| known.split('#').next() == Some(&name))
                .count();
            let key = if count == 1 { name } else { format!("{name}#{count}") };
            self.told
                .push_str(&format!("[fetch {key} {}?{}]\n", fetch.path, fetch.params));
            self.slots.insert(key, fetch.slot);
        }
    }

    /// Takes what there is; gives the slot that is waited for.
    fn drain(&mut self) -> Option<SlotId> {
        let mut emitted = Vec::new();
        let step = loop {
            match self.stitcher.next() {
                Step::Emit(bytes) => emitted.extend_from_slice(&bytes),
                Step::Keep(piece) => emitted.extend_from_slice(piece.text()),
                step => break step,
            }
        };
        if !emitted.is_empty() {
            self.told.push_str(&String::from_utf8(emitted).unwrap());
            self.told.push('\n');
        }
        if let Step::Need(slot) = step {
            let name = self
                .slots
                .iter()
                .find(|(_, id)| **id == slot)
                .map(|(name, _)| name.as_str());
            self.told
                .push_str(&format!("[needs {}]\n", name.unwrap_or("what was never fetched")));
            return Some(slot);
        }
        self.told.push_str("[done]\n");
        None
    }

    fn take(&mut self, arrival: &Arrival) {
        let fetches = match arrival {
            Arrival::Says(name, bytes) => match self.stitcher.fill(self.slots[*name], bytes.clone()) {
                Ok(fetches) => fetches,
                Err(error) => {
                    self.told.push_str(&format!("[{error}]\n"));
                    self.stitcher.close(self.slots[*name], Outcome::Cut)
                }
            },
            Arrival::Ends(name, outcome) => self.stitcher.close(self.slots[*name], *outcome),
            Arrival::Kept(name, kept) => self.stitcher.keep(self.slots[*name], kept).unwrap(),
            Arrival::Overtaken(name) => {
                assert!(self.stitcher.overtake(self.slots[*name]), "{name} after {}", self.told);
                vec![]
            }
        };
        self.start(fetches);
        self.drain();
    }

    /// Only what went out, without what the stitcher told between.
    fn document(&self) -> String {
        let lines = self.told.lines().filter(|line| !line.starts_with('['));
        lines.collect()
    }
}

/// Leaves out the attributes that each slot has.
fn brief(told: &str) -> String {
    let mut out = told.replace(super::late::SCRIPT.trim_ascii_end(), "SCRIPT");
    for name in [
        "fragment",
        "app",
        "version",
        "hydrate",
        "module",
        "wasm",
        "wasm-integrity",
    ] {
        while let Some(start) = out.find(&format!(" data-{name}=\"")) {
            let value = start + name.len() + 8;
            let end = value + out[value..].find('"').unwrap() + 1;
            out.replace_range(start..end, "");
        }
    }
    out.replace("fragment-slot", "slot")
        .replace("data-state=\"fallback\"", "FALLBACK")
        .replace("data-state=\"pending\"", "PENDING")
        .replace(" data-state=\"fresh\"", "")
}

fn check(address: &str, script: &[Arrival], want: Expect) {
    check_with(address, context(HELD_BYTES), script, want);
}

fn check_with(address: &str, context: PageContext, script: &[Arrival], want: Expect) {
    let mut run = Run::with(plan(address), context);
    for arrival in script {
        run.take(arrival);
    }
    let told = brief(&run.told);
    let shown = match (told.find("<!doctype"), told.find("</head>")) {
        (Some(start), Some(end)) => format!("{}…{}", &told[..start], &told[end..]),
        _ => told,
    };
    want.assert_eq(&shown);
}
