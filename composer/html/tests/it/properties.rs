//! Tag soup, cut anywhere, and what a browser makes of it.

use std::hash::{BuildHasher, RandomState};

use composer_html::{Context, Limits, Piece, Scanner};
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, RngSeed},
};

use crate::{
    soup::{soup, surrounding},
    support::{FRAGMENT, Found, Page, html, scan, show},
};

/// So many cases for each of proptest's default ones; a failure tells the seed to repeat it with.
fn config(factor: u32) -> Config {
    let default = Config::default();
    let seed = match default.rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => RandomState::new().hash_one("seed"),
    };
    eprintln!("repeat with PROPTEST_RNG_SEED={seed}");
    Config {
        cases: default.cases * factor,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(seed),
        ..default
    }
}

fn scanned(soup: &str) -> String {
    html(&scan(Scanner::new(FRAGMENT, Limits::default()), [soup.as_bytes()]).0)
}

fn find<'a>(elements: &'a [Found], id: &str) -> &'a Found {
    elements
        .iter()
        .find(|each| each.attribute("id") == Some(id))
        .unwrap_or_else(|| panic!("no {id}"))
}

fn is_contained(scanned: &str, scripts: bool) {
    let page = format!(
        "<!doctype html><html lang=en><body class=b><main><fragment-slot id=slot>{scanned}</fragment-slot>\
         <i id=after></i></main><footer id=footer></footer>"
    );
    let elements = Page::parse(&page, scripts).elements();
    let slot = find(&elements, "slot");
    assert_eq!(slot.path, "html/body/main/fragment-slot", "{page}");
    assert_eq!(find(&elements, "after").path, "html/body/main/i", "{page}");
    assert_eq!(find(&elements, "footer").path, "html/body/footer", "{page}");
    let top: Vec<&Found> = elements
        .iter()
        .filter(|each| each.path.matches('/').count() <= 2)
        .collect();
    let paths: Vec<&str> = top.iter().map(|each| each.path.as_str()).collect();
    assert_eq!(
        paths,
        ["html", "html/head", "html/body", "html/body/main", "html/body/footer"],
        "{page}"
    );
    let attributes: Vec<usize> = top.iter().map(|each| each.attributes.len()).collect();
    assert_eq!(attributes, [1, 0, 1, 0, 1], "{page}");
    let in_main = elements
        .iter()
        .filter(|each| each.path.matches('/').count() == 3)
        .count();
    assert_eq!(in_main, 2, "{page}");
}

/// What stands outside of the slot `id=slot` on the page.
fn outside(page: &str, scripts: bool) -> Vec<Found> {
    let mut elements = Page::parse(page, scripts).elements();
    let slot = elements
        .iter()
        .position(|each| each.attribute("id") == Some("slot"))
        .expect("the page has the slot");
    let inside = format!("{}/", elements[slot].path);
    let length = elements[slot + 1..]
        .iter()
        .take_while(|each| each.path.starts_with(&inside))
        .count();
    elements.drain(slot + 1..=slot + length);
    elements
}

proptest! {
    #![proptest_config(config(8))]

    #[test]
    fn a_fragment_stays_in_its_slot(soup in soup()) {
        let scanned = scanned(&soup);
        is_contained(&scanned, true);
        is_contained(&scanned, false);
    }

    #[test]
    fn what_left_a_scanner_passes_it_unchanged(soup in soup()) {
        let once = scanned(&soup).replace(" live=", " src=");
        let again = scanned(&once).replace(" live=", " src=");
        // A start tag of a slot is always written anew.
        prop_assert_eq!(again.replace(" >", ">"), once.replace(" >", ">"));
    }

    #[test]
    fn cuts_change_nothing(soup in soup(), sizes in vec(1..9_usize, 1..6)) {
        let (whole, result) = scan(Scanner::new(FRAGMENT, Limits::default()), [soup.as_bytes()]);
        let mut chunks = Vec::new();
        let mut rest = soup.as_bytes();
        for size in sizes.iter().cycle() {
            let (chunk, after) = rest.split_at((*size).min(rest.len()));
            chunks.push(chunk);
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        let (cut, cut_result) = scan(Scanner::new(FRAGMENT, Limits::default()), chunks);
        prop_assert_eq!(show(&cut), show(&whole));
        prop_assert_eq!(cut_result, result);
    }

    #[test]
    fn slots_are_where_a_browser_has_elements(soup in soup()) {
        let (pieces, _) = scan(Scanner::new(FRAGMENT, Limits::default()), [soup.as_bytes()]);
        let sources: Vec<&str> = pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Slot(slot) => Some(slot.src.as_str()),
                _ => None,
            })
            .collect();
        let page = format!("<!doctype html><body>{}", html(&pieces));
        let elements = Page::parse(&page, true).elements();
        let found: Vec<&str> = elements
            .iter()
            .filter(|each| each.is("fragment-slot"))
            .filter_map(|each| each.attribute("live"))
            .collect();
        prop_assert_eq!(found, sources, "{}", page);
    }

    #[test]
    fn slots_are_where_a_browser_would_see_them_in_the_source(soup in soup()) {
        // Left out is what is read otherwise on purpose: what would swallow or replace the rest of the page, what only
        // some browsers see, and a form's end, which leaves what is open in the form open; and HTML within SVG and
        // MathML, whose ends html5ever doesn't guard as the standard does; and what was special in older standards only.
        let on_purpose = ["plaintext", "frameset", "noscript", "select", "/form", " for=x", "isindex"];
        let guarded = ["foreignObject", "desc", "title", "mi", "annotation-xml"];
        let apart = on_purpose.iter().chain(&guarded);
        let soup = apart.fold(soup, |soup, name| soup.replace(name, "x-y"));
        let sources = |html: String| -> Vec<String> {
            let elements = Page::parse(&format!("<!doctype html><body>{html}"), true).elements();
            let slots = elements.iter().filter(|each| each.is("fragment-slot"));
            let mut sources: Vec<String> = slots
                .map(|each| each.attribute("live").or(each.attribute("src")).unwrap_or_default().to_owned())
                .collect();
            sources.sort();
            sources
        };
        let soup = format!("x{soup}");
        let scanned = scanned(&soup);
        prop_assert_eq!(sources(scanned.clone()), sources(soup), "{}", scanned);
    }

    #[test]
    fn a_fragment_leaves_what_surrounds_its_slot_alone(surrounding in surrounding(), soup in soup()) {
        let (pieces, _) = scan(Scanner::new(FRAGMENT, Limits::default()), [surrounding.as_bytes()]);
        let page = |content: &dyn Fn(Context) -> String| {
            let part = |piece: &Piece| match piece {
                Piece::Slot(slot) => format!("<fragment-slot id=slot>{}", content(slot.context)),
                piece => html(std::slice::from_ref(piece)),
            };
            let body: String = pieces.iter().map(part).collect();
            format!("<!doctype html><body>{body}")
        };
        let filled = page(&|context| {
            let scanner = Scanner::new(FRAGMENT, Limits::default()).within(context);
            html(&scan(scanner, [soup.as_bytes()]).0)
        });
        let empty = page(&|_| String::new());
        for scripts in [true, false] {
            prop_assert_eq!(outside(&filled, scripts), outside(&empty, scripts), "{}", filled);
        }
    }
}
