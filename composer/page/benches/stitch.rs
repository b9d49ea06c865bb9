//! What it costs to put a page together, once its fragments are there: kept ones, and ones whose bytes have to be read.
//!
//! `cargo bench -p composer-page` tells the time; with `kept 8 1000` or `read 8 1000` behind `--` that many pages are put
//! together and nothing is told, for a profiler that counts instructions.

use std::{
    collections::HashMap,
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use composer_page::{
    Kept, Offered, Order, Outcome, PageContext, Plan, Platform, PublishedApp, Site, Step, Stitcher, context::HELD_BYTES,
};
use contract::{Params, manifest::Manifest};

const COUNTS: [usize; 4] = [1, 4, 8, 32];
const ROUNDS: usize = 20;
const ROUND: Duration = Duration::from_millis(20);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Kept,
    Read,
}

struct Pages {
    site: Arc<Site>,
    kept: Arc<Kept>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|each| each != "--bench").collect();
    if let [way, count, pages] = &arguments[..] {
        let way = if way == "kept" { Way::Kept } else { Way::Read };
        let made = Pages::with(count.parse().expect("a number of fragments"));
        for _ in 0..pages.parse().expect("a number of pages") {
            black_box(made.one(way));
        }
        return;
    }
    println!("{:<8} {:>10} {:>10} {:>10}", "way", "fragments", "bytes", "ns a page");
    for way in [Way::Kept, Way::Read] {
        for count in COUNTS {
            let pages = Pages::with(count);
            let (bytes, time) = (pages.one(way), nanoseconds(|| pages.one(way)));
            println!(
                "{:<8} {count:>10} {bytes:>10} {time:>10.0}",
                format!("{way:?}").to_lowercase()
            );
        }
    }
}

impl Pages {
    /// A site with one page of `count` fragments of 2 kB: its own, and those of the layout.
    fn with(count: usize) -> Self {
        let mut manifest = String::from(
            "[app]\nname = \"a\"\nversion = \"1.0.0\"\nowner = \"A\"\n\
             [[pages]]\npath = \"/\"\nfragment = \"f0\"\nlayout = \"a/l\"\n",
        );
        let names: Vec<String> = (1..count).map(|at| format!("\"a/f{at}\"")).collect();
        manifest += &format!(
            "[[layouts]]\nname = \"l\"\ntemplate = \"l.html\"\nincludes = [{}]\n",
            names.join(", ")
        );
        let mut layout = String::from(
            "<!doctype html><html><head><title>t</title></head><body><main><fragment-slot src=\"page\"></fragment-slot></main>",
        );
        for at in 0..count {
            manifest += &format!("[[fragments]]\nname = \"f{at}\"\n");
            if at > 0 {
                layout += &format!("<div><fragment-slot src=\"a/f{at}\">wait</fragment-slot></div>");
            }
        }
        layout += "</body></html>";
        let manifest = Manifest::parse("marquetry.toml", &manifest).expect("the manifest is right");
        let layouts = manifest
            .layouts
            .iter()
            .map(|each| (each.name.clone(), Bytes::from(layout.clone())));
        let app = PublishedApp {
            layouts: layouts.collect(),
            fallbacks: HashMap::new(),
            module: None,
            wasm: None,
            styles: vec![],
            manifest,
        };
        let site = Site::new(vec![Arc::new(app)], Platform::default()).expect("the app stands alone");
        let item = "<li class=\"item\"><a href=\"/item/1\"><img src=\"/i.svg\" alt=\"\">A thing to buy</a> <b>12.00</b></li>\n";
        let fragment = format!("<ul class=\"items\">{}</ul>", item.repeat(2_000 / item.len()));
        Self {
            site: Arc::new(site),
            kept: Arc::new(Kept::new(fragment.into())),
        }
    }

    /// Puts one page together; gives its length.
    fn one(&self, way: Way) -> usize {
        let context = PageContext {
            nonce: "AAAAAAAAAAAAAAAAAAAAAAAA".into(),
            request_id: "0123456789abcdef".into(),
            held_bytes: HELD_BYTES,
            composition: None,
            badge: None,
            order: Order::Document,
            inspector: Offered::No,
        };
        let route = self.site.resolve("/").expect("there is a page");
        let plan = Plan::page(&self.site, &route, &Params::default());
        let (mut stitcher, fetches) = Stitcher::new(plan, context);
        let mut length = 0;
        for fetch in fetches {
            let found = match way {
                Way::Kept => stitcher.keep(fetch.slot, &self.kept),
                Way::Read => {
                    let raw = Bytes::copy_from_slice(self.kept.raw());
                    stitcher
                        .fill(fetch.slot, raw)
                        .map(|_| stitcher.close(fetch.slot, Outcome::Complete))
                }
            };
            assert!(found.is_ok_and(|found| found.is_empty()), "the fragments hold no slots");
            loop {
                length += match black_box(stitcher.next()) {
                    Step::Emit(bytes) => bytes.len(),
                    Step::Keep(piece) => piece.text().len(),
                    Step::Need(_) | Step::Done => break,
                };
            }
        }
        length
    }
}

/// The best of several rounds: what disturbs a round only makes it slower.
fn nanoseconds(work: impl Fn() -> usize) -> f64 {
    let round = || {
        let start = Instant::now();
        let mut runs = 0_u32;
        while start.elapsed() < ROUND {
            black_box(work());
            runs += 1;
        }
        start.elapsed().as_secs_f64() * 1e9 / f64::from(runs)
    };
    (0..ROUNDS).map(|_| round()).fold(f64::MAX, f64::min)
}
