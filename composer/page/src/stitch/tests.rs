//! Scripts of arrivals, and the documents that come of them.

use std::{collections::HashMap, sync::Arc};

use contract::Params;
use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::{
    Asset, Platform, PublishedApp, Site,
    context::{HELD_BYTES, Order},
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
        shell: Some(asset("shell.js")),
        shell_wasm: Some(asset("shell_bg.wasm")),
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
    }
}

/// What happens to the slot of a fragment; `decide/product#2` is the second slot that shows it.
#[derive(Debug, Clone)]
enum Arrival {
    Says(&'static str, Bytes),
    Ends(&'static str, Outcome),
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
        let (stitcher, fetches) = Stitcher::new(plan, context(held_bytes));
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

    fn drain(&mut self) {
        let mut emitted = Vec::new();
        let step = loop {
            match self.stitcher.next() {
                Step::Emit(bytes) => emitted.extend_from_slice(&bytes),
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
        } else {
            self.told.push_str("[done]\n");
        }
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
    let mut out = told.to_owned();
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
        .replace(" data-state=\"fresh\"", "")
}

fn check(address: &str, script: &[Arrival], want: Expect) {
    let mut run = Run::new(plan(address), HELD_BYTES);
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

#[test]
fn a_page_streams_in_document_order() {
    check(
        "/product/7?sku=A&evil=1",
        &[
            says("checkout/mini-cart", "<b>2</b>"),
            says("decide/product", "<head><title>Tractor</title></head><h1>T</h1>"),
            says(
                "explore/header",
                "<nav><fragment-slot src=\"checkout/mini-cart\"></fragment-slot>",
            ),
            completes("checkout/mini-cart"),
            says(
                "decide/product",
                "<fragment-slot src=\"checkout/add?sku=A\"></fragment-slot><p>end</p>",
            ),
            says("explore/header", "</nav>"),
            completes("explore/header"),
            completes("decide/product"),
            says("checkout/add", "<button>Add</button>"),
            completes("checkout/add"),
        ],
        expect![[r#"
            [fetch decide/product /fragments/product?id=7&sku=A]
            [fetch checkout/add /fragments/add?sku=A]
            [fetch explore/header /fragments/header?]
            [fetch checkout/mini-cart /fragments/mini-cart?]
            [needs decide/product]
            [needs decide/product]
            …</head><body>
            [needs explore/header]
            <slot src="explore/header"><nav><slot src="checkout/mini-cart"><b>2</b>
            [needs checkout/mini-cart]
            </slot>
            [needs explore/header]
            [needs explore/header]
            </nav>
            [needs explore/header]
            </slot>
            <main><slot src="decide/product?id=7&amp;sku=A" class="m-page"><h1>T</h1>
            [needs checkout/add]
            [needs checkout/add]
            <slot src="checkout/add?sku=A"><button>Add</button>
            [needs checkout/add]
            </slot><p>end</p></slot></main></body></html>
            [done]
        "#]],
    );
}

#[test]
fn the_head_holds_each_asset_once() {
    let mut run = Run::new(plan("/product/7"), HELD_BYTES);
    run.take(&says(
        "decide/product",
        "<head><title>A &amp; B</title><meta name=\"description\" content=\"d\">\
         <link rel=\"stylesheet\" href=\"/_m/assets/d/shop.css\"><link rel=\"stylesheet\" href=\"/own.css\">\
         <link rel=\"stylesheet\" href=\"https://evil.example/x.css\"></head><h1>T</h1>",
    ));
    let head = run.told.split_once("</head>").unwrap().0.replace("><", ">\n<");
    expect![[r#"
        [fetch decide/product /fragments/product?id=7]
        [fetch explore/header /fragments/header?]
        [fetch checkout/mini-cart /fragments/mini-cart?]
        [needs decide/product]
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <title>A &amp; B</title>
        <meta name="description" content="d">
        <script type="importmap" nonce="N">{"integrity":{"/_m/assets/d/checkout.js":"sha384-checkout.js","/_m/assets/d/shell.js":"sha384-shell.js"}}</script>
        <link rel="stylesheet" href="/_m/assets/d/shop.css" integrity="sha384-shop.css">
        <link rel="stylesheet" href="/_m/assets/d/checkout.css" integrity="sha384-checkout.css">
        <link rel="stylesheet" href="/own.css">
        <link rel="modulepreload" href="/_m/assets/d/checkout.js" integrity="sha384-checkout.js">
        <script type="module" async src="/_m/assets/d/loader.js" integrity="sha384-loader.js" data-shell="/_m/assets/d/shell.js" data-shell-integrity="sha384-shell.js" data-shell-wasm="/_m/assets/d/shell_bg.wasm" data-shell-wasm-integrity="sha384-shell_bg.wasm" data-report="/_m/report" data-prefix="/_m" data-topics="checkout:cart-changed" nonce="N" data-request-id="R">
        </script>"#]].assert_eq(&head);
}

#[test]
fn a_page_names_its_composition_and_has_its_badge_at_the_end_of_its_body() {
    let context = PageContext {
        composition: Some("a.\"b".into()),
        badge: Some("<aside>dev</aside>".into()),
        ..context(HELD_BYTES)
    };
    let (mut stitcher, fetches) = Stitcher::new(plan("/product/7"), context);
    for fetch in fetches {
        stitcher.close(fetch.slot, Outcome::Failed);
    }
    let mut html = Vec::new();
    while let Step::Emit(bytes) = stitcher.next() {
        html.extend_from_slice(&bytes);
    }
    let html = String::from_utf8(html).unwrap();
    assert!(html.contains(" data-composition=\"a.&quot;b\"></script>"), "{html}");
    assert!(html.ends_with("</main><aside>dev</aside></body></html>"), "{html}");
    assert_eq!(plan("/product/7").apps().len(), 3);
}

#[test]
fn a_slot_element_says_what_stands_in_it() {
    let mut run = Run::new(plan("checkout/mini-cart?x=\"<y>"), HELD_BYTES);
    run.take(&says("checkout/mini-cart", "<b>2</b>"));
    run.take(&completes("checkout/mini-cart"));
    expect![[r#"
        [fetch checkout/mini-cart /fragments/mini-cart?]
        [needs checkout/mini-cart]
        <fragment-slot src="checkout/mini-cart?x=%22%3Cy%3E" data-fragment="checkout/mini-cart" data-app="checkout" data-version="3.0.0" data-state="fresh" data-hydrate="load" data-module="/_m/assets/d/checkout.js" data-wasm="/_m/assets/d/checkout_bg.wasm" data-wasm-integrity="sha384-checkout_bg.wasm"><b>2</b>
        [needs checkout/mini-cart]
        </fragment-slot>
        [done]
    "#]].assert_eq(&run.told);
}

#[test]
fn a_failed_slot_shows_its_children_or_the_file() {
    check(
        "/tips/3",
        &[
            fails("explore/header"),
            says(
                "explore/tips",
                "<fragment-slot src=\"checkout/add?sku=1\"><i>later</i></fragment-slot>\
                 <fragment-slot src=\"checkout/add?sku=2\"> </fragment-slot><fragment-slot src=\"decide/product\"></fragment-slot>",
            ),
            fails("checkout/add"),
            breaks("checkout/add#2"),
            fails("decide/product"),
            completes("explore/tips"),
        ],
        expect![[r#"
            [fetch explore/tips /fragments/tips?n=3]
            [fetch explore/header /fragments/header?]
            [fetch checkout/mini-cart /fragments/mini-cart?]
            [needs explore/tips]
            [needs explore/tips]
            [fetch checkout/add /fragments/add?sku=1]
            [fetch checkout/add#2 /fragments/add?sku=2]
            [fetch decide/product /fragments/product?]
            …</head><body><slot src="explore/header" FALLBACK><p>no header</p></slot>
            <main><slot src="explore/tips?n=3" class="m-page">
            [needs checkout/add]
            <slot src="checkout/add?sku=1" FALLBACK><i>later</i></slot>
            [needs checkout/add#2]
            <slot src="checkout/add?sku=2" FALLBACK><p>no add</p></slot>
            [needs decide/product]
            <slot src="decide/product" FALLBACK></slot>
            [needs explore/tips]
            </slot></main></body></html>
            [done]
        "#]],
    );
}

#[test]
fn a_break_before_the_turn_is_a_fallback_and_after_it_a_cut() {
    check(
        "/product/7?sku=A",
        &[
            says("checkout/mini-cart", "<b>half"),
            breaks("checkout/mini-cart"),
            says(
                "explore/header",
                "<nav><fragment-slot src=\"checkout/mini-cart\">0</fragment-slot>",
            ),
            says("decide/product", "<h1>T</h1><ul><li>one"),
            completes("explore/header"),
            breaks("decide/product"),
        ],
        expect![[r#"
            [fetch decide/product /fragments/product?id=7&sku=A]
            [fetch checkout/add /fragments/add?sku=A]
            [fetch explore/header /fragments/header?]
            [fetch checkout/mini-cart /fragments/mini-cart?]
            [needs decide/product]
            [needs decide/product]
            [needs decide/product]
            [needs decide/product]
            …</head><body><slot src="explore/header"><nav><slot src="checkout/mini-cart" FALLBACK>0</slot>
            [needs explore/header]
            </nav></slot>
            <main><slot src="decide/product?id=7&amp;sku=A" class="m-page"><h1>T</h1><ul><li>one
            [needs decide/product]
            </li></ul><!--marquetry:cut--></slot></main></body></html>
            [done]
        "#]],
    );
}

#[test]
fn what_is_not_included_is_not_fetched() {
    check(
        "/product/7",
        &[
            completes("explore/header"),
            says(
                "decide/product",
                "<fragment-slot src=\"checkout/mini-cart\">no</fragment-slot><fragment-slot src=\"//evil/x\"></fragment-slot>",
            ),
            completes("decide/product"),
        ],
        expect![[r#"
            [fetch decide/product /fragments/product?id=7]
            [fetch explore/header /fragments/header?]
            [fetch checkout/mini-cart /fragments/mini-cart?]
            [needs decide/product]
            [needs decide/product]
            …</head><body><slot src="explore/header"></slot>
            <main><slot src="decide/product?id=7" class="m-page"><slot src="checkout/mini-cart" FALLBACK>no</slot><slot src="//evil/x" FALLBACK></slot>
            [needs decide/product]
            </slot></main></body></html>
            [done]
        "#]],
    );
}

#[test]
fn user_text_in_a_fragment_without_includes_stays_text() {
    check(
        "checkout/add?sku=1",
        &[
            says(
                "checkout/add",
                "<p><fragment-slot src=\"explore/header\">x</fragment-slot></p>",
            ),
            completes("checkout/add"),
        ],
        expect![[r#"
            [fetch checkout/add /fragments/add?sku=1]
            [needs checkout/add]
            <slot src="checkout/add?sku=1"><p><slot src="explore/header" >x</slot></p>
            [needs checkout/add]
            </slot>
            [done]
        "#]],
    );
}

#[test]
fn loops_are_cut() {
    check(
        "/tips",
        &[
            completes("explore/header"),
            says(
                "explore/tips",
                "<fragment-slot src=\"explore/tips?n=2\">me</fragment-slot><fragment-slot src=\"decide/product?id=1\"></fragment-slot>",
            ),
            says(
                "decide/product",
                "<fragment-slot src=\"explore/tips\">again</fragment-slot>",
            ),
            completes("decide/product"),
            completes("explore/tips"),
        ],
        expect![[r#"
            [fetch explore/tips /fragments/tips?]
            [fetch explore/header /fragments/header?]
            [fetch checkout/mini-cart /fragments/mini-cart?]
            [needs explore/tips]
            [needs explore/tips]
            [fetch decide/product /fragments/product?id=1]
            …</head><body><slot src="explore/header"></slot>
            <main><slot src="explore/tips" class="m-page"><slot src="explore/tips?n=2" FALLBACK>me</slot>
            [needs decide/product]
            <slot src="decide/product?id=1"><slot src="explore/tips" FALLBACK>again</slot>
            [needs decide/product]
            </slot>
            [needs explore/tips]
            </slot></main></body></html>
            [done]
        "#]],
    );
}

#[test]
fn a_page_has_a_number_of_slots() {
    let mut run = Run::new(plan("/tips"), HELD_BYTES);
    run.take(&completes("explore/header"));
    let many = "<fragment-slot src=\"checkout/add\">f</fragment-slot>".repeat(100);
    run.take(&Arrival::Says("explore/tips", many.into()));
    assert_eq!(run.slots.len(), contract::slot::MAX_PER_PAGE);
    let waiting: Vec<SlotId> = run.slots.values().copied().collect();
    for id in waiting {
        run.stitcher.close(id, Outcome::Complete);
    }
    run.drain();
    assert_eq!(
        run.stitcher.counts(),
        Counts {
            fresh: 63,
            fallback: 39,
            cut: 0,
            late: 0,
        }
    );
    assert!(run.told.ends_with("[done]\n"));
}

#[test]
fn what_waits_has_a_limit() {
    let mut run = Run::new(plan("/tips"), 10_000);
    run.take(&Arrival::Says("explore/tips", "x".repeat(20_000).into()));
    assert!(
        run.told
            .contains("[the page may hold 10000 bytes that wait for their turn, fragment `explore/tips` sent more]")
    );
    run.take(&Arrival::Says("explore/header", "y".repeat(20_000).into()));
    run.take(&completes("explore/header"));
    let document = brief(&run.document());
    assert!(
        document.contains(&"y".repeat(20_000)) && !document.contains("xx"),
        "{document}"
    );
    assert!(run.told.ends_with("[done]\n"));
}

#[test]
fn an_eager_slot_that_no_element_shows_is_let_go() {
    let mut run = Run::new(plan("/product/7?sku=A"), HELD_BYTES);
    run.take(&says("checkout/add", "<b>x</b>"));
    run.take(&completes("decide/product"));
    run.take(&says("checkout/add", "<b>y</b>"));
    assert!(run.told.contains("[nothing waits for slot 1 any more]"), "{}", run.told);
}

#[test]
fn a_style_sheet_that_comes_late_stands_in_its_slot() {
    check(
        "/tips",
        &[
            completes("explore/header"),
            says("explore/tips", "<fragment-slot src=\"checkout/add\"></fragment-slot>"),
            says(
                "checkout/add",
                "<head><title>no</title><link rel=\"stylesheet\" href=\"/add.css\"></head><b>+</b>",
            ),
            completes("checkout/add"),
            completes("explore/tips"),
        ],
        expect![[r#"
            [fetch explore/tips /fragments/tips?]
            [fetch explore/header /fragments/header?]
            [fetch checkout/mini-cart /fragments/mini-cart?]
            [needs explore/tips]
            [needs explore/tips]
            [fetch checkout/add /fragments/add?]
            …</head><body><slot src="explore/header"></slot>
            <main><slot src="explore/tips" class="m-page">
            [needs checkout/add]
            <slot src="checkout/add"><link rel="stylesheet" href="/add.css"><b>+</b>
            [needs checkout/add]
            </slot>
            [needs explore/tips]
            </slot></main></body></html>
            [done]
        "#]],
    );
}

#[test]
fn an_eager_slot_is_read_again_when_it_turns_out_to_stand_in_a_link() {
    check(
        "explore/header",
        &[
            says("checkout/mini-cart", "<a href=/cart>2</a>"),
            completes("checkout/mini-cart"),
            says(
                "explore/header",
                "<a href=/home><fragment-slot src=\"checkout/mini-cart\"></fragment-slot></a>",
            ),
            completes("explore/header"),
        ],
        expect![[r#"
            [fetch explore/header /fragments/header?]
            [fetch checkout/mini-cart /fragments/mini-cart?]
            [needs explore/header]
            [needs explore/header]
            [needs explore/header]
            <slot src="explore/header"><a href=/home><slot src="checkout/mini-cart">2</slot></a>
            [needs explore/header]
            </slot>
            [done]
        "#]],
    );
}

/// What each fragment says, and whether it completes; `None` fails without a byte.
const STORY: &[(&str, Option<&str>)] = &[
    (
        "explore/tips",
        Some(
            "<head><title>Tips</title></head><h1>Tips</h1><fragment-slot src=\"checkout/add?sku=1\"><i>w</i></fragment-slot>\
             <ul><li>a <fragment-slot src='decide/product?id=7&amp;sku=B' class=x>none</fragment-slot></li></ul>\
             <fragment-slot src=\"checkout/add?sku=1\">twice</fragment-slot>",
        ),
    ),
    (
        "explore/header",
        Some("<header><a href=/><fragment-slot src=checkout/mini-cart>cart</fragment-slot></a></header>"),
    ),
    ("checkout/mini-cart", Some("<a href=/checkout><b>2</b></a><p>items")),
    (
        "decide/product",
        Some(
            "<p>P</p><fragment-slot src=\"checkout/add?sku=B\"></fragment-slot><fragment-slot src=\"explore/tips\">loop</fragment-slot>",
        ),
    ),
    ("checkout/add", None),
];

/// Plays the story in the order and the chunks that `choices` say; of a hundred chunks, `breaks` end their slot.
fn play(mut choices: impl Iterator<Item = usize>, breaks: usize) -> Run {
    let mut run = Run::new(plan("/tips"), HELD_BYTES);
    let mut left: Vec<(String, Option<Bytes>)> = Vec::new();
    let mut known = 0;
    loop {
        let mut names: Vec<_> = run.slots.iter().map(|(name, id)| (*id, name.clone())).collect();
        names.sort();
        for (_, name) in names.drain(known..) {
            let fragment = name.split('#').next().unwrap_or_default();
            let text = STORY.iter().find(|(id, _)| *id == fragment).unwrap().1;
            left.push((name, text.map(Bytes::from)));
        }
        known = run.slots.len();
        if left.is_empty() {
            return run;
        }
        let at = choices.next().unwrap_or(0) % left.len();
        let id = run.slots[&left[at].0];
        let fetches = match &mut left[at].1 {
            Some(text) if !text.is_empty() && choices.next().unwrap_or(100) % 100 >= breaks => {
                let size = 1 + choices.next().unwrap_or(usize::MAX - 1) % text.len();
                let chunk = text.split_to(size);
                run.stitcher.fill(id, chunk).unwrap_or_default()
            }
            text => {
                let outcome = match text {
                    Some(text) if text.is_empty() => Outcome::Complete,
                    Some(_) => Outcome::Cut,
                    None => Outcome::Failed,
                };
                left.remove(at);
                run.stitcher.close(id, outcome)
            }
        };
        run.start(fetches);
        run.drain();
    }
}

proptest! {
    #[test]
    fn any_order_and_any_cuts_give_the_same_document(choices in proptest::collection::vec(0..1000_usize, 0..400)) {
        let plain = play(std::iter::empty(), 0).document();
        prop_assert!(plain.ends_with("</html>"), "{plain}");
        prop_assert_eq!(play(choices.into_iter(), 0).document(), plain);
    }

    #[test]
    fn wherever_slots_break_the_document_is_whole(choices in proptest::collection::vec(0..1000_usize, 0..400)) {
        let run = play(choices.into_iter(), 20);
        let document = run.document();
        prop_assert!(run.told.ends_with("[done]\n") && document.ends_with("</html>"), "{document}");
        for element in ["fragment-slot", "b", "i", "ul", "li", "a", "h1", "header"] {
            let starts = document.matches(&format!("<{element} ")).count() + document.matches(&format!("<{element}>")).count();
            prop_assert_eq!(starts, document.matches(&format!("</{element}>")).count(), "{} in {}", element, document);
        }
        let shown = run.stitcher.counts();
        prop_assert_eq!(shown.fresh + shown.fallback, document.matches("<fragment-slot ").count());
        prop_assert_eq!(run.stitcher.arrivals.held_bytes(), 0);
    }
}
