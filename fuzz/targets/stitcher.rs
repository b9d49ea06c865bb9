//! Stitcher: fragments of any bytes, that arrive, break off, are kept and are overtaken in any order, make a page that
//! ends, and of which every slot that was opened is closed.
#![no_main]

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use composer_page::{
    Kept, Offered, Order, Outcome, PageContext, Plan, Platform, PublishedApp, Site, SlotId, Step, Stitcher,
};
use contract::{Params, manifest::Manifest};
use libfuzzer_sys::fuzz_target;

const MANIFEST: &str = r#"
[app]
name = "a"
version = "1.0.0"
owner = "A"

[[pages]]
path = "/"
fragment = "p"
layout = "a/l"

[[fragments]]
name = "p"
includes = ["a/x", "a/y"]
eager = ["a/x"]

[[fragments]]
name = "x"
includes = ["a/y"]

[[fragments]]
name = "y"
includes = ["a/x"]

[[layouts]]
name = "l"
template = "l.html"
includes = ["a/y"]
"#;

const LAYOUT: &str = "<!doctype html><html><head><title>t</title></head><body><fragment-slot src=\"a/y\">wait</fragment-slot>\
    <main><fragment-slot src=\"page\"></fragment-slot></main></body></html>";
/// Far more than the most slots and bytes can need.
const MOST_STEPS: usize = 100_000;

fuzz_target!(|data: &[u8]| {
    let Some((&order, ops)) = data.split_first() else {
        return;
    };
    let route = site().resolve("/").expect("there is a page");
    let (mut stitcher, fetches) = Stitcher::new(Plan::page(site(), &route, &Params::default()), context(order));
    let mut open: VecDeque<SlotId> = fetches.iter().map(|fetch| fetch.slot).collect();
    let mut page = Vec::new();
    for op in ops.split(|byte| *byte == 0xff) {
        let need = drain(&mut stitcher, &mut page);
        let (Some((&what, html)), Some(slot)) = (op.split_first(), open.front().copied()) else {
            continue;
        };
        let found = match what % 6 {
            0 | 1 => match stitcher.fill(slot, Bytes::copy_from_slice(html)) {
                Ok(found) => found,
                Err(_) => {
                    open.pop_front();
                    stitcher.close(slot, Outcome::Cut)
                }
            },
            2 => {
                open.pop_front();
                let kept = Arc::new(Kept::new(Bytes::copy_from_slice(html)));
                stitcher
                    .keep(slot, &kept)
                    .unwrap_or_else(|_| stitcher.close(slot, Outcome::Failed))
            }
            3 => {
                if let Some(need) = need {
                    stitcher.overtake(need);
                }
                vec![]
            }
            4 => {
                open.rotate_left(1);
                vec![]
            }
            _ => {
                open.pop_front();
                stitcher.close(
                    slot,
                    if what & 64 == 0 {
                        Outcome::Complete
                    } else {
                        Outcome::Failed
                    },
                )
            }
        };
        open.extend(found.iter().map(|fetch| fetch.slot));
    }
    while let Some(slot) = open.pop_front() {
        drain(&mut stitcher, &mut page);
        open.extend(stitcher.close(slot, Outcome::Failed).iter().map(|fetch| fetch.slot));
    }
    assert_eq!(drain(&mut stitcher, &mut page), None, "all has arrived");
    assert!(page.ends_with(b"</html>"), "{}", String::from_utf8_lossy(&page));
});

/// Takes what there is; the slot that is waited for, if any.
fn drain(stitcher: &mut Stitcher, page: &mut Vec<u8>) -> Option<SlotId> {
    for _ in 0..MOST_STEPS {
        match stitcher.next() {
            Step::Emit(bytes) => page.extend_from_slice(&bytes),
            Step::Keep(piece) => page.extend_from_slice(piece.text()),
            Step::Need(slot) => return Some(slot),
            Step::Done => return None,
        }
    }
    panic!("the page doesn't end");
}

fn context(order: u8) -> PageContext {
    PageContext {
        nonce: "AAAAAAAAAAAAAAAAAAAAAAAA".into(),
        request_id: "0123456789abcdef".into(),
        held_bytes: 1 << 16,
        composition: None,
        badge: (order & 4 != 0).then(|| Bytes::from_static(b"<b>badge</b>")),
        order: match order & 3 {
            0 => Order::Document,
            more => Order::OutOfOrder {
                names: "0123456789abcdef0123".into(),
                in_order: (more == 1).then(|| "/_m/order?to=/".into()),
            },
        },
        inspector: match order >> 3 & 3 {
            0 => Offered::Openly,
            1 => Offered::Quietly,
            _ => Offered::No,
        },
    }
}

fn site() -> &'static Arc<Site> {
    static SITE: OnceLock<Arc<Site>> = OnceLock::new();
    SITE.get_or_init(|| {
        let manifest = Manifest::parse("marquetry.toml", MANIFEST).expect("the manifest is right");
        let layouts = manifest
            .layouts
            .iter()
            .map(|each| (each.name.clone(), Bytes::from_static(LAYOUT.as_bytes())));
        let app = PublishedApp {
            layouts: layouts.collect(),
            fallbacks: HashMap::new(),
            module: None,
            wasm: None,
            styles: vec![],
            manifest,
        };
        Arc::new(Site::new(vec![Arc::new(app)], Platform::default()).expect("the app stands alone"))
    })
}
